/*
 * upkeep_steps.c - what a purge consists of, with an archive and without: statements that wait for locks, and what was removed.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

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

/* ---- what was removed ---- */

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

int nb_purge_all(struct nb_purge_report *report, enum nb_server_sql id, struct nb_connection *connection,
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
    return nb_purge_all(report, NB_SERVER_SQL_PURGE_BOOKKEEPING, connection, options, err);
}
