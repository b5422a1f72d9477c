/*
 * db.c - `nightbell db`: the schema, and what keeps its tables bounded.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/command.h"
#include "cli/groups.h"
#include "cli/session.h"
#include "db/migrate.h"
#include "db/upkeep.h"

static const struct session_options any_version = {.login = SESSION_ADMINISTRATOR,
                                                   .skip_version_check = true};
static const struct session_options administrator = {.login = SESSION_ADMINISTRATOR};

static void say_step(void *arg, const char *step)
{
    output_remark(arg, "%s …", step);
}

static int run_init(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_schema_status status = {0};
    int rc;

    if ((rc = session_connect(&connection, call, &any_version, err)) != NB_OK ||
        (rc = nb_migrate(connection, say_step, call->output, err)) != NB_OK ||
        (rc = nb_schema_status(&status, connection, err)) != NB_OK)
        return rc;
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
    const char *names; /* one a line */
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
    return status->definitions_current
               ? "current"
               : "its functions are not this program's: run nightbell db init";
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

static int report(struct output *output, const struct nb_schema_status *status,
                  struct nb_error *err)
{
    const struct problem_list lists[] = {
        {"tables without forced row security", "tables_without_forced_row_security",
         status->tables_without_forced_row_security},
        {"definer functions without a pinned path", "functions_without_pinned_path",
         status->functions_without_pinned_path},
        {"grants to PUBLIC", "grants_to_public", status->grants_to_public},
    };
    json_t *object = json_pack("{s:i,s:i,s:s}", "installed", status->installed, "embedded",
                               status->embedded, "state", fit(status));
    bool fits = status->installed == status->embedded && status->definitions_current, safe = true;

    for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++) {
        json_object_set_new(object, lists[i].key, lines_json(lists[i].names));
        safe = safe && lists[i].names[0] == '\0';
    }
    if (output_is_json(output)) {
        output_json_take(output, object);
    } else {
        json_decref(object);
        output_line(output, "schema    %d (this program's: %d): %s", status->installed,
                    status->embedded, fit(status));
        for (size_t i = 0; i < NB_ARRAY_SIZE(lists); i++)
            print_problems(output, &lists[i]);
        if (safe && status->installed > 0)
            output_line(output, "security  row security is forced everywhere, paths are pinned, "
                                "PUBLIC has nothing");
    }
    if (!fits)
        return nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE, "the schema does not fit: %s",
                            fit(status));
    if (!safe) {
        nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE,
                     "the database is not closed as it should be");
        return nb_error_hint(err, "nightbell db init sets it right");
    }
    return NB_OK;
}

static int run_status(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_schema_status status = {0};
    int rc;

    if ((rc = session_connect(&connection, call, &any_version, err)) != NB_OK ||
        (rc = nb_schema_status(&status, connection, err)) != NB_OK)
        return rc;
    if (!output_is_json(call->output))
        output_line(call->output, "database  %s", nb_connection_target(connection));
    rc = report(call->output, &status, err);
    nb_schema_status_clear(&status);
    return rc;
}

/* ---- upkeep ---- */

static void show_purged(void *arg, int64_t removed)
{
    output_progress(arg, "purging", removed, -1);
}

static void print_purged(struct output *output, const struct nb_purge_report *purged)
{
    json_t *object = json_pack("{s:i}", "partitions", purged->partitions_dropped);

    for (size_t i = 0; i < purged->count; i++)
        json_object_set_new(object, purged->kinds[i].kind, json_integer(purged->kinds[i].removed));
    if (output_is_json(output)) {
        output_json_take(output, object);
        return;
    }
    json_decref(object);
    if (purged->partitions_dropped > 0)
        output_note(output, "%d whole partitions dropped", purged->partitions_dropped);
    for (size_t i = 0; i < purged->count; i++)
        output_note(output, "%s: %" PRId64 " removed", purged->kinds[i].kind,
                    purged->kinds[i].removed);
}

static int run_purge(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_purge_report purged;
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        return rc;
    rc = nb_purge(&purged, connection, show_purged, call->output, err);
    output_progress_end(call->output);
    if (rc == NB_OK)
        print_purged(call->output, &purged);
    return rc;
}

static int run_rotate(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    int rc, made = 0;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK ||
        (rc = nb_rotate_partitions(&made, connection, err)) != NB_OK)
        return rc;
    if (output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:i}", "made", made));
    else
        output_note(call->output, "%d partitions made", made);
    return NB_OK;
}

static const struct command commands[] = {
    {"init", "", .summary = "create the schema, or upgrade it",
     .description =
         "Can be run again and again. The first time needs a superuser, or a login that may "
         "create roles and install the extension pgcrypto.",
     .run = run_init},
    {"status", "", .summary = "say which schema is there, and whether it is closed as it should be",
     .description =
         "Fails when the schema does not fit this program, or when a table lacks forced row "
         "security, a definer function lacks a pinned path, or PUBLIC was granted something.",
     .run = run_status},
    {"purge", "", .summary = "remove what has expired or is past its retention",
     .description =
         "Notifications and announcements are kept for 180 days and events for 365, unless a "
         "tenant's settings (retention_days_notifications, retention_days_events) say otherwise.",
     .run = run_purge},
    {"rotate-partitions", "", .summary = "make the partitions of the coming months",
     .run = run_rotate},
    {NULL},
};

const struct command_group db_group = {
    .name = "db",
    .summary = "the database's schema and its upkeep (administrators)",
    .commands = commands,
};
