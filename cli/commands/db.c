/*
 * db.c - `nightbell db`: the schema, and keeping its tables bounded.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/frame/command.h"
#include "cli/commands/db.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "schema/migrate.h"
#include "schema/upkeep.h"

static const struct session_options any_version = {
    .login = SESSION_ADMINISTRATOR, .takes_long = true, .skip_version_check = true};
static const struct session_options initializing = {
    .login = SESSION_ADMINISTRATOR, .takes_long = true, .skip_version_check = true, .own_session = true};

static void say_step(void *arg, const char *step)
{
    output_remark(arg, "%s …", step);
}

static int check_ring(const char *ring, struct nb_error *err)
{
    if (!ring || strcmp(ring, "commit") == 0 || strcmp(ring, "deferred") == 0)
        return NB_OK;
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--ring %s: expected commit or deferred", ring);
    return nb_error_hint(err, "commit: the writers ring; deferred: nightbell hub rings for them");
}

static int run_init(struct command_call *call, struct nb_error *err)
{
    const char *ring = command_text(call, "ring");
    struct nb_connection *connection = NULL;
    struct nb_schema_status status = {0};
    int rc;

    if ((rc = check_ring(ring, err)) != NB_OK ||
        (rc = session_connect(&connection, call, &initializing, err)) != NB_OK ||
        (rc = nb_migrate(connection, say_step, call->output, err)) != NB_OK ||
        (ring && (rc = nb_set_ring(connection, ring, err)) != NB_OK) ||
        (rc = nb_schema_status(&status, connection, err)) != NB_OK)
        return session_explain_denied(rc, err);
    if (output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:i}", "version", status.installed));
    else
        output_note(call->output, "the schema is there, version %d", status.installed);
    nb_schema_status_clear(&status);
    return NB_OK;
}

/* ---- status ---- */

struct problem_list {
    const char *title;
    const char *key;
    const char *names; /* one on each line */
};

static void print_problems(struct output *output, const struct problem_list *list)
{
    if (list->names[0] == '\0')
        return;
    output_line(output, "%s:", list->title);
    for (const char *name = list->names; *name != '\0';) {
        size_t length = strcspn(name, "\n");

        output_line(output, "  %.*s", (int)length, name);
        name += length;
        name += *name == '\n';
    }
}

static const char *fit(const struct nb_schema_status *status)
{
    if (status->installed == 0)
        return "no schema: nightbell db init creates it";
    if (status->installed < status->embedded)
        return "older than this program: nightbell db init upgrades it";
    if (status->installed > status->embedded)
        return "newer than this program: use a newer nightbell";
    return status->definitions_current ? "current" : "its functions are not this program's: run nightbell db init";
}

static json_t *lines_json(const char *names)
{
    json_t *array = json_array();

    while (*names != '\0') {
        size_t length = strcspn(names, "\n");

        json_array_append_new(array, json_stringn(names, length));
        names += length;
        names += *names == '\n';
    }
    return array;
}

/* An older or newer schema may lack what this asks for. */
static int read_partitions(json_t **out, const struct nb_schema_status *status, struct nb_connection *connection,
                           struct nb_error *err)
{
    bool fits = status->installed == status->embedded && status->definitions_current;

    return fits ? db_read_partitions(out, connection, err) : NB_OK;
}

static int report(struct output *output, const struct nb_schema_status *status, json_t *partitions,
                  struct nb_error *err)
{
    const struct problem_list lists[] = {
        {"tables without forced row security", "tables_without_forced_row_security",
         status->tables_without_forced_row_security},
        {"definer functions without a pinned path", "functions_without_pinned_path",
         status->functions_without_pinned_path},
        {"columns with statistics", "columns_with_statistics", status->columns_with_statistics},
        {"grants to PUBLIC", "grants_to_public", status->grants_to_public},
    };
    json_t *object =
        json_pack("{s:i,s:i,s:s}", "installed", status->installed, "embedded", status->embedded, "state", fit(status));
    bool fits = status->installed == status->embedded && status->definitions_current, safe = true;

    for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++) {
        json_object_set_new(object, lists[i].key, lines_json(lists[i].names));
        safe = safe && lists[i].names[0] == '\0';
    }
    if (partitions)
        json_object_set(object, "partitions", partitions);
    if (output_is_json(output)) {
        output_json_take(output, object);
    } else {
        json_decref(object);
        output_line(output, "schema    %d (this program's: %d): %s", status->installed, status->embedded, fit(status));
        for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++)
            print_problems(output, &lists[i]);
        if (safe && status->installed > 0)
            output_line(output, "security  row security is forced everywhere, paths are pinned, "
                                "no statistics tell of others, PUBLIC has nothing");
        if (partitions)
            db_print_partitions(output, partitions);
    }
    if (!fits)
        return nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE, "the schema does not fit: %s", fit(status));
    if (!safe) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "the database is not closed as it should be");
        return nb_error_hint(err, "nightbell db init sets it right");
    }
    return NB_OK;
}

static int report_ring(struct command_call *call, struct nb_connection *connection, struct nb_error *err)
{
    bool ringing = false;
    char *ring = NULL;
    int rc = nb_ring_state(&ring, &ringing, connection, err);

    if (rc == NB_OK && strcmp(ring, "deferred") != 0)
        output_line(call->output, "ring      %s: the writers ring", ring);
    else if (rc == NB_OK)
        output_line(call->output, "ring      %s: %s", ring,
                    ringing ? "a hub rings" : "but no hub is running (nightbell hub): consoles poll");
    free(ring);
    return rc;
}

static int run_status(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_schema_status status = {0};
    json_t *partitions = NULL;
    int rc;

    if ((rc = session_connect(&connection, call, &any_version, err)) != NB_OK ||
        (rc = nb_schema_status(&status, connection, err)) != NB_OK)
        return session_explain_denied(rc, err);
    if (!output_is_json(call->output))
        output_line(call->output, "database  %s", nb_connection_target(connection));
    if (!output_is_json(call->output) && status.definitions_current && status.installed == status.embedded &&
        (rc = report_ring(call, connection, err)) != NB_OK) {
        nb_schema_status_clear(&status);
        return rc;
    }
    if ((rc = read_partitions(&partitions, &status, connection, err)) == NB_OK)
        rc = report(call->output, &status, partitions, err);
    json_decref(partitions);
    nb_schema_status_clear(&status);
    return rc;
}

static const struct command_option init_options[] = {
    {"ring", "MODE",
     "who rings the doorbells: commit (the writers, as they commit) or deferred (nightbell hub, "
     "for many writers); "
     "without it, as it is",
     .values = "commit deferred"},
    {NULL},
};

static const struct command commands[] = {
    {"init", "", .synopsis = "[--ring commit|deferred]", .summary = "create the schema, or upgrade it",
     .description = "Can be run again and again. The first time needs a superuser, or a login that may "
                    "create roles and install the extension pgcrypto.",
     .options = init_options, .run = run_init},
    {"status", "", .summary = "say which schema is there, and whether it is closed as it should be",
     .description = "Fails when the schema does not fit this program, or when a table lacks forced row "
                    "security, a definer function lacks a pinned path, or PUBLIC was granted something.",
     .run = run_status},
    {"purge", "", .synopsis = "[--archive DIR] [--batch N] [--dry-run]",
     .summary = "remove what has expired or is past its retention", .options = db_purge_options,
     .description = db_purge_description, .run = db_run_purge},
    {"rotate-partitions", "", .summary = "make the partitions of the coming months, drop those that are past",
     .description = db_rotate_description, .run = db_run_rotate},
    {NULL},
};

const struct command_group db_group = {
    .name = "db",
    .summary = "the database's schema and its upkeep (administrators)",
    .commands = commands,
};
