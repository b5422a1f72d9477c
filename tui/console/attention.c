/*
 * attention.c - rings once for critical events that appeared since the last look, late commits included, and for those that
 * woke.
 */
#include "tui/console/attention.h"

#include <stdlib.h>

#include "model/event.h"
#include "tui/console/console_state.h"
#include "base/number.h"

#define LIMIT    100
#define FLASH_MS 100

static void on_flash_end(void *arg)
{
    struct console *console = arg;

    term_flash(console->term, false);
}

static void flash(struct console *console)
{
    term_flash(console->term, true);
    nb_timer_start(console->attention.flash, FLASH_MS);
}

static void ring(struct console *console)
{
    const struct settings *settings = &console->host.settings;
    const struct attention *attention = &console->attention;
    char *title;

    if (settings_bool(settings, OPTION_BELL))
        term_bell(console->term);
    if (settings_bool(settings, OPTION_FLASH))
        flash(console);
    if (settings_bool(settings, OPTION_DESKTOP)) {
        title = attention->count > 1 ? nb_asprintf("nightbell: %zu critical events", attention->count)
                                     : nb_asprintf("nightbell: %s", attention->type);
        term_notify(console->term, title, attention->description);
        free(title);
    }
    message_news(&console->host, ROLE_SEVERITY_CRITICAL, "%s %s%s: %s", glyph_text(GLYPH_CRITICAL, console->host.ascii),
                 attention->woken ? "awake again: " : "", attention->type, attention->description);
}

static void forget(struct attention *attention)
{
    attention->count = 0;
    nb_free(&attention->type);
    nb_free(&attention->description);
}

/* The latest one speaks for all that came together. */
static void remember(struct attention *attention, const char *type, const char *description, bool woken)
{
    free(attention->type);
    free(attention->description);
    attention->type = nb_strdup(type);
    attention->description = nb_strdup(description);
    attention->woken = woken;
}

static void on_changed(void *arg, const struct nb_changes *changes)
{
    struct attention *attention = &((struct console *)arg)->attention;
    const struct nb_event *latest = NULL;

    for (size_t i = 0; i < changes->count; i++) {
        if (!changes->items[i].created)
            continue;
        latest = NB_CONTAINER_OF(changes->items[i].row, struct nb_event, row);
        attention->count++;
    }
    if (!latest)
        return;
    remember(attention, latest->event_type, latest->description, false);
}

void attention_woken(struct console *console, const struct nb_wakes *wakes)
{
    struct attention *attention = &console->attention;

    if (wakes->count == 0)
        return;
    attention->count += wakes->count;
    remember(attention, wakes->items[wakes->count - 1].type, wakes->items[wakes->count - 1].description, true);
    ring(console);
    forget(attention);
}

static void on_caught_up(void *arg)
{
    struct console *console = arg;

    if (console->attention.count > 0)
        ring(console);
    forget(&console->attention);
}

static void on_unknown(void *arg)
{
    link_doubt(&((struct console *)arg)->host);
}

static struct nb_follow *follow_critical(struct console *console)
{
    static const struct nb_follow_calls calls = {
        .changed = on_changed, .caught_up = on_caught_up, .unknown = on_unknown};
    struct nb_follow_options options = {
        .subject = NB_SUBJECT_EVENTS, .limit = LIMIT, .priority = NB_PRIORITY_BACKGROUND};
    struct nb_filter *filter = NULL;
    struct nb_follow *follow;

    if (nb_filter_parse(&filter, NB_SUBJECT_EVENTS, "is:open severity:critical", NULL) < 0)
        nb_fatal("the filter of critical events does not parse");
    options.filter = filter;
    follow = nb_follow_new(console->host.connection, &options, &calls, console);
    nb_filter_free(&filter);
    return follow;
}

static void attention_look(struct console *console)
{
    struct attention *attention = &console->attention;

    if (!host_is_operator(&console->host) || !link_is_ready(&console->host) || link_is_refused(&console->host))
        return;
    if (!attention->follow)
        attention->follow = follow_critical(console);
    nb_follow_look(attention->follow);
}

static void on_rang(void *arg, unsigned subjects, bool resync)
{
    (void)resync;
    if (subjects & NB_SUBJECT_BIT(NB_SUBJECT_EVENTS))
        attention_look(arg);
}

static void on_identified(void *arg)
{
    attention_look(arg);
}

void attention_init(struct console *console)
{
    console->attention.observer = (struct host_observer){.rang = on_rang, .identified = on_identified, .arg = console};
    host_observe(&console->host, &console->attention.observer);
    console->attention.flash = nb_loop_add_timer(console->host.loop, on_flash_end, console);
}

void attention_counts(struct console *console)
{
    console->attention.title_due = true;
}

void attention_title(struct console *console)
{
    struct nb_strbuf title;
    char number[NB_NUMBER_TEXT_SIZE];

    if (!console->attention.title_due || !settings_bool(&console->host.settings, OPTION_TITLE))
        return;
    nb_strbuf_init(&title, 4096);
    nb_strbuf_append(&title, "nightbell");
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        const struct view *view = view_of(console->screens[i]);

        for (size_t j = 0; view && j < view->rows.kind->figure_count; j++) {
            const struct counter *counter = &view->counts.figures[j].counter;
            const struct tab_figure *figure = &view->rows.kind->figures[j];

            if (figure->before && counter->known && counter->value > 0)
                nb_strbuf_appendf(&title, "%s%s%s", figure->before, nb_number_format(counter->value, number),
                                  figure->after);
        }
    }
    console->attention.title_due = !term_title(console->term, title.data);
    nb_strbuf_clear(&title);
}

void attention_clear(struct console *console)
{
    nb_timer_remove(&console->attention.flash);
    nb_follow_free(&console->attention.follow);
    forget(&console->attention);
}
