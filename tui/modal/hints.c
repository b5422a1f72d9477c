/*
 * hints.c - the hint bar: the notes of the keys that work here, or of those that can follow pending keys.
 */
#include "config.h"

#include "tui/modal/hints.h"

#include <string.h>

#include "base/text.h"
#include "base/vec.h"

struct hint {
    const struct binding *binding;
    char *keys;
    int width;
};

struct hints {
    NB_VEC(struct hint) list;
    const struct key_state *state;
    const struct binding *skipped; /* the last sequence that was skipped */
    unsigned missing;
};

static bool same_line(const struct binding *a, const struct binding *b)
{
    return a->line == b->line && strcmp(a->file, b->file) == 0;
}

/* Shows only the first of several keys on one line, and a sequence only once its first key is pending. */
static bool is_wanted(struct hints *hints, const struct binding *binding)
{
    size_t pending = hints->state->length;

    if (pending == 0 && binding->length > 1)
        hints->skipped = binding;
    if (pending == 0 && (!binding->noted || (hints->skipped && same_line(hints->skipped, binding))))
        return false;
    if (binding->length <= pending || (action_info(binding->command.action)->flags & hints->missing))
        return false;
    for (size_t i = 0; i < hints->list.count; i++)
        if (same_line(hints->list.data[i].binding, binding))
            return false;
    return true;
}

static void add_hint(void *arg, const struct binding *binding)
{
    struct hints *hints = arg;
    struct nb_strbuf keys;
    struct hint hint = {binding, NULL, 0};

    if (!is_wanted(hints, binding))
        return;
    nb_strbuf_init(&keys, 300);
    for (size_t i = hints->state->length; i < binding->length; i++) {
        if (i > hints->state->length)
            nb_strbuf_append_char(&keys, ' ');
        key_format(&keys, binding->keys[i]);
    }
    hint.width = nb_text_width(keys.data) + 1 + nb_text_width(binding->hint);
    hint.keys = nb_strbuf_take(&keys);
    nb_vec_push(&hints->list, hint);
}

static int draw_hint(const struct hint *hint, struct grid *grid, int x, int y, int columns)
{
    struct span spans[] = {{hint->keys, LOOK(ROLE_HINT_KEY, 0)},
                           {" ", LOOK(ROLE_HINT, 0)},
                           {hint->binding->hint, LOOK(ROLE_HINT_TEXT, 0)}};

    return grid_spans(grid, x, y, columns, spans, NB_ARRAY_SIZE(spans));
}

/* The hint for help is shown even when there is no room for others. */
static const struct hint *find_help(const struct hints *hints)
{
    for (size_t i = 0; i < hints->list.count; i++)
        if (hints->list.data[i].binding->command.action == ACTION_HELP)
            return &hints->list.data[i];
    return NULL;
}

static void draw_all(const struct hints *hints, struct grid *grid, struct rect rect, int x)
{
    const struct hint *help = find_help(hints);
    int end = rect.x + rect.width - (help ? help->width + 2 : 0);

    for (size_t i = 0; i < hints->list.count; i++) {
        const struct hint *hint = &hints->list.data[i];

        if (hint == help || x + hint->width > end)
            continue;
        x += draw_hint(hint, grid, x, rect.y, hint->width) + 2;
    }
    if (help && x + help->width <= rect.x + rect.width)
        draw_hint(help, grid, x, rect.y, help->width);
}

bool hints_draw(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                unsigned flags_missing, struct grid *grid, struct rect rect)
{
    static const struct key_state nothing;
    struct hints hints = {.state = state ? state : &nothing, .missing = flags_missing};
    struct nb_strbuf pending;
    int x = rect.x + 1;
    bool drawn;

    nb_strbuf_init(&pending, 300);
    keymap_visit(keymap, scope, hints.state, add_hint, &hints);
    grid_fill(grid, rect, " ", LOOK(ROLE_HINT, 0));
    keymap_pending(hints.state, &pending);
    if (pending.length > 0)
        x += grid_textf(grid, x, rect.y, rect.width - 1, LOOK(ROLE_PENDING, 0), "%s", pending.data) + 2;
    draw_all(&hints, grid, rect, x);
    drawn = hints.list.count > 0 || pending.length > 0;
    for (size_t i = 0; i < hints.list.count; i++)
        nb_free(&hints.list.data[i].keys);
    nb_vec_clear(&hints.list);
    nb_strbuf_clear(&pending);
    return drawn;
}

void hints_draw_texts(const struct hint_text *hints, struct grid *grid, struct rect rect)
{
    int x = rect.x + 1, end = rect.x + rect.width;

    grid_fill(grid, rect, " ", LOOK(ROLE_HINT, 0));
    for (; hints->key; hints++) {
        struct span spans[] = {
            {hints->key, LOOK(ROLE_HINT_KEY, 0)}, {" ", LOOK(ROLE_HINT, 0)}, {hints->text, LOOK(ROLE_HINT_TEXT, 0)}};
        int width = nb_text_width(hints->key) + 1 + nb_text_width(hints->text);

        if (x + width > end)
            return;
        x += grid_spans(grid, x, rect.y, width, spans, NB_ARRAY_SIZE(spans)) + 2;
    }
}
