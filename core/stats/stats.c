/*
 * stats.c - asks the database for the statistics, and reads its document.
 */
#include "stats/stats.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define SECOND_MS INT64_C(1000)

const char *const nb_stats_periods[] = {"1h", "24h", "7d", "30d", NULL};
static const char *const ages[NB_STATS_AGES] = {"hour", "day", "week", "older"};

/* ---- the document as a struct ---- */

static const char *text_of(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static double real_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return json_is_number(value) ? json_number_value(value) : NB_STATS_UNKNOWN;
}

static int64_t count_of(const json_t *object, const char *name)
{
    return (int64_t)real_of(object, name);
}

static int64_t time_of(const json_t *object, const char *name)
{
    const char *text = text_of(object, name);
    int64_t time;

    return text && nb_time_parse(&time, text, NULL) == NB_OK ? time : NB_TIME_NONE;
}

static struct nb_stats_length length_of(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);

    return (struct nb_stats_length){.count = count_of(value, "count"),
                                    .median = real_of(value, "median_seconds"),
                                    .p95 = real_of(value, "p95_seconds")};
}

static void read_raised(int64_t raised[NB_STATS_SEVERITIES], const json_t *object)
{
    for (int severity = 0; severity < NB_STATS_SEVERITIES; severity++)
        raised[severity] = count_of(object, nb_severity_name((enum nb_severity)severity));
}

static void read_events(struct nb_stats *out, const json_t *events)
{
    const json_t *list = json_object_get(events, "buckets"), *open = json_object_get(events, "open");
    struct nb_stats_bucket *buckets = nb_calloc(json_array_size(list) + 1, sizeof(*buckets));

    for (size_t i = 0; i < json_array_size(list); i++) {
        buckets[i].at = time_of(json_array_get(list, i), "at");
        read_raised(buckets[i].raised, json_array_get(list, i));
    }
    out->buckets = buckets;
    out->bucket_count = json_array_size(list);
    read_raised(out->raised, json_object_get(events, "raised"));
    for (int severity = 0; severity < NB_STATS_SEVERITIES; severity++)
        for (size_t age = 0; age < NB_STATS_AGES; age++)
            out->open[severity][age] =
                count_of(json_object_get(open, nb_severity_name((enum nb_severity)severity)), ages[age]);
    out->open_is_more = json_is_true(json_object_get(events, "open_is_more"));
    out->acknowledged = length_of(events, "acknowledged");
    out->resolved = length_of(events, "resolved");
}

static void read_notifications(struct nb_stats *out, const json_t *notifications)
{
    const json_t *list = json_object_get(notifications, "minutes");

    out->notified = count_of(notifications, "count");
    out->per_minute = real_of(notifications, "per_minute");
    for (size_t i = 0; i < NB_STATS_MINUTES && i < json_array_size(list); i++)
        out->minutes[i] = json_integer_value(json_array_get(list, i));
}

static void read_channels(struct nb_stats *out, const json_t *list)
{
    struct nb_stats_channel *channels = nb_calloc(json_array_size(list) + 1, sizeof(*channels));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i), *queue = json_object_get(item, "queue");

        channels[i] = (struct nb_stats_channel){.name = text_of(item, "channel"),
                                                .sent = count_of(item, "sent"),
                                                .delivered = count_of(item, "delivered"),
                                                .failed = count_of(item, "failed"),
                                                .bounced = count_of(item, "bounced"),
                                                .retried = count_of(item, "retried"),
                                                .success = real_of(item, "success_rate"),
                                                .latency = length_of(item, "latency"),
                                                .waiting = count_of(queue, "waiting"),
                                                .sending = count_of(queue, "sending"),
                                                .oldest = real_of(queue, "oldest_seconds")};
    }
    out->channels = channels;
    out->channel_count = json_array_size(list);
}

static void read_workers(struct nb_stats *out, const json_t *workers)
{
    const json_t *list = json_object_get(workers, "list");
    struct nb_stats_worker *names = nb_calloc(json_array_size(list) + 1, sizeof(*names));

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        names[i] = (struct nb_stats_worker){.name = text_of(item, "name"),
                                            .host = text_of(item, "host"),
                                            .version = text_of(item, "version"),
                                            .heartbeat_at = time_of(item, "heartbeat_at"),
                                            .alive = json_is_true(json_object_get(item, "alive"))};
    }
    out->workers = names;
    out->worker_count = json_array_size(list);
    out->alive = count_of(workers, "alive");
    out->gone = count_of(workers, "gone");
    out->heartbeat_at = time_of(workers, "heartbeat_at");
}

static struct nb_stats *read_take(json_t *document)
{
    struct nb_stats *out = nb_calloc(1, sizeof(*out));
    const json_t *queue = json_object_get(document, "queue"), *dead = json_object_get(document, "dead_letters");
    const json_t *app_events = json_object_get(document, "app_events");

    out->at = time_of(document, "at");
    out->since = time_of(document, "since");
    out->step_ms = count_of(document, "step_seconds") * SECOND_MS;
    out->period = text_of(document, "period");
    out->tenant = text_of(document, "tenant");
    read_events(out, json_object_get(document, "events"));
    read_notifications(out, json_object_get(document, "notifications"));
    read_channels(out, json_object_get(document, "channels"));
    read_workers(out, json_object_get(document, "workers"));
    out->waiting = count_of(queue, "waiting");
    out->sending = count_of(queue, "sending");
    out->oldest = real_of(queue, "oldest_seconds");
    out->queue_is_more = json_is_true(json_object_get(queue, "is_more"));
    out->dead = count_of(dead, "deliveries");
    out->dead_is_more = json_is_true(json_object_get(dead, "is_more"));
    out->dead_app_events = count_of(dead, "app_events");
    out->app_events_waiting = count_of(app_events, "waiting");
    out->app_events_oldest = real_of(app_events, "oldest_seconds");
    out->document = document;
    return out;
}

struct nb_stats *nb_stats_copy(const struct nb_stats *stats)
{
    return read_take(json_incref((json_t *)stats->document));
}

void nb_stats_free(struct nb_stats **out)
{
    struct nb_stats *stats = *out;

    if (!stats)
        return;
    free((void *)stats->buckets);
    free((void *)stats->channels);
    free((void *)stats->workers);
    json_decref((json_t *)stats->document);
    nb_free(out);
}

/* ---- the request ---- */

struct stats_call {
    nb_stats_done *done;
    void *arg;
};

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct stats_call *call = arg;
    struct nb_stats *stats = NULL;
    json_t *document = NULL;
    struct nb_error problem = {0};

    if (!err) {
        const char *text = nb_result_text(result, 0, 0);

        if (nb_json_parse(&document, text, strlen(text), &problem) == NB_OK)
            stats = read_take(document);
        else
            err = &problem;
    }
    call->done(call->arg, stats, err);
    nb_stats_free(&stats);
}

struct nb_request *nb_stats_fetch(struct nb_connection *connection, const char *period, const char *tenant,
                                  nb_stats_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct stats_call *call = nb_calloc(1, sizeof(*call));
    struct nb_params *params = nb_params_new();

    nb_params_text(params, period);
    nb_params_text(params, tenant);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_STATS, params, &options, answered, call);
}
