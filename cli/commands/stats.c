/*
 * stats.c - `nightbell stats`: what happened in a period and how things stand, for operators and for their monitors.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/listing.h"
#include "stats/stats.h"

#define LINE_MAX_BYTES 8192
#define NAME_WIDTH     14

struct asking {
    struct command_call *call;
    bool done;
    struct nb_error err;
};

/* ---- as text: columns under a heading, the same in a pipe but for the colours ---- */

struct table {
    struct output *output;
    struct nb_strbuf line;
};

/* width: 0: as wide as it is; negative: aligned to the left. */
static void cell(struct table *table, const char *text, int width, enum listing_style style)
{
    const char *code = listing_style_code(style, table->output);
    struct nb_strbuf clean;
    int pad;

    nb_strbuf_init(&clean, LINE_MAX_BYTES);
    nb_text_sanitize(&clean, text, SIZE_MAX, NB_TEXT_LINE, output_is_ascii(table->output));
    pad = abs(width) - nb_text_width(clean.data);
    if (table->line.length > 0)
        nb_strbuf_append(&table->line, "  ");
    if (width > 0 && pad > 0)
        nb_strbuf_append_repeat(&table->line, ' ', (size_t)pad);
    nb_strbuf_append(&table->line, code);
    nb_strbuf_append(&table->line, clean.data);
    if (*code)
        nb_strbuf_append(&table->line, "\x1b[0m");
    if (width < 0 && pad > 0)
        nb_strbuf_append_repeat(&table->line, ' ', (size_t)pad);
    nb_strbuf_clear(&clean);
}

static void end_line(struct table *table)
{
    while (table->line.length > 0 && table->line.data[table->line.length - 1] == ' ')
        nb_strbuf_truncate(&table->line, table->line.length - 1);
    nb_strbuf_append_char(&table->line, '\n');
    output_raw(table->output, table->line.data, table->line.length);
    nb_strbuf_reset(&table->line);
}

static void number(struct table *table, int64_t n, bool more, int width, enum listing_style style)
{
    char text[NB_STATS_TEXT_SIZE];

    cell(table, nb_stats_number(n, more, text), width, n > 0 ? style : LISTING_DIM);
}

static void duration(struct table *table, double seconds, int width)
{
    char text[NB_STATS_TEXT_SIZE];

    cell(table, nb_stats_duration(seconds, text), width, seconds < 0 ? LISTING_DIM : LISTING_PLAIN);
}

static void heading(struct table *table, const char *name, const char *const *titles, const int *widths)
{
    cell(table, name, -NAME_WIDTH, LISTING_STRONG);
    for (; *titles; titles++, widths++)
        cell(table, *titles, *widths, LISTING_DIM);
    end_line(table);
}

static const enum listing_style severity_styles[NB_STATS_SEVERITIES] = {LISTING_LOW, LISTING_NOTICE, LISTING_WARNING,
                                                                        LISTING_ALARM};

/* The worst first, as in the lists. */
static void severities(struct table *table, const char *name, const int64_t counts[NB_STATS_SEVERITIES], bool more)
{
    cell(table, name, -NAME_WIDTH, LISTING_PLAIN);
    for (int severity = NB_STATS_SEVERITIES - 1; severity >= 0; severity--)
        number(table, counts[severity], more, 9, severity_styles[severity]);
    number(table, nb_stats_total(counts, NB_STATS_SEVERITIES), more, 9, LISTING_PLAIN);
    end_line(table);
}

static void print_events(struct table *table, const struct nb_stats *stats)
{
    static const char *const titles[] = {"CRITICAL", "HIGH", "MEDIUM", "LOW", "ALL", NULL};
    static const char *const ages[NB_STATS_AGES] = {"open < 1h", "open < 1d", "open < 7d", "open longer"};
    static const char *const lengths[] = {"EVENTS", "MEDIAN", "P95", NULL};
    static const int widths[] = {9, 9, 9, 9, 9};
    const struct {
        const char *name;
        const struct nb_stats_length *length;
    } took[] = {{"acknowledged", &stats->acknowledged}, {"resolved", &stats->resolved}};

    heading(table, "EVENTS", titles, widths);
    severities(table, "raised", stats->raised, false);
    for (size_t age = 0; age < NB_STATS_AGES; age++) {
        int64_t counts[NB_STATS_SEVERITIES];

        for (int severity = 0; severity < NB_STATS_SEVERITIES; severity++)
            counts[severity] = stats->open[severity][age];
        severities(table, ages[age], counts, stats->open_is_more);
    }
    end_line(table);
    heading(table, "TIME TO", lengths, widths);
    for (size_t i = 0; i < NB_ARRAY_SIZE(took); i++) {
        cell(table, took[i].name, -NAME_WIDTH, LISTING_PLAIN);
        number(table, took[i].length->count, false, 9, LISTING_PLAIN);
        duration(table, took[i].length->median, 9);
        duration(table, took[i].length->p95, 9);
        end_line(table);
    }
}

static void print_channel(struct table *table, const struct nb_stats_channel *channel)
{
    char text[NB_STATS_TEXT_SIZE];

    cell(table, channel->name, -NAME_WIDTH, LISTING_PLAIN);
    number(table, channel->sent, false, 9, LISTING_PLAIN);
    number(table, channel->delivered, false, 9, LISTING_PLAIN);
    number(table, channel->failed, false, 7, LISTING_ALARM);
    number(table, channel->bounced, false, 7, LISTING_WARNING);
    cell(table, nb_stats_share(channel->success, text), 7, channel->success < 0 ? LISTING_DIM : LISTING_PLAIN);
    duration(table, channel->latency.median, 7);
    duration(table, channel->latency.p95, 7);
    number(table, channel->waiting, false, 8, LISTING_PLAIN);
    number(table, channel->sending, false, 7, LISTING_PLAIN);
    duration(table, channel->oldest, 7);
    end_line(table);
}

static void print_channels(struct table *table, const struct nb_stats *stats)
{
    static const char *const titles[] = {"SENT", "DELIVERED", "FAILED",  "BOUNCED", "SUCCESS", "P50",
                                         "P95",  "WAITING",   "SENDING", "OLDEST",  NULL};
    static const int widths[] = {9, 9, 7, 7, 7, 7, 7, 8, 7, 7};

    if (stats->channel_count == 0)
        return;
    end_line(table);
    heading(table, "CHANNEL", titles, widths);
    for (size_t i = 0; i < stats->channel_count; i++)
        print_channel(table, &stats->channels[i]);
}

/* "name  value", the rest of the line free. */
static void fact(struct table *table, const char *name, const char *value, enum listing_style style)
{
    cell(table, name, -NAME_WIDTH, LISTING_PLAIN);
    cell(table, value, 0, style);
    end_line(table);
}

static void print_standing(struct table *table, const struct nb_stats *stats)
{
    char n[NB_STATS_TEXT_SIZE], age[NB_STATS_TEXT_SIZE], *text;

    end_line(table);
    if (stats->notified == NB_STATS_UNKNOWN)
        text = nb_strdup("not counted: no worker is at work");
    else
        text = nb_asprintf("%s, %.1f a minute now", nb_stats_number(stats->notified, false, n), stats->per_minute);
    fact(table, "notifications", text, LISTING_PLAIN);
    free(text);
    text = nb_asprintf("%s waiting or being sent%s%s",
                       nb_stats_number(stats->waiting + stats->sending, stats->queue_is_more, n),
                       stats->oldest < 0 ? "" : ", the oldest is due since ",
                       stats->oldest < 0 ? "" : nb_stats_duration(stats->oldest, age));
    fact(table, "queue", text, LISTING_PLAIN);
    free(text);
    if (stats->app_events_waiting != NB_STATS_UNKNOWN) {
        text = nb_asprintf("%s due%s%s", nb_stats_number(stats->app_events_waiting, false, n),
                           stats->app_events_oldest < 0 ? "" : ", the oldest since ",
                           stats->app_events_oldest < 0 ? "" : nb_stats_duration(stats->app_events_oldest, age));
        fact(table, "app events", text, LISTING_PLAIN);
        free(text);
    }
    fact(table, "dead letters", nb_stats_number(stats->dead, stats->dead_is_more, n),
         stats->dead > 0 ? LISTING_ALARM : LISTING_PLAIN);
    if (stats->dead_app_events > 0)
        fact(table, "dead events", nb_stats_number(stats->dead_app_events, false, n), LISTING_ALARM);
}

static void print_workers(struct table *table, const struct nb_stats *stats)
{
    char age[NB_TIME_TEXT_SIZE];
    char *text = nb_asprintf(
        "%lld alive%s%s", (long long)stats->alive, stats->heartbeat_at == NB_TIME_NONE ? "" : ", last heard of ",
        stats->heartbeat_at == NB_TIME_NONE ? "" : nb_time_format_age(stats->heartbeat_at, nb_now(), age));

    fact(table, "workers", text, stats->alive > 0 ? LISTING_PLAIN : LISTING_ALARM);
    free(text);
    if (stats->gone > 0) {
        text = nb_asprintf("%lld gone without a word", (long long)stats->gone);
        fact(table, "", text, LISTING_ALARM);
        free(text);
    }
    for (size_t i = 0; i < stats->worker_count; i++) {
        const struct nb_stats_worker *worker = &stats->workers[i];

        text = nb_asprintf("%s on %s, %s, heard of %s", worker->name, worker->host, worker->alive ? "alive" : "gone",
                           nb_time_format_age(worker->heartbeat_at, nb_now(), age));
        fact(table, "", text, worker->alive ? LISTING_DIM : LISTING_ALARM);
        free(text);
    }
}

static void print_text(struct output *output, const struct nb_stats *stats)
{
    struct table table = {.output = output};
    char since[NB_TIME_TEXT_SIZE];
    char *title = nb_asprintf("%s, the last %s, since %s", stats->tenant ? stats->tenant : "all tenants", stats->period,
                              nb_time_format_local(stats->since, since));

    nb_strbuf_init(&table.line, LINE_MAX_BYTES);
    cell(&table, title, 0, LISTING_STRONG);
    end_line(&table);
    end_line(&table);
    print_events(&table, stats);
    print_channels(&table, stats);
    print_standing(&table, stats);
    print_workers(&table, stats);
    nb_strbuf_clear(&table.line);
    free(title);
}

/* ---- the command ---- */

static void on_stats(void *arg, const struct nb_stats *stats, const struct nb_error *err)
{
    struct asking *asking = arg;

    asking->done = true;
    if (err)
        asking->err = *err;
    else if (output_is_json(asking->call->output))
        output_json_take(asking->call->output, json_incref((json_t *)stats->document));
    else
        print_text(asking->call->output, stats);
}

static void on_metrics(void *arg, const char *text, const struct nb_error *err)
{
    struct asking *asking = arg;

    asking->done = true;
    if (err)
        asking->err = *err;
    else
        output_raw(asking->call->output, text, strlen(text));
}

static int find_period(const char **out, const struct command_call *call, struct nb_error *err)
{
    const char *text = command_text(call, "since");

    *out = nb_stats_periods[NB_STATS_PERIOD_DEFAULT];
    if (!text)
        return NB_OK;
    for (size_t i = 0; nb_stats_periods[i]; i++)
        if (strcmp(nb_stats_periods[i], text) == 0) {
            *out = nb_stats_periods[i];
            return NB_OK;
        }
    return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_NONE, "--since %s: expected 1h, 24h, 7d or 30d", text);
}

static int run_stats(struct command_call *call, struct nb_error *err)
{
    struct asking asking = {.call = call};
    struct nb_connection *connection = NULL;
    const char *period;
    bool prometheus = command_has(call, "prometheus");
    int rc = find_period(&period, call, err);

    if (rc == NB_OK && prometheus && (output_is_json(call->output) || command_has(call, "since")))
        rc = nb_error_set(err, NB_EUSAGE, NB_DOMAIN_NONE, "--prometheus goes with neither --json nor --since");
    if (rc == NB_OK)
        rc = session_connect_for(&connection, call, NB_SUBJECT_DELIVERIES, err);
    if (rc != NB_OK)
        return rc;
    if (prometheus)
        nb_stats_metrics_fetch(connection, command_tenant(call), on_metrics, &asking);
    else
        nb_stats_fetch(connection, period, command_tenant(call), on_stats, &asking);
    rc = fetch_wait(&asking.done, connection, err);
    if (rc == NB_OK && asking.err.code != NB_OK) {
        rc = asking.err.code;
        *err = asking.err;
    }
    return rc;
}

static const struct command_option stats_options[] = {
    {"since", "PERIOD", "what happened in the last 1h, 24h, 7d or 30d (default: 24h)", .values = "1h 24h 7d 30d"},
    {"prometheus", NULL, "print what has been counted since ever, and how things stand, as Prometheus reads it"},
    {NULL},
};

static const char stats_description[] =
    "For operators: events by severity, how many are open and for how long, the time to acknowledge and to resolve, "
    "notifications, and by channel what was sent, delivered, failed and bounced, how long it took from the queue to "
    "the "
    "provider, and what waits. An operator of a tenant is told of that one, a global operator of all, or of --tenant.\n"
    "1h is counted by the minute, the others by the hour, the one that has begun included. Median and 95th percentile "
    "are "
    "found in buckets a quarter apart. More than 100,000 of what stands is 100,000+.\n"
    "--json prints one document, described by docs/schema/stats.json.\n"
    "--prometheus prints the text exposition format for node_exporter's textfile collector: docs/metrics.md.";

static const struct command stats_commands[] = {
    {.arguments = "",
     .synopsis = "[--since PERIOD] [--prometheus]",
     .summary = "what happened lately and how things stand, for operators and their monitors",
     .description = stats_description,
     .options = stats_options,
     .run = run_stats},
    {NULL},
};

const struct command_group stats_group = {
    .name = "stats",
    .summary = "figures of events, deliveries and workers, for operators and their monitors",
    .commands = stats_commands,
};
