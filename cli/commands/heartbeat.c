/*
 * heartbeat.c - `nightbell heartbeat`: a source reports.
 */
#include <stdlib.h>

#include "cli/commands/produce.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "db/query.h"

enum { STATE, VERDICT, RECEIVED_AT, EXPECTED_AT, TOLD };

static int read_status(const struct command_call *call, int64_t *status, struct nb_error *err)
{
    const char *text = command_text(call, "exit");
    char *end = NULL;

    *status = text ? strtol(text, &end, 10) : 0;
    if (!text || (*text && !*end && *status >= 0 && *status <= 255))
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--exit %s: expected 0 to 255", text);
    return nb_error_hint(err, "as the shell's $? is");
}

static int run_heartbeat(struct command_call *call, struct nb_error *err)
{
    static const struct session_options options = {.login = SESSION_PRODUCER};
    const char *tenant_text = command_tenant(call);
    struct nb_connection *connection = NULL;
    struct nb_params *params = NULL;
    struct nb_result *result = NULL;
    struct nb_uuid tenant;
    int64_t status = 0;
    int rc;

    if (command_has(call, "start") && command_has(call, "exit"))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--start does not go with --exit");
    if ((rc = read_status(call, &status, err)) < 0 ||
        (tenant_text && (rc = nb_uuid_parse(&tenant, tenant_text, err)) < 0) ||
        (rc = session_connect(&connection, call, &options, err)) < 0)
        return rc;
    params = nb_params_new();
    nb_params_text(params, call->arguments[0]);
    nb_params_uuid(params, tenant_text ? &tenant : NULL);
    nb_params_text(params, command_has(call, "instance") ? command_text(call, "instance") : "");
    nb_params_text(params, command_has(call, "start") ? "start" : status != 0 ? "fail" : "ok");
    if (command_has(call, "exit"))
        nb_params_int(params, status);
    else
        nb_params_null(params);
    nb_params_text(params, command_text(call, "run-id"));
    nb_params_text(params, command_text(call, "output"));
    rc = nb_query_wait(connection, NB_SQL_HEARTBEAT, params, &result, err);
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output,
                         json_pack("{s:s, s:s, s:s?}", "state", nb_result_text(result, 0, STATE), "verdict",
                                   nb_result_text(result, 0, VERDICT), "told", nb_result_text(result, 0, TOLD)));
    else if (rc == NB_OK)
        output_note(call->output, "%s, %s%s%s", nb_result_text(result, 0, STATE), nb_result_text(result, 0, VERDICT),
                    nb_result_is_null(result, 0, TOLD) ? "" : ": ",
                    nb_result_is_null(result, 0, TOLD) ? "" : nb_result_text(result, 0, TOLD));
    nb_result_free(&result);
    return rc;
}

static const struct command_option options[] = {
    {"instance", "NAME", "which of several: a host; each is looked after by itself"},
    {"start", NULL, "it begins: its end must come within the heartbeat's longest_run"},
    {"exit", "N", "how it ended: other than 0 is a failure, and an event at once"},
    {"run-id", "ID", "which run it was"},
    {"output", "TEXT", "what it said: the last 10 KiB are kept as evidence"},
    {NULL},
};

static const struct command commands[] = {
    {.arguments = "HEARTBEAT",
     .synopsis = "HEARTBEAT [--instance NAME] [--start | --exit N] [--output TEXT]",
     .summary = "report that a source is alive; says what came of it",
     .options = options,
     .run = run_heartbeat},
    {NULL},
};

const struct command_group heartbeat_group = {
    .name = "heartbeat", .summary = "report that a source is alive", .commands = commands};
