/*
 * events.c - `nightbell events`: list, show, and the acts of operators.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/frame/groups.h"
#include "cli/rows/ids.h"
#include "cli/rows/person.h"
#include "cli/rows/lists.h"
#include "cli/rows/story.h"
#include "cli/frame/session.h"
#include "events/events.h"

static int run_list(struct command_call *call, struct nb_error *err)
{
    return lists_list(call, NB_SUBJECT_EVENTS, err);
}

static int run_count(struct command_call *call, struct nb_error *err)
{
    return lists_count(call, NB_SUBJECT_EVENTS, err);
}

static int run_show(struct command_call *call, struct nb_error *err)
{
    return story_show(call, NB_SUBJECT_EVENTS, nb_event_history, err);
}

/* ---- acts ---- */

struct acting {
    struct command_call *call;
    const struct nb_event_act_request *request; /* that of the running chunk */
    const char *done_word;                      /* "3 events resolved" */
    struct ids_outcome outcome;
    size_t changed;
    bool answered;
    struct nb_error err;
};

static const struct nb_event_outcome *find_outcome(const struct nb_event_outcome *outcomes, size_t count,
                                                   const struct nb_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (nb_key_compare(&outcomes[i].key, key) == 0)
            return &outcomes[i];
    return NULL;
}

static void report_outcome(struct acting *acting, const struct nb_event_outcome *outcome)
{
    struct output *output = acting->call->output;
    char id[NB_KEY_TEXT_SIZE];
    char *reason = nb_time_sentence(outcome->reason, outcome->reason_time,
                                    output_is_json(output) ? nb_time_format_rfc3339 : nb_time_format_local);
    nb_key_format(&outcome->key, NB_SUBJECT_EVENTS, id);
    if (output_is_json(output))
        output_json_take(output,
                         json_pack("{s:I,s:b,s:s?,s:I}", "id", (json_int_t)nb_key_to_int(&outcome->key), "changed",
                                   (int)outcome->changed, "reason", reason, "version", (json_int_t)outcome->version));
    acting->changed += outcome->changed;
    if (!outcome->changed && reason) {
        struct nb_error err = {0};
        nb_error_set(&err, NB_ECONFLICT, NB_DOMAIN_NONE, "event %s: %s", id, reason);
        nb_error_hint(&err, "nightbell events show %s tells its history", id);
        ids_fail(&acting->outcome, acting->call, &err);
    } else {
        acting->outcome.succeeded++;
        if (!outcome->changed)
            output_note(output, "%s: was so already", id);
    }
    free(reason);
}

static void act_done(void *arg, const struct nb_event_outcome *outcomes, size_t count, const struct nb_error *err)
{
    struct acting *acting = arg;
    acting->answered = true;
    if (err) {
        acting->err = *err;
        return;
    }
    for (size_t i = 0; i < acting->request->count; i++) {
        const struct nb_event_outcome *outcome = find_outcome(outcomes, count, &acting->request->keys[i]);
        if (outcome)
            report_outcome(acting, outcome);
        else
            ids_fail_unknown(&acting->outcome, acting->call, NB_SUBJECT_EVENTS, &acting->request->keys[i]);
    }
}

static int act_on(struct acting *acting, struct nb_connection *connection, const struct nb_event_act_request *wanted,
                  const struct ids *ids, struct nb_error *err)
{
    int rc = NB_OK;
    for (size_t i = 0; rc == NB_OK && i < ids->count; i += FETCH_KEYS_MAX) {
        struct nb_event_act_request request = *wanted;
        request.keys = &ids->keys[i];
        request.count = ids->count - i < FETCH_KEYS_MAX ? ids->count - i : FETCH_KEYS_MAX;
        /* cppcheck-suppress autoVariables ; used until fetch_wait() below returns */
        acting->request = &request;
        acting->answered = false;
        nb_event_act(connection, &request, act_done, acting);
        rc = fetch_wait(&acting->answered, connection, err);
        if (rc == NB_OK && acting->err.code != NB_OK) {
            rc = acting->err.code;
            *err = acting->err;
        }
    }
    if (rc == NB_OK && acting->changed > 0)
        output_note(acting->call->output, "%zu event%s %s", acting->changed, acting->changed == 1 ? "" : "s",
                    acting->done_word);
    return rc == NB_OK ? ids_result(&acting->outcome, err) : rc;
}

/* An act whose only arguments are ids. */
static int act_simply(struct command_call *call, enum nb_event_act act, const char *done_word, struct nb_error *err)
{
    struct acting acting = {.call = call, .done_word = done_word};
    struct nb_event_act_request request = {.act = act, .note = command_text(call, "note"), .until = NB_TIME_NONE};
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    int rc = ids_open(&ids, &connection, call, NB_SUBJECT_EVENTS, call->argument_count, err);
    if (rc == NB_OK)
        rc = act_on(&acting, connection, &request, &ids, err);
    ids_clear(&ids);
    return rc;
}

static int run_ack(struct command_call *call, struct nb_error *err)
{
    return act_simply(call, NB_EVENT_ACKNOWLEDGE, "acknowledged", err);
}

static int run_resolve(struct command_call *call, struct nb_error *err)
{
    return act_simply(call, NB_EVENT_RESOLVE, "resolved", err);
}

static int run_reopen(struct command_call *call, struct nb_error *err)
{
    return act_simply(call, NB_EVENT_REOPEN, "opened again", err);
}

static int run_assign(struct command_call *call, struct nb_error *err)
{
    const char *name = call->arguments[call->argument_count - 1];
    struct acting acting = {.call = call, .done_word = "assigned"};
    struct nb_event_act_request request = {.act = NB_EVENT_ASSIGN, .until = NB_TIME_NONE};
    struct session_options options = {.about = nb_subject_info(NB_SUBJECT_EVENTS)};
    struct nb_identity *identity = nb_calloc(1, sizeof(*identity));
    struct nb_uuid user;
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    int rc = ids_read(&ids, call, NB_SUBJECT_EVENTS, call->argument_count - 1, err);
    if (rc == NB_OK)
        rc = session_connect_known(&connection, identity, call, &options, err);
    if (rc == NB_OK)
        rc = ids_find(&ids, call, connection, NB_SUBJECT_EVENTS, err);
    if (rc == NB_OK && strcmp(name, "nobody") != 0) {
        user = identity->user_id;
        rc = strcmp(name, "me") == 0 ? NB_OK : person_find(&user, connection, NULL, name, err);
        request.user = &user;
    }
    if (rc == NB_OK)
        rc = act_on(&acting, connection, &request, &ids, err);
    ids_clear(&ids);
    free(identity);
    return rc;
}

/* Where the time begins: it may have several words ("monday 9:00"), and no id is anything but digits. */
static size_t time_argument(const struct command_call *call)
{
    size_t at = 1;

    while (at + 1 < call->argument_count && call->arguments[at][strspn(call->arguments[at], "0123456789")] == '\0')
        at++;
    return at;
}

static int run_snooze(struct command_call *call, struct nb_error *err)
{
    size_t id_count = time_argument(call);
    char *until = command_join(call, id_count);
    bool ends = strcmp(until, "none") == 0;
    struct acting acting = {.call = call, .done_word = ends ? "awake again" : "snoozed"};
    struct nb_event_act_request request = {.act = NB_EVENT_SNOOZE, .until = NB_TIME_NONE};
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    int rc = ends ? NB_OK : nb_time_parse_future(&request.until, until, nb_now(), err);
    if (rc == NB_OK)
        rc = ids_open(&ids, &connection, call, NB_SUBJECT_EVENTS, id_count, err);
    if (rc == NB_OK)
        rc = act_on(&acting, connection, &request, &ids, err);
    ids_clear(&ids);
    free(until);
    return rc;
}

static int run_note(struct command_call *call, struct nb_error *err)
{
    struct acting acting = {.call = call, .done_word = "noted"};
    char *text = command_join(call, 1);
    struct nb_event_act_request request = {.act = NB_EVENT_NOTE, .note = text, .until = NB_TIME_NONE};
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    int rc = ids_open(&ids, &connection, call, NB_SUBJECT_EVENTS, 1, err);
    if (rc == NB_OK)
        rc = act_on(&acting, connection, &request, &ids, err);
    ids_clear(&ids);
    free(text);
    return rc;
}

static const struct command_option resolve_options[] = {
    {"note", "TEXT", "how it was resolved; it is kept in the event and in its history"},
    {NULL},
};

static const char several_description[] =
    "\"-\" reads ids from standard input: one a line, or the lines of nightbell events list "
    "--json.\n"
    "The first operator wins: an event that somebody else has resolved or changed is reported with "
    "who and when, and is left as "
    "it is; the others are done, and the exit code is 1 then. Every act is written to the event's "
    "history.";

static const struct command events_commands[] = {
    {.name = "list",
     .arguments = "[FILTER]",
     .synopsis = "[FILTER] [--limit N] [--before CURSOR]",
     .summary = "list system events, newest first",
     .description = lists_description,
     .options = lists_options,
     .is_default = true,
     .run = run_list},
    {.name = "show",
     .arguments = "ID",
     .summary = "show one event in full, with its details and history",
     .run = run_show},
    {.name = "ack",
     .arguments = "ID...",
     .summary = "acknowledge: you have seen it and look into it",
     .description = several_description,
     .run = run_ack},
    {.name = "resolve",
     .arguments = "ID...",
     .synopsis = "ID... [--note TEXT]",
     .summary = "resolve",
     .description = several_description,
     .options = resolve_options,
     .run = run_resolve},
    {.name = "reopen",
     .arguments = "ID...",
     .summary = "open resolved events again",
     .description = several_description,
     .run = run_reopen},
    {.name = "assign",
     .arguments = "ID... USER",
     .summary = "assign to a person, to \"me\" or to \"nobody\"",
     .description = "USER is a name, an e-mail address or a UUID of the tenant's people.",
     .run = run_assign},
    {.name = "snooze",
     .arguments = "ID... WHEN",
     .summary = "hide until later: 15m, 2h, 14:00, tonight, monday, a date; none ends it",
     .description = "WHEN is a span from now (5m 2h 1d 1h30m, \"30 min\"), a time (14:00, 9am), tonight (20:00), "
                    "tomorrow or a day of the week (9:00), a day with a time (monday 8:30), a date (2026-12-24 08:00), "
                    "or \"none\", which ends the snooze.",
     .run = run_snooze},
    {.name = "note",
     .arguments = "ID TEXT...",
     .synopsis = "ID TEXT",
     .summary = "add a note to the event's history",
     .run = run_note},
    {.name = "count", .arguments = "[FILTER]", .summary = "print how many match (is:open …)", .run = run_count},
    {NULL},
};

const struct command_group events_group = {
    .name = "events",
    .summary = "system events, for operators",
    .commands = events_commands,
};
