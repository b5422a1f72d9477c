/*
 * upkeep.c - retention and partitions, by the database's own functions.
 */
#include "config.h"

#include "db/upkeep.h"

#include <stdio.h>

#include "db/query.h"

#define PURGE_BATCH 5000

static int drop_partitions(int *dropped, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(connection, NB_SQL_DROP_PAST_PARTITIONS, NULL, &result, err);

    if (rc == 0)
        *dropped = (int)nb_result_int(result, 0, 0);
    nb_result_free(&result);
    return rc;
}

/* Adds one chunk to the report; *removed is 0 when there was nothing left. */
static int purge_chunk(struct nb_purge_report *report, int64_t *removed,
                       struct nb_connection *connection, struct nb_error *err)
{
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    *removed = 0;
    nb_params_int(params, PURGE_BATCH);
    if ((rc = nb_query_wait(connection, NB_SQL_PURGE, params, &result, err)) != 0)
        return rc;
    report->count =
        nb_result_rows(result) < NB_PURGE_KINDS ? nb_result_rows(result) : NB_PURGE_KINDS;
    for (size_t i = 0; i < report->count; i++) {
        struct nb_purge_count *kind = &report->kinds[i];

        snprintf(kind->kind, sizeof(kind->kind), "%s", nb_result_text(result, i, 0));
        kind->removed += nb_result_int(result, i, 1);
        *removed += nb_result_int(result, i, 1);
    }
    nb_result_free(&result);
    return 0;
}

int nb_purge(struct nb_purge_report *out, struct nb_connection *connection,
             nb_purge_progress *progress, void *arg, struct nb_error *err)
{
    int64_t removed, sum = 0;
    int rc;

    *out = (struct nb_purge_report){0};
    if ((rc = drop_partitions(&out->partitions_dropped, connection, err)) != 0)
        return rc;
    do {
        if ((rc = purge_chunk(out, &removed, connection, err)) != 0)
            return rc;
        sum += removed;
        if (progress != NULL)
            progress(arg, sum);
    } while (removed > 0);
    return 0;
}

int nb_rotate_partitions(int *made, struct nb_connection *connection, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_query_wait(connection, NB_SQL_ENSURE_PARTITIONS, NULL, &result, err);

    if (rc == 0)
        *made = (int)nb_result_int(result, 0, 0);
    nb_result_free(&result);
    return rc;
}
