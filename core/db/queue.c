/*
 * queue.c - one request at a time on its way to the server, the others in order behind it.
 *
 * Everything is sent from nb_queue_pump(), which the loop calls before it sleeps, and every
 * callback is called from the loop: whoever queues or cancels a request is never called back from
 * inside.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "db/connection_internal.h"
#include "db/failure.h"
#include "db/params.h"
#include "db/result.h"

/* A cancel that came before the statement did has no effect, so it is sent again while the
 * statement goes on. */
#define CANCEL_AGAIN_MS 40

/* ---- cancelling ---- */

static void cancel_taken(void *arg)
{
    struct nb_connection *connection = arg;

    nb_cancel_forget(&connection->cancel);
    if (connection->running && connection->cancel_wanted)
        nb_timer_start(connection->cancel_timer, CANCEL_AGAIN_MS);
}

static void send_cancel(void *arg)
{
    struct nb_connection *connection = arg;

    if (connection->running && connection->cancel_wanted && !connection->cancel)
        connection->cancel = nb_cancel_start(connection->loop, connection->pg, cancel_taken, connection);
}

void nb_queue_cancel_running(struct nb_connection *connection)
{
    if (connection->cancel_wanted)
        return;
    connection->cancel_wanted = true;
    send_cancel(connection);
}

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

static int send_execute(struct nb_connection *connection, const struct nb_request *request, const char *name)
{
    int count = (int)nb_params_count(request->params);
    const char *const *values = nb_params_values(request->params);

    connection->phase = NB_PHASE_EXECUTE;
    if (request->script)
        return PQsendQuery(connection->pg, request->text);
    if (name)
        return PQsendQueryPrepared(connection->pg, name, count, values, NULL, NULL, 1);
    return PQsendQueryParams(connection->pg, request->text, count, NULL, values, NULL, NULL, 1);
}

/* Sends the running request, or what has to go before it. */
static int send_step(struct nb_connection *connection, const struct nb_request *request)
{
    enum nb_statement_use use = NB_STATEMENT_UNNAMED;
    const char *name = NULL;

    if (request->chain) {
        connection->phase = NB_PHASE_EXECUTE;
        return nb_chain_start(request->chain, connection->pg);
    }
    if (!request->options.no_prepare && !request->script && !request->unnamed)
        use = nb_statements_use(connection->statements, request->text, &name);
    switch (use) {
    case NB_STATEMENT_FULL:
        connection->phase = NB_PHASE_FORGET;
        return PQsendQuery(connection->pg, nb_sql_queries[NB_SQL_STATEMENTS_FORGET].text);
    case NB_STATEMENT_PREPARE:
        connection->phase = NB_PHASE_PREPARE;
        return PQsendPrepare(connection->pg, name, request->text, 0, NULL);
    case NB_STATEMENT_PREPARED:
    case NB_STATEMENT_UNNAMED:
        break;
    }
    return send_execute(connection, request, name);
}

static void finish_running(struct nb_connection *connection);

/* Marks the request as running and sends its first or next step. */
static void run(struct nb_connection *connection, struct nb_request *request)
{
    connection->running = request;
    request->running = true;
    nb_connection_await_answer(connection);
    if (send_step(connection, request)) {
        nb_queue_flush(connection);
        return;
    }
    if (PQstatus(connection->pg) == CONNECTION_BAD || request->chain) {
        lose(connection);
        return;
    }
    /* Refused by libpq itself: too many parameters. */
    struct nb_error err;
    nb_failure_from_connection(&err, connection->pg);
    err.code = NB_EFAILED;
    connection->running = NULL;
    request->running = false;
    nb_request_answer_later(request, &err);
    nb_request_release(request);
}

/* A background request makes room for anything more urgent; it will be run again. */
static void preempt(struct nb_connection *connection)
{
    struct nb_request *request = connection->running;

    if (connection->waiting.count == 0 || request->options.priority != NB_PRIORITY_BACKGROUND ||
        connection->waiting.data[0]->options.priority == NB_PRIORITY_BACKGROUND || connection->cancel_wanted)
        return;
    request->preempted = !request->settled;
    nb_queue_cancel_running(connection);
}

void nb_queue_pump(struct nb_connection *connection)
{
    if (connection->state != NB_CONNECTION_READY)
        return;
    if (connection->running) {
        preempt(connection);
        return;
    }
    /* A cancel that is still under way could hit the next statement. */
    if (connection->cancel || connection->waiting.count == 0)
        return;
    struct nb_request *request = connection->waiting.data[0];
    nb_vec_remove(&connection->waiting, 0);
    run(connection, request);
}

/* ---- receiving ---- */

/* A statement that prepared statements failed for may run without them: it has not been executed. */
static bool lost_prepared_statement(const struct nb_connection *connection, const char *sqlstate)
{
    const struct nb_request *request = connection->running;

    if (request->script || request->unnamed || request->options.no_prepare)
        return false;
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "42P05") == 0 || strcmp(sqlstate, "0A000") == 0;
}

/* Whether the request goes on after the answer that has just come, instead of being done. */
static bool continue_running(struct nb_connection *connection)
{
    struct nb_request *request = connection->running;
    const char *sqlstate = PQresultErrorField(connection->result, PG_DIAG_SQLSTATE);
    bool failed = sqlstate != NULL;

    if (request->settled)
        return false;
    if (failed && lost_prepared_statement(connection, sqlstate)) {
        /* A plan whose result changed (0A000) is healed by preparing anew, a pooler that mixes
         * sessions is not. */
        if (strcmp(sqlstate, "0A000") == 0)
            nb_statements_forget(connection->statements);
        else
            nb_statements_disable(connection->statements);
        request->unnamed = true;
        return true;
    }
    if (failed || connection->phase == NB_PHASE_EXECUTE || connection->cancel_wanted)
        return false;
    if (connection->phase == NB_PHASE_PREPARE)
        nb_statements_prepared(connection->statements, request->text);
    else
        nb_statements_forget(connection->statements);
    return true;
}

/* Whether it was cancelled only to let something urgent pass. */
static bool goes_back(const struct nb_request *request, const struct nb_connection *connection)
{
    const char *sqlstate = PQresultErrorField(connection->result, PG_DIAG_SQLSTATE);
    bool unexecuted = connection->phase != NB_PHASE_EXECUTE;

    return request->preempted && !request->settled && (unexecuted || (sqlstate && strcmp(sqlstate, "57014") == 0));
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
    PQclear(result.pg); /* NULL where the callback has taken it */
}

/* All answers of a chain have come: they are with it. */
static void finish_chain(struct nb_connection *connection)
{
    struct nb_request *request = connection->running;

    if (!PQexitPipelineMode(connection->pg)) {
        lose(connection);
        return;
    }
    connection->running = NULL;
    connection->cancel_wanted = false;
    nb_timer_stop(connection->cancel_timer);
    request->running = false;
    nb_timer_stop(request->timeout);
    if (!request->settled)
        nb_request_call_back(request, NULL, NULL);
    nb_request_release(request);
}

static void finish_running(struct nb_connection *connection)
{
    struct nb_request *request = connection->running;

    if (continue_running(connection)) {
        PQclear(connection->result);
        connection->result = NULL;
        run(connection, request);
        return;
    }
    bool again = goes_back(request, connection);
    PGresult *result = connection->result;
    connection->result = NULL;
    connection->running = NULL;
    connection->cancel_wanted = false;
    nb_timer_stop(connection->cancel_timer);
    request->running = false;
    request->preempted = false;
    if (again) {
        PQclear(result);
        nb_request_enqueue(connection, request, true);
        return;
    }
    if (request->settled)
        PQclear(result); /* too late: the request has its answer */
    else
        tell(request, result);
    nb_request_release(request);
}

/* Keeps a statement's error, or else the last of its results. */
static void keep_result(struct nb_connection *connection, PGresult *result)
{
    if (connection->result && PQresultStatus(connection->result) == PGRES_FATAL_ERROR) {
        PQclear(result);
        return;
    }
    PQclear(connection->result);
    connection->result = result;
}

static bool is_copy(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

void nb_queue_read(struct nb_connection *connection)
{
    PGconn *pg = connection->pg;

    /* A callback may end the session; then the rest is another session's business. */
    while (connection->pg == pg && connection->running && !PQisBusy(pg)) {
        PGresult *result = PQgetResult(pg);
        if (connection->running->chain) {
            bool gone = PQstatus(pg) == CONNECTION_BAD;
            if (nb_chain_take(connection->running->chain, result))
                finish_chain(connection);
            else if (gone)
                lose(connection);
            continue;
        }
        if (!result) {
            finish_running(connection);
            continue;
        }
        bool copy = is_copy(result);
        keep_result(connection, result);
        if (PQstatus(pg) == CONNECTION_BAD || copy) {
            lose(connection);
            return;
        }
    }
}

/* ---- the connection's side ---- */

void nb_queue_init(struct nb_connection *connection)
{
    connection->answer_timer = nb_loop_add_timer(connection->loop, nb_queue_tell_answers, connection);
    connection->cancel_timer = nb_loop_add_timer(connection->loop, send_cancel, connection);
    connection->statements = nb_statements_new();
}

void nb_queue_run(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                  nb_request_done *done)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .no_prepare = true};

    struct nb_request *request =
        nb_request_new(connection, nb_sql_queries[id].text, params_take, &options, done, connection);

    request->internal = true;
    run(connection, request);
}

void nb_queue_set_token(struct nb_connection *connection)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .no_prepare = true};
    enum nb_sql query = connection->skip_version_check ? NB_SQL_SESSION_TOKEN : NB_SQL_SESSION_START;
    struct nb_params *params = nb_params_new();

    nb_params_text(params, connection->token ? connection->token : "");
    nb_request_enqueue(connection, nb_request_new(connection, nb_sql_queries[query].text, params, &options, NULL, NULL),
                       true);
}

/* The request that was in flight when the session ended. */
static void drop_running(struct nb_connection *connection, const struct nb_error *err, bool all)
{
    struct nb_request *request = connection->running;

    connection->running = NULL;
    PQclear(connection->result);
    connection->result = NULL;
    if (!request)
        return;
    request->running = false;
    request->preempted = false;
    request->unnamed = false;
    if (request->settled || request->internal)
        nb_request_release(request);
    else if (request->options.retry_on_reconnect && !all)
        nb_request_enqueue(connection, request, true);
    else
        nb_request_answer_later(request, err);
}

void nb_queue_lost(struct nb_connection *connection, const struct nb_error *err, bool all)
{
    struct nb_error lost = *err;

    lost.code = NB_EUNREACHABLE;
    nb_cancel_forget(&connection->cancel);
    nb_timer_stop(connection->cancel_timer);
    connection->cancel_wanted = false;
    connection->flush_pending = false;
    nb_statements_free(&connection->statements);
    connection->statements = nb_statements_new();
    drop_running(connection, all ? err : &lost, all);
    for (size_t i = 0; i < connection->waiting.count;) {
        struct nb_request *request = connection->waiting.data[i];
        bool stays = request->options.waits_for_connection || request->options.retry_on_reconnect;
        if (stays && !all) {
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
    nb_statements_free(&connection->statements);
    nb_vec_clear(&connection->waiting);
    nb_vec_clear(&connection->answers);
}
