/*
 * settle.c - `nightbell settle`: a source says that what it raised is over.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/commands/produce.h"
#include "cli/frame/session.h"

static int settle(struct command_call *call, struct nb_error *err)
{
    static const struct session_options options = {.login = SESSION_PRODUCER};
    struct nb_settle_input input = {
        .source = call->arguments[0],
        .fingerprint = call->arguments[1],
        .note = command_text(call, "note"),
        .tenant = command_tenant(call),
    };
    struct nb_connection *connection = NULL;
    char outcome[NB_ID_TEXT_SIZE];
    int rc;

    if ((rc = produce_time(call, "episode-at", &input.episode_at, err)) < 0 ||
        (rc = session_connect(&connection, call, &options, err)) < 0 ||
        (rc = nb_produce_settle(connection, &input, outcome, err)) < 0)
        return rc;
    if (output_is_json(call->output))
        output_json_take(call->output, settle_outcome(outcome));
    else
        output_line(call->output, "%s", outcome);
    return NB_OK;
}

static int run_settle(struct command_call *call, struct nb_error *err)
{
    if (command_has(call, "file"))
        return produce_from_file(call, NB_PRODUCE_SETTLE, err);
    if (call->argument_count == 2)
        return settle(call, err);
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "settle needs the source and the fingerprint");
    return nb_error_hint(err, "as they were raised; many at once go with --file");
}

static const struct command_option options[] = {
    {"episode-at", "TIME", "when the episode that is over began, as it was raised (default: whatever is open)"},
    {"note", "TEXT", "the resolution, up to " NB_DIGITS(NB_NOTE_MAX) " bytes"},
    {"file", "FILE", PRODUCE_FILE_HELP},
    {NULL},
};

static const char description[] =
    "Prints settled and the event's number; already where it was resolved before, which stays; ignored where the open "
    "episode began later than this one; orphan where nobody raised it: its firing opens nothing if it still "
    "comes. " PRODUCE_FILE_DESCRIPTION("source, fingerprint, and where wanted episode_at (a time), note, tenant");

static const struct command commands[] = {
    {.arguments = "[SOURCE] [FINGERPRINT]",
     .synopsis = "SOURCE FINGERPRINT [--episode-at TIME] [--note TEXT] | --file FILE",
     .summary = "resolve what a source raised; prints what became of it",
     .options = options,
     .run = run_settle},
    {NULL},
};

const struct command_group settle_group = {
    .name = "settle", .summary = "say that what was raised is over", .description = description, .commands = commands};
