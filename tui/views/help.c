/*
 * help.c - the help screen: the keys of the view that it covers, its filter words and symbols; then every other binding of the
 * loaded keymap by context, and every action.
 */
#include "config.h"

#include "tui/config/settings.h"
#include "tui/views/help.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/vec.h"
#include "tui/draw/glyph.h"
#include "tui/views/views.h"

struct help_line {
    bool title;
    char *keys; /* a heading's text, or keys, or an action's name */
    char *text;
};

struct help {
    NB_VEC(struct help_line) lines;
    NB_VEC(size_t) shown; /* what the search leaves */
    char *search;
    int top;
    struct rect rect; /* where it stands */
};

/* Which contexts in which order. */
static const enum context sections[] = {
#define SCREEN_LIST(identifier, name, title, subject, filter) CONTEXT_##identifier,
#include "tui/keys/screen.def"
    CONTEXT_LIST,
    CONTEXT_DETAIL,
#define SCREEN(identifier, name, title) CONTEXT_##identifier,
#define SCREEN_LIST(identifier, name, title, subject, filter)
#include "tui/keys/screen.def"
    CONTEXT_GLOBAL,
};

static void add_line(struct help *help, bool title, char *keys, char *text)
{
    struct help_line line = {title, keys, text};

    nb_vec_push(&help->lines, line);
}

/* Gathers the alternatives that stand on one line of the keymap. */
struct gathering {
    struct help *help;
    const struct binding *last;
    struct nb_strbuf keys;
};

static void finish_line(struct gathering *gathering)
{
    const struct binding *binding = gathering->last;
    char *text;

    if (!binding)
        return;
    if (binding->noted || binding->command.argc == 0)
        text = nb_asprintf("%s  :%s", binding->hint, binding->command.text);
    else
        text = nb_asprintf(":%s", binding->command.text);
    add_line(gathering->help, false, nb_strdup(gathering->keys.data), text);
    nb_strbuf_reset(&gathering->keys);
    gathering->last = NULL;
}

static void add_binding(void *arg, const struct binding *binding)
{
    struct gathering *gathering = arg;

    if (gathering->last &&
        (gathering->last->line != binding->line || strcmp(gathering->last->file, binding->file) != 0))
        finish_line(gathering);
    if (gathering->keys.length > 0)
        nb_strbuf_append(&gathering->keys, ", ");
    binding_format(&gathering->keys, binding);
    gathering->last = binding;
}

static void add_actions(struct help *help)
{
    add_line(help, true, nb_strdup("Every action, for : and keymaps"), nb_strdup(""));
    for (int i = 0; i < ACTION_COUNT; i++) {
        const struct action_info *info = action_info((enum action)i);

        add_line(help, false, nb_asprintf(":%s%s%s", info->name, *info->arguments ? " " : "", info->arguments),
                 nb_asprintf("%s%s", info->help, info->flags & ACTION_FLAG_COUNT ? "; takes a count" : ""));
    }
}

static void add_options(struct help *help)
{
    add_line(help, true, nb_strdup("Options, for :set and the configuration file"), nb_strdup(""));
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct option_info *info = option_info((enum option)i);
        char *takes = option_takes((enum option)i);

        add_line(help, false, nb_strdup(info->name),
                 nb_asprintf("%s%s%s%s", info->help, *takes ? " (" : "", takes, *takes ? ")" : ""));
        free(takes);
    }
}

static void add_section(struct help *help, const struct keymap *keymap, enum context context)
{
    struct gathering gathering = {.help = help};

    nb_strbuf_init(&gathering.keys, SIZE_MAX / 2);
    add_line(help, true, nb_strdup(context_title(context)), nb_strdup(""));
    keymap_visit_context(keymap, context, add_binding, &gathering);
    finish_line(&gathering);
    nb_strbuf_clear(&gathering.keys);
}

/* ---- the filter words and symbols of a list ---- */

static void add_words(struct help *help, const struct nb_subject_info *info)
{
    add_line(help, true, nb_asprintf("Filter words of %s, for :filter", info->nouns), nb_strdup(""));
    for (const struct nb_word *word = info->words; word->name; word++)
        if (word->example)
            add_line(help, false, nb_strdup(word->example), nb_strdup(word->help));
    add_line(help, false, nb_strdup("disk \"gone away\""), nb_strdup("a word, a phrase: in the texts"));
    add_line(help, false, nb_strdup("-disk -type:test_*"), nb_strdup("- before any of them: not"));
}

static void add_symbols(struct help *help, const struct legend *legend, bool ascii)
{
    for (; legend->text; legend++)
        add_line(help, false, nb_strdup(glyph_text(legend->glyph, ascii)), nb_strdup(legend->text));
}

static void add_list(struct help *help, const struct view_kind *list, bool ascii)
{
    static const struct legend everywhere[] = {
        {GLYPH_BAR, "the current row"},
        {GLYPH_MARK, "marked: before the row"},
        {GLYPH_UP_ARROW, "so many new ones above: :newest goes there"},
        {GLYPH_FROZEN, "frozen: :freeze lets it go on"},
        {GLYPH_POLLING, "looks every few seconds, as no doorbell can arrive"},
        {GLYPH_COUNT, NULL},
    };

    add_words(help, nb_subject_info(list->subject));
    add_line(help, true, nb_strdup("Symbols"), nb_strdup(""));
    add_symbols(help, list->legend, ascii);
    add_symbols(help, everywhere, ascii);
}

/* What follows the keys of the view that one is in. */
static void add_rest(struct help *help, const struct keymap *keymap, enum context about)
{
    static const enum context near[] = {CONTEXT_LIST, CONTEXT_DETAIL, CONTEXT_GLOBAL};

    for (size_t i = 0; i < NB_ARRAY_SIZE(near); i++)
        add_section(help, keymap, near[i]);
    for (size_t i = 0; i < NB_ARRAY_SIZE(sections); i++) {
        bool added = sections[i] == about;

        for (size_t j = 0; j < NB_ARRAY_SIZE(near); j++)
            added = added || sections[i] == near[j];
        if (!added)
            add_section(help, keymap, sections[i]);
    }
}

struct help *help_new(const struct keymap *keymap, const struct screen_kind *about, bool ascii)
{
    struct help *help = nb_calloc(1, sizeof(*help));

    if (about) {
        add_section(help, keymap, about->context);
        if (about->list)
            add_list(help, about->list, ascii);
        add_rest(help, keymap, about->context);
    } else {
        for (size_t i = 0; i < NB_ARRAY_SIZE(sections); i++)
            add_section(help, keymap, sections[i]);
    }
    add_actions(help);
    add_options(help);
    help_search(help, NULL);
    return help;
}

void help_free(struct help **help)
{
    if (!*help)
        return;
    for (size_t i = 0; i < (*help)->lines.count; i++) {
        nb_free(&(*help)->lines.data[i].keys);
        nb_free(&(*help)->lines.data[i].text);
    }
    nb_vec_clear(&(*help)->lines);
    nb_vec_clear(&(*help)->shown);
    nb_free(&(*help)->search);
    nb_free(help);
}

/* Case matters in keys (r is not R), not in words. */
static bool line_matches(const struct help_line *line, const char *text)
{
    return strcasestr(line->text, text) || strstr(line->keys, text) || strcasestr(line->keys, text);
}

void help_search(struct help *help, const char *text)
{
    size_t title = SIZE_MAX;

    nb_free(&help->search);
    help->search = nb_strdup(text ? text : "");
    help->shown.count = 0;
    help->top = 0;
    for (size_t i = 0; i < help->lines.count; i++) {
        if (help->lines.data[i].title) {
            title = i;
            continue;
        }
        if (!line_matches(&help->lines.data[i], help->search))
            continue;
        if (title != SIZE_MAX)
            nb_vec_push(&help->shown, title);
        title = SIZE_MAX;
        nb_vec_push(&help->shown, i);
    }
}

void help_scroll(struct help *help, int lines)
{
    int most = (int)help->shown.count; /* the layout finds the last line that is worth it */

    if (lines > most - help->top)
        help->top = most;
    else if (lines < -help->top)
        help->top = 0;
    else
        help->top += lines;
}

static void draw_line(const struct help *help, struct grid *grid, struct rect row, const struct help_line *line)
{
    int keys = row.width / 3 < 28 ? row.width / 3 : 28;
    int used;

    if (line->title) {
        grid_text(grid, row.x, row.y, row.width, LOOK(ROLE_HELP_TITLE, 0), line->keys);
        return;
    }
    used = grid_text(grid, row.x + 2, row.y, row.width - 2, LOOK(ROLE_HELP_KEY, 0), line->keys) + 4;
    if (used < keys)
        used = keys;
    if (used < row.width)
        grid_text(grid, row.x + used, row.y, row.width - used, LOOK(ROLE_HELP, 0), line->text);
    if (help->search[0] != '\0')
        grid_highlight(grid, row, help->search, ROLE_SEARCH_MATCH);
}

void help_layout(struct help *help, struct rect rect)
{
    int last = (int)help->shown.count - rect.height;

    help->rect = rect;
    if (help->top > last)
        help->top = last;
    if (help->top < 0)
        help->top = 0;
}

void help_draw(const struct help *help, struct grid *grid)
{
    struct rect rect = help->rect;

    grid_fill(grid, rect, " ", LOOK(ROLE_HELP, 0));
    for (int i = 0; i < rect.height && (size_t)(help->top + i) < help->shown.count; i++)
        draw_line(help, grid, (struct rect){rect.x, rect.y + i, rect.width, 1},
                  &help->lines.data[help->shown.data[help->top + i]]);
    if (help->shown.count == 0)
        grid_textf(grid, rect.x, rect.y, rect.width, LOOK(ROLE_EMPTY, 0), "no key and no action has %s in it",
                   help->search);
}

/* ---- as a screen ---- */

struct help_screen {
    struct screen screen;
    struct help *help;
};

static struct help_screen *of(struct screen *screen)
{
    return NB_CONTAINER_OF(screen, struct help_screen, screen);
}

static struct screen *open_help(const struct screen_kind *kind, const struct screen_wish *wish)
{
    struct help_screen *made = nb_calloc(1, sizeof(*made));

    made->screen = (struct screen){.kind = kind, .host = wish->host};
    made->help = help_new(wish->host->keymap, NULL, wish->host->ascii);
    return &made->screen;
}

static void close_help(struct screen *screen)
{
    help_free(&of(screen)->help);
    free(of(screen));
}

/* Each time it is opened, and with another keymap, it begins at the top with all that there is. */
static void make_anew(struct screen *screen)
{
    help_free(&of(screen)->help);
    of(screen)->help =
        help_new(screen->host->keymap, screen->covers ? screen->covers->kind : NULL, screen->host->ascii);
    host_dirty(screen->host);
}

static void lay_out(struct screen *screen, const struct layout *layout)
{
    help_layout(of(screen)->help, layout->body);
}

static void draw(const struct screen *screen, struct grid *grid, const struct layout *layout)
{
    (void)layout;
    help_draw(NB_CONTAINER_OF(screen, struct help_screen, screen)->help, grid);
}

static bool mouse(struct screen *screen, const struct input *input, const struct layout *layout)
{
    (void)layout;
    if (input->mouse == MOUSE_WHEEL_UP || input->mouse == MOUSE_WHEEL_DOWN)
        help_scroll(of(screen)->help, input->mouse == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS);
    host_dirty(screen->host);
    return false;
}

static void scroll(struct screen *screen, int lines)
{
    help_scroll(of(screen)->help, lines);
    host_dirty(screen->host);
}

static void search(struct screen *screen, const char *text)
{
    help_search(of(screen)->help, text);
    host_dirty(screen->host);
}

static const struct screen_ops ops = {
    .open = open_help,
    .close = close_help,
    .enter = make_anew,
    .keys_changed = make_anew,
    .layout = lay_out,
    .draw = draw,
    .mouse = mouse,
    .scroll = scroll,
    .search = search,
};

const struct screen_kind screen_help = {
    .context = CONTEXT_HELP,
    .caption = "keys and actions",
    .ops = &ops,
};
