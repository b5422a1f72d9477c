/*
 * archive.c - a purge that first writes the removed rows as compressed NDJSON.
 *
 * A file is recorded (committed) before it is written, and marked finished in the transaction that deletes its rows. So
 * after any interruption an unfinished record means that the rows of the file are still in the database. The next purge
 * removes the file and archives the rows again.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/archive_file.h"
#include "schema/upkeep_internal.h"

#define ARCHIVE_BATCH 1000            /* rows in memory, each up to some 30 KiB */
#define FILE_ROWS     INT64_C(100000) /* per file and transaction */

/* In an order in which no row that is still referred to is deleted. */
static const char *const kinds[] = {"notifications", "receipts", "announcements", "events", "users"};

struct archiving {
    struct nb_connection *connection;
    const struct nb_purge_options *options;
    struct nb_purge_report *report;
    int directory;

    /* the current file */
    int64_t id;
    char *name;
    struct nb_archive_file *file;
    int64_t rows;
    int64_t bytes;
    bool written;    /* complete and under its final name */
    bool committing; /* COMMIT was sent: only the database knows whether the rows are deleted */
};

static int batch(const struct archiving *archiving)
{
    int wanted = archiving->options->batch;

    return wanted > 0 && wanted < ARCHIVE_BATCH ? wanted : ARCHIVE_BATCH;
}

static int run(struct archiving *archiving, enum nb_sql id, struct nb_error *err)
{
    return nb_query_wait(archiving->connection, id, NULL, NULL, err);
}

/* ---- one file ---- */

static int begin_file(struct archiving *archiving, const char *kind, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, kind);
    nb_params_text(params, archiving->report->directory);
    rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_ARCHIVE_BEGIN, params, &result, err);
    if (rc == 0) {
        archiving->id = nb_result_int(result, 0, 0);
        archiving->name = nb_strdup(nb_result_text(result, 0, 1));
        archiving->rows = archiving->bytes = 0;
        archiving->written = archiving->committing = false;
        rc = nb_archive_file_new(&archiving->file, archiving->directory, archiving->name, err);
    }
    nb_result_free(&result);
    return rc;
}

static int forget(struct nb_connection *connection, int64_t id, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();

    nb_params_int(params, id);
    return nb_server_query_wait(connection, NB_SERVER_SQL_ARCHIVE_FORGET, params, NULL, err);
}

/* Gives the file up before COMMIT, when no row has been deleted; what cannot be cleaned up now is left to the next
 * purge. When COMMIT was sent but not answered, everything is left to the next purge: the record shows the outcome. */
static void abandon_file(struct archiving *archiving)
{
    struct nb_error ignored;

    nb_archive_file_free(&archiving->file);
    if (archiving->name && !archiving->committing &&
        nb_connection_state(archiving->connection) == NB_CONNECTION_READY) {
        int rc = run(archiving, NB_SQL_TRANSACTION_ROLLBACK, &ignored);

        if (rc == 0 && archiving->written)
            rc = nb_archive_remove(archiving->directory, archiving->name, &ignored);
        if (rc == 0)
            (void)!forget(archiving->connection, archiving->id, &ignored);
    }
    nb_free(&archiving->name);
}

static int write_file(struct archiving *archiving, struct nb_error *err)
{
    int rc = nb_archive_file_commit(archiving->file, &archiving->bytes, err);

    archiving->written = rc == 0;
    return rc;
}

/* Runs in the transaction that deletes the rows; after it they exist only in the file. */
static int finish_file(struct archiving *archiving, struct nb_error *err)
{
    struct nb_purge_file file = {.rows = archiving->rows, .bytes = archiving->bytes};
    struct nb_params *params = nb_params_new();
    int rc;

    nb_params_int(params, archiving->id);
    nb_params_int(params, archiving->rows);
    nb_params_int(params, archiving->bytes);
    if ((rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_ARCHIVE_FINISH, params, NULL, err)) != 0)
        return rc;
    archiving->committing = true;
    if ((rc = run(archiving, NB_SQL_TRANSACTION_COMMIT, err)) != 0)
        return rc;
    nb_archive_file_free(&archiving->file);
    file.name = archiving->name;
    archiving->name = NULL;
    nb_vec_push(&archiving->report->files, file);
    return 0;
}

static int write_line(struct archiving *archiving, const char *kind, const char *line, struct nb_error *err)
{
    int rc = nb_archive_file_line(archiving->file, line, err);

    if (rc == 0) {
        archiving->rows++;
        nb_purge_add(archiving->report, kind, 1);
    }
    return rc;
}

/* ---- rows ---- */

static int take_chunk(struct archiving *archiving, const char *kind, int64_t *taken, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, kind);
    nb_params_int(params, batch(archiving));
    rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_PURGE_TAKE, params, &result, err);
    *taken = rc == 0 ? (int64_t)nb_result_rows(result) : 0;
    for (int64_t i = 0; rc == 0 && i < *taken; i++)
        rc = write_line(archiving, kind, nb_result_text(result, (size_t)i, 0), err);
    nb_result_free(&result);
    nb_purge_tell(archiving->report, archiving->options);
    return rc;
}

/* Writes one file of rows. *more: there may be further rows. */
static int archive_rows(struct archiving *archiving, const char *kind, bool *more, struct nb_error *err)
{
    int64_t taken = 1;
    int rc;

    if ((rc = begin_file(archiving, kind, err)) != 0 || (rc = run(archiving, NB_SQL_TRANSACTION_BEGIN, err)) != 0)
        return rc;
    while (rc == 0 && taken > 0 && archiving->rows < FILE_ROWS)
        rc = take_chunk(archiving, kind, &taken, err);
    *more = archiving->rows > 0;
    if (rc == 0 && *more && (rc = write_file(archiving, err)) == 0)
        rc = finish_file(archiving, err);
    if (rc == 0 && !*more)
        abandon_file(archiving);
    return rc;
}

/* ---- whole partitions ---- */

/* A detached partition is neither read nor changed by others, so this needs no transaction. */
static int copy_partition(struct archiving *archiving, const char *partition, struct nb_error *err)
{
    struct nb_uuid key[3] = {{{0}}, {{0}}, {{0}}};
    size_t got = 1;
    int rc = 0;

    while (rc == 0 && got > 0) {
        struct nb_params *params = nb_params_new();
        struct nb_result *result = NULL;

        nb_params_text(params, partition);
        for (size_t i = 0; i < NB_ARRAY_SIZE(key); i++)
            nb_params_uuid(params, &key[i]);
        nb_params_int(params, batch(archiving));
        rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_PARTITION_LINES, params, &result, err);
        got = rc == 0 ? nb_result_rows(result) : 0;
        for (size_t i = 0; rc == 0 && i < got; i++)
            rc = write_line(archiving, "notifications", nb_result_text(result, i, 3), err);
        for (int i = 0; got > 0 && i < (int)NB_ARRAY_SIZE(key); i++)
            key[i] = nb_result_uuid(result, got - 1, i);
        nb_result_free(&result);
        nb_purge_tell(archiving->report, archiving->options);
    }
    return rc;
}

/* Drops it in a transaction that stays open. Tries again later when others hold a lock that it needs. */
static int drop_partition(struct archiving *archiving, const char *partition, struct nb_error *err)
{
    int rc;

    for (int tries = 1;; tries++) {
        struct nb_params *params;

        if ((rc = run(archiving, NB_SQL_TRANSACTION_BEGIN, err)) != 0)
            return rc;
        params = nb_params_new();
        nb_params_text(params, partition);
        nb_params_int(params, archiving->rows);
        rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_PARTITION_DROP_DETACHED, params, NULL, err);
        if (rc != NB_ECONFLICT || tries == NB_UPKEEP_TRIES)
            return rc;
        if ((rc = run(archiving, NB_SQL_TRANSACTION_ROLLBACK, err)) != 0)
            return rc;
        nb_upkeep_pause(archiving->connection, NB_UPKEEP_PAUSE_MS);
    }
}

static int archive_partition(struct archiving *archiving, const char *partition, struct nb_error *err)
{
    int rc;

    if ((rc = begin_file(archiving, partition, err)) != 0 || (rc = copy_partition(archiving, partition, err)) != 0)
        return rc;
    if (archiving->rows > 0 && (rc = write_file(archiving, err)) != 0)
        return rc;
    if ((rc = drop_partition(archiving, partition, err)) != 0)
        return rc;
    if (archiving->rows > 0) {
        rc = finish_file(archiving, err);
    } else if ((rc = run(archiving, NB_SQL_TRANSACTION_COMMIT, err)) == 0) {
        abandon_file(archiving);
    }
    if (rc == 0)
        archiving->report->partitions++;
    return rc;
}

static int detach_past(struct nb_connection *connection, struct nb_error *err)
{
    bool none = false;
    int rc = 0;

    while (rc == 0 && !none) {
        struct nb_result *result = NULL;

        rc = nb_upkeep_query(connection, NB_SERVER_SQL_PARTITION_DETACH_PAST, NULL, &result, err);
        none = rc == 0 && nb_result_is_null(result, 0, 0);
        nb_result_free(&result);
    }
    return rc;
}

static int archive_partitions(struct archiving *archiving, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc;

    if ((rc = detach_past(archiving->connection, err)) != 0 ||
        (rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_PARTITIONS_DETACHED, NULL, &result, err)) != 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++)
        rc = archive_partition(archiving, nb_result_text(result, i, 0), err);
    nb_result_free(&result);
    return rc;
}

/* ---- files of an interrupted purge ---- */

static int clean_up(struct archiving *archiving, struct nb_error *err)
{
    struct nb_purge_report *report = archiving->report;
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(archiving->connection, NB_SERVER_SQL_ARCHIVE_UNFINISHED, NULL, &result, err);

    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++) {
        const char *directory = nb_result_text(result, i, 1);
        const char *name = nb_result_text(result, i, 2);

        if (strcmp(directory, report->directory) != 0) {
            nb_free(&report->elsewhere);
            report->elsewhere = nb_asprintf("%s/%s", directory, name);
        } else if ((rc = nb_archive_remove(archiving->directory, name, err)) == 0 &&
                   (rc = forget(archiving->connection, nb_result_int(result, i, 0), err)) == 0) {
            report->removed_files++;
        }
    }
    nb_result_free(&result);
    return rc;
}

int nb_purge_archiving(struct nb_purge_report *report, struct nb_connection *connection,
                       const struct nb_purge_options *options, struct nb_error *err)
{
    struct archiving archiving = {.connection = connection, .options = options, .report = report, .directory = -1};
    int rc = nb_archive_directory_open(&archiving.directory, &report->directory, options->archive, err);

    if (rc != 0)
        return rc;
    if ((rc = clean_up(&archiving, err)) == 0)
        rc = archive_partitions(&archiving, err);
    for (size_t i = 0; rc == 0 && i < NB_ARRAY_SIZE(kinds); i++) {
        bool more = true;

        while (rc == 0 && more)
            rc = archive_rows(&archiving, kinds[i], &more, err);
    }
    if (rc != 0)
        abandon_file(&archiving);
    else
        rc = nb_purge_bookkeeping(report, connection, options, err);
    close(archiving.directory);
    return rc;
}
