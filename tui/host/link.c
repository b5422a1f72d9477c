/*
 * link.c - the state of connection, feed and identity, and what it means for the screen.
 */
#include "tui/host/link.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"

#define SILENCE_MS     1500 /* waiting longer than this for an answer is shown */
#define EXPIRY_NEAR_US (120 * INT64_C(1000000))

bool link_is_ready(const struct host *host)
{
    return host->connection && nb_connection_state(host->connection) == NB_CONNECTION_READY;
}

bool link_takes_reads(const struct host *host)
{
    return host->connection && nb_connection_takes_reads(host->connection);
}

bool link_has_asked(const struct host *host)
{
    return host->link.asked_ahead && link_is_ready(host);
}

/* ---- identity ---- */

bool link_is_refused(const struct host *host)
{
    if (!host->identified)
        return false;
    return !host->identity.known ||
           (host->identity.expires_at != NB_TIME_NONE && host->identity.expires_at <= nb_now());
}

static bool was_somebody(const struct host *host)
{
    return host->identified && !nb_uuid_is_nil(&host->identity.user_id);
}

/* When the token ends, the former identity is kept: its rows stay on the screen, marked as stale. */
static void take_identity(struct host *host, const struct nb_identity *identity)
{
    if (identity->known || !was_somebody(host)) {
        host->identity = *identity;
        host->lost_at = 0;
    } else {
        host->identity.known = false;
        nb_text_copy(host->identity.reason, sizeof(host->identity.reason), identity->reason);
        if (!host->lost_at)
            host->lost_at = nb_now();
    }
    host->identified = true;
}

/* Why nothing can be read or changed, and what to do. */
static const char *refusal(const struct host *host, char *buffer, size_t size)
{
    const char *reason = host->identity.known ? "the token has expired" : host->identity.reason;

    if (host->link.token_file)
        (void)nb_text_format(buffer, size, "read-only: %s: put a new one into %s, it is taken up by itself", reason,
                             host->link.token_file);
    else if (host->link.has_token)
        (void)nb_text_format(buffer, size, "read-only: %s: renew it and start again", reason);
    else
        (void)nb_text_format(buffer, size, "read-only: %s", reason);
    return buffer;
}

void link_doubt(struct host *host)
{
    if (host->identity.known)
        nb_vigil_wake(host->link.vigil);
}

/* The vigil's answer has changed: another identity, none any more, or a token file that cannot be used. */
static void on_identity(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct host *host = arg;
    bool again = host->identified, was_known = again && host->identity.known;
    bool renewed = again && identity->known && identity->expires_at != host->identity.expires_at;
    char text[LINK_TROUBLE_SIZE];

    take_identity(host, identity);
    values_forget(host); /* another person sees other values */
    host_learned(host);
    if (err && again && !was_known)
        message_news(host, ROLE_ERROR, "%s%s%s", err->message, err->hint[0] ? ": " : "", err->hint);
    else if (err)
        message_news(host, ROLE_ERROR, "%s", refusal(host, text, sizeof(text)));
    else if (renewed && host->link.token_file)
        message_news(host, ROLE_MESSAGE, "the new token is taken from %s", host->link.token_file);
    host_identified(host);
    if (again && !err)
        host_rang(host, NB_SUBJECT_ALL, true);
    nb_timer_start(host->link.timer, 1000);
    host_dirty(host);
}

/* ---- connection and feed ---- */

static void on_state(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct host *host = arg;

    if (err)
        host->link.error = *err;
    if (state == NB_CONNECTION_READY) {
        nb_error_clear(&host->link.error);
        if (host->lost_at)
            message_news(host, ROLE_OK, "connected again");
        if (!was_somebody(host) || host->identity.known)
            host->lost_at = 0;
        if (!host->link.asked_ahead) /* else the vigil's first question waited for the session */
            nb_vigil_wake(host->link.vigil);
        host_rang(host, NB_SUBJECT_ALL, true);
        host->link.asked_ahead = false;
    } else if (link_takes_reads(host)) {
        host->link.asked_ahead = true;
        host_rang(host, NB_SUBJECT_ALL, true);
    } else if (state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED) {
        host->link.asked_ahead = false;
        if (!host->lost_at)
            host->lost_at = nb_now();
        nb_timer_start(host->link.timer, 200);
    }
    host_dirty(host);
}

static void on_feed(void *arg, unsigned subjects, bool resync)
{
    host_rang(arg, subjects, resync);
}

static void on_feed_mode(void *arg, enum nb_feed_mode mode)
{
    (void)mode;
    host_dirty(arg);
}

static void on_timer(void *arg)
{
    link_tick(arg);
}

int link_open(struct host *host, const struct link_options *options, struct nb_error *err)
{
    struct nb_connection_options connection = {
        .dsn = options->dsn,
        .token = options->token,
        .application_name = "nightbell",
        .reconnect = true,
        .reads_ahead = true,
    };
    struct nb_feed_options feed = {.poll_ms = 1000 * settings_number(&host->settings, OPTION_POLL_SECONDS)};
    int rc;

    host->link.timer = nb_loop_add_timer(host->loop, on_timer, host);
    if ((rc = nb_connection_new(&host->connection, host->loop, &connection, err)) < 0)
        return rc;
    host->link.observer = (struct nb_connection_observer){.state_changed = on_state, .arg = host};
    nb_connection_observe(host->connection, &host->link.observer);
    if ((rc = nb_feed_new(&host->feed, host->connection, &feed, on_feed, on_feed_mode, host, err)) < 0)
        return rc;
    host->link.has_token = options->token != NULL;
    host->link.token_file = nb_strdup(options->token_file);
    host->link.vigil = nb_vigil_new(host->connection, options->token_file, options->token, NULL, on_identity, host);
    nb_connection_start(host->connection);
    return 0;
}

void link_close(struct host *host)
{
    values_forget(host);
    nb_vigil_free(&host->link.vigil);
    nb_feed_free(&host->feed);
    if (host->connection)
        nb_connection_unobserve(host->connection, &host->link.observer);
    nb_connection_free(&host->connection);
    nb_timer_remove(&host->link.timer);
    nb_free(&host->link.token_file);
}

/* Updates what changes with time: a countdown, a silence, an expiring token. Runs only while one of them is on
 * screen. */
void link_tick(struct host *host)
{
    bool awaiting = nb_connection_silent_ms(host->connection) > 0;
    bool expired = link_is_refused(host);
    int64_t left = host->identity.expires_at - nb_now();

    if (expired)
        host_dirty(host);
    if (!link_is_ready(host) || awaiting) {
        nb_timer_start(host->link.timer, 1000);
        host_dirty(host);
    } else if (host->identified && !expired && host->identity.expires_at != NB_TIME_NONE && left < EXPIRY_NEAR_US) {
        nb_timer_start(host->link.timer, left / 1000 + 10);
    }
}

void link_before_sleep(struct host *host)
{
    if (nb_connection_silent_ms(host->connection) > 0 && !nb_timer_active(host->link.timer))
        nb_timer_start(host->link.timer, SILENCE_MS);
}

const char *link_hint(const struct host *host)
{
    return host->link.error.hint;
}

const char *link_trouble(const struct host *host, char *buffer, size_t size)
{
    const struct nb_connection *connection = host->connection;
    int64_t silent = nb_connection_silent_ms(connection);
    const char *why = host->link.error.message;

    switch (nb_connection_state(connection)) {
    case NB_CONNECTION_READY:
        if (silent < SILENCE_MS)
            return link_is_refused(host) ? refusal(host, buffer, size) : NULL;
        snprintf(buffer, size, "no answer for %d s", (int)(silent / 1000));
        return buffer;
    case NB_CONNECTION_WAITING:
        (void)nb_text_format(buffer, size, "no database: %s; next try in %d s", why,
                             (int)((nb_connection_retry_in_ms(connection) + 999) / 1000));
        return buffer;
    case NB_CONNECTION_FAILED:
        (void)nb_text_format(buffer, size, "no database: %s", why);
        return buffer;
    case NB_CONNECTION_CLOSED:
    case NB_CONNECTION_CONNECTING:
    case NB_CONNECTION_SETUP:
        (void)nb_text_format(buffer, size, "connecting to %s …", nb_connection_target(connection));
        return buffer;
    }
    return NULL;
}
