/*
 * metrics.c - counters of requests by route and status, and how long they took.
 */
#include "gateway/metrics.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/vec.h"

/* Upper bounds in milliseconds; one more for what took longer. */
static const int bounds[] = {1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000};

struct counter {
    const struct gateway_route *route; /* NULL: none was found */
    int status;
    int64_t count;
};

struct gateway_metrics {
    NB_VEC(struct counter) counters;
    int64_t took[NB_ARRAY_SIZE(bounds) + 1];
    int64_t took_ms, requests, aborted, late;
};

struct gateway_metrics *gateway_metrics_new(void)
{
    return nb_calloc(1, sizeof(struct gateway_metrics));
}

void gateway_metrics_free(struct gateway_metrics **metrics)
{
    if (*metrics)
        nb_vec_clear(&(*metrics)->counters);
    nb_free(metrics);
}

void gateway_metrics_late(struct gateway_metrics *metrics)
{
    metrics->late++;
}

void gateway_metrics_count(struct gateway_metrics *metrics, const struct gateway_request *request, int64_t took_ms)
{
    struct counter added = {request->route, request->status, 1};
    size_t bucket = 0;

    if (request->status == 0) {
        metrics->aborted++;
        return;
    }
    while (bucket < NB_ARRAY_SIZE(bounds) && took_ms > bounds[bucket])
        bucket++;
    metrics->took[bucket]++;
    metrics->took_ms += took_ms;
    metrics->requests++;
    for (size_t i = 0; i < metrics->counters.count; i++) {
        struct counter *counter = &metrics->counters.data[i];

        if (counter->route == added.route && counter->status == added.status) {
            counter->count++;
            return;
        }
    }
    nb_vec_push(&metrics->counters, added);
}

/* ---- writing ---- */

static void begin(struct nb_strbuf *out, const char *name, const char *type, const char *help)
{
    nb_strbuf_appendf(out, "# HELP nightbell_gateway_%s %s\n# TYPE nightbell_gateway_%s %s\n", name, help, name, type);
}

static void write_one(struct nb_strbuf *out, const char *name, const char *type, const char *help, int64_t value)
{
    begin(out, name, type, help);
    nb_strbuf_appendf(out, "nightbell_gateway_%s %" PRId64 "\n", name, value);
}

static void write_seconds(struct nb_strbuf *out, const char *name, int64_t ms)
{
    nb_strbuf_appendf(out, "nightbell_gateway_%s %" PRId64 ".%03" PRId64 "\n", name, ms / 1000, ms % 1000);
}

static void write_requests(struct nb_strbuf *out, const struct gateway_metrics *metrics)
{
    int64_t sum = 0;

    begin(out, "requests_total", "counter", "Requests that were answered, by route and status.");
    for (size_t i = 0; i < metrics->counters.count; i++) {
        const struct counter *counter = &metrics->counters.data[i];

        nb_strbuf_appendf(out,
                          "nightbell_gateway_requests_total{method=\"%s\",route=\"%s\",status=\"%d\"} %" PRId64 "\n",
                          counter->route ? counter->route->method : "", counter->route ? counter->route->path : "",
                          counter->status, counter->count);
    }
    begin(out, "request_seconds", "histogram", "From the request line to the end of the answer.");
    for (size_t i = 0; i < NB_ARRAY_SIZE(bounds); i++) {
        sum += metrics->took[i];
        nb_strbuf_appendf(out, "nightbell_gateway_request_seconds_bucket{le=\"%d.%03d\"} %" PRId64 "\n",
                          bounds[i] / 1000, bounds[i] % 1000, sum);
    }
    nb_strbuf_appendf(out, "nightbell_gateway_request_seconds_bucket{le=\"+Inf\"} %" PRId64 "\n", metrics->requests);
    write_seconds(out, "request_seconds_sum", metrics->took_ms);
    nb_strbuf_appendf(out, "nightbell_gateway_request_seconds_count %" PRId64 "\n", metrics->requests);
}

void gateway_metrics_write(struct nb_strbuf *out, const struct gateway_metrics *metrics,
                           const struct gateway_pool_figures *pool, size_t connections)
{
    write_requests(out, metrics);
    write_one(out, "requests_aborted_total", "counter", "Requests that ended without an answer.", metrics->aborted);
    write_one(out, "connections_late_total", "counter", "HTTP connections that were closed for being too slow.",
              metrics->late);
    write_one(out, "connections", "gauge", "HTTP connections that are open.", (int64_t)connections);
    begin(out, "sessions", "gauge", "Sessions of the database, by state.");
    nb_strbuf_appendf(out,
                      "nightbell_gateway_sessions{state=\"busy\"} %zu\n"
                      "nightbell_gateway_sessions{state=\"free\"} %zu\n"
                      "nightbell_gateway_sessions{state=\"lost\"} %zu\n",
                      pool->busy, pool->ready > pool->busy ? pool->ready - pool->busy : 0,
                      pool->sessions - pool->ready);
    write_one(out, "waiting", "gauge", "Requests that wait for a session.", (int64_t)pool->waiting);
    write_one(out, "waits_total", "counter", "Requests that had to wait for a session.", pool->waits);
    begin(out, "wait_seconds_total", "counter", "How long they waited in all.");
    write_seconds(out, "wait_seconds_total", pool->waited_ms);
    write_one(out, "rollbacks_total", "counter", "Transactions that failed and were rolled back.", pool->rollbacks);
}
