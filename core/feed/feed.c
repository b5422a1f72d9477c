/*
 * feed.c - from doorbells to "look again".
 *
 * With every session the feed listens, then pings itself; the answer to the ping proves that bells
 * arrive (LIVE). Where it does not come, the feed polls, and goes on trying. While bells are the
 * only source of news and none came for a while, it pings again: a proxy may lose the backend that
 * listens without telling anybody.
 */
#include "feed/feed.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/vec.h"

#define COALESCE_MS      50
#define LOOK_AGAIN_MS    30000
#define POLL_MS          2000
#define PING_EVERY_MS    15000
#define PING_PATIENCE_MS 3000
#define SUSPEND_WAIT_MS  500

struct channel {
    char *name;
    unsigned subjects; /* 0: the ping channel */
};

struct nb_feed {
    struct nb_connection *connection;
    struct nb_feed_options options;
    nb_feed_changed *changed;
    nb_feed_mode_changed *mode_changed;
    void *arg;

    enum nb_feed_mode mode;
    struct nb_connection_observer observer;
    NB_VEC(struct channel) channels;
    struct nb_request *listening; /* in flight */
    struct nb_request *pinging;
    struct nb_request *unlistening;
    uint64_t ping_number; /* of the ping that is awaited; 0: none */
    uint64_t pings;
    bool heard; /* a bell or a ping since the last check */

    unsigned pending; /* subjects rung for while coalescing */
    bool pending_resync;
    struct nb_timer
        *coalesce; /* runs for a while after each call: what rings meanwhile waits for its end */
    struct nb_timer *look_again; /* or poll */
    struct nb_timer *ping; /* time for the next one, or patience with the one that is under way */
};

static void feed_listen(struct nb_feed *feed);

static void set_mode(struct nb_feed *feed, enum nb_feed_mode mode)
{
    if (feed->mode == mode)
        return;
    feed->mode = mode;
    if (feed->mode_changed)
        feed->mode_changed(feed->arg, mode);
}

static bool is_running(const struct nb_feed *feed)
{
    return feed->mode == NB_FEED_STARTING || feed->mode == NB_FEED_LIVE ||
           feed->mode == NB_FEED_POLLING;
}

/* ---- calls to the owner ---- */

static void schedule_look(struct nb_feed *feed)
{
    if (is_running(feed))
        nb_timer_start(feed->look_again, feed->mode == NB_FEED_POLLING
                                             ? feed->options.poll_ms
                                             : feed->options.look_again_ms);
}

static void deliver(struct nb_feed *feed)
{
    unsigned subjects = feed->pending;
    bool resync = feed->pending_resync;

    if (subjects == 0)
        return;
    feed->pending = 0;
    feed->pending_resync = false;
    nb_timer_start(feed->coalesce, feed->options.coalesce_ms);
    schedule_look(feed);
    feed->changed(feed->arg, subjects, resync);
}

/* The first bell is told at once; those that follow within the time are told together. */
static void rung(struct nb_feed *feed, unsigned subjects, bool resync)
{
    feed->pending |= subjects;
    feed->pending_resync |= resync;
    if (!nb_timer_active(feed->coalesce))
        deliver(feed);
}

static void coalesce_over(void *arg)
{
    deliver(arg);
}

static void look_again_due(void *arg)
{
    struct nb_feed *feed = arg;

    rung(feed, NB_FEED_ALL, false);
    schedule_look(feed);
}

/* ---- the ping ---- */

static const char *ping_channel(const struct nb_feed *feed)
{
    for (size_t i = 0; i < feed->channels.count; i++) {
        if (feed->channels.data[i].subjects == 0)
            return feed->channels.data[i].name;
    }
    return NULL;
}

static void ping_sent(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)result;
    (void)err; /* a lost connection is told by its state; anything else by the answer that does not
                  come */
    feed->pinging = NULL;
}

/* The number tells this session's ping from those of the same person's other sessions. */
static void send_ping(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    const char *channel = ping_channel(feed);
    struct nb_params *params;
    char *payload;

    if (!channel || feed->pinging)
        return;
    feed->ping_number = (uint64_t)(uint32_t)nb_connection_backend_pid(feed->connection) << 24 |
                        (++feed->pings & 0xffffff);
    payload = nb_asprintf("{\"v\":1,\"kind\":\"ping\",\"op\":\"ping\",\"n\":%" PRIu64 "}",
                          feed->ping_number);
    params = nb_params_new();
    nb_params_text(params, channel);
    nb_params_text(params, payload);
    free(payload);
    feed->pinging = nb_query(feed->connection, NB_SQL_FEED_PING, params, &options, ping_sent, feed);
    nb_timer_start(feed->ping, feed->options.ping_patience_ms);
}

static void ping_answered(struct nb_feed *feed)
{
    feed->ping_number = 0;
    nb_timer_start(feed->ping, feed->options.ping_ms);
    if (feed->mode == NB_FEED_POLLING || feed->mode == NB_FEED_STARTING) {
        set_mode(feed, NB_FEED_LIVE);
        schedule_look(feed);
    }
}

/* Either an answer is overdue, or it is time to find out again. */
static void ping_due(void *arg)
{
    struct nb_feed *feed = arg;
    bool overdue = feed->ping_number != 0;

    if (!is_running(feed))
        return;
    if (overdue) {
        feed->ping_number = 0;
        set_mode(feed, NB_FEED_POLLING);
        schedule_look(feed);
        nb_timer_start(feed->ping, feed->options.ping_ms);
    } else if (feed->mode == NB_FEED_LIVE && feed->heard) {
        feed->heard = false; /* bells came: they are their own proof */
        nb_timer_start(feed->ping, feed->options.ping_ms);
    } else if (feed->mode == NB_FEED_POLLING) {
        feed_listen(feed);
    } else {
        send_ping(feed);
    }
}

/* ---- bells ---- */

static void handle_payload(struct nb_feed *feed, const struct channel *channel, const char *payload)
{
    json_auto_t *bell = json_loads(payload, 0, NULL);
    const char *kind = json_string_value(json_object_get(bell, "kind"));
    const char *op = json_string_value(json_object_get(bell, "op"));
    json_int_t n = json_integer_value(json_object_get(bell, "n"));

    if (channel->subjects == 0) {
        if (feed->ping_number != 0 && (uint64_t)n == feed->ping_number)
            ping_answered(feed);
        return;
    }
    feed->heard = true;
    /* A payload that cannot be understood is a bell all the same. */
    rung(feed, channel->subjects,
         (kind && strcmp(kind, "resync") == 0) || (op && strcmp(op, "resync") == 0));
}

static void feed_notified(void *arg, const char *name, const char *payload)
{
    struct nb_feed *feed = arg;

    if (!is_running(feed))
        return;
    for (size_t i = 0; i < feed->channels.count; i++) {
        if (strcmp(feed->channels.data[i].name, name) == 0) {
            handle_payload(feed, &feed->channels.data[i], payload);
            return;
        }
    }
}

/* ---- listening ---- */

static void forget_channels(struct nb_feed *feed)
{
    for (size_t i = 0; i < feed->channels.count; i++)
        free(feed->channels.data[i].name);
    feed->channels.count = 0;
}

static unsigned subjects_of(const char *kind)
{
    if (kind && strcmp(kind, "ping") == 0)
        return 0;
    if (kind && strcmp(kind, "event") == 0)
        return NB_FEED_EVENTS;
    if (kind && (strcmp(kind, "notification") == 0 || strcmp(kind, "announcement") == 0))
        return NB_FEED_INBOX;
    return NB_FEED_ALL;
}

/* Listening and looking are in this order: what commits between the two rings, what committed
 * before is seen. */
static void listened(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;
    bool starting = feed->mode == NB_FEED_STARTING;

    feed->listening = NULL;
    if (!is_running(feed))
        return;
    if (err && err->code == NB_EUNREACHABLE)
        return;
    forget_channels(feed);
    for (size_t i = 0; result && i < nb_result_rows(result); i++) {
        struct channel channel = {nb_strdup(nb_result_text(result, i, 0)),
                                  subjects_of(nb_result_text(result, i, 1))};

        nb_vec_push(&feed->channels, channel);
    }
    if (starting)
        rung(feed, NB_FEED_ALL, true);
    if (ping_channel(feed)) {
        send_ping(feed);
    } else {
        /* Nobody (yet), or an identity without bells: polling costs little and picks up a token
         * that becomes valid. */
        set_mode(feed, NB_FEED_POLLING);
        schedule_look(feed);
        nb_timer_start(feed->ping, feed->options.ping_ms);
    }
}

static void feed_listen(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    if (!feed->listening)
        feed->listening =
            nb_query(feed->connection, NB_SQL_FEED_LISTEN, NULL, &options, listened, feed);
}

static void stop_everything(struct nb_feed *feed)
{
    nb_timer_stop(feed->coalesce);
    nb_timer_stop(feed->look_again);
    nb_timer_stop(feed->ping);
    if (feed->listening)
        nb_request_abandon(&feed->listening);
    if (feed->pinging)
        nb_request_abandon(&feed->pinging);
    feed->ping_number = 0;
    feed->pending = 0;
    feed->pending_resync = false;
    forget_channels(feed);
}

static void feed_state_changed(void *arg, enum nb_connection_state state,
                               const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)err;
    if (feed->mode == NB_FEED_SUSPENDED)
        return;
    if (state == NB_CONNECTION_READY) {
        set_mode(feed, NB_FEED_STARTING);
        schedule_look(feed);
        feed_listen(feed);
    } else if (feed->mode != NB_FEED_OFF) {
        stop_everything(feed);
        set_mode(feed, NB_FEED_OFF);
    }
}

/* ---- the interface ---- */

static int64_t or_default(int64_t value, int64_t otherwise)
{
    return value > 0 ? value : otherwise;
}

static void set_options(struct nb_feed *feed, const struct nb_feed_options *options)
{
    static const struct nb_feed_options defaults;

    if (!options)
        options = &defaults;
    feed->options.coalesce_ms = or_default(options->coalesce_ms, COALESCE_MS);
    feed->options.look_again_ms = or_default(options->look_again_ms, LOOK_AGAIN_MS);
    feed->options.poll_ms = or_default(options->poll_ms, POLL_MS);
    feed->options.ping_ms = or_default(options->ping_ms, PING_EVERY_MS);
    feed->options.ping_patience_ms = or_default(options->ping_patience_ms, PING_PATIENCE_MS);
}

int nb_feed_new(struct nb_feed **out, struct nb_connection *connection,
                const struct nb_feed_options *options, nb_feed_changed *changed,
                nb_feed_mode_changed *mode_changed, void *arg, struct nb_error *err)
{
    struct nb_loop *loop = nb_connection_loop(connection);
    struct nb_feed *feed = nb_calloc(1, sizeof(*feed));

    (void)err;
    feed->connection = connection;
    set_options(feed, options);
    feed->changed = changed;
    feed->mode_changed = mode_changed;
    feed->arg = arg;
    feed->coalesce = nb_loop_add_timer(loop, coalesce_over, feed);
    feed->look_again = nb_loop_add_timer(loop, look_again_due, feed);
    feed->ping = nb_loop_add_timer(loop, ping_due, feed);
    feed->observer = (struct nb_connection_observer){feed_state_changed, feed_notified, feed};
    nb_connection_observe(connection, &feed->observer);
    *out = feed;
    if (nb_connection_state(connection) == NB_CONNECTION_READY)
        feed_state_changed(feed, NB_CONNECTION_READY, NULL);
    return 0;
}

void nb_feed_free(struct nb_feed **out)
{
    struct nb_feed *feed = *out;

    if (!feed)
        return;
    stop_everything(feed);
    if (feed->unlistening)
        nb_request_abandon(&feed->unlistening);
    nb_connection_unobserve(feed->connection, &feed->observer);
    nb_timer_remove(&feed->coalesce);
    nb_timer_remove(&feed->look_again);
    nb_timer_remove(&feed->ping);
    nb_vec_clear(&feed->channels);
    nb_free(out);
}

enum nb_feed_mode nb_feed_mode(const struct nb_feed *feed)
{
    return feed->mode;
}

static void unlistened(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)result;
    (void)err;
    feed->unlistening = NULL;
}

void nb_feed_suspend(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    int64_t deadline = nb_monotonic_ms() + SUSPEND_WAIT_MS;
    bool connected = nb_connection_state(feed->connection) == NB_CONNECTION_READY;

    if (feed->mode == NB_FEED_SUSPENDED)
        return;
    stop_everything(feed);
    set_mode(feed, NB_FEED_SUSPENDED);
    if (!connected)
        return;
    feed->unlistening =
        nb_query(feed->connection, NB_SQL_FEED_UNLISTEN, NULL, &options, unlistened, feed);
    while (feed->unlistening) {
        int64_t left = deadline - nb_monotonic_ms();

        if (left <= 0 || nb_loop_turn(nb_connection_loop(feed->connection), left, NULL) < 0)
            break;
    }
}

void nb_feed_resume(struct nb_feed *feed)
{
    if (feed->mode != NB_FEED_SUSPENDED)
        return;
    if (feed->unlistening)
        nb_request_abandon(&feed->unlistening);
    set_mode(feed, NB_FEED_OFF);
    if (nb_connection_state(feed->connection) == NB_CONNECTION_READY)
        feed_state_changed(feed, NB_CONNECTION_READY, NULL);
}
