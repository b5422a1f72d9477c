/*
 * db_upkeep.c - `nightbell db purge` and `db rotate-partitions`, and what `db status` reports about them.
 */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "cli/commands/db.h"
#include "cli/frame/session.h"
#include "schema/upkeep.h"

static const struct session_options administrator = {
    .login = SESSION_ADMINISTRATOR, .takes_long = true, .own_session = true};

static const char *plural(int64_t count)
{
    return count == 1 ? "" : "s";
}

/* ---- status ---- */

int db_read_partitions(json_t **out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_partition_report report;
    char until[NB_TIME_TEXT_SIZE];
    int rc = nb_partition_report(&report, connection, err);

    if (rc == NB_OK)
        *out = json_pack("{s:i,s:s?,s:I,s:i,s:i,s:i}", "attached", report.attached, "ahead_until",
                         report.ahead_until == NB_TIME_NONE ? NULL : nb_time_format_rfc3339(report.ahead_until, until),
                         "default_rows", (json_int_t)report.default_rows, "past", report.past, "detached",
                         report.detached, "unfinished_archives", report.unfinished_archives);
    return rc;
}

static json_int_t number(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

void db_print_partitions(struct output *output, const json_t *partitions)
{
    const char *until = json_string_value(json_object_get(partitions, "ahead_until"));
    json_int_t rows = number(partitions, "default_rows");
    json_int_t waiting = number(partitions, "past") + number(partitions, "detached");

    if (until)
        output_line(output, "partition %" JSON_INTEGER_FORMAT ", made ahead until %.10s",
                    number(partitions, "attached"), until);
    else
        output_line(output, "partition none for now: nightbell db rotate-partitions makes them");
    if (rows > 0)
        output_line(output,
                    "          %" JSON_INTEGER_FORMAT " row%s in the default one: nightbell db "
                    "rotate-partitions moves them",
                    rows, plural(rows));
    if (waiting > 0)
        output_line(output, "          %" JSON_INTEGER_FORMAT " past: nightbell db purge takes them away", waiting);
    if (number(partitions, "unfinished_archives") > 0)
        output_line(output, "archive   one was not finished: nightbell db purge --archive DIR, "
                            "with its directory, cleans up");
}

/* ---- purge ---- */

static void show_purged(void *arg, int64_t removed)
{
    output_progress(arg, "purging", removed, -1);
}

static json_t *purge_json(const struct nb_purge_report *purged)
{
    json_t *object = json_pack("{s:i}", "partitions", purged->partitions);
    json_t *files = json_array();

    for (size_t i = 0; i < purged->count; i++)
        json_object_set_new(object, purged->kinds[i].kind, json_integer(purged->kinds[i].removed));
    if (!purged->directory) {
        json_decref(files);
        return object;
    }
    for (size_t i = 0; i < purged->files.count; i++)
        json_array_append_new(files, json_pack("{s:s,s:I,s:I}", "file", purged->files.data[i].name, "rows",
                                               (json_int_t)purged->files.data[i].rows, "bytes",
                                               (json_int_t)purged->files.data[i].bytes));
    json_object_set_new(object, "directory", json_string(purged->directory));
    json_object_set_new(object, "files", files);
    return object;
}

static void print_files(struct output *output, const struct nb_purge_report *purged)
{
    for (size_t i = 0; i < purged->files.count; i++)
        output_note(output, "%s/%s: %" PRId64 " row%s", purged->directory, purged->files.data[i].name,
                    purged->files.data[i].rows, plural(purged->files.data[i].rows));
    if (purged->removed_files > 0)
        output_note(output,
                    "%d file%s of a purge that did not finish removed: its rows were "
                    "archived anew",
                    purged->removed_files, plural(purged->removed_files));
    if (purged->elsewhere)
        output_note(output, "%s may be of a purge that did not finish: its rows are archived anew", purged->elsewhere);
}

static void print_purged(struct output *output, const struct nb_purge_report *purged, const char *what)
{
    if (output_is_json(output)) {
        output_json_take(output, purge_json(purged));
        return;
    }
    if (purged->partitions > 0)
        output_note(output, "%d whole partition%s %s", purged->partitions, plural(purged->partitions), what);
    for (size_t i = 0; i < purged->count; i++)
        output_note(output, "%s: %" PRId64 " %s", purged->kinds[i].kind, purged->kinds[i].removed, what);
    print_files(output, purged);
}

int db_run_purge(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_purge_report purged = {0};
    struct nb_purge_options options = {
        .archive = command_text(call, "archive"), .progress = show_purged, .arg = call->output};
    bool dry = command_has(call, "dry-run");
    long batch;
    int rc;

    if ((rc = command_number(&batch, call, "batch", 1, NB_PURGE_BATCH_LIMIT, 0, err)) != NB_OK ||
        (rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        return rc;
    options.batch = (int)batch;
    if (dry)
        rc = nb_purge_preview(&purged, connection, err);
    else
        rc = nb_purge(&purged, connection, &options, err);
    output_progress_end(call->output);
    if (rc == NB_OK)
        print_purged(call->output, &purged, dry ? "would go" : "removed");
    nb_purge_report_clear(&purged);
    return session_explain_denied(rc, err);
}

const struct command_option db_purge_options[] = {
    {"archive", "DIR", "write what goes as compressed NDJSON first, and remove what is on disk"},
    {"batch", "N", "rows a chunk (5000; with --archive at most 1000 at a time in memory)"},
    {"dry-run", NULL, "only count what would go"},
    {NULL},
};

const char db_purge_description[] =
    "Notifications and announcements are kept for 180 days and events for 365, unless a tenant's "
    "settings say otherwise (retention_days_notifications, retention_days_events; "
    "retention_days_read and retention_days_deleted_users where read notifications, and those of "
    "deleted users, go sooner). Whole partitions go at once where all of it is past for every "
    "tenant.\n"
    "An archive's files have the mode 0600, one or more for each kind and one for each partition; "
    "`zcat` shows them, an object a line with the members of `nightbell export` and the row's "
    "other columns. A row is removed in the same moment as its file is noted as finished: a purge "
    "that was interrupted (a kill, a full disk) has lost nothing, and the next one removes its "
    "unfinished file and archives those rows anew.";

/* ---- rotate ---- */

static void print_rotation(struct output *output, const struct nb_rotation *rotation)
{
    if (output_is_json(output)) {
        output_json_take(output,
                         json_pack("{s:i,s:I,s:i,s:i}", "made", rotation->made, "moved", (json_int_t)rotation->moved,
                                   "dropped", rotation->dropped, "waiting", rotation->waiting));
        return;
    }
    if (rotation->moved > 0)
        output_note(output, "%" PRId64 " row%s moved out of the default partition", rotation->moved,
                    plural(rotation->moved));
    output_note(output, "%d partition%s made", rotation->made, plural(rotation->made));
    if (rotation->dropped > 0)
        output_note(output, "%d past partition%s dropped", rotation->dropped, plural(rotation->dropped));
    if (rotation->waiting > 0)
        output_note(output,
                    "%d past partition%s kept, since this database is archived: nightbell "
                    "db purge --archive DIR takes them away",
                    rotation->waiting, plural(rotation->waiting));
}

int db_run_rotate(struct command_call *call, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    struct nb_rotation rotation = {0};
    int rc;

    if ((rc = session_connect(&connection, call, &administrator, err)) != NB_OK)
        return rc;
    rc = session_explain_denied(nb_rotate_partitions(&rotation, connection, err), err);
    if (rc == NB_OK)
        print_rotation(call->output, &rotation);
    return rc;
}

const char db_rotate_description[] =
    "Makes those of the next three months, moves what the default partition caught meanwhile into "
    "partitions of its time, and drops those that are past every tenant's retention. Where the "
    "locks cannot be had at once it gives way to readers and producers, and tries again for a "
    "minute. In a database that was archived (db purge --archive) past partitions are left to "
    "that.";
