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

#include "base/clock.h"
#include "db/connection_internal.h"
#include "db/failure.h"
#include "db/params.h"
#include "db/result.h"

/* A cancel that came before the statement did has no effect, so it is sent again while the
 * statement goes on. */
#define CANCEL_AGAIN_MS 40

/* ---- requests ---- */

static void dispose_argument(struct nb_request *request)
{
    void (*dispose)(void *arg) = request->options.dispose;

    request->options.dispose = NULL;
    if (dispose)
        dispose(request->arg);
}

/* Calls the callback, once; result and err as it gets them. */
static void call_back(struct nb_request *request, struct nb_result *result,
                      const struct nb_error *err)
{
    nb_request_done *done = request->done;

    if (!done)
        return;
    request->done = NULL;
    done(request->arg, result, err);
    dispose_argument(request);
}

static void release(struct nb_request *request)
{
    if (request->running || request->answering)
        return;
    dispose_argument(request);
    nb_timer_remove(&request->timeout);
    nb_params_free(&request->params);
    nb_free(&request->text);
    free(request);
}

static void withdraw(struct nb_connection *connection, const struct nb_request *request)
{
    for (size_t i = 0; i < connection->waiting.count; i++) {
        if (connection->waiting.data[i] != request)
            continue;
        nb_vec_remove(&connection->waiting, i);
        return;
    }
}

/* Behind its equals, or before them where it had been running already. */
static void enqueue(struct nb_connection *connection, struct nb_request *request,
                    bool first_of_equals)
{
    size_t at = 0;

    while (at < connection->waiting.count) {
        enum nb_priority other = connection->waiting.data[at]->options.priority;
        if (other < request->options.priority ||
            (first_of_equals && other == request->options.priority))
            break;
        at++;
    }
    nb_vec_insert(&connection->waiting, at, request);
}

/* Tells the answer in the loop's next turn. */
static void answer_later(struct nb_request *request, const struct nb_error *err)
{
    struct nb_connection *connection = request->connection;

    nb_timer_stop(request->timeout);
    request->error = *err;
    request->answering = true;
    request->settled = true;
    nb_vec_push(&connection->answers, request);
    if (!nb_timer_active(connection->answer_timer))
        nb_timer_start(connection->answer_timer, 0);
}

static void tell_answers(void *arg)
{
    struct nb_connection *connection = arg;

    /* A callback may add further ones, and may turn the loop, which comes here again. */
    while (connection->answers.count > 0) {
        struct nb_request *request = connection->answers.data[0];
        nb_vec_remove(&connection->answers, 0);
        call_back(request, NULL, &request->error);
        request->answering = false;
        release(request);
    }
}

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
        connection->cancel =
            nb_cancel_start(connection->loop, connection->pg, cancel_taken, connection);
}

static void cancel_running(struct nb_connection *connection)
{
    if (connection->cancel_wanted)
        return;
    connection->cancel_wanted = true;
    send_cancel(connection);
}

/* Its answer is decided; whatever the server still does about it is of no interest. */
static void give_up(struct nb_request *request, const struct nb_error *err)
{
    if (request->settled)
        return;
    if (request->running)
        cancel_running(request->connection);
    else
        withdraw(request->connection, request);
    answer_later(request, err);
}

void nb_request_cancel(struct nb_request *request)
{
    struct nb_error err;

    nb_error_set(&err, NB_ECANCELLED, NB_DOMAIN_DATABASE, "cancelled");
    give_up(request, &err);
}

void nb_request_abandon(struct nb_request **request_pointer)
{
    struct nb_request *request = *request_pointer;

    if (!request)
        return;
    *request_pointer = NULL;
    /* Inside its own callback there is nothing to forget any more, and the argument is still in
     * use. */
    if (!request->done)
        return;
    request->done = NULL;
    dispose_argument(request);
    nb_request_cancel(request);
}

static void time_out(void *arg)
{
    struct nb_request *request = arg;
    struct nb_error err;

    nb_error_set(&err, NB_EFAILED, NB_DOMAIN_DATABASE, "no answer from the database within %.3g s",
                 (double)request->options.timeout_ms / 1000);
    give_up(request, &err);
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

static int send_execute(struct nb_connection *connection, const struct nb_request *request,
                        const char *name)
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
    connection->heard_at = nb_monotonic_ms();
    if (send_step(connection, request)) {
        nb_queue_flush(connection);
        return;
    }
    if (PQstatus(connection->pg) == CONNECTION_BAD) {
        lose(connection);
        return;
    }
    /* Refused by libpq itself: too many parameters. */
    struct nb_error err;
    nb_failure_from_connection(&err, connection->pg);
    err.code = NB_EFAILED;
    connection->running = NULL;
    request->running = false;
    answer_later(request, &err);
    release(request);
}

/* A background request makes room for anything more urgent; it will be run again. */
static void preempt(struct nb_connection *connection)
{
    struct nb_request *request = connection->running;

    if (connection->waiting.count == 0 || request->options.priority != NB_PRIORITY_BACKGROUND ||
        connection->waiting.data[0]->options.priority == NB_PRIORITY_BACKGROUND ||
        connection->cancel_wanted)
        return;
    request->preempted = !request->settled;
    cancel_running(connection);
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

/* A statement that prepared statements failed for may run without them: it has not been executed.
 */
static bool lost_prepared_statement(const struct nb_connection *connection, const char *sqlstate)
{
    const struct nb_request *request = connection->running;

    if (request->script || request->unnamed || request->options.no_prepare)
        return false;
    return strcmp(sqlstate, "26000") == 0 || strcmp(sqlstate, "42P05") == 0 ||
           strcmp(sqlstate, "0A000") == 0;
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

    return request->preempted && !request->settled &&
           (unexecuted || (sqlstate && strcmp(sqlstate, "57014") == 0));
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
        call_back(request, &result, NULL);
        break;
    default:
        nb_failure_from_result(&err, result.pg, request->script ? request->text : NULL);
        call_back(request, NULL, &err);
        break;
    }
    PQclear(result.pg); /* NULL where the callback has taken it */
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
        enqueue(connection, request, true);
        return;
    }
    if (request->settled)
        PQclear(result); /* too late: the request has its answer */
    else
        tell(request, result);
    release(request);
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
    connection->answer_timer = nb_loop_add_timer(connection->loop, tell_answers, connection);
    connection->cancel_timer = nb_loop_add_timer(connection->loop, send_cancel, connection);
    connection->statements = nb_statements_new();
}

static struct nb_request *new_request(struct nb_connection *connection, const char *text,
                                      struct nb_params *params_take,
                                      const struct nb_request_options *options,
                                      nb_request_done *done, void *arg)
{
    struct nb_request *request = nb_calloc(1, sizeof(*request));

    request->connection = connection;
    request->text = nb_strdup(text);
    request->params = params_take;
    if (options)
        request->options = *options;
    request->done = done;
    request->arg = arg;
    request->timeout = nb_loop_add_timer(connection->loop, time_out, request);
    return request;
}

void nb_queue_run(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                  nb_request_done *done)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT,
                                                      .no_prepare = true};

    struct nb_request *request =
        new_request(connection, nb_sql_queries[id].text, params_take, &options, done, connection);

    request->internal = true;
    run(connection, request);
}

void nb_queue_set_token(struct nb_connection *connection)
{
    static const struct nb_request_options options = {.priority = NB_PRIORITY_ACT,
                                                      .no_prepare = true};
    struct nb_params *params = nb_params_new();

    nb_params_text(params, connection->token ? connection->token : "");
    enqueue(connection,
            new_request(connection, nb_sql_queries[NB_SQL_SESSION_TOKEN].text, params, &options,
                        NULL, NULL),
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
        release(request);
    else if (request->options.retry_on_reconnect && !all)
        enqueue(connection, request, true);
    else
        answer_later(request, err);
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
        answer_later(request, all ? err : &lost);
    }
}

void nb_queue_clear(struct nb_connection *connection)
{
    struct nb_error err;

    nb_error_set(&err, NB_ECANCELLED, NB_DOMAIN_DATABASE, "the connection was closed");
    nb_queue_lost(connection, &err, true);
    tell_answers(connection);
    nb_timer_remove(&connection->answer_timer);
    nb_timer_remove(&connection->cancel_timer);
    nb_statements_free(&connection->statements);
    nb_vec_clear(&connection->waiting);
    nb_vec_clear(&connection->answers);
}

/* ---- asking ---- */

static struct nb_request *submit(struct nb_connection *connection, struct nb_request *request)
{
    bool stays = request->options.waits_for_connection || request->options.retry_on_reconnect;
    bool disconnected = connection->state != NB_CONNECTION_READY;
    struct nb_error err = connection->error;

    if (request->options.timeout_ms > 0)
        nb_timer_start(request->timeout, request->options.timeout_ms);
    if (connection->state == NB_CONNECTION_FAILED || connection->state == NB_CONNECTION_CLOSED ||
        (disconnected && !stays)) {
        if (err.code == 0)
            nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE,
                         "not connected to the database");
        answer_later(request, &err);
    } else {
        enqueue(connection, request, false);
    }
    return request;
}

struct nb_request *nb_query_text(struct nb_connection *connection, const char *text,
                                 struct nb_params *params_take,
                                 const struct nb_request_options *options, nb_request_done *done,
                                 void *arg)
{
    return submit(connection, new_request(connection, text, params_take, options, done, arg));
}

struct nb_request *nb_query(struct nb_connection *connection, enum nb_sql id,
                            struct nb_params *params_take, const struct nb_request_options *options,
                            nb_request_done *done, void *arg)
{
    return nb_query_text(connection, nb_sql_queries[id].text, params_take, options, done, arg);
}

/* ---- asking and waiting ---- */

struct waiter {
    struct nb_result *result;
    struct nb_error err;
    bool answered;
};

static void wake(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct waiter *waiter = arg;

    waiter->answered = true;
    if (err) {
        waiter->err = *err;
        return;
    }
    waiter->result = nb_calloc(1, sizeof(*waiter->result));
    waiter->result->pg = result->pg;
    result->pg = NULL; /* taken */
}

static int wait_for(struct nb_request *request, struct waiter *waiter, struct nb_result **out,
                    struct nb_error *err)
{
    struct nb_loop *loop = request->connection->loop;
    int rc = 0;

    while (!waiter->answered && rc == 0)
        rc = nb_loop_turn(loop, -1, err);
    if (rc != 0) {
        nb_request_abandon(&request);
        return rc;
    }
    if (waiter->err.code != 0) {
        if (err)
            *err = waiter->err;
        return waiter->err.code;
    }
    if (out)
        *out = waiter->result;
    else
        nb_result_free(&waiter->result);
    return 0;
}

static const struct nb_request_options waiting_options = {.priority = NB_PRIORITY_ACT,
                                                          .waits_for_connection = true};

int nb_query_text_wait(struct nb_connection *connection, const char *text,
                       struct nb_params *params_take, struct nb_result **out, struct nb_error *err)
{
    struct waiter waiter = {0};

    if (out)
        *out = NULL;
    return wait_for(nb_query_text(connection, text, params_take, &waiting_options, wake, &waiter),
                    &waiter, out, err);
}

int nb_query_wait(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                  struct nb_result **out, struct nb_error *err)
{
    return nb_query_text_wait(connection, nb_sql_queries[id].text, params_take, out, err);
}

int nb_query_script_wait(struct nb_connection *connection, const char *script, struct nb_error *err)
{
    struct waiter waiter = {0};
    struct nb_request *request =
        new_request(connection, script, NULL, &waiting_options, wake, &waiter);

    request->script = true;
    return wait_for(submit(connection, request), &waiter, NULL, err);
}
