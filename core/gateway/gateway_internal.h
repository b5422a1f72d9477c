/*
 * gateway_internal.h - what one gateway consists of. For the files of this folder that serve all of it.
 */
#ifndef NB_GATEWAY_GATEWAY_INTERNAL_H
#define NB_GATEWAY_GATEWAY_INTERNAL_H

#include "gateway/bearer.h"
#include "gateway/gateway.h"
#include "gateway/listen.h"
#include "gateway/metrics.h"
#include "gateway/pool.h"
#include "gateway/server.h"

struct gateway {
    struct nb_loop *loop;
    struct gateway_pool *pool;
    struct gateway_tokens *tokens;
    struct gateway_metrics *metrics;
    struct gateway_listener listener;
    struct gateway_server *server;
    char *metrics_token; /* NULL: /metrics is for this host */
    bool stopping;
};

#endif
