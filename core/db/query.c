/*
 * query.c - runs statements: with a callback, or by turning the loop until the answer is there.
 */
#include "config.h"

#include "db/connection_internal.h"
#include "db/result.h"

struct nb_request *nb_request_submit(struct nb_connection *connection, struct nb_request *request)
{
    bool stays = nb_request_stays(request);
    bool disconnected = connection->state != NB_CONNECTION_READY;
    struct nb_error err = connection->error;

    if (request->options.timeout_ms > 0)
        nb_timer_start(request->timeout, request->options.timeout_ms);
    if (connection->state == NB_CONNECTION_FAILED || connection->state == NB_CONNECTION_CLOSED ||
        (disconnected && !stays)) {
        if (err.code == 0)
            nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "not connected to the database");
        nb_request_answer_later(request, &err);
    } else {
        nb_request_enqueue(connection, request, false);
    }
    return request;
}

struct nb_request *nb_query_text(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                 const struct nb_request_options *options, nb_request_done *done, void *arg)
{
    return nb_request_submit(connection, nb_request_new(connection, text, params_take, options, done, arg));
}

struct nb_request *nb_query(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                            const struct nb_request_options *options, nb_request_done *done, void *arg)
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

static int wait_for(struct nb_request *request, struct waiter *waiter, struct nb_result **out, struct nb_error *err)
{
    struct nb_loop *loop = request->connection->loop;
    int rc = 0;

    while (!waiter->answered && rc == 0)
        rc = nb_loop_turn(loop, -1, err);
    if (rc != 0) {
        if (!waiter->answered)
            nb_request_abandon(&request);
        nb_result_free(&waiter->result);
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

static const struct nb_request_options waiting_options = {.priority = NB_PRIORITY_ACT, .waits_for_connection = true};

int nb_query_text_wait(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                       struct nb_result **out, struct nb_error *err)
{
    struct waiter waiter = {0};

    if (out)
        *out = NULL;
    return wait_for(nb_query_text(connection, text, params_take, &waiting_options, wake, &waiter), &waiter, out, err);
}

int nb_query_wait(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                  struct nb_result **out, struct nb_error *err)
{
    return nb_query_text_wait(connection, nb_sql_queries[id].text, params_take, out, err);
}

int nb_query_script_wait(struct nb_connection *connection, const char *script, struct nb_error *err)
{
    struct waiter waiter = {0};
    struct nb_request *request = nb_request_new(connection, script, NULL, &waiting_options, wake, &waiter);

    request->script = true;
    return wait_for(nb_request_submit(connection, request), &waiter, NULL, err);
}
