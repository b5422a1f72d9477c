/*
 * upkeep.c - retention and partitions, by the database's own functions.
 */
#include "config.h"

#include "schema/upkeep.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "schema/upkeep_internal.h"

/* ---- the lock ---- */

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
        rc = nb_purge_all(out, NB_SERVER_SQL_PURGE, connection, options, err);
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
