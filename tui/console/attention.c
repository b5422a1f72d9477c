/*
 * attention.c - rings once for critical events that appeared since the last look, late commits included.
 */
#include "tui/console/attention.h"

#include <stdlib.h>

#include "model/event.h"
#include "tui/console/console_state.h"
#include "base/number.h"

#define LIMIT    20
#define FLASH_MS 100

static void attention_look(struct console *console);

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

static void ring(struct console *console, const struct nb_event *event, size_t count)
{
    const struct settings *settings = &console->host.settings;
    char *title;

    if (settings_bool(settings, OPTION_BELL))
        term_bell(console->term);
    if (settings_bool(settings, OPTION_FLASH))
        flash(console);
    if (settings_bool(settings, OPTION_DESKTOP)) {
        title = count > 1 ? nb_asprintf("nightbell: %zu critical events", count)
                          : nb_asprintf("nightbell: %s", event->event_type);
        term_notify(console->term, title, event->description);
        free(title);
    }
    message_show(&console->host, ROLE_SEVERITY_CRITICAL, "%s %s: %s", glyph_text(GLYPH_CRITICAL, console->host.ascii),
                 event->event_type, event->description);
}

static void on_changes(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct console *console = arg;
    struct attention *attention = &console->attention;
    const struct nb_event *latest = NULL;
    size_t count = 0;
    bool first = attention->look == NULL;

    attention->request = NULL;
    if (err)
        return;
    for (size_t i = 0; i < changes->count; i++) {
        if (!changes->items[i].created)
            continue;
        latest = NB_CONTAINER_OF(changes->items[i].row, struct nb_event, row);
        count++;
    }
    if (latest && !first)
        ring(console, latest, count);
    free(attention->look);
    attention->look = nb_strdup(changes->look);
    nb_changes_free(&changes);
    if (attention->due)
        attention_look(console);
}

static void attention_look(struct console *console)
{
    struct attention *attention = &console->attention;
    struct nb_changes_request request = {.subject = NB_SUBJECT_EVENTS, .look = attention->look, .limit = LIMIT};

    if (!host_is_operator(&console->host) || !link_is_ready(&console->host))
        return;
    attention->due = attention->request != NULL;
    if (attention->due)
        return;
    if (!attention->filter &&
        nb_filter_parse(&attention->filter, NB_SUBJECT_EVENTS, "is:open severity:critical", NULL) < 0)
        return;
    request.filter = attention->filter;
    attention->request =
        nb_page_changes(console->host.connection, &request, NB_PRIORITY_BACKGROUND, on_changes, console);
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
    const struct counter *unread = &console->views[VIEW_INBOX]->counts.figures[0].counter;
    const struct counter *critical = &console->views[VIEW_EVENTS]->counts.figures[0].counter;
    char *title, *unread_part;
    char number[NB_NUMBER_TEXT_SIZE];

    if (!settings_bool(&console->host.settings, OPTION_TITLE))
        return;
    unread_part = unread->value > 0 ? nb_asprintf(" (%s)", nb_number_format(unread->value, number)) : nb_strdup("");
    if (critical->known && critical->value > 0)
        title = nb_asprintf("nightbell%s ! %s critical", unread_part, nb_number_format(critical->value, number));
    else
        title = nb_asprintf("nightbell%s", unread_part);
    term_title(console->term, title);
    free(title);
    free(unread_part);
}

void attention_clear(struct console *console)
{
    struct attention *attention = &console->attention;

    if (attention->request)
        nb_request_abandon(&attention->request);
    nb_timer_remove(&attention->flash);
    nb_filter_free(&attention->filter);
    nb_free(&attention->look);
}
