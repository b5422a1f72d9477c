/*
 * transport.c - how bells arrive: through the hub of this host or, without one, by this session's own LISTEN.
 *
 * When the hub goes, LISTEN replaces it at once, and the feed keeps looking for a hub; one that appears takes over.
 * Each change ends in feed_transport_changed(), called only when the new transport is known to work, so that the look
 * after it misses nothing.
 */
#include "feed/feed_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define PROBES_MAX        3    /* in one session: a busy pool never gives a clear answer */
#define HUB_PATIENCE_MS   2000 /* wait for "listening", then LISTEN; the hub may still take over */
#define HUB_FIRST_WAIT_MS 250  /* before the first look for a lost hub; then doubled … */
#define HUB_LONG_WAIT_MS  8000 /* … up to this, after which a look comes with every ping */

static void listen_directly(struct nb_feed *feed);

/* ---- channels ---- */

/* An unknown kind, from a newer schema, may concern every subject. */
static unsigned subjects_of(const char *kind)
{
    if (kind && strcmp(kind, "ping") == 0)
        return 0;
    for (enum nb_subject subject = 0; kind && subject < NB_SUBJECT_COUNT; subject++) {
        const char *const *bells = nb_subject_info(subject)->bells;

        while (*bells && strcmp(*bells, kind) != 0)
            bells++;
        if (*bells)
            return NB_SUBJECT_BIT(subject);
    }
    return NB_SUBJECT_ALL;
}

static void forget_channels(struct nb_feed *feed)
{
    for (size_t i = 0; i < feed->channels.count; i++)
        free(feed->channels.data[i].name);
    feed->channels.count = 0;
}

const char *transport_ping_channel(const struct nb_feed *feed)
{
    for (size_t i = 0; i < feed->channels.count; i++) {
        if (feed->channels.data[i].subjects == 0)
            return feed->channels.data[i].name;
    }
    return NULL;
}

static void take_channels(struct nb_feed *feed, const struct nb_result *result)
{
    forget_channels(feed);
    for (size_t i = 0; i < nb_result_rows(result); i++) {
        struct channel channel;

        if (nb_result_is_null(result, i, 0))
            continue;
        channel = (struct channel){nb_strdup(nb_result_text(result, i, 0)), subjects_of(nb_result_text(result, i, 1))};
        nb_vec_push(&feed->channels, channel);
    }
}

/* ---- the hub ---- */

static void move_to(struct nb_feed *feed, enum transport transport)
{
    feed->transport = transport;
    feed_transport_changed(feed);
}

static void hub_listening(void *arg)
{
    struct nb_feed *feed = arg;

    feed->had_hub = true;
    feed->hub_wait_ms = HUB_FIRST_WAIT_MS;
    nb_timer_stop(feed->hub_timer);
    move_to(feed, TRANSPORT_HUB);
    if (feed->listens)
        transport_unlisten(feed);
}

static void hub_bell(void *arg, const char *key, const char *payload)
{
    feed_notified(arg, key, payload);
}

static void hub_resync(void *arg)
{
    feed_rung(arg, NB_SUBJECT_ALL, true);
}

/* The hub has lost its database: until it is back this session LISTENs. */
static void hub_lost(void *arg)
{
    struct nb_feed *feed = arg;

    if (feed->transport != TRANSPORT_HUB)
        return;
    feed->transport = TRANSPORT_NONE;
    listen_directly(feed);
}

static void wait_for_hub(struct nb_feed *feed)
{
    if (!feed->had_hub || feed->hub_wait_ms > HUB_LONG_WAIT_MS)
        return;
    nb_timer_start(feed->hub_timer, feed->hub_wait_ms);
    feed->hub_wait_ms *= 2;
}

static void hub_gone(void *arg)
{
    struct nb_feed *feed = arg;

    nb_hub_detach(&feed->hub);
    wait_for_hub(feed);
    if (feed->transport == TRANSPORT_HUB && feed->listening)
        feed->transport = TRANSPORT_NONE; /* or listened() would UNLISTEN, believing that the hub is in use */
    if (feed->transport == TRANSPORT_DIRECT || feed->listening)
        return;
    /* Ask for the channels again and not only LISTEN: without the hub, deferred ringing may have ended too. */
    feed->transport = TRANSPORT_NONE;
    transport_start(feed);
}

static const struct nb_hub_events hub_events = {
    hub_listening, hub_bell, hub_resync, hub_lost, hub_gone,
};

static bool attach(struct nb_feed *feed)
{
    char *directory;
    const char **keys;

    if (feed->hub)
        return true;
    if (feed->shuns_hub || !feed->installation || feed->channels.count == 0)
        return false;
    keys = nb_calloc(feed->channels.count, sizeof(keys[0]));
    for (size_t i = 0; i < feed->channels.count; i++)
        keys[i] = feed->channels.data[i].name;
    directory = nb_connection_socket_directory(feed->connection);
    feed->hub = nb_hub_attach(nb_connection_loop(feed->connection), feed->installation, directory, keys,
                              feed->channels.count, &hub_events, feed);
    free(directory);
    free(keys);
    return feed->hub != NULL;
}

static void hub_timer_over(void *arg)
{
    struct nb_feed *feed = arg;

    if (!feed_is_running(feed))
        return;
    if (feed->hub) {
        if (feed->transport == TRANSPORT_NONE)
            listen_directly(feed); /* the hub has not confirmed in time; if it does later, it takes over */
    } else if (!attach(feed)) {
        wait_for_hub(feed);
    }
}

void transport_look_for_hub(struct nb_feed *feed)
{
    feed->shuns_hub = false;
    if (feed->transport == TRANSPORT_DIRECT && !feed->hub)
        (void)attach(feed);
}

bool transport_leave_hub(struct nb_feed *feed)
{
    if (feed->transport != TRANSPORT_HUB)
        return false;
    nb_hub_detach(&feed->hub);
    feed->shuns_hub = true;
    feed->transport = TRANSPORT_NONE;
    listen_directly(feed);
    return true;
}

/* ---- LISTEN ---- */

static void listened(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)result;
    feed->listening = NULL;
    if (!feed_is_running(feed) || (err && err->code == NB_EUNREACHABLE))
        return;
    /* If LISTEN failed, the missing answer to the ping shows it. */
    feed->listens = true;
    if (feed->transport == TRANSPORT_HUB)
        transport_unlisten(feed); /* the hub has taken over meanwhile */
    else
        move_to(feed, TRANSPORT_DIRECT);
}

/* Behind a pooler LISTEN could stay on a session that another client gets next, which would then get our bells. */
static bool may_listen(const struct nb_feed *feed)
{
    return nb_connection_is_owned(feed->connection) || feed->proof == NB_PROBE_OURS;
}

static void probed(void *arg, enum nb_probe_result result)
{
    struct nb_feed *feed = arg;

    nb_probe_free(&feed->probe);
    feed->proof = result;
    if (result == NB_PROBE_OURS && feed_is_running(feed) && feed->transport == TRANSPORT_NONE)
        listen_directly(feed);
}

static void listen_directly(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    if (!may_listen(feed)) {
        feed_hears_nothing(feed);
        if (!feed->probe && feed->proof == NB_PROBE_UNKNOWN && feed->probes++ < PROBES_MAX)
            feed->probe = nb_probe_start(feed->connection, probed, feed);
        return;
    }
    if (!feed->listening)
        feed->listening = nb_query(feed->connection, NB_SQL_FEED_LISTEN, NULL, &options, listened, feed);
}

static void unlistened(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    (void)result;
    feed->unlistening = NULL;
    if (!err)
        feed->listens = false;
}

void transport_unlisten(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    if (!feed->unlistening && may_listen(feed))
        feed->unlistening = nb_query(feed->connection, NB_SQL_FEED_UNLISTEN, NULL, &options, unlistened, feed);
}

/* ---- beginning and end ---- */

static void asked(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_feed *feed = arg;

    feed->asking = NULL;
    if (!feed_is_running(feed) || (err && err->code == NB_EUNREACHABLE))
        return;
    if (result) {
        take_channels(feed, result);
        free(feed->installation);
        feed->installation = nb_strdup(nb_result_text(result, 0, 2));
        feed->unrung = strcmp(nb_result_text(result, 0, 3), "deferred") == 0 && !nb_result_bool(result, 0, 4);
    }
    if (!transport_ping_channel(feed)) {
        feed_hears_nothing(feed);
        return;
    }
    if (feed->transport == TRANSPORT_HUB)
        feed_transport_changed(feed); /* the question was only whether a hub rings */
    else if (attach(feed))
        nb_timer_start(feed->hub_timer, HUB_PATIENCE_MS);
    else
        listen_directly(feed);
}

void transport_start(struct nb_feed *feed)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT};

    if (!feed->asking)
        feed->asking = nb_query(feed->connection, NB_SQL_FEED_CHANNELS, NULL, &options, asked, feed);
}

void transport_stop(struct nb_feed *feed)
{
    nb_timer_stop(feed->hub_timer);
    nb_hub_detach(&feed->hub);
    nb_probe_free(&feed->probe);
    if (feed->asking)
        nb_request_abandon(&feed->asking);
    if (feed->listening)
        nb_request_abandon(&feed->listening);
    feed->transport = TRANSPORT_NONE;
    feed->shuns_hub = false;
    feed->deferred = feed->unrung = false;
    forget_channels(feed);
}

void transport_init(struct nb_feed *feed)
{
    feed->hub_wait_ms = HUB_FIRST_WAIT_MS;
    feed->hub_timer = nb_loop_add_timer(nb_connection_loop(feed->connection), hub_timer_over, feed);
}

void transport_clear(struct nb_feed *feed)
{
    transport_stop(feed);
    if (feed->unlistening)
        nb_request_abandon(&feed->unlistening);
    nb_timer_remove(&feed->hub_timer);
    nb_vec_clear(&feed->channels);
    nb_free(&feed->installation);
}
