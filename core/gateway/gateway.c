/*
 * gateway.c - the life of a gateway.
 */
#include <stdlib.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "db/server_query.h"
#include "gateway/gateway_internal.h"

#define DRAIN_MS          INT64_C(10000)
#define OWN_DESCRIPTORS   64 /* logs, the loop's and the like, beside two a session: its own, and one to cancel by */
#define CONNECTIONS_LEAST 16
#define CONNECTIONS_MOST  65536

int nb_gateway_check_login(struct nb_connection *session, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = nb_server_query_wait(session, NB_SERVER_SQL_GATEWAY_LOGIN, NULL, &result, err);
    const char *problem = rc == NB_OK && nb_result_rows(result) > 0 ? nb_result_text(result, 0, 0) : NULL;

    if (problem) {
        nb_error_set(err, NB_EDENIED, NB_DOMAIN_DATABASE,
                     "the gateway's login %s, and so would be everybody's who asks it", problem);
        rc = nb_error_hint(err, "give it a login of its own that is a member of nightbell_client alone");
    }
    nb_result_free(&result);
    return rc;
}

/* Each connection needs a descriptor: the soft limit is raised to the hard one. */
static size_t connections_at_most(size_t wanted, size_t sessions)
{
    struct rlimit limit;
    size_t possible = CONNECTIONS_LEAST, own = OWN_DESCRIPTORS + 2 * sessions;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur > own + CONNECTIONS_LEAST)
            possible = (size_t)limit.rlim_cur - own;
    }
    if (possible > CONNECTIONS_MOST)
        possible = CONNECTIONS_MOST;
    return wanted > 0 && wanted < possible ? wanted : possible;
}

int nb_gateway_new(struct gateway **out, struct nb_connection *const *sessions, size_t count,
                   const struct nb_gateway_options *options, struct nb_error *err)
{
    struct gateway *gateway = nb_calloc(1, sizeof(*gateway));
    int rc;

    gateway->loop = nb_connection_loop(sessions[0]);
    gateway->pool = gateway_pool_new(sessions, count);
    gateway->tokens = gateway_tokens_new();
    gateway->metrics = gateway_metrics_new();
    gateway->metrics_token = nb_strdup(options->metrics_token);
    rc = gateway_listen(&gateway->listener, options->address, options->path, err);
    if (rc == NB_OK)
        rc = gateway_server_new(&gateway->server, gateway, gateway->loop, &gateway->listener,
                                connections_at_most(options->connections, count), err);
    if (rc < 0)
        nb_gateway_free(&gateway);
    *out = gateway;
    return rc;
}

void nb_gateway_free(struct gateway **out)
{
    struct gateway *gateway = *out;

    if (!gateway)
        return;
    gateway_server_free(&gateway->server);
    gateway_listener_clear(&gateway->listener);
    gateway_pool_free(&gateway->pool);
    gateway_tokens_free(&gateway->tokens);
    gateway_metrics_free(&gateway->metrics);
    free(gateway->metrics_token);
    nb_free(out);
}

const char *nb_gateway_address(const struct gateway *gateway)
{
    return gateway->listener.name;
}

void nb_gateway_stop(struct gateway *gateway)
{
    gateway->stopping = true;
}

static int drain(struct gateway *gateway, struct nb_error *err)
{
    int64_t until = nb_monotonic_ms() + DRAIN_MS;
    int rc = NB_OK;

    nb_log(NB_LOG_INFO, "gateway draining connections=%zu", gateway_server_connections(gateway->server));
    gateway_listener_clear(&gateway->listener); /* now: later, a successor's socket may be there */
    gateway_server_drain(gateway->server);
    while (rc == NB_OK && gateway_server_connections(gateway->server) > 0 && nb_monotonic_ms() < until)
        rc = nb_loop_turn(gateway->loop, until - nb_monotonic_ms(), err);
    if (gateway_server_connections(gateway->server) > 0)
        nb_log(NB_LOG_WARN, "gateway cut=%zu", gateway_server_connections(gateway->server));
    return rc;
}

int nb_gateway_run(struct gateway *gateway, struct nb_error *err)
{
    int rc = NB_OK;

    nb_service_tell("READY=1");
    while (rc == NB_OK && !gateway->stopping)
        rc = nb_loop_turn(gateway->loop, -1, err);
    nb_service_tell("STOPPING=1");
    return rc == NB_OK ? drain(gateway, err) : rc;
}
