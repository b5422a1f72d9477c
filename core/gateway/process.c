/*
 * process.c - the routes of the process itself: whether it lives, whether it can serve, and what it has counted.
 */
#include "db/server_query.h"
#include "gateway/gateway_internal.h"
#include "gateway/problem.h"

static int tell_health(struct gateway_request *request, struct nb_error *err)
{
    (void)err;
    nb_strbuf_append(&request->answer, "{\"status\":\"ok\"}\n");
    gateway_answer(request, 200, GATEWAY_JSON);
    return NB_OK;
}

static int ask_ready(struct gateway_request *request, struct nb_error *err)
{
    (void)err;
    request->step[0] = nb_chain_add_text(request->chain, nb_server_queries[NB_SERVER_SQL_GATEWAY_READY].text, NULL);
    return NB_OK;
}

static int tell_ready(struct gateway_request *request, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_chain_result(request->chain, request->step[0], &result, err);

    if (rc == NB_OK && !nb_result_bool(result, 0, 0))
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "a session still has the token of a request");
    nb_result_free(&result);
    if (rc < 0)
        return rc;
    nb_strbuf_append(&request->answer, "{\"status\":\"ready\"}\n");
    gateway_answer(request, 200, GATEWAY_JSON);
    return NB_OK;
}

static int tell_metrics(struct gateway_request *request, struct nb_error *err)
{
    const struct gateway *gateway = request->gateway;
    struct gateway_pool_figures pool;

    (void)err;
    gateway_pool_read(gateway->pool, &pool);
    gateway_metrics_write(&request->answer, gateway->metrics, &pool, gateway_server_connections(gateway->server));
    gateway_answer(request, 200, "text/plain; version=0.0.4; charset=utf-8");
    return NB_OK;
}

const struct gateway_route gateway_process_routes[] = {
    {.method = "GET", .path = "/healthz", .door = GATEWAY_OPEN, .tell = tell_health},
    {.method = "GET", .path = "/readyz", .door = GATEWAY_OPEN, .ask = ask_ready, .tell = tell_ready},
    {.method = "GET", .path = "/metrics", .door = GATEWAY_METRICS, .tell = tell_metrics},
    {NULL},
};
