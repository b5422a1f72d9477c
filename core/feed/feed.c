/*
 * feed.c - from doorbells to "look again".
 *
 * In every session the feed listens, then pings itself; the answer to the ping proves that bells arrive (LIVE). Without
 * an answer the feed polls, and keeps trying. In LIVE it pings again after a time without bells, because a proxy may
 * lose the listening backend silently.
 */
#include "feed/feed_internal.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"

#define COALESCE_MS      50
#define CALLS_AT_ONCE    3
#define LOOK_AGAIN_MS    30000
#define POLL_MS          2000
#define PING_EVERY_MS    15000
#define PING_PATIENCE_MS 3000
#define PING_SOON_MS     1000
#define SUSPEND_WAIT_MS  500

static void set_mode(struct nb_feed *feed, enum nb_feed_mode mode)
{
    if (feed->mode == mode)
        return;
    feed->mode = mode;
    if (feed->mode_changed)
        feed->mode_changed(feed->arg, mode);
}

bool feed_is_running(const struct nb_feed *feed)
{
    return feed->mode == NB_FEED_STARTING || feed->mode == NB_FEED_LIVE || feed->mode == NB_FEED_POLLING;
}

/* ---- calls to the owner ---- */

static void schedule_look(struct nb_feed *feed)
{
    if (feed_is_running(feed))
        nb_timer_start(feed->look_again,
                       feed->mode == NB_FEED_POLLING ? feed->options.poll_ms : feed->options.look_again_ms);
}

static void deliver(struct nb_feed *feed)
{
    unsigned subjects = feed->pending;
    bool resync = feed->pending_resync;

    if (subjects == 0)
        return;
    feed->pending = 0;
    feed->pending_resync = false;
    schedule_look(feed);
    feed->changed(feed->arg, subjects, resync);
}

/* Occasional bells are reported at once; in a long burst, all bells within coalesce_ms give one call. */
void feed_rung(struct nb_feed *feed, unsigned subjects, bool resync)
{
    feed->pending |= subjects;
    feed->pending_resync |= resync;
    if (nb_timer_active(feed->coalesce))
        return;
    if (nb_ration_take(&feed->calls, nb_monotonic_ms()))
        deliver(feed);
    else
        nb_timer_start(feed->coalesce, nb_ration_wait_ms(&feed->calls, nb_monotonic_ms()));
}

static void coalesce_over(void *arg)
{
    struct nb_feed *feed = arg;

    feed_rung(feed, 0, false);
}

static void look_again_due(void *arg)
{
    struct nb_feed *feed = arg;

    feed_rung(feed, NB_SUBJECT_ALL, true); /* changes by the passing of time ring no bell */
    schedule_look(feed);
}

/* ---- the ping ---- */

/* With deferred ringing, the ringing hub may be on another host: only a ping shows that it is gone, so pings are more
 * frequent. */
static void wait_for_ping(struct nb_feed *feed)
{
    int64_t wait = feed->deferred ? feed->options.ping_ms / 3 : feed->options.ping_ms;

    if (feed->ping_soon && wait > PING_SOON_MS)
        wait = PING_SOON_MS;
    feed->ping_soon = false;
    nb_timer_start(feed->ping, wait);
}

/* Sets the mode once it is known whether bells arrive and whether a hub rings. */
static void settle(struct nb_feed *feed, bool arrived)
{
    enum nb_feed_mode mode = arrived && !feed->unrung ? NB_FEED_LIVE : NB_FEED_POLLING;

    wait_for_ping(feed);
    if (feed->mode != mode) {
        set_mode(feed, mode);
        schedule_look(feed);
    }
}

static void ping_sent(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)err; /* a lost connection shows in its state, any other error by the missing answer */
    feed->pinging = NULL;
    if (!result)
        return;
    feed->deferred = strcmp(nb_result_text(result, 0, 0), "deferred") == 0;
    feed->unrung = feed->deferred && !nb_result_bool(result, 0, 1);
    if (feed->ping_number == 0)
        settle(feed, true); /* the ping's bell came before its answer */
}

/* The number distinguishes this session's ping from those of the person's other sessions. */
static void send_ping(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};
    const char *channel = transport_ping_channel(feed);
    struct nb_params *params;
    char *payload;

    if (!channel || feed->pinging)
        return;
    feed->ping_number =
        (uint64_t)(uint32_t)nb_connection_backend_pid(feed->connection) << 24 | (++feed->pings & 0xffffff);
    payload = nb_asprintf("{\"v\":1,\"kind\":\"ping\",\"op\":\"ping\",\"n\":%" PRIu64 "}", feed->ping_number);
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
    if (!feed->pinging)
        settle(feed, true);
}

/* Called when a ping's answer is overdue, or when the next ping is due. */
static void ping_due(void *arg)
{
    struct nb_feed *feed = arg;

    if (!feed_is_running(feed))
        return;
    if (feed->ping_number != 0) {
        feed->ping_number = 0;
        if (!transport_leave_hub(feed))
            settle(feed, false);
    } else if (feed->mode == NB_FEED_POLLING) {
        transport_start(feed);
    } else {
        transport_look_for_hub(feed);
        if (feed->mode == NB_FEED_LIVE && feed->heard && !feed->deferred)
            wait_for_ping(feed); /* bells came, so no ping is needed */
        else
            send_ping(feed);
        feed->heard = false;
    }
}

void feed_transport_changed(struct nb_feed *feed)
{
    /* Looks only after listening: a row committed between the two rings, one committed before is seen. */
    feed_rung(feed, NB_SUBJECT_ALL, feed->mode == NB_FEED_STARTING);
    if (!feed_is_running(feed))
        return;
    if (feed->mode == NB_FEED_LIVE && feed->mode_changed)
        feed->mode_changed(feed->arg, feed->mode);
    feed->ping_soon = feed->mode != NB_FEED_STARTING;
    if (feed->pinging)
        nb_request_abandon(&feed->pinging); /* its bell may still come through the former transport */
    send_ping(feed);
}

void feed_hears_nothing(struct nb_feed *feed)
{
    /* Polling is cheap, and finds out when a token becomes valid. */
    if (feed->mode != NB_FEED_POLLING)
        feed_rung(feed, NB_SUBJECT_ALL, feed->mode == NB_FEED_STARTING);
    set_mode(feed, NB_FEED_POLLING);
    schedule_look(feed);
    nb_timer_start(feed->ping, feed->options.ping_ms);
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
    /* A payload that cannot be parsed still counts as a bell. Deleted rows ask for a resync: no changed row shows
     * them. */
    feed_rung(feed, channel->subjects,
              (kind && strcmp(kind, "resync") == 0) ||
                  (op && (strcmp(op, "resync") == 0 || strcmp(op, "delete") == 0)));
}

void feed_notified(void *arg, const char *name, const char *payload)
{
    struct nb_feed *feed = arg;

    if (!feed_is_running(feed))
        return;
    for (size_t i = 0; i < feed->channels.count; i++) {
        if (strcmp(feed->channels.data[i].name, name) == 0) {
            handle_payload(feed, &feed->channels.data[i], payload);
            return;
        }
    }
}

/* ---- the connection ---- */

static void stop_everything(struct nb_feed *feed)
{
    nb_timer_stop(feed->coalesce);
    nb_timer_stop(feed->look_again);
    nb_timer_stop(feed->ping);
    transport_stop(feed);
    if (feed->pinging)
        nb_request_abandon(&feed->pinging);
    feed->ping_number = 0;
    feed->pending = 0;
    feed->pending_resync = false;
}

static void feed_state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)err;
    if (state != NB_CONNECTION_READY) {
        feed->listens = false; /* the session that listened has ended */
        feed->proof = NB_PROBE_UNKNOWN;
        feed->probes = 0;
    }
    if (feed->mode == NB_FEED_SUSPENDED)
        return;
    if (state == NB_CONNECTION_READY) {
        set_mode(feed, NB_FEED_STARTING);
        schedule_look(feed);
        transport_start(feed);
    } else if (feed->mode != NB_FEED_OFF) {
        stop_everything(feed);
        set_mode(feed, NB_FEED_OFF);
    }
}

/* ---- public functions ---- */

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

int nb_feed_new(struct nb_feed **out, struct nb_connection *connection, const struct nb_feed_options *options,
                nb_feed_changed *changed, nb_feed_mode_changed *mode_changed, void *arg, struct nb_error *err)
{
    struct nb_loop *loop = nb_connection_loop(connection);
    struct nb_feed *feed = nb_calloc(1, sizeof(*feed));

    (void)err;
    feed->connection = connection;
    set_options(feed, options);
    feed->changed = changed;
    feed->mode_changed = mode_changed;
    feed->arg = arg;
    nb_ration_init(&feed->calls, CALLS_AT_ONCE, feed->options.coalesce_ms, nb_monotonic_ms());
    feed->coalesce = nb_loop_add_timer(loop, coalesce_over, feed);
    feed->look_again = nb_loop_add_timer(loop, look_again_due, feed);
    feed->ping = nb_loop_add_timer(loop, ping_due, feed);
    transport_init(feed);
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
    transport_clear(feed);
    nb_connection_unobserve(feed->connection, &feed->observer);
    nb_timer_remove(&feed->coalesce);
    nb_timer_remove(&feed->look_again);
    nb_timer_remove(&feed->ping);
    nb_free(out);
}

enum nb_feed_mode nb_feed_mode(const struct nb_feed *feed)
{
    return feed->mode;
}

bool nb_feed_has_hub(const struct nb_feed *feed)
{
    return feed->transport == TRANSPORT_HUB;
}

bool nb_feed_is_unrung(const struct nb_feed *feed)
{
    return feed->unrung;
}

void nb_feed_suspend(struct nb_feed *feed)
{
    int64_t deadline = nb_monotonic_ms() + SUSPEND_WAIT_MS;
    bool connected = nb_connection_state(feed->connection) == NB_CONNECTION_READY;

    if (feed->mode == NB_FEED_SUSPENDED)
        return;
    stop_everything(feed);
    set_mode(feed, NB_FEED_SUSPENDED);
    if (!connected)
        return;
    transport_unlisten(feed);
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
