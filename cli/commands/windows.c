/*
 * windows.c - `nightbell windows`: maintenance windows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands/config.h"
#include "cli/commands/recurring.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "db/query.h"

static const struct session_options operator_session = {.login = SESSION_MANAGER};

static const struct config_column columns[] = {{{.title = "WINDOW", .minimum = 12}, "window", .is_key = true}};

const struct config_view config_view_windows = {"windows", columns, NB_ARRAY_SIZE(columns)};

/* ---- list ---- */

enum {
    NAME,
    STATE,
    BEHAVIOUR,
    MATCHES,
    STARTS_AT,
    ENDS_AT,
    TIME_ZONE,
    LOCAL_STARTS,
    HELD,
    REASON,
    CREATED_BY,
    PROBLEM
};

static const struct listing_column list_columns[] = {
    {.title = "WINDOW", .minimum = 12},
    {.title = "STATE", .minimum = 7},
    {.title = "HOLDS", .minimum = 7, .drop = 4},
    {.title = "MATCHES", .minimum = 8, .maximum = 30, .drop = 2},
    {.title = "FROM", .minimum = 5, .drop = 1},
    {.title = "UNTIL", .minimum = 5, .drop = 3},
    {.title = "HELD", .minimum = 2, .right = true},
    {.title = "REASON", .minimum = 10, .drop = 5, .flexible = true},
};

static json_t *window_json(const struct nb_result *result, size_t row)
{
    static const char *const names[] = {"window",    "state",        "behaviour", "matches", "starts_at",  "ends_at",
                                        "time_zone", "local_starts", NULL,        "reason",  "created_by", "problem"};
    json_t *object = json_object();
    char when[NB_TIME_TEXT_SIZE];

    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        if (!names[i])
            json_object_set_new(object, "held", json_integer(nb_result_int(result, row, HELD)));
        else if (nb_result_is_null(result, row, i))
            json_object_set_new(object, names[i], json_null());
        else if (i == STARTS_AT || i == ENDS_AT)
            json_object_set_new(object, names[i],
                                json_string(nb_time_format_rfc3339(nb_result_time(result, row, i), when)));
        else
            json_object_set_new(object, names[i], json_string(nb_result_text(result, row, i)));
    }
    return object;
}

/* Beginning and end are in one zone: the reader's, or UTC for a pipe. --json has the window's own clock too. */
static void time_cell(struct listing *listing, const struct output *output, int64_t time)
{
    char when[NB_TIME_TEXT_SIZE];
    int64_t now = nb_now();

    if (time == NB_TIME_NONE)
        listing_cell(listing, "", LISTING_PLAIN);
    else if (!output_is_terminal(output))
        listing_cell(listing, nb_time_format_rfc3339(time, when), LISTING_PLAIN);
    else
        listing_cell(listing,
                     time > now ? nb_time_format_until(time, now, when) : nb_time_format_short(time, now, when),
                     LISTING_PLAIN);
}

static void list_row(struct listing *listing, const struct output *output, const struct nb_result *result, size_t row)
{
    const char *state = nb_result_text(result, row, STATE);
    char held[32];

    snprintf(held, sizeof(held), "%lld", (long long)nb_result_int(result, row, HELD));
    listing_cell(listing, nb_result_text(result, row, NAME), LISTING_STRONG);
    listing_cell(listing, state,
                 strcmp(state, "failed") == 0    ? LISTING_ALARM
                 : strcmp(state, "holding") == 0 ? LISTING_WARNING
                                                 : LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, BEHAVIOUR), LISTING_PLAIN);
    listing_cell(listing, nb_result_text(result, row, MATCHES), LISTING_PLAIN);
    time_cell(listing, output, nb_result_time(result, row, STARTS_AT));
    time_cell(listing, output, nb_result_time(result, row, ENDS_AT));
    listing_cell(listing, held, LISTING_PLAIN);
    listing_cell(listing,
                 nb_result_is_null(result, row, PROBLEM) ? nb_result_text(result, row, REASON)
                                                         : nb_result_text(result, row, PROBLEM),
                 LISTING_PLAIN);
    listing_end_row(listing);
}

static int run_list(struct command_call *call, struct nb_error *err)
{
    static const struct listing_of_result how = {list_columns, NB_ARRAY_SIZE(list_columns), list_row, window_json};
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, command_tenant(call));
    nb_params_null(params);
    if ((rc = session_ask(&result, call, &operator_session, NB_SQL_WINDOWS_LIST, params, err)) == NB_OK)
        listing_result(call->output, &how, result);
    nb_result_free(&result);
    return rc;
}

/* ---- start, end ---- */

static int run_start(struct command_call *call, struct nb_error *err)
{
    const char *length = command_text(call, "for"), *reason = command_text(call, "reason");
    size_t severity_count = 0;
    const char **severities = command_texts(call, "severity", &severity_count);
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    int64_t span = 0;
    int rc = NB_OK;

    if (!length || !reason) {
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "windows start needs --%s", length ? "reason" : "for");
        rc = nb_error_hint(err, "such as: nightbell windows start --type 'db_*' --for 2h --reason 'upgrade'");
    }
    if (rc == NB_OK)
        rc = nb_duration_parse(&span, length, err);
    if (rc < 0)
        goto out;
    params = nb_params_new();
    nb_params_text(params, command_tenant(call));
    nb_params_text(params, command_has(call, "holds") ? command_text(call, "holds") : "notices");
    nb_params_text(params, command_text(call, "type"));
    nb_params_text(params, command_text(call, "source"));
    if (severity_count > 0)
        nb_params_text_array(params, severities, severity_count);
    else
        nb_params_null(params);
    nb_params_int(params, span);
    nb_params_text(params, reason);
    rc = session_ask(&result, call, &operator_session, NB_SQL_WINDOW_START, params, err);
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s}", "window", nb_result_text(result, 0, 0)));
    else if (rc == NB_OK)
        output_line(call->output, "%s", nb_result_text(result, 0, 0));
out:
    nb_result_free(&result);
    free(severities);
    return rc;
}

static int run_end(struct command_call *call, struct nb_error *err)
{
    const char *name = call->arguments[0];
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, command_tenant(call));
    nb_params_text(params, name);
    rc = session_ask(&result, call, &operator_session, NB_SQL_WINDOW_END, params, err);
    if (rc == NB_OK && !nb_result_bool(result, 0, 0)) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no window \"%.100s\" that holds or waits", name);
        rc = nb_error_hint(err, "nightbell windows list names them");
    }
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s, s:b}", "window", name, "ended", 1));
    else if (rc == NB_OK)
        output_note(call->output, "%s is ended", name);
    nb_result_free(&result);
    return rc;
}

static const struct command_option start_options[] = {
    {"for", "SPAN", "how long: 30m, 2h, 1d"},
    {"reason", "TEXT", "why, for those who wonder"},
    {"type", "PATTERN", "event types: a name, or the beginning of one with * behind it (default: all)"},
    {"source", "PATTERN", "sources, likewise (default: all)"},
    {"severity", "S", "low, medium, high or critical (default: all)", .repeats = true,
     .values = "low medium high critical"},
    {"holds", "WHAT",
     "notices (nobody is told), escalation (nobody else is told) or events (nobody is told, and it counts as "
     "held); default: notices",
     .values = "notices escalation events"},
    {NULL},
};

static const struct command commands[] = {
    {"list", "", .summary = "list the windows: what holds now comes first",
     .description =
         "Columns: name, state (holding, waiting, over, ended, or failed: its rule could not be worked out), what "
         "it holds, what it matches, when it holds or will hold next, and how many events it holds.",
     .is_default = true, .run = run_list},
    {"show", "WINDOW", .summary = "print a window as JSON", .run = config_show},
    {"start", "", .synopsis = "--for SPAN --reason TEXT [--type PATTERN] …",
     .summary = "hold from now on; prints the window's name", .options = start_options, .run = run_start},
    {"end", "WINDOW", .summary = "end a window now and for good: people hear of what still burns", .run = run_end},
    {"export", "", .summary = "write the windows to standard output, one JSON object a line",
     .description =
         "What import reads: window, behaviour, event_type, source, severity, details, time_zone, starts, ends, rrule, "
         "until, reason. Windows that were ended are left out.",
     .run = config_export},
    {"import", "FILE", .summary = "add and change windows from such lines (- for standard input)",
     .description =
         "What is there already becomes what its line says; what a line leaves out has its default. Prints a line for "
         "each: its number, its name, and added, changed or same.\n"
         "behaviour is notices, escalation or events. event_type and source are names or beginnings with * behind "
         "them, "
         "severity a list, details a JSON path predicate on the event's details ($.host == \"db1\"). starts and ends "
         "are "
         "local times of time_zone (2026-12-01T22:00), rrule an RFC 5545 rule (FREQ=WEEKLY;BYDAY=SU) with until, the "
         "time when it begins last. reason is told to those who wonder.",
     .options = config_import_options, .run = config_import_recurring},
    {"delete", "WINDOW", .summary = "take a window away that has never held; one that has can only be ended",
     .run = config_delete},
    {NULL},
};

const struct command_group windows_group = {
    .name = "windows",
    .summary = "maintenance: when nobody is told of what",
    .commands = commands,
};
