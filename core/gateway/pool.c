/*
 * pool.c - lends sessions to chains.
 */
#include "gateway/pool.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"

#define WAITING_MAX  1024
#define WAIT_MS      INT64_C(5000)
#define TRY_AGAIN_MS INT64_C(5000) /* after what a new attempt does not heal by itself: a login, a schema */

struct session {
    struct gateway_pool *pool;
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_timer *again;
    struct gateway_turn *turn;   /* what it runs */
    struct nb_request *rollback; /* of the turn before */
    bool forgotten;              /* its turn went without waiting for the answer */
};

struct gateway_pool {
    struct session *sessions;
    size_t count;
    NB_VEC(struct gateway_turn *) waiting; /* the oldest first */
    struct nb_timer *patience;             /* until the oldest has waited for too long */
    bool lost;                             /* no session is ready */
    int64_t waits, waited_ms, rollbacks;
};

static bool is_ready(const struct session *session)
{
    return nb_connection_state(session->connection) == NB_CONNECTION_READY && !session->forgotten;
}

static bool is_busy(const struct session *session)
{
    return session->turn || session->rollback;
}

void gateway_pool_read(const struct gateway_pool *pool, struct gateway_pool_figures *out)
{
    *out = (struct gateway_pool_figures){.sessions = pool->count,
                                         .waiting = pool->waiting.count,
                                         .waits = pool->waits,
                                         .waited_ms = pool->waited_ms,
                                         .rollbacks = pool->rollbacks};
    for (size_t i = 0; i < pool->count; i++) {
        out->ready += is_ready(&pool->sessions[i]);
        out->busy += is_busy(&pool->sessions[i]);
    }
}

/* ---- running ---- */

static void pump(struct gateway_pool *pool);
static void set_patience(struct gateway_pool *pool);

static void rolled_back(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct session *session = arg;

    (void)result;
    (void)err; /* only with the session itself */
    session->rollback = NULL;
    pump(session->pool);
}

/* A statement whose preparation the session has lost (an upgrade changed its columns) was not run, and its transaction is rolled back: it
 * may go again, once. */
static bool lost_preparation(const struct gateway_turn *turn)
{
    for (size_t i = 0; i <= turn->last; i++)
        if (nb_chain_was_unprepared(turn->chain, i))
            return true;
    return false;
}

static void roll_back(struct session *session)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    session->pool->rollbacks++;
    session->rollback =
        nb_query(session->connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, &options, rolled_back, session);
}

static void ran(void *arg)
{
    struct session *session = arg;
    struct gateway_turn *turn = session->turn;

    session->turn = NULL;
    if (nb_chain_result(turn->chain, turn->last, NULL, NULL) < 0 && is_ready(session)) {
        roll_back(session);
        if (!turn->again && lost_preparation(turn)) {
            turn->again = true;
            nb_vec_insert(&session->pool->waiting, 0, turn);
            set_patience(session->pool);
            return;
        }
    }
    turn->done(turn->arg, NULL);
    pump(session->pool);
}

static void run_on(struct session *session, struct gateway_turn *turn)
{
    session->turn = turn;
    nb_chain_set_done(turn->chain, ran, session);
    nb_chain_send(turn->chain, session->connection);
}

static struct session *free_session(const struct gateway_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++)
        if (is_ready(&pool->sessions[i]) && !is_busy(&pool->sessions[i]))
            return &pool->sessions[i];
    return NULL;
}

/* The oldest has waited for too long, or there is nothing left to wait for. */
static void give_up(struct gateway_pool *pool, int code, const char *why)
{
    struct gateway_turn *turn = pool->waiting.data[0];
    struct nb_error err;

    nb_vec_remove(&pool->waiting, 0);
    nb_error_set(&err, code, NB_DOMAIN_DATABASE, "%s", why);
    turn->done(turn->arg, &err);
}

static void set_patience(struct gateway_pool *pool)
{
    int64_t left;

    nb_timer_stop(pool->patience);
    if (pool->waiting.count == 0)
        return;
    left = pool->waiting.data[0]->since_ms + WAIT_MS - nb_monotonic_ms();
    nb_timer_start(pool->patience, left > 0 ? left : 0);
}

static void pump(struct gateway_pool *pool)
{
    struct session *session;

    while (pool->waiting.count > 0 && (session = free_session(pool))) {
        struct gateway_turn *turn = pool->waiting.data[0];

        nb_vec_remove(&pool->waiting, 0);
        pool->waited_ms += nb_monotonic_ms() - turn->since_ms;
        run_on(session, turn);
    }
    set_patience(pool);
}

static void out_of_patience(void *arg)
{
    struct gateway_pool *pool = arg;

    while (pool->waiting.count > 0 && pool->waiting.data[0]->since_ms + WAIT_MS <= nb_monotonic_ms())
        give_up(pool, NB_ECONFLICT, "no session of the database was free in time");
    set_patience(pool);
}

static size_t count_ready(const struct gateway_pool *pool)
{
    struct gateway_pool_figures figures;

    gateway_pool_read(pool, &figures);
    return figures.ready;
}

int gateway_pool_run(struct gateway_pool *pool, struct gateway_turn *turn, struct nb_error *err)
{
    struct session *session = pool->waiting.count == 0 ? free_session(pool) : NULL;

    turn->since_ms = nb_monotonic_ms();
    if (session) {
        run_on(session, turn);
        return NB_OK;
    }
    if (count_ready(pool) == 0)
        return nb_error_set(err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "not connected to the database");
    if (pool->waiting.count >= WAITING_MAX)
        return nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_DATABASE, "too many requests wait for the database");
    pool->waits++;
    nb_vec_push(&pool->waiting, turn);
    set_patience(pool);
    return NB_OK;
}

void gateway_pool_forget(struct gateway_pool *pool, const struct gateway_turn *turn)
{
    for (size_t i = 0; i < pool->waiting.count; i++) {
        if (pool->waiting.data[i] == turn) {
            nb_vec_remove(&pool->waiting, i);
            break;
        }
    }
    for (size_t i = 0; i < pool->count; i++) {
        if (pool->sessions[i].turn == turn) {
            pool->sessions[i].turn = NULL;
            pool->sessions[i].forgotten = true;
        }
    }
}

/* ---- the sessions ---- */

static void try_again(void *arg)
{
    struct session *session = arg;

    if (nb_connection_state(session->connection) == NB_CONNECTION_FAILED)
        nb_connection_retry_now(session->connection);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct session *session = arg;
    struct gateway_pool *pool = session->pool;
    size_t ready = count_ready(pool);

    if (state == NB_CONNECTION_FAILED)
        nb_timer_start(session->again, TRY_AGAIN_MS);
    if ((state == NB_CONNECTION_FAILED || state == NB_CONNECTION_WAITING) && ready == 0) {
        if (!pool->lost)
            nb_log(NB_LOG_WARN, "gateway database=lost reason=%s", nb_log_quote(err ? err->message : ""));
        pool->lost = true;
        while (pool->waiting.count > 0)
            give_up(pool, NB_EUNREACHABLE, "not connected to the database");
    } else if (state == NB_CONNECTION_READY) {
        if (pool->lost)
            nb_log(NB_LOG_INFO, "gateway database=back");
        pool->lost = false;
        pump(pool);
    }
}

struct gateway_pool *gateway_pool_new(struct nb_connection *const *connections, size_t count)
{
    struct gateway_pool *pool = nb_calloc(1, sizeof(*pool));

    pool->sessions = nb_calloc(count, sizeof(*pool->sessions));
    pool->count = count;
    pool->patience = nb_loop_add_timer(nb_connection_loop(connections[0]), out_of_patience, pool);
    for (size_t i = 0; i < count; i++) {
        struct session *session = &pool->sessions[i];

        *session = (struct session){.pool = pool, .connection = connections[i]};
        session->again = nb_loop_add_timer(nb_connection_loop(connections[i]), try_again, session);
        session->observer = (struct nb_connection_observer){.state_changed = state_changed, .arg = session};
        nb_connection_observe(connections[i], &session->observer);
    }
    return pool;
}

void gateway_pool_free(struct gateway_pool **out)
{
    struct gateway_pool *pool = *out;

    if (!pool)
        return;
    for (size_t i = 0; i < pool->count; i++) {
        nb_connection_unobserve(pool->sessions[i].connection, &pool->sessions[i].observer);
        nb_request_abandon(&pool->sessions[i].rollback);
        nb_timer_remove(&pool->sessions[i].again);
    }
    nb_timer_remove(&pool->patience);
    nb_vec_clear(&pool->waiting);
    free(pool->sessions);
    nb_free(out);
}
