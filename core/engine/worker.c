/*
 * worker.c - a worker's life: its session, its sleep, its signs of life.
 */
#include "engine/worker.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "base/uuid.h"
#include "config.h"
#include "db/server_query.h"
#include "engine/duties.h"
#include "engine/engine.h"
#include "sending/sending.h"

#define BEAT_MS      INT64_C(30000) /* the engine misses a worker after four of them */
#define OTHERS_MS    INT64_C(1000)  /* the first look at what others work on; each next one is twice as far off */
#define TRY_AGAIN_MS INT64_C(1000)  /* after an error that is nobody's in particular */

struct nb_worker {
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_timer *alarm;
    struct nb_engine *engine;
    struct duties *duties;
    struct nb_sending *sending; /* NULL: this worker sends nothing */
    char *name;
    struct nb_uuid id;
    bool is_registered;
    unsigned generation; /* of the session that is a worker's */
    bool has_session;
    bool stopping, woken;
    struct nb_error lost; /* why the connection has given up */
    int64_t beat_at;
    int64_t look_ms; /* while others work on all that is due: how long until the next look whether they still do */
};

static void rung(void *arg, const char *channel, const char *payload)
{
    struct nb_worker *worker = arg;
    json_auto_t *bell = json_loads(payload, 0, NULL);
    const char *op = json_string_value(json_object_get(bell, "op"));

    (void)channel;
    if (!op || strcmp(op, "insert") != 0) /* nothing new in the outbox, or not only that */
        duties_rung(worker->duties);
    worker->woken = true;
    if (worker->sending && worker->is_registered)
        nb_sending_wake(worker->sending, &worker->id);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_worker *worker = arg;

    worker->woken = true;
    if (state == NB_CONNECTION_FAILED)
        worker->lost = *err;
    if (state == NB_CONNECTION_WAITING)
        nb_log(NB_LOG_WARN, "worker database=lost reason=%s", nb_log_quote(err->message));
}

static void alarm_rang(void *arg)
{
    ((struct nb_worker *)arg)->woken = true;
}

struct nb_worker *nb_worker_new(struct nb_connection *connection, const char *name)
{
    struct nb_worker *worker = nb_calloc(1, sizeof(*worker));

    worker->connection = connection;
    worker->name = nb_strdup(name);
    worker->look_ms = OTHERS_MS;
    worker->engine = nb_engine_new(connection);
    worker->duties = duties_new(connection);
    worker->alarm = nb_loop_add_timer(nb_connection_loop(connection), alarm_rang, worker);
    worker->observer = (struct nb_connection_observer){state_changed, rung, worker};
    nb_connection_observe(connection, &worker->observer);
    return worker;
}

void nb_worker_free(struct nb_worker **out)
{
    struct nb_worker *worker = *out;

    if (!worker)
        return;
    nb_connection_unobserve(worker->connection, &worker->observer);
    nb_timer_remove(&worker->alarm);
    nb_engine_free(&worker->engine);
    duties_free(&worker->duties);
    nb_sending_free(&worker->sending);
    free(worker->name);
    nb_free(out);
}

void nb_worker_send_by(struct nb_worker *worker, struct nb_connection *claims, struct nb_connection *records,
                       struct nb_senders *senders)
{
    worker->sending = nb_sending_new(claims, records, senders);
}

void nb_worker_stop(struct nb_worker *worker)
{
    worker->stopping = true;
    worker->woken = true;
    if (worker->sending) /* at once: a duty that is under way may take its time */
        nb_sending_drain(worker->sending);
}

int64_t nb_worker_processed(const struct nb_worker *worker)
{
    return nb_engine_processed(worker->engine);
}

int64_t nb_worker_failed(const struct nb_worker *worker)
{
    return nb_engine_failed(worker->engine);
}

/* ---- signs of life ---- */

static int start(struct nb_worker *worker, struct nb_error *err)
{
    char host[256] = "";
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    if (gethostname(host, sizeof(host) - 1) < 0)
        host[0] = '\0';
    nb_params_text(params, worker->name);
    nb_params_text(params, host);
    nb_params_int(params, getpid());
    nb_params_text(params, nb_version());
    rc = nb_server_query_wait(worker->connection, NB_SERVER_SQL_WORKER_START, params, &result, err);
    if (rc == NB_OK)
        worker->id = nb_result_uuid(result, 0, 0);
    worker->is_registered = rc == NB_OK;
    nb_result_free(&result);
    return rc;
}

static int beat(struct nb_worker *worker, bool done, struct nb_error *err)
{
    struct nb_params *params;

    if (!worker->is_registered || (!done && nb_monotonic_ms() < worker->beat_at))
        return NB_OK;
    params = nb_params_new();
    nb_params_uuid(params, &worker->id);
    nb_params_int(params, nb_engine_processed(worker->engine));
    nb_params_int(params, nb_engine_failed(worker->engine));
    nb_params_bool(params, done);
    worker->beat_at = nb_monotonic_ms() + BEAT_MS;
    return nb_server_query_wait(worker->connection, NB_SERVER_SQL_WORKER_BEAT, params, NULL, err);
}

/* ---- the session ---- */

/* Every new session has to LISTEN, and may have lost the duties to another worker. */
static int begin_session(struct nb_worker *worker, struct nb_error *err)
{
    unsigned generation = nb_connection_generation(worker->connection);
    int rc;

    if (worker->has_session && worker->generation == generation)
        return NB_OK;
    duties_forget(worker->duties);
    rc = nb_server_query_wait(worker->connection, NB_SERVER_SQL_WORKER_SESSION, NULL, NULL, err);
    if (rc == NB_OK && !worker->is_registered)
        rc = start(worker, err);
    if (rc == NB_OK) {
        worker->generation = generation;
        nb_log(NB_LOG_INFO, "worker %s name=%s database=%s", worker->has_session ? "database=back" : "ready",
               nb_log_quote(worker->name), nb_log_quote(nb_connection_target(worker->connection)));
        if (!worker->has_session)
            nb_service_tell("READY=1");
        worker->has_session = true;
        if (worker->sending)
            nb_sending_wake(worker->sending, &worker->id);
    } else if (rc == NB_EDENIED) {
        nb_error_hint(err, "the worker needs a login that is a member of nightbell_worker");
    }
    return rc;
}

/* Until somebody rings, the time is over, or the worker shall stop. */
static int sleep_for(struct nb_worker *worker, int64_t milliseconds, struct nb_error *err)
{
    int rc = NB_OK;

    nb_timer_start(worker->alarm, milliseconds);
    while (rc == NB_OK && !worker->woken && !worker->stopping)
        rc = nb_loop_turn(nb_connection_loop(worker->connection), -1, err);
    nb_timer_stop(worker->alarm);
    return rc;
}

static int64_t sooner(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Until something is due. A bell tells of what is new; that another worker was killed, whose app events are due again,
 * nothing tells. */
static int sleep_length(struct nb_worker *worker, int64_t duties_ms, int64_t *sleep_ms, struct nb_error *err)
{
    int64_t due_ms = -1;
    bool others_work = false;
    int rc = nb_engine_waits(worker->engine, &due_ms, &others_work, err);

    *sleep_ms = sooner(duties_ms, worker->beat_at - nb_monotonic_ms());
    if (due_ms >= 0)
        *sleep_ms = sooner(*sleep_ms, due_ms);
    if (others_work) {
        *sleep_ms = sooner(*sleep_ms, worker->look_ms);
        worker->look_ms = sooner(2 * worker->look_ms, BEAT_MS);
    } else {
        worker->look_ms = OTHERS_MS;
    }
    if (*sleep_ms < 1)
        *sleep_ms = 1;
    nb_log(NB_LOG_DEBUG, "worker asleep=%lldms others_work=%s", (long long)*sleep_ms, others_work ? "yes" : "no");
    return rc;
}

/* One round: all chunks that are due, then the duties. *sleep_ms: until something is due again. */
static int work(struct nb_worker *worker, bool once, int64_t *sleep_ms, struct nb_error *err)
{
    size_t done = 1;
    int64_t duties_ms = 0;
    int rc = begin_session(worker, err);

    worker->woken = false;
    while (rc == NB_OK && done > 0 && !worker->stopping) {
        rc = nb_engine_step(worker->engine, &done, err);
        if (rc == NB_OK && done > 0) {
            duties_after_work(worker->duties);
            worker->look_ms = OTHERS_MS;
            if (worker->sending) /* its bell may come later than the next claim */
                nb_sending_wake(worker->sending, &worker->id);
        }
        if (rc == NB_OK)
            rc = duties_run(worker->duties, false, &duties_ms, err);
        if (rc == NB_OK)
            rc = beat(worker, false, err);
    }
    if (rc == NB_OK && once && !worker->stopping)
        rc = duties_run(worker->duties, true, &duties_ms, err);
    if (rc == NB_OK && !once)
        rc = sleep_length(worker, duties_ms, sleep_ms, err);
    return rc;
}

/* `once`: until nothing is in hand and nothing is due. What was recorded may have left app events (fallbacks), and so may duties (events
 * about dead letters). */
static int send_all(struct nb_worker *worker, bool *again, struct nb_error *err)
{
    int64_t due_ms = -1;
    bool others_work;
    int rc = NB_OK;

    while (rc == NB_OK && worker->sending && !worker->stopping && !nb_sending_is_idle(worker->sending)) {
        rc = nb_loop_turn(nb_connection_loop(worker->connection), -1, err);
        if (rc == NB_OK && nb_connection_state(worker->connection) == NB_CONNECTION_FAILED) {
            *err = worker->lost;
            rc = worker->lost.code;
        }
    }
    if (rc == NB_OK)
        rc = nb_engine_waits(worker->engine, &due_ms, &others_work, err);
    *again = due_ms == 0;
    return rc;
}

/* What is under way is waited for and recorded; what takes longer than any send may is left to its lease. */
static void drain(struct nb_worker *worker)
{
    struct nb_error err;
    int64_t until;

    if (!worker->sending)
        return;
    nb_sending_drain(worker->sending);
    until = nb_monotonic_ms() + nb_sending_patience_ms(worker->sending);
    while (!nb_sending_is_over(worker->sending) && nb_monotonic_ms() < until)
        if (nb_loop_turn(nb_connection_loop(worker->connection), until - nb_monotonic_ms(), &err) < 0)
            break;
    nb_log(nb_sending_is_over(worker->sending) ? NB_LOG_INFO : NB_LOG_WARN, "worker answered=%lld in_hand=%s",
           (long long)nb_sending_recorded(worker->sending),
           nb_sending_is_over(worker->sending) ? "none" : "left to their leases");
}

int nb_worker_run(struct nb_worker *worker, bool once, struct nb_error *err)
{
    struct nb_error ignored;
    int rc = NB_OK;

    while (rc == NB_OK && !worker->stopping) {
        int64_t sleep_ms = TRY_AGAIN_MS;
        enum nb_connection_state state = nb_connection_state(worker->connection);

        if (state == NB_CONNECTION_FAILED) {
            *err = worker->lost;
            rc = worker->lost.code;
        } else if (state != NB_CONNECTION_READY) {
            worker->woken = false; /* the loop has to turn for a new session to come */
        } else {
            bool again = true;

            rc = work(worker, once, &sleep_ms, err);
            if (rc == NB_OK && once)
                rc = send_all(worker, &again, err);
            if (rc == NB_OK && once && again && !worker->stopping)
                continue;
            if (rc == NB_OK && once)
                break;
            if (rc < 0 && rc != NB_EDENIED && !once) {
                nb_log(NB_LOG_ERROR, "worker failed=%s", nb_log_quote(err->message));
                sleep_ms = TRY_AGAIN_MS;
                worker->woken = false;
                rc = NB_OK;
            }
        }
        if (rc == NB_OK)
            rc = sleep_for(worker, sleep_ms, err);
    }
    nb_service_tell("STOPPING=1");
    drain(worker);
    if (nb_connection_state(worker->connection) == NB_CONNECTION_READY && beat(worker, true, &ignored) < 0)
        nb_log(NB_LOG_WARN, "worker end=unrecorded reason=%s", nb_log_quote(ignored.message));
    return rc;
}
