/*
 * heartbeats.c - `nightbell heartbeats`: sources that must report.
 */
#include <string.h>

#include "base/clock.h"
#include "cli/commands/config.h"
#include "cli/commands/recurring.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "db/query.h"

static const struct config_column columns[] = {{{.title = "HEARTBEAT", .minimum = 12}, "heartbeat", .is_key = true}};

const struct config_view config_view_heartbeats = {"heartbeats", columns, NB_ARRAY_SIZE(columns)};

enum { NAME, INSTANCE, STATE, SINCE, VERDICT, RECEIVED, EXPECTED, EXIT_STATUS, RUN_ID, OUTPUT, PROBLEM };

static const struct listing_column list_columns[] = {
    {.title = "HEARTBEAT", .minimum = 10},
    {.title = "INSTANCE", .minimum = 8, .drop = 2},
    {.title = "STATE", .minimum = 7},
    {.title = "VERDICT", .minimum = 7, .drop = 3},
    {.title = "CAME", .minimum = 20, .drop = 1},
    {.title = "EXPECTED", .minimum = 20, .flexible = true},
};

static const struct session_options manager = {.login = SESSION_MANAGER};

static json_t *instance_json(const struct nb_result *result, size_t row)
{
    static const char *const names[] = {"heartbeat", "instance",    "state",  "since",  "verdict", "received",
                                        "expected",  "exit_status", "run_id", "output", "problem"};
    json_t *object = json_object();
    char when[NB_TIME_TEXT_SIZE];

    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        json_t *value = json_null();

        if (nb_result_is_null(result, row, i))
            ;
        else if (i == SINCE)
            value = json_string(nb_time_format_rfc3339(nb_result_time(result, row, i), when));
        else if (i == EXIT_STATUS)
            value = json_integer(nb_result_int(result, row, i));
        else
            value = json_string(nb_result_text(result, row, i));
        json_object_set_new(object, names[i], value);
    }
    return object;
}

static void list_row(struct listing *listing, const struct output *output, const struct nb_result *result, size_t row)
{
    const char *state = nb_result_text(result, row, STATE);
    bool bad = state && (strcmp(state, "down") == 0 || strcmp(state, "failed") == 0);

    (void)output;
    listing_cell(listing, nb_result_text(result, row, NAME), LISTING_STRONG);
    listing_cell(listing, nb_result_text(result, row, INSTANCE), LISTING_PLAIN);
    listing_cell(listing, state, bad ? LISTING_ALARM : LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, VERDICT), LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, RECEIVED), LISTING_PLAIN);
    listing_cell(listing,
                 nb_result_is_null(result, row, PROBLEM) ? nb_result_text(result, row, EXPECTED)
                                                         : nb_result_text(result, row, PROBLEM),
                 nb_result_is_null(result, row, PROBLEM) ? LISTING_PLAIN : LISTING_ALARM);
    listing_end_row(listing);
}

static int run_list(struct command_call *call, struct nb_error *err)
{
    static const struct listing_of_result how = {list_columns, NB_ARRAY_SIZE(list_columns), list_row, instance_json};
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, command_tenant(call));
    nb_params_null(params);
    if ((rc = session_ask(&result, call, &manager, NB_SQL_HEARTBEATS_LIST, params, err)) == NB_OK)
        listing_result(call->output, &how, result);
    nb_result_free(&result);
    return rc;
}

/* pause and resume: the same but for what becomes of it. */
static int switch_heartbeat(struct command_call *call, bool active, struct nb_error *err)
{
    const char *name = call->arguments[0];
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, command_tenant(call));
    nb_params_text(params, name);
    nb_params_bool(params, active);
    rc = session_ask(&result, call, &manager, NB_SQL_HEARTBEAT_SWITCH, params, err);
    if (rc == NB_OK && !nb_result_bool(result, 0, 0)) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no heartbeat \"%.100s\"", name);
        rc = nb_error_hint(err, "nightbell heartbeats list names them");
    }
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s, s:b}", "heartbeat", name, "is_active", (int)active));
    else if (rc == NB_OK)
        output_note(call->output, active ? "%s goes on" : "%s is paused", name);
    nb_result_free(&result);
    return rc;
}

static int run_pause(struct command_call *call, struct nb_error *err)
{
    return switch_heartbeat(call, false, err);
}

static int run_resume(struct command_call *call, struct nb_error *err)
{
    return switch_heartbeat(call, true, err);
}

static const struct command commands[] = {
    {"list", "", .summary = "list the heartbeats, each instance that reports, the worst first",
     .description =
         "Columns: heartbeat, instance, state (new, up, running, late, down, failed, paused), what the last report was "
         "worth, when it came and when the next is expected, in the heartbeat's time zone and in UTC.",
     .is_default = true, .run = run_list},
    {"show", "HEARTBEAT", .summary = "print a heartbeat as JSON", .run = config_show},
    {"export", "", .summary = "write the heartbeats to standard output, one JSON object a line",
     .description = "What import reads: heartbeat, description, every, starts, rrule, time_zone, grace, early, "
                    "longest_run, event_type, "
                    "severity, is_active.",
     .run = config_export},
    {"import", "FILE", .summary = "add and change heartbeats from such lines (- for standard input)",
     .description =
         "What is there already becomes what its line says; what a line leaves out has its default. Prints a line for "
         "each: its number, its name, and added, changed or same.\n"
         "Either every (a span like PT10M), or starts (a local time of time_zone, 2026-12-01T02:00) and rrule, an RFC "
         "5545 rule (FREQ=DAILY). After grace it is down. early: how much before its time a report counts for it. "
         "longest_run: how long a run may take that said that it starts.",
     .options = config_import_options, .run = config_import_recurring},
    {"pause", "HEARTBEAT", .summary = "expect nothing of it until it is resumed", .run = run_pause},
    {"resume", "HEARTBEAT", .summary = "expect it again", .run = run_resume},
    {"delete", "HEARTBEAT", .summary = "take a heartbeat away, with its instances", .run = config_delete},
    {NULL},
};

const struct command_group heartbeats_group = {
    .name = "heartbeats",
    .summary = "sources that must report",
    .commands = commands,
};
