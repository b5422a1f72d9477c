/*
 * duties.c - the table of duties, and when each is due.
 */
#include "engine/duties.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/server_query.h"
#include "engine/digest.h"
#include "recur/occurrences.h"

#define SECOND      INT64_C(1000)
#define MINUTE      (60 * SECOND) /* what is nearer than that rings: is_near() in functions/222_near_times.sql */
#define HOUR        (60 * MINUTE)
#define TRY_LOCK_MS (30 * SECOND) /* how long another worker's end goes unnoticed */
#define TURNS_MAX   1000          /* of one duty, before the others have theirs */
#define SOON_MS     100           /* what was just written is asked for once a moment, not after every chunk or bell */

static void rule_failed(void *arg, const char *kind, const char *key, const struct nb_error *err)
{
    (void)arg;
    nb_log(NB_LOG_WARN, "worker duty=occurrences %s=%s failed=%s", kind, nb_log_quote(key), nb_log_quote(err->message));
}

/* Without it a window that recurs would hold nothing any more once its spans have passed. */
static int work_out_occurrences(struct nb_connection *connection, int64_t *did, int64_t *wait_ms, struct nb_error *err)
{
    (void)did;
    (void)wait_ms;
    return nb_occurrences_update(connection, rule_failed, NULL, err);
}

static const struct duty {
    const char *name;
    enum nb_server_sql query;
    int64_t every_ms;
    bool after_work; /* also soon after the worker has written something */
    bool rung;       /* also soon after a bell: somebody has stored a time that is near */
    /* instead of the query, for what C works out; answers what the query's columns say */
    int (*work)(struct nb_connection *connection, int64_t *did, int64_t *wait_ms, struct nb_error *err);
} table[] = {
    {"occurrences", 0, MINUTE, false, true, work_out_occurrences},
    {"release-held", NB_SERVER_SQL_DUTY_RELEASE_HELD, MINUTE, true, false},
    {"digests", 0, MINUTE, true, true, digest_step},
    {"events", NB_SERVER_SQL_DUTY_EVENTS, MINUTE, false, true},
    {"windows", NB_SERVER_SQL_DUTY_WINDOWS, MINUTE, false, true},
    {"heartbeats", NB_SERVER_SQL_DUTY_HEARTBEATS, MINUTE, false, true},
    {"watch", NB_SERVER_SQL_DUTY_WATCH, 30 * SECOND, false, false},
    {"tally", NB_SERVER_SQL_DUTY_TALLY, MINUTE, false, false},
    {"log-partitions", NB_SERVER_SQL_DUTY_LOG_PARTITIONS, HOUR, false, false},
    {"partitions", NB_SERVER_SQL_DUTY_PARTITIONS, HOUR, false, false},
    {"drop-logs", NB_SERVER_SQL_DUTY_DROP_LOGS, HOUR, false, false},
    {"purge", NB_SERVER_SQL_DUTY_PURGE, HOUR, false, false},
};

struct duties {
    struct nb_connection *connection;
    bool held;
    int64_t try_at;
    int64_t due_at[NB_ARRAY_SIZE(table)]; /* on the monotonic clock */
};

struct duties *duties_new(struct nb_connection *connection)
{
    struct duties *duties = nb_calloc(1, sizeof(*duties));

    duties->connection = connection;
    return duties;
}

void duties_free(struct duties **duties)
{
    nb_free(duties);
}

void duties_forget(struct duties *duties)
{
    duties->held = false;
    duties->try_at = 0;
}

static void ask_soon(struct duties *duties, size_t n)
{
    int64_t soon = nb_monotonic_ms() + SOON_MS;

    if (duties->due_at[n] > soon)
        duties->due_at[n] = soon;
}

void duties_after_work(struct duties *duties)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(table); i++)
        if (table[i].after_work)
            ask_soon(duties, i);
}

void duties_rung(struct duties *duties)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(table); i++)
        if (table[i].rung)
            ask_soon(duties, i);
}

static int take(struct duties *duties, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = NB_OK;

    if (duties->held || nb_monotonic_ms() < duties->try_at)
        return NB_OK;
    duties->try_at = nb_monotonic_ms() + TRY_LOCK_MS;
    rc = nb_server_query_wait(duties->connection, NB_SERVER_SQL_WORKER_TAKE_DUTIES, NULL, &result, err);
    if (rc == NB_OK && nb_result_bool(result, 0, 0)) {
        duties->held = true;
        nb_log(NB_LOG_INFO, "worker duties=taken");
    }
    nb_result_free(&result);
    return rc;
}

/* One turn of a duty: how much it did, and in how long it is due again where that is sooner than *wait_ms. */
static int run_turn(const struct duties *duties, const struct duty *duty, int64_t *did, int64_t *wait_ms,
                    struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc;

    *did = 0;
    if (duty->work)
        rc = duty->work(duties->connection, did, wait_ms, err);
    else
        rc = nb_server_query_wait(duties->connection, duty->query, NULL, &result, err);
    if (rc == NB_OK && !duty->work) {
        *did = nb_result_int(result, 0, 0);
        if (!nb_result_is_null(result, 0, 1) && nb_result_int(result, 0, 1) < *wait_ms)
            *wait_ms = nb_result_int(result, 0, 1);
    }
    if (rc == NB_OK && *did > 0)
        nb_log(NB_LOG_INFO, "worker duty=%s did=%lld", duty->name, (long long)*did);
    nb_result_free(&result);
    return rc;
}

/* One that fails is tried again after its usual time: the others must not wait for it. */
static int run(struct duties *duties, size_t n, struct nb_error *err)
{
    int64_t did = 1, wait_ms = table[n].every_ms;
    int rc = NB_OK;

    for (int turn = 0; rc == NB_OK && did > 0 && turn < TURNS_MAX; turn++)
        rc = run_turn(duties, &table[n], &did, &wait_ms, err);
    duties->due_at[n] = nb_monotonic_ms() + wait_ms;
    if (rc < 0 && rc != NB_EUNREACHABLE) {
        nb_log(NB_LOG_WARN, "worker duty=%s failed=%s", table[n].name, nb_log_quote(err->message));
        duties->due_at[n] = nb_monotonic_ms() + table[n].every_ms;
        rc = NB_OK;
    }
    return rc;
}

int duties_run(struct duties *duties, bool all, int64_t *next_ms, struct nb_error *err)
{
    int rc = take(duties, err);
    int64_t next;

    for (size_t i = 0; rc == NB_OK && duties->held && i < NB_ARRAY_SIZE(table); i++)
        if (all || nb_monotonic_ms() >= duties->due_at[i])
            rc = run(duties, i, err);
    next = duties->held ? INT64_MAX : duties->try_at;
    for (size_t i = 0; duties->held && i < NB_ARRAY_SIZE(table); i++)
        next = duties->due_at[i] < next ? duties->due_at[i] : next;
    next -= nb_monotonic_ms();
    *next_ms = next > 0 ? next : 0;
    return rc;
}
