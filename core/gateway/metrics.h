/*
 * metrics.h - what is counted, and its text for Prometheus.
 */
#ifndef NB_GATEWAY_METRICS_H
#define NB_GATEWAY_METRICS_H

#include "base/strbuf.h"
#include "gateway/pool.h"
#include "gateway/route.h"

struct gateway_metrics;

struct gateway_metrics *gateway_metrics_new(void);
void gateway_metrics_free(struct gateway_metrics **metrics);
/* A request is over. status 0: it was given up by who sent it, or took too long to arrive. */
void gateway_metrics_count(struct gateway_metrics *metrics, const struct gateway_request *request, int64_t took_ms);
/* An HTTP connection came to its end because it was too slow. */
void gateway_metrics_late(struct gateway_metrics *metrics);
void gateway_metrics_write(struct nb_strbuf *out, const struct gateway_metrics *metrics,
                           const struct gateway_pool_figures *pool, size_t connections);

#endif
