/*
 * publish.c - `nightbell publish`: what happened in an application. Rules decide who hears of it.
 */
#include <stdlib.h>

#include "cli/commands/produce.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"

static int publish(struct command_call *call, struct nb_error *err)
{
    static const struct session_options producer = {.login = SESSION_PRODUCER};
    static const char *const required[] = {"module", NULL};
    struct nb_publish_input input = {
        .tenant = command_tenant(call),
        .event_type = call->arguments[0],
        .module = command_text(call, "module"),
        .context = command_text(call, "context"),
        .idempotency_key = command_text(call, "idempotency-key"),
    };
    struct nb_connection *connection = NULL;
    char id[NB_ID_TEXT_SIZE];
    int rc;

    if ((rc = produce_require(call, required, err)) < 0 || (rc = produce_check_values(call, "context", err)) < 0 ||
        (rc = produce_time(call, "occurred-at", &input.occurred_at, err)) < 0 ||
        (rc = session_connect(&connection, call, &producer, err)) < 0 ||
        (rc = nb_produce_publish(connection, &input, id, err)) < 0)
        return rc;
    if (output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:I}", "id", (json_int_t)strtoll(id, NULL, 10)));
    else
        output_line(call->output, "%s", id);
    return NB_OK;
}

static int run_publish(struct command_call *call, struct nb_error *err)
{
    if (command_has(call, "file"))
        return produce_from_file(call, NB_PRODUCE_PUBLISH, err);
    if (call->argument_count == 1)
        return publish(call, err);
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "publish needs the type of the event");
    return nb_error_hint(err, "write it like po_approved; many at once go with --file");
}

static const struct command_option options[] = {
    {"module", "M", "the part of the application that it happened in, such as purchasing"},
    {"context", "JSON", "an object with what happened, up to " NB_DIGITS(NB_CONTEXT_KIB) " KiB (default: {})"},
    {"idempotency-key", "K", "the same key again gives the first number and stores nothing"},
    {"occurred-at", "TIME", "when it happened, such as 2026-11-30T14:30:00Z (default: now)"},
    {"file", "FILE", PRODUCE_FILE_HELP},
    {NULL},
};

static const char description[] =
    "Stores the app event; a worker matches it with the rules, and tells whom they name. " PRODUCE_FILE_DESCRIPTION(
        "event_type, module, and where wanted context, idempotency_key, occurred_at (a time), tenant");

static const struct command commands[] = {
    {.arguments = "[EVENT_TYPE]",
     .synopsis = "EVENT_TYPE --module M [--context JSON] [--idempotency-key K] … | --file FILE",
     .summary = "publish an app event; prints its number",
     .options = options,
     .run = run_publish},
    {NULL},
};

const struct command_group publish_group = {
    .name = "publish", .summary = "tell the rules what happened", .description = description, .commands = commands};
