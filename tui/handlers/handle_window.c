/*
 * handle_window.c - maintenance windows are made, from the event under the cursor or for what is typed, and ended.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "events/windows.h"
#include "model/event.h"
#include "tui/handlers/handlers.h"
#include "tui/handlers/pick_time.h"
#include "tui/view/table.h"

/* A window that is put together: first until when, then why. */
struct making {
    struct console *console;
    char *tenant, *event_type, *source;
    int64_t until;
};

static const struct time_short_cut short_cuts[] = {
    {"30m", "30 minutes"},  {"1h", "1 hour"},         {"2h", "2 hours"},
    {"tonight", "tonight"}, {"tomorrow", "tomorrow"}, {NULL, NULL},
};

static void making_free(void *arg)
{
    struct making *making = arg;

    free(making->tenant);
    free(making->event_type);
    free(making->source);
    free(making);
}

/* For the next step: what a modal was given is freed when it closes. */
static struct making *making_copy(const struct making *making)
{
    struct making *copy = nb_calloc(1, sizeof(*copy));

    *copy = (struct making){.console = making->console,
                            .tenant = nb_strdup(making->tenant),
                            .event_type = nb_strdup(making->event_type),
                            .source = nb_strdup(making->source),
                            .until = making->until};
    return copy;
}

static struct table *windows_table(const struct console *console)
{
    return table_of(screens_find(console, CONTEXT_WINDOWS));
}

/* What the window holds, for people: "job_failure of mailer". */
static char *named(const struct making *making)
{
    return nb_asprintf("%s%s%s", making->event_type, making->source ? " of " : "",
                       making->source ? making->source : "");
}

static void on_started(void *arg, const char *name, const struct nb_error *err)
{
    struct making *making = arg;
    struct host *host = &making->console->host;
    char *what = named(making);
    char until[NB_TIME_TEXT_SIZE];
    struct nb_strbuf keys;

    nb_strbuf_init(&keys, 256);
    host_keys_of(host, ACTION_WINDOWS, &keys);
    if (err)
        message_error(host, err);
    else if (name)
        message_show(host, ROLE_OK, "%s held until %s %s %s", what,
                     nb_time_format_until(making->until, nb_now(), until), glyph_text(GLYPH_DOT, host->ascii),
                     keys.length > 0 ? keys.data : ":windows");
    table_again(windows_table(making->console));
    nb_strbuf_clear(&keys);
    free(what);
    making_free(making);
}

static int check_reason(void *arg, const char *text, struct nb_error *err)
{
    (void)arg;
    if (text[strspn(text, " ")] != '\0')
        return NB_OK;
    return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "a window says why: people will wonder");
}

static void on_reason(void *arg, const char *text, int64_t id)
{
    const struct making *making = arg;
    struct nb_window_wish wish = {.tenant = making->tenant,
                                  .event_type = making->event_type,
                                  .source = making->source,
                                  .length = making->until - nb_now(),
                                  .reason = text};

    (void)id;
    if (!host_may_write(&making->console->host))
        return;
    nb_window_start(making->console->host.connection, &wish, on_started, making_copy(making));
}

static void on_until(void *arg, int64_t time)
{
    struct making *making = making_copy(arg);
    const struct modal_calls calls = {
        .check = check_reason, .accepted = on_reason, .release = making_free, .arg = making};
    char *what = named(making), *label;
    char until[NB_TIME_TEXT_SIZE];

    making->until = time;
    label = nb_asprintf("hold %s until %s, why: ", what, nb_time_format_until(time, nb_now(), until));
    modal_prompt(&making->console->modal, label, "", HISTORY_NOTE, &calls);
    free(label);
    free(what);
}

/* Takes making. when: NULL asks. */
static void ask_until(struct making *making_take, const char *when)
{
    struct console *console = making_take->console;
    char *what = named(making_take);
    char *title = nb_asprintf("hold %s", what);
    const struct time_question question = {.title = title,
                                           .verb = "go on",
                                           .short_cuts = short_cuts,
                                           .chosen = on_until,
                                           .release = making_free,
                                           .arg = making_take};
    struct nb_error err;
    int64_t time;

    if (!when) {
        pick_time(console, &question);
    } else {
        if (pick_time_read(&time, when, NULL, nb_now(), &err) < 0)
            message_error(&console->host, &err);
        else
            on_until(making_take, time);
        making_free(making_take);
    }
    free(title);
    free(what);
}

void handle_hold(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    const struct nb_row *row = view && view->rows.kind->subject == NB_SUBJECT_EVENTS ? rows_current(&view->rows) : NULL;
    const struct nb_event *event = row ? NB_CONTAINER_OF(row, struct nb_event, row) : NULL;
    struct making *making;
    char tenant[NB_UUID_TEXT_SIZE];

    if (!event || !host_may_write(&console->host))
        return;
    if (nb_uuid_is_nil(&event->tenant_id)) {
        message_show(&console->host, ROLE_WARNING, "the event is of no tenant, and a window holds those of one");
        return;
    }
    making = nb_calloc(1, sizeof(*making));
    *making = (struct making){.console = console,
                              .tenant = nb_strdup(nb_uuid_format(&event->tenant_id, tenant)),
                              .event_type = nb_strdup(event->event_type),
                              .source = nb_strdup(event->source)};
    ask_until(making, command->argc > 0 ? command->argv[0] : NULL);
}

static void hold_type(struct console *console, const char *type)
{
    struct making *making = nb_calloc(1, sizeof(*making));

    *making = (struct making){
        .console = console, .tenant = nb_strdup(windows_table(console)->tenant), .event_type = nb_strdup(type)};
    ask_until(making, NULL);
}

static void on_type(void *arg, const char *text, int64_t id)
{
    (void)id;
    if (text[0] != '\0')
        hold_type(arg, text);
}

void handle_hold_type(struct console *console, const struct command *command)
{
    const struct modal_calls calls = {.accepted = on_type, .arg = console};

    if (!host_may_write(&console->host))
        return;
    if (command->argc > 0)
        hold_type(console, command->argv[0]);
    else
        modal_prompt(&console->modal, "hold which events (db_*): ", "", HISTORY_OTHER, &calls);
}

/* ---- the end of one ---- */

struct ending {
    struct console *console;
    char *name;
};

static void ending_free(void *arg)
{
    struct ending *ending = arg;

    free(ending->name);
    free(ending);
}

static void on_ended(void *arg, const char *name, const struct nb_error *err)
{
    struct console *console = arg;

    if (err)
        message_error(&console->host, err);
    else if (name)
        message_show(&console->host, ROLE_OK, "%s is ended: people hear of what still burns", name);
    else
        message_show(&console->host, ROLE_WARNING, "it was over already");
    table_again(windows_table(console));
}

static void on_sure(void *arg, const char *text, int64_t id)
{
    const struct ending *ending = arg;
    struct console *console = ending->console;

    (void)text;
    (void)id;
    if (host_may_write(&console->host))
        nb_window_end(console->host.connection, windows_table(console)->tenant, ending->name, on_ended, console);
}

/* The one that is named, else the one under the cursor; NULL, and a word about it, where there is none of that name. */
static const struct nb_window *meant(struct console *console, const struct command *command)
{
    const struct table *table = windows_table(console);

    if (command->argc == 0)
        return table_current(table);
    for (size_t i = 0; i < table->shown.count; i++) {
        const struct nb_window *window = table_row(table, i);

        if (strcmp(window->name, command->argv[0]) == 0)
            return window;
    }
    message_show(&console->host, ROLE_WARNING, "there is no window %s", command->argv[0]);
    return NULL;
}

void handle_end_window(struct console *console, const struct command *command)
{
    const struct nb_window *window = meant(console, command);
    struct modal_calls calls = {.accepted = on_sure, .release = ending_free};
    struct ending *ending;

    if (!window || !host_may_write(&console->host))
        return;
    if (nb_window_is_over(window)) {
        message_show(&console->host, ROLE_WARNING, "%s is %s", window->name, window->state);
        return;
    }
    ending = nb_calloc(1, sizeof(*ending));
    *ending = (struct ending){console, nb_strdup(window->name)};
    calls.arg = ending;
    modal_question(&console->modal, nb_asprintf("end %s now and for good?", window->name), &calls);
}
