/*
 * upkeep.c - retention and partitions, by the database's own functions.
 */
#include "config.h"

#include "schema/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "schema/upkeep_internal.h"

#define PURGE_BATCH 5000

/* ---- waiting for locks ---- */

static void stop_waiting(void *arg)
{
    *(bool *)arg = true;
}

void nb_upkeep_pause(struct nb_connection *connection, int64_t delay_ms)
{
    struct nb_error ignored;
    bool over = false;
    struct nb_timer *timer = nb_loop_add_timer(nb_connection_loop(connection), stop_waiting, &over);

    nb_timer_start(timer, delay_ms);
    while (!over && nb_loop_turn(nb_connection_loop(connection), -1, &ignored) == 0)
        ;
    nb_timer_remove(&timer);
}

/* A request takes over its parameters, so only statements without any can be tried again. */
int nb_upkeep_query(struct nb_connection *connection, enum nb_server_sql id, struct nb_params *params_take,
                    struct nb_result **out, struct nb_error *err)
{
    struct nb_error local = {0};
    bool repeatable = params_take == NULL;
    int rc;

    if (!err)
        err = &local;
    for (int tries = 1;; tries++) {
        rc = nb_server_query_wait(connection, id, params_take, out, err);
        if (rc != NB_ECONFLICT || !repeatable || strcmp(err->sqlstate, "55P03") != 0)
            return rc;
        if (tries == NB_UPKEEP_TRIES)
            break;
        nb_upkeep_pause(connection, NB_UPKEEP_PAUSE_MS);
    }
    nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_DATABASE,
                 "the notifications are in use: their lock could not be had, %d times", NB_UPKEEP_TRIES);
    return nb_error_hint(err, "end the transaction that pg_stat_activity shows as the oldest, or "
                              "try again when it has ended");
}

/* One purge or rotation at a time. Retries: the session of a killed client keeps the lock until the server notices. */
static int lock(struct nb_connection *connection, struct nb_error *err)
{
    for (int tries = 0; tries < 50; tries++) {
        struct nb_result *result = NULL;
        int rc = nb_server_query_wait(connection, NB_SERVER_SQL_UPKEEP_LOCK, NULL, &result, err);
        bool locked = rc == 0 && nb_result_bool(result, 0, 0);

        nb_result_free(&result);
        if (rc != 0 || locked)
            return rc;
        nb_upkeep_pause(connection, 200);
    }
    nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_DATABASE, "another purge or rotation is at work");
    return nb_error_hint(err, "wait until it has ended");
}

static void unlock(struct nb_connection *connection)
{
    struct nb_error ignored;

    (void)!nb_server_query_wait(connection, NB_SERVER_SQL_UPKEEP_UNLOCK, NULL, NULL, &ignored);
}

/* ---- partitions ---- */

static int drain(struct nb_rotation *rotation, struct nb_connection *connection, struct nb_error *err)
{
    bool empty = false;
    int rc = 0;

    while (rc == 0 && !empty) {
        struct nb_result *result = NULL;

        rc = nb_upkeep_query(connection, NB_SERVER_SQL_PARTITION_DRAIN, NULL, &result, err);
        if (rc == 0) {
            empty = nb_result_is_null(result, 0, 0);
            rotation->moved += nb_result_int(result, 0, 0);
        }
        nb_result_free(&result);
    }
    return rc;
}

int nb_partitions_ahead(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc;

    *out = (struct nb_rotation){0};
    if ((rc = drain(out, connection, err)) != 0 ||
        (rc = nb_upkeep_query(connection, NB_SERVER_SQL_PARTITIONS_MAKE, NULL, &result, err)) != 0)
        return rc;
    out->made = (int)nb_result_rows(result);
    nb_result_free(&result);
    /* the partitions of the tables that the engine writes */
    if ((rc = nb_upkeep_query(connection, NB_SERVER_SQL_DUTY_LOG_PARTITIONS, NULL, &result, err)) != 0)
        return rc;
    out->made += (int)nb_result_int(result, 0, 0);
    nb_result_free(&result);
    return 0;
}

static int drop_past(int *dropped, struct nb_connection *connection, struct nb_error *err)
{
    bool none = false;
    int rc = 0;

    while (rc == 0 && !none) {
        struct nb_result *result = NULL;

        rc = nb_upkeep_query(connection, NB_SERVER_SQL_PARTITION_DROP_PAST, NULL, &result, err);
        none = rc == 0 && nb_result_is_null(result, 0, 0);
        *dropped += rc == 0 && !none;
        nb_result_free(&result);
    }
    return rc;
}

static int archived_before(bool *ever, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_ARCHIVES_EXIST, NULL, &result, err);

    if (rc == 0)
        *ever = nb_result_bool(result, 0, 0);
    nb_result_free(&result);
    return rc;
}

/* In a database that is archived, past partitions are not dropped here: they wait for purge --archive. */
int nb_rotate_partitions(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_partition_report report = {0};
    bool archived = false;
    int rc;

    if ((rc = lock(connection, err)) != 0)
        return rc;
    if ((rc = nb_partitions_ahead(out, connection, err)) != 0 ||
        (rc = archived_before(&archived, connection, err)) != 0)
        goto out;
    if (!archived) {
        rc = drop_past(&out->dropped, connection, err);
    } else if ((rc = nb_partition_report(&report, connection, err)) == 0) {
        out->waiting = report.past + report.detached;
    }
out:
    unlock(connection);
    return rc;
}

int nb_partition_report(struct nb_partition_report *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_PARTITION_REPORT, NULL, &result, err);

    if (rc == 0)
        *out = (struct nb_partition_report){
            .attached = (int)nb_result_int(result, 0, 0),
            .ahead_until = nb_result_time(result, 0, 1),
            .default_rows = nb_result_int(result, 0, 2),
            .past = (int)nb_result_int(result, 0, 3),
            .detached = (int)nb_result_int(result, 0, 4),
            .unfinished_archives = (int)nb_result_int(result, 0, 5),
        };
    nb_result_free(&result);
    return rc;
}

/* ---- purge ---- */

void nb_purge_add(struct nb_purge_report *report, const char *kind, int64_t removed)
{
    size_t i = 0;

    while (i < report->count && strcmp(report->kinds[i].kind, kind) != 0)
        i++;
    if (i == NB_PURGE_KINDS)
        return;
    if (i == report->count)
        snprintf(report->kinds[report->count++].kind, sizeof(report->kinds[i].kind), "%s", kind);
    report->kinds[i].removed += removed;
}

void nb_purge_tell(const struct nb_purge_report *report, const struct nb_purge_options *options)
{
    int64_t sum = 0;

    for (size_t i = 0; i < report->count; i++)
        sum += report->kinds[i].removed;
    if (options->progress)
        options->progress(options->arg, sum);
}

/* Repeats the statement, which removes a chunk and reports rows by kind, until it finds nothing. */
static int purge_all(struct nb_purge_report *report, enum nb_server_sql id, struct nb_connection *connection,
                     const struct nb_purge_options *options, struct nb_error *err)
{
    int64_t removed = 1;
    int rc = 0;

    while (rc == 0 && removed > 0) {
        struct nb_params *params = nb_params_new();
        struct nb_result *result = NULL;

        removed = 0;
        nb_params_int(params, options->batch > 0 ? options->batch : PURGE_BATCH);
        if ((rc = nb_server_query_wait(connection, id, params, &result, err)) != 0)
            return rc;
        for (size_t i = 0; i < nb_result_rows(result); i++) {
            nb_purge_add(report, nb_result_text(result, i, 0), nb_result_int(result, i, 1));
            removed += nb_result_int(result, i, 1);
        }
        nb_result_free(&result);
        nb_purge_tell(report, options);
    }
    return rc;
}

int nb_purge_bookkeeping(struct nb_purge_report *report, struct nb_connection *connection,
                         const struct nb_purge_options *options, struct nb_error *err)
{
    return purge_all(report, NB_SERVER_SQL_PURGE_BOOKKEEPING, connection, options, err);
}

int nb_purge(struct nb_purge_report *out, struct nb_connection *connection, const struct nb_purge_options *options,
             struct nb_error *err)
{
    int rc;

    *out = (struct nb_purge_report){0};
    if ((rc = lock(connection, err)) != 0)
        return rc;
    if (options->archive)
        rc = nb_purge_archiving(out, connection, options, err);
    else if ((rc = drop_past(&out->partitions, connection, err)) == 0)
        rc = purge_all(out, NB_SERVER_SQL_PURGE, connection, options, err);
    unlock(connection);
    return rc;
}

int nb_purge_preview(struct nb_purge_report *out, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_PURGE_PREVIEW, NULL, &result, err);

    *out = (struct nb_purge_report){0};
    for (size_t i = 0; rc == 0 && i < nb_result_rows(result); i++) {
        const char *kind = nb_result_text(result, i, 0);

        if (strcmp(kind, "partitions") == 0)
            out->partitions = (int)nb_result_int(result, i, 1);
        else
            nb_purge_add(out, kind, nb_result_int(result, i, 1));
    }
    nb_result_free(&result);
    return rc;
}

void nb_purge_report_clear(struct nb_purge_report *report)
{
    for (size_t i = 0; i < report->files.count; i++)
        nb_free(&report->files.data[i].name);
    nb_vec_clear(&report->files);
    nb_free(&report->directory);
    nb_free(&report->elsewhere);
}

int nb_set_ring(struct nb_connection *connection, const char *ring, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    int rc;

    nb_params_text(params, ring);
    rc = nb_server_query_wait(connection, NB_SERVER_SQL_RING_SET, params, NULL, err);
    if (rc == NB_EDENIED)
        nb_error_hint(err, "only a superuser, or the database's owner with SET ON PARAMETER "
                           "nightbell.ring, sets it");
    return rc;
}

int nb_ring_state(char **ring, bool *ringing, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(connection, NB_SERVER_SQL_RING_STATE, NULL, &result, err);

    if (rc == 0) {
        *ring = nb_strdup(nb_result_text(result, 0, 0));
        *ringing = nb_result_bool(result, 0, 1);
    }
    nb_result_free(&result);
    return rc;
}
