/*
 * stats.h - the statistics, for operators: what happened in a period, and how things stand. The database counts
 * (functions/272_stats.sql); here its document becomes a struct, and its series the text that Prometheus reads.
 */
#ifndef NB_STATS_STATS_H
#define NB_STATS_STATS_H

#include <jansson.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "db/query.h"
#include "model/event.h"

#define NB_STATS_SEVERITIES 4
#define NB_STATS_AGES       4 /* within an hour, a day, a week, older */
#define NB_STATS_MINUTES    60

#define NB_STATS_UNKNOWN (-1) /* for each number: there is none */

extern const char *const nb_stats_periods[]; /* "1h" "24h" "7d" "30d", ends with NULL */
#define NB_STATS_PERIOD_COUNT   4
#define NB_STATS_PERIOD_DEFAULT 1

/* How long something took, in seconds. */
struct nb_stats_length {
    int64_t count;
    double median, p95;
};

struct nb_stats_bucket {
    int64_t at;
    int64_t raised[NB_STATS_SEVERITIES];
};

struct nb_stats_channel {
    const char *name;
    int64_t sent, delivered, failed, bounced, retried;
    double success; /* from 0 to 1 */
    struct nb_stats_length latency;
    int64_t waiting, sending;
    double oldest; /* seconds */
};

struct nb_stats_worker {
    const char *name, *host, *version;
    int64_t heartbeat_at;
    bool alive;
};

struct nb_stats {
    int64_t at, since, step_ms;
    const char *period, *tenant; /* tenant NULL: all of them */
    const struct nb_stats_bucket *buckets;
    size_t bucket_count;
    int64_t raised[NB_STATS_SEVERITIES];
    int64_t open[NB_STATS_SEVERITIES][NB_STATS_AGES];
    bool open_is_more; /* than are counted */
    struct nb_stats_length acknowledged, resolved;
    int64_t notified;  /* unknown: nobody counts them, since no worker is at work */
    double per_minute; /* in the last five minutes that are over */
    int64_t minutes[NB_STATS_MINUTES];
    const struct nb_stats_channel *channels;
    size_t channel_count;
    int64_t waiting, sending;
    double oldest;
    bool queue_is_more;
    int64_t dead, dead_app_events; /* the latter unknown to those who see one tenant only; so are the next two */
    bool dead_is_more;
    int64_t app_events_waiting;
    double app_events_oldest;
    int64_t alive, gone, heartbeat_at;     /* workers; NB_TIME_NONE: there was none */
    const struct nb_stats_worker *workers; /* of all tenants only */
    size_t worker_count;
    const json_t *document; /* what the texts are borrowed from */
};

/* done gets them, borrowed for the duration of the call; tenant: a name or an id, NULL: one's own, or all. */
typedef void nb_stats_done(void *arg, const struct nb_stats *stats, const struct nb_error *err);
struct nb_request *nb_stats_fetch(struct nb_connection *connection, const char *period, const char *tenant,
                                  nb_stats_done *done, void *arg);
struct nb_stats *nb_stats_copy(const struct nb_stats *stats);
void nb_stats_free(struct nb_stats **stats);

/* The series in Prometheus' text exposition format, which is not to be sanitised. */
typedef void nb_stats_metrics_done(void *arg, const char *text, const struct nb_error *err);
struct nb_request *nb_stats_metrics_fetch(struct nb_connection *connection, const char *tenant,
                                          nb_stats_metrics_done *done, void *arg);

/* ---- as people read it ---- */

#define NB_STATS_TEXT_SIZE 24

/* "12ms" "4.2s" "4m10s" "3h05m" "2d4h"; "-" where it is unknown. */
const char *nb_stats_duration(double seconds, char text[NB_STATS_TEXT_SIZE]);
/* "1,234,567", or with `more` "100,000+"; "-" where it is unknown. */
const char *nb_stats_number(int64_t n, bool more, char text[NB_STATS_TEXT_SIZE]);
/* "98.7%", and never 100% where something failed. */
const char *nb_stats_share(double share, char text[NB_STATS_TEXT_SIZE]);
int64_t nb_stats_total(const int64_t counts[], size_t count);
int64_t nb_stats_open_aged(const struct nb_stats *stats, size_t age); /* of all severities */

#endif
