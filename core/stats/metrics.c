/*
 * metrics.c - the statistics as Prometheus reads them: the text exposition format 0.0.4.
 */
#include "stats/stats.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_LIMIT ((size_t)256 * 1024 * 1024)

enum column { METRIC, PART, TENANT, LABEL, SECOND, BOUND, VALUE };

/* In the order in which the database answers, which is that of their names. */
static const struct metric {
    const char *name, *type, *help;
    const char *label, *second; /* the names of its labels beside tenant; NULL: it has none */
} metrics[] = {
    {"app_events_dead", "gauge", "App events that were given up, counted up to 100000.", NULL, NULL},
    {"app_events_oldest_seconds", "gauge", "How long the app event waits that has been due longest.", NULL, NULL},
    {"app_events_waiting", "gauge", "App events that are due, counted up to 100000.", NULL, NULL},
    {"dead_letters", "gauge", "Deliveries that were given up, counted up to 100000.", NULL, NULL},
    {"deliveries_total", "counter",
     "Deliveries by what became of them: sent, delivered, failed, bounced; retried: tries that will be repeated.",
     "channel", "outcome"},
    {"delivery_queue", "gauge", "Deliveries that wait to be sent or are being sent, counted up to 100000.", "channel",
     "state"},
    {"delivery_queue_oldest_seconds", "gauge", "How long the delivery waits that has been due longest.", "channel",
     NULL},
    {"delivery_seconds", "histogram", "How long deliveries took from the queue to their provider.", "channel", NULL},
    {"event_acknowledge_seconds", "histogram", "How long it took until events were acknowledged.", NULL, NULL},
    {"event_resolve_seconds", "histogram", "How long it took until events were resolved.", NULL, NULL},
    {"events_open", "gauge", "Open events, counted up to 100000.", "severity", NULL},
    {"events_total", "counter", "Events that were raised.", "severity", NULL},
    {"notifications_total", "counter", "Notifications that were stored.", NULL, NULL},
    {"worker_heartbeat_timestamp_seconds", "gauge", "When each worker last gave a sign of life.", "worker", "host"},
    {"workers", "gauge", "Workers that are at work, and those that are gone without having said so.", "state", NULL},
};

static const struct metric *find(const char *name)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(metrics); i++)
        if (strcmp(metrics[i].name, name) == 0)
            return &metrics[i];
    return NULL;
}

/* Label by label within the braces. Backslash, quote and newline are escaped, and nothing else may be. */
static void write_label(struct nb_strbuf *out, char *separator, const char *name, const char *value)
{
    nb_strbuf_appendf(out, "%c%s=\"", *separator, name);
    *separator = ',';
    for (; *value != '\0'; value++)
        switch (*value) {
        case '\\':
            nb_strbuf_append(out, "\\\\");
            break;
        case '"':
            nb_strbuf_append(out, "\\\"");
            break;
        case '\n':
            nb_strbuf_append(out, "\\n");
            break;
        default:
            nb_strbuf_append_char(out, *value);
        }
    nb_strbuf_append_char(out, '"');
}

static void write_series(struct nb_strbuf *out, const struct metric *metric, const struct nb_result *result, size_t row)
{
    const char *part = nb_result_text(result, row, PART), *bound = nb_result_text(result, row, BOUND);
    const char *const names[] = {"tenant", metric->label, metric->second};
    const int columns[] = {TENANT, LABEL, SECOND};
    char separator = '{';

    nb_strbuf_appendf(out, "nightbell_%s%s%s", metric->name, strcmp(part, "value") == 0 ? "" : "_",
                      strcmp(part, "value") == 0 ? "" : part);
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++)
        if (names[i] && !nb_result_is_null(result, row, columns[i]))
            write_label(out, &separator, names[i], nb_result_text(result, row, columns[i]));
    if (bound)
        write_label(out, &separator, "le", strcmp(bound, "Infinity") == 0 ? "+Inf" : bound);
    nb_strbuf_appendf(out, "%s %s\n", separator == ',' ? "}" : "", nb_result_text(result, row, VALUE));
}

static void write_all(struct nb_strbuf *out, const struct nb_result *result)
{
    const struct metric *last = NULL;

    for (size_t row = 0; row < nb_result_rows(result); row++) {
        const struct metric *metric = find(nb_result_text(result, row, METRIC));

        if (!metric) /* a newer database has more */
            continue;
        if (metric != last)
            nb_strbuf_appendf(out, "# HELP nightbell_%s %s\n# TYPE nightbell_%s %s\n", metric->name, metric->help,
                              metric->name, metric->type);
        last = metric;
        write_series(out, metric, result, row);
    }
}

struct metrics_call {
    nb_stats_metrics_done *done;
    void *arg;
};

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct metrics_call *call = arg;
    struct nb_error problem = {0};
    struct nb_strbuf text;

    nb_strbuf_init(&text, TEXT_LIMIT);
    if (!err) {
        write_all(&text, result);
        if (nb_strbuf_check(&text, "the metrics", &problem) < 0)
            err = &problem;
    }
    call->done(call->arg, err ? NULL : text.data, err);
    nb_strbuf_clear(&text);
}

struct nb_request *nb_stats_metrics_fetch(struct nb_connection *connection, const char *tenant,
                                          nb_stats_metrics_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct metrics_call *call = nb_calloc(1, sizeof(*call));
    struct nb_params *params = nb_params_new();

    nb_params_text(params, tenant);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_STATS_METRICS, params, &options, answered, call);
}
