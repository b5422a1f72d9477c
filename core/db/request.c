/*
 * request.c - the life of one request: queued, cancelled, abandoned or timed out, and answered exactly once.
 */
#include "config.h"

#include <string.h>

#include "db/connection_internal.h"
#include "db/failure.h"

static void dispose_argument(struct nb_request *request)
{
    void (*dispose)(void *arg) = request->options.dispose;

    request->options.dispose = NULL;
    if (dispose)
        dispose(request->arg);
}

void nb_request_call_back(struct nb_request *request, struct nb_result *result, const struct nb_error *err)
{
    nb_request_done *done = request->done;

    if (!done)
        return;
    request->done = NULL;
    done(request->arg, result, err);
    dispose_argument(request);
}

bool nb_request_goes_ahead(const struct nb_request *request)
{
    return request->options.only_reads && request->connection->reads_ahead && !request->chain && !request->script;
}

bool nb_request_stays(const struct nb_request *request)
{
    return request->options.waits_for_connection || request->options.retry_on_reconnect ||
           nb_request_goes_ahead(request);
}

void nb_request_release(struct nb_request *request)
{
    if (request->running || request->answering)
        return;
    dispose_argument(request);
    if (request->chain)
        nb_chain_released(request->chain);
    nb_timer_remove(&request->timeout);
    nb_params_free(&request->params);
    PQclear(request->result);
    nb_vec_clear(&request->parts);
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

void nb_request_enqueue(struct nb_connection *connection, struct nb_request *request, bool first_of_equals)
{
    size_t at = 0;

    while (at < connection->waiting.count) {
        enum nb_priority other = connection->waiting.data[at]->options.priority;
        if (other < request->options.priority || (first_of_equals && other == request->options.priority))
            break;
        at++;
    }
    nb_vec_insert(&connection->waiting, at, request);
}

void nb_request_answer_later(struct nb_request *request, const struct nb_error *err)
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

void nb_queue_tell_answers(void *arg)
{
    struct nb_connection *connection = arg;

    /* A callback may add further answers, and may turn the loop, which calls this function again. */
    while (connection->answers.count > 0) {
        struct nb_request *request = connection->answers.data[0];
        nb_vec_remove(&connection->answers, 0);
        nb_request_call_back(request, NULL, &request->error);
        request->answering = false;
        nb_request_release(request);
    }
}

/* Answers the request with err and cancels it on the server, whose answer is then ignored. */
static void give_up(struct nb_request *request, const struct nb_error *err)
{
    if (request->settled)
        return;
    if (request->running)
        nb_flight_cancel(request);
    else
        withdraw(request->connection, request);
    nb_request_answer_later(request, err);
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
    /* Called from the request's own callback: there is nothing to abandon, and arg is still in use. */
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

struct nb_request *nb_request_new(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                  const struct nb_request_options *options, nb_request_done *done, void *arg)
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
