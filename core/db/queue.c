/*
 * queue.c - the request queue: several requests in flight, in order, and the waiting ones by priority.
 *
 * Everything is sent from nb_queue_pump(), which the loop calls before it sleeps, and every callback is called from the
 * loop, so queueing or cancelling a request never calls back directly.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "db/connection_internal.h"
#include "db/failure.h"
#include "db/params.h"
#include "db/result.h"

/* How many may be in flight: enough to use the line while the server works, few enough that an urgent request is soon
 * next. */
#define FLIGHTS_MAX 8
/* A background request may run for a round trip, which a cancel takes as well, plus this long before it is cancelled for
 * an urgent one behind it. */
#define PREEMPT_AFTER_MS 10

/* ---- sending ---- */

static void lose(struct nb_connection *connection)
{
    struct nb_error err;

    nb_failure_from_connection(&err, connection->pg);
    nb_connection_lost(connection, &err);
}

void nb_queue_flush(struct nb_connection *connection)
{
    int left = PQflush(connection->pg);

    if (left < 0)
        lose(connection);
    else
        connection->flush_pending = left > 0;
}

/* False: the session is gone. */
static bool fly(struct nb_connection *connection, struct nb_request *request)
{
    struct nb_error err;

    if (connection->flights.count == 0)
        nb_connection_await_answer(connection);
    nb_vec_push(&connection->flights, request);
    connection->sent++;
    request->running = true;
    request->cancel_wanted = request->preempted = false;
    request->exposed = connection->cancel != NULL;
    request->sent_at = nb_monotonic_ms();
    if (!nb_request_send(request)) {
        if (PQstatus(connection->pg) == CONNECTION_BAD || request->chain || request->script) {
            lose(connection);
            return false;
        }
        /* libpq itself refused it: too many parameters. */
        nb_failure_from_connection(&err, connection->pg);
        err.code = NB_EFAILED;
        nb_request_answer_later(request, &err);
    }
    nb_queue_flush(connection);
    return connection->pg != NULL;
}

/* A request that must go alone also waits for a running cancel: it could not be sent again if the cancel hit it. */
static bool may_fly(const struct nb_connection *connection, const struct nb_request *request)
{
    const struct nb_request *first = nb_first_flight(connection);

    if (nb_request_goes_alone(request))
        return !first && !connection->cancel;
    return connection->flights.count < FLIGHTS_MAX && !(first && nb_request_goes_alone(first));
}

static bool is_background(const struct nb_request *request)
{
    return request->options.priority == NB_PRIORITY_BACKGROUND;
}

/* Whether a more urgent request, sent or waiting, is behind the flight. */
static bool is_in_the_way(const struct nb_connection *connection, size_t flight)
{
    for (size_t i = flight + 1; i < connection->flights.count; i++)
        if (!is_background(connection->flights.data[i]))
            return true;
    return connection->waiting.count > 0 && !is_background(connection->waiting.data[0]);
}

/* Cancels a background request for a more urgent one, unless its answer should come at any moment. It is run again. */
static void preempt(struct nb_connection *connection)
{
    int64_t now = nb_monotonic_ms(), round_trip = connection->round_trip_ms > 0 ? connection->round_trip_ms : 0;

    for (size_t i = 0; i < connection->flights.count; i++) {
        struct nb_request *request = connection->flights.data[i];
        int64_t begun = request->sent_at > connection->landed_at ? request->sent_at : connection->landed_at;
        int64_t left = begun + round_trip + PREEMPT_AFTER_MS - now;

        if (!is_background(request) || request->cancel_wanted || !is_in_the_way(connection, i))
            continue;
        if (left > 0) {
            nb_timer_start(connection->preempt_timer, left); /* the turn it causes calls this function again */
            return;
        }
        request->preempted = !request->settled;
        nb_flight_cancel(request);
    }
}

static void preempt_due(void *arg)
{
    (void)arg; /* waking the loop is enough: every turn calls nb_queue_pump() */
}

/* Behind the session's start go those that may: as if a pooler shared the session, with the token for their own
 * transaction, until it is known that none does. */
static bool may_go_now(const struct nb_connection *connection, const struct nb_request *request)
{
    return may_fly(connection, request) && (connection->state == NB_CONNECTION_READY || nb_request_goes_ahead(request));
}

void nb_queue_pump(struct nb_connection *connection)
{
    bool ready = connection->state == NB_CONNECTION_READY;

    if (!ready && !(connection->state == NB_CONNECTION_SETUP && connection->flights.count > 0))
        return;
    while (connection->waiting.count > 0 && may_go_now(connection, connection->waiting.data[0])) {
        struct nb_request *request = connection->waiting.data[0];

        nb_vec_remove(&connection->waiting, 0);
        if (!fly(connection, request))
            return;
    }
    if (ready)
        preempt(connection);
}

/* ---- receiving ---- */

/* A request whose prepared statement was lost has not been executed, so it can be sent again, unnamed. */
static bool goes_unnamed(struct nb_request *request)
{
    struct nb_statements *statements = request->connection->statements;

    if (request->script || !request->prepared || !nb_result_lost_preparation(request->result))
        return false;
    nb_statements_lost(statements, request->result);
    request->unnamed = true;
    return true;
}

/* Whether it was cancelled for an urgent request, or by a cancel meant for the request before it. */
static bool was_cancelled_for_another(const struct nb_request *request)
{
    const char *sqlstate = PQresultErrorField(request->result, PG_DIAG_SQLSTATE);
    bool for_another = request->preempted || (request->exposed && !request->cancel_wanted);

    return for_another && !request->in_block && !nb_request_goes_alone(request) && sqlstate &&
           strcmp(sqlstate, "57014") == 0;
}

static void tell(struct nb_request *request, PGresult *result_take)
{
    struct nb_result result = {.pg = result_take};
    struct nb_error err;

    nb_timer_stop(request->timeout);
    switch (PQresultStatus(result.pg)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
        nb_request_call_back(request, &result, NULL);
        break;
    default:
        nb_failure_from_result(&err, result.pg, request->script ? request->text : NULL);
        nb_request_call_back(request, NULL, &err);
        break;
    }
    PQclear(result.pg); /* NULL when the callback took it */
}

/* Removes an answered request from the flights; the server goes on to the next. */
static void land(struct nb_connection *connection, struct nb_request *request)
{
    const struct nb_request *next;
    int64_t took;

    connection->landed_at = nb_monotonic_ms();
    took = connection->landed_at - request->sent_at;
    nb_vec_remove(&connection->flights, 0);
    request->running = false;
    if (connection->round_trip_ms < 0 || took < connection->round_trip_ms)
        connection->round_trip_ms = took;
    if (connection->flights.count == 0)
        nb_timer_stop(connection->preempt_timer);
    nb_timer_stop(connection->cancel_timer);
    if ((next = nb_first_flight(connection)) && next->cancel_wanted)
        nb_flight_cancel_due(connection);
}

static void finish(struct nb_connection *connection, struct nb_request *request)
{
    PGresult *result;

    land(connection, request);
    if (request->script && !PQenterPipelineMode(connection->pg)) {
        lose(connection);
        return;
    }
    if (!request->chain && !request->settled && (was_cancelled_for_another(request) || goes_unnamed(request))) {
        PQclear(request->result);
        request->result = NULL;
        nb_request_enqueue(connection, request, true);
        return;
    }
    result = request->result;
    request->result = NULL;
    if (request->settled)
        PQclear(result); /* too late: the request has been answered otherwise */
    else if (request->chain)
        nb_request_call_back(request, NULL, NULL); /* the chain has the answers */
    else
        tell(request, result);
    nb_request_release(request);
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

void nb_queue_read(struct nb_connection *connection)
{
    PGconn *pg = connection->pg;

    /* A callback may end the session, and with it this loop. */
    while (connection->pg == pg && connection->flights.count > 0 && !PQisBusy(pg)) {
        struct nb_request *request = connection->flights.data[0];
        PGresult *result = PQgetResult(pg);
        bool copy = is_copy(result), gone = PQstatus(pg) == CONNECTION_BAD;

        if (nb_request_take(request, result) && !gone)
            finish(connection, request);
        else if (gone || copy)
            lose(connection);
    }
}

/* ---- the connection's side ---- */

void nb_queue_init(struct nb_connection *connection)
{
    connection->answer_timer = nb_loop_add_timer(connection->loop, nb_queue_tell_answers, connection);
    connection->cancel_timer = nb_loop_add_timer(connection->loop, nb_flight_cancel_due, connection);
    connection->preempt_timer = nb_loop_add_timer(connection->loop, preempt_due, connection);
    connection->statements = nb_statements_new();
    connection->round_trip_ms = -1;
}

/* Sets the token and reports whether it holds for the session or only for this statement (a pooler). */
static struct nb_request *new_token_request(struct nb_connection *connection, nb_request_done *done)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .no_prepare = true};
    enum nb_sql query = connection->skip_version_check ? NB_SQL_SESSION_TOKEN : NB_SQL_SESSION_START;
    struct nb_params *params = nb_params_new();
    struct nb_request *request;

    nb_params_text(params, connection->token ? connection->token : "");
    nb_params_int(params, PQbackendPID(connection->pg));
    request = nb_request_new(connection, nb_sql_queries[query].text, params, &options, done, connection);
    request->internal = true;
    return request;
}

void nb_queue_start_session(struct nb_connection *connection, nb_request_done *done)
{
    (void)fly(connection, new_token_request(connection, done));
}

void nb_queue_set_token(struct nb_connection *connection)
{
    nb_request_enqueue(connection, new_token_request(connection, NULL), true);
}

static bool goes_again(const struct nb_request *request, bool all)
{
    return (request->options.retry_on_reconnect || nb_request_goes_ahead(request)) && !request->settled &&
           !request->internal && !all;
}

/* Fails or requeues the requests that were in flight when the session ended. Requeued ones keep their order. */
static void drop_flights(struct nb_connection *connection, const struct nb_error *err, bool all)
{
    for (size_t i = 0; i < connection->flights.count; i++) {
        struct nb_request *request = connection->flights.data[i];

        PQclear(request->result);
        request->result = NULL;
        request->running = request->preempted = request->unnamed = false;
        if (request->settled || request->internal)
            nb_request_release(request);
        else if (!goes_again(request, all))
            nb_request_answer_later(request, err);
        else
            continue;
        connection->flights.data[i] = NULL;
    }
    for (size_t i = connection->flights.count; i > 0; i--)
        if (connection->flights.data[i - 1])
            nb_request_enqueue(connection, connection->flights.data[i - 1], true);
    connection->flights.count = 0;
}

void nb_queue_lost(struct nb_connection *connection, const struct nb_error *err, bool all)
{
    struct nb_error lost = *err;

    lost.code = NB_EUNREACHABLE;
    nb_cancel_forget(&connection->cancel);
    nb_timer_stop(connection->cancel_timer);
    nb_timer_stop(connection->preempt_timer);
    connection->flush_pending = false;
    connection->in_block = false;
    connection->round_trip_ms = -1;
    nb_statements_free(&connection->statements);
    connection->statements = nb_statements_new();
    drop_flights(connection, all ? err : &lost, all);
    for (size_t i = 0; i < connection->waiting.count;) {
        struct nb_request *request = connection->waiting.data[i];
        if (nb_request_stays(request) && !all) {
            i++;
            continue;
        }
        nb_vec_remove(&connection->waiting, i);
        nb_request_answer_later(request, all ? err : &lost);
    }
}

void nb_queue_clear(struct nb_connection *connection)
{
    struct nb_error err;

    nb_error_set(&err, NB_ECANCELLED, NB_DOMAIN_DATABASE, "the connection was closed");
    nb_queue_lost(connection, &err, true);
    nb_queue_tell_answers(connection);
    nb_timer_remove(&connection->answer_timer);
    nb_timer_remove(&connection->cancel_timer);
    nb_timer_remove(&connection->preempt_timer);
    nb_statements_free(&connection->statements);
    nb_vec_clear(&connection->waiting);
    nb_vec_clear(&connection->flights);
    nb_vec_clear(&connection->answers);
}
