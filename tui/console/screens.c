/*
 * screens.c - which screens there are (screen.def), which of them is shown, and how one gets from one to the other.
 */
#include "tui/console/console_state.h"

#include <stdlib.h>
#include <string.h>

#include "tui/views/views.h"

static const struct screen_kind *const kinds[SCREEN_COUNT] = {
#define SCREEN(identifier, name, title) &screen_##name,
#include "tui/keys/screen.def"
};

/* ---- which there are ---- */

struct screen *screens_find(const struct console *console, enum context context)
{
    return context_shape(context) == SCREEN_IS_NONE ? NULL : console->screens[context - CONTEXT_FIRST_SCREEN];
}

static bool is_cover(const struct screen *screen)
{
    return context_shape(screen->kind->context) == SCREEN_IS_COVER;
}

static bool is_aside(const struct screen *screen)
{
    enum screen_shape shape = context_shape(screen->kind->context);

    return shape == SCREEN_IS_TABLE || shape == SCREEN_IS_ASIDE;
}

static bool has_tab(const struct screen *screen)
{
    return !is_cover(screen) && !is_aside(screen);
}

void screens_apply_option(struct console *console, enum option option)
{
    struct screen *screen;

    for (size_t i = 1; (screen = screens_tab(console, i)); i++) {
        struct view *view = view_of(screen);
        char *text = view && view->rows.kind->sort_option == option ? nb_strdup(view->rows.filter_text) : NULL;

        if (text)
            (void)!view_set_filter(view, text, NULL); /* it is parsed again: sorted as the option says now */
        free(text);
    }
}

struct screen *screens_tab(const struct console *console, size_t number)
{
    for (size_t i = 0; i < SCREEN_COUNT; i++)
        if (has_tab(console->screens[i]) && --number == 0)
            return console->screens[i];
    return NULL;
}

struct screen *screens_named(const struct console *console, const char *word)
{
    if (word[0] >= '1' && word[0] <= '9' && word[1] == '\0')
        return screens_tab(console, (size_t)(word[0] - '0'));
    return screens_find(console, context_find(word));
}

void screens_names(struct nb_strbuf *out)
{
    for (int i = CONTEXT_FIRST_SCREEN; i < CONTEXT_COUNT; i++)
        nb_strbuf_appendf(out, "%s%s",
                          i == CONTEXT_FIRST_SCREEN ? ""
                          : i == CONTEXT_COUNT - 1  ? " and "
                                                    : ", ",
                          context_name((enum context)i));
}

/* ---- which is shown ---- */

struct view *console_view(const struct console *console)
{
    return view_of(console->current);
}

void console_open_detail(struct console *console, bool open)
{
    const struct screen_kind *kind = console->current->kind;

    console->current->detail_open = open && (kind->list || kind->table);
    console->host.scope = key_scope(kind->context, console->current->detail_open);
    host_dirty(&console->host);
}

bool console_detail_open(const struct console *console)
{
    return console->current->detail_open;
}

/* Help covers whatever is shown; what stands aside covers the tab that one came from. */
static struct screen *covered_by(const struct console *console, const struct screen *screen)
{
    if (has_tab(screen))
        return NULL;
    return is_cover(screen) && is_aside(console->current) ? console->current : console->beneath;
}

void console_show(struct console *console, struct screen *screen)
{
    struct screen *former = console->current;
    bool uncovered = former->covers == screen || (former != console->beneath && screen == console->beneath);

    if (screen == former)
        return;
    if (is_aside(former) && !is_cover(screen))
        screen_leave(former);
    if (has_tab(screen) && !uncovered)
        screen_leave(console->beneath);
    if (has_tab(screen))
        console->beneath = screen;
    if (!uncovered)
        screen->covers = covered_by(console, screen);
    console->current->shown = false;
    console->current = screen;
    screen->shown = true;
    console->host.scope = key_scope(screen->kind->context, console_detail_open(console));
    if (!uncovered)
        screen->kind->ops->enter(screen);
    host_dirty(&console->host);
}

/* The next one by its tab that may be seen, round and round; from a screen that covers another one, that one. */
void screens_step(struct console *console, int delta)
{
    size_t count = 0, at = 0;
    struct screen *screen;

    while ((screen = screens_tab(console, count + 1))) {
        if (screen == console->beneath)
            at = count;
        count++;
    }
    screen = console->beneath;
    for (size_t i = 0; i < count && console->current == console->beneath; i++) {
        at = (at + count + (size_t)delta) % count;
        screen = screens_tab(console, at + 1);
        if (screen_may_be_seen(screen))
            break;
    }
    if (screen_may_be_seen(screen))
        console_show(console, screen);
}

/* A person who is no longer an operator leaves a view for operators. When the token ended, the view stays with its old rows. */
void screens_identified(struct console *console)
{
    if (console->host.identity.known && !screen_may_be_seen(console->current))
        console_show(console, screens_tab(console, 1));
}

void screens_bell(struct console *console, unsigned subjects, bool resync)
{
    struct view *view = view_of(console->current);

    for (size_t i = 0; i < SCREEN_COUNT; i++)
        if (screen_subjects(console->screens[i]) & subjects)
            screen_bell(console->screens[i], resync);
    if (view && (subjects & NB_SUBJECT_BIT(NB_SUBJECT_DELIVERIES)))
        detail_deliveries_bell(&view->detail);
}

/* ---- beginning and end ---- */

static bool knows_tenants(const struct screen_kind *kind)
{
    const struct nb_word *word = kind->list ? nb_subject_info(kind->list->subject)->words : NULL;

    while (word && word->name && strcmp(word->name, "tenant") != 0)
        word++;
    return word && word->name;
}

static void on_counted(void *arg)
{
    attention_counts(arg);
}

static struct screen *open_screen(struct console *console, const struct screen_kind *kind, const char *tenant)
{
    const char *filter = kind->list ? settings_filter(&console->host.settings, kind->context) : "";
    char *of_tenant = tenant && knows_tenants(kind) ? nb_asprintf("%s tenant:%s", filter, tenant) : NULL;
    const struct screen_wish wish = {
        .host = &console->host,
        .filter = of_tenant ? of_tenant : filter,
        .tenant = tenant,
        .counted = on_counted,
        .arg = console,
    };
    struct screen *screen = screen_open(kind, &wish);

    free(of_tenant);
    return screen;
}

void screens_open(struct console *console, const struct console_options *options)
{
    const struct settings *settings = &console->host.settings;
    char *person = person_at_start(options);
    enum context first = settings_is(settings, OPTION_VIEW, "last")
                             ? settings_last_view(settings, person)
                             : context_find(settings_text(settings, OPTION_VIEW));

    for (size_t i = 0; i < SCREEN_COUNT; i++)
        console->screens[i] = open_screen(console, kinds[i], options->tenant);
    console->current = screens_find(console, first);
    if (!console->current)
        console->current = screens_tab(console, 1);
    console->beneath = console->current;
    console->current->shown = true;
    console->host.scope = key_scope(console->current->kind->context, false);
    nb_free(&person);
}

void screens_close(struct console *console)
{
    for (size_t i = 0; i < SCREEN_COUNT; i++)
        screen_close(&console->screens[i]);
}
