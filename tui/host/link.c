/*
 * link.c - the connection, the feed and the identity: what state they are in, and what that means for the screen.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "tui/console/console_state.h"

#define SILENCE_MS     1500 /* without an answer for so long it is worth a word */
#define TOKEN_EVERY_MS 900
#define EXPIRY_NEAR_US (120 * INT64_C(1000000))

bool link_is_ready(const struct console *console)
{
    return console->connection && nb_connection_state(console->connection) == NB_CONNECTION_READY;
}

/* ---- identity and its token ---- */

static void on_identity(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct console *console = arg;
    bool was_operator = console_is_operator(console);

    console->identity_request = NULL;
    if (err)
        return;
    console->identity = *identity;
    console->identified = true;
    if (console_is_operator(console) != was_operator && !console_is_operator(console) &&
        console->current == CONTEXT_EVENTS)
        console_show(console, CONTEXT_INBOX);
    if (!identity->known)
        message_show(console, ROLE_ERROR, "read-only: %s", identity->reason);
    attention_look(console);
    nb_timer_start(console->second_timer, 1000);
    console_dirty(console);
}

static void ask_identity(struct console *console)
{
    if (console->identity_request)
        nb_request_abandon(&console->identity_request);
    console->identity_request = nb_identity_fetch(console->connection, on_identity, console);
}

bool link_is_refused(const struct console *console)
{
    if (!console->identified)
        return false;
    return !console->identity.known ||
           (console->identity.expires_at != NB_TIME_NONE && console->identity.expires_at <= nb_now());
}

/* A token file that has changed is read, and the session becomes who it says. */
static void watch_token(struct console *console)
{
    struct token_watch *watch = &console->token;
    int64_t now = nb_monotonic_ms();
    struct stat info;
    struct nb_error err;
    char *token = NULL;

    if (!watch->path || now - watch->looked_ms < TOKEN_EVERY_MS)
        return;
    watch->looked_ms = now;
    if (stat(watch->path, &info) < 0 ||
        (info.st_mtim.tv_sec == watch->modified.tv_sec && info.st_mtim.tv_nsec == watch->modified.tv_nsec))
        return;
    watch->modified = info.st_mtim;
    if (nb_token_read_file(&token, watch->path, &err) < 0) {
        message_error(console, &err);
        return;
    }
    nb_connection_set_token(console->connection, token);
    free(token);
    message_show(console, ROLE_MESSAGE, "the new token is taken from %s", watch->path);
    ask_identity(console);
    for (size_t i = 0; i < VIEW_COUNT; i++)
        view_bell(console->views[i], true);
}

/* ---- connection and feed ---- */

static void on_state(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct console *console = arg;

    if (err)
        console->connection_error = *err;
    if (state == NB_CONNECTION_READY) {
        nb_error_clear(&console->connection_error);
        if (console->lost_at)
            message_show(console, ROLE_OK, "connected again");
        console->lost_at = 0;
        ask_identity(console);
        for (size_t i = 0; i < VIEW_COUNT; i++)
            view_bell(console->views[i], true);
    } else if (state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED) {
        if (!console->lost_at)
            console->lost_at = nb_now();
        nb_timer_start(console->second_timer, 200);
    }
    console_dirty(console);
}

static void on_feed(void *arg, unsigned subjects, bool resync)
{
    struct console *console = arg;

    if (subjects & NB_FEED_INBOX)
        view_bell(console->views[VIEW_INBOX], resync);
    if (subjects & NB_FEED_EVENTS) {
        view_bell(console->views[VIEW_EVENTS], resync);
        attention_look(console);
    }
}

static void on_feed_mode(void *arg, enum nb_feed_mode mode)
{
    (void)mode;
    console_dirty(arg);
}

int link_open(struct console *console, const struct console_options *options, struct nb_error *err)
{
    struct nb_connection_options connection = {
        .dsn = options->dsn,
        .token = options->token,
        .application_name = "nightbell",
        .reconnect = true,
    };
    struct nb_feed_options feed = {.poll_ms = 1000 * settings_number(&console->settings, OPTION_POLL_SECONDS)};
    struct stat info;
    int rc;

    if ((rc = nb_connection_new(&console->connection, console->loop, &connection, err)) < 0)
        return rc;
    console->observer = (struct nb_connection_observer){.state_changed = on_state, .arg = console};
    nb_connection_observe(console->connection, &console->observer);
    if ((rc = nb_feed_new(&console->feed, console->connection, &feed, on_feed, on_feed_mode, console, err)) < 0)
        return rc;
    if (options->token_file) {
        console->token.path = nb_strdup(options->token_file);
        if (stat(options->token_file, &info) == 0)
            console->token.modified = info.st_mtim;
    }
    nb_connection_start(console->connection);
    return 0;
}

void link_close(struct console *console)
{
    if (console->identity_request)
        nb_request_abandon(&console->identity_request);
    nb_feed_free(&console->feed);
    if (console->connection)
        nb_connection_unobserve(console->connection, &console->observer);
    nb_connection_free(&console->connection);
    nb_free(&console->token.path);
}

/* A moment passed: a countdown, a silence, a token that runs out. It ticks only while such a thing is to be seen. */
void link_tick(struct console *console)
{
    bool awaiting = nb_connection_silent_ms(console->connection) > 0;
    bool expired = link_is_refused(console);
    int64_t left = console->identity.expires_at - nb_now();

    watch_token(console);
    if (!link_is_ready(console) || awaiting || expired) {
        nb_timer_start(console->second_timer, 1000);
        console_dirty(console);
    } else if (console->identified && console->identity.expires_at != NB_TIME_NONE && left < EXPIRY_NEAR_US) {
        nb_timer_start(console->second_timer, left / 1000 + 10);
    }
    if (expired && console->identity.known && link_is_ready(console) && !console->identity_request)
        ask_identity(console);
}

void link_before_sleep(struct console *console)
{
    if (nb_connection_silent_ms(console->connection) > 0 && !nb_timer_active(console->second_timer))
        nb_timer_start(console->second_timer, SILENCE_MS);
}

const char *link_trouble(const struct console *console, char *buffer, size_t size)
{
    const struct nb_connection *connection = console->connection;
    int64_t silent = nb_connection_silent_ms(connection);
    const char *why = console->connection_error.message;

    switch (nb_connection_state(connection)) {
    case NB_CONNECTION_READY:
        if (silent < SILENCE_MS)
            return NULL;
        snprintf(buffer, size, "no answer for %d s", (int)(silent / 1000));
        return buffer;
    case NB_CONNECTION_WAITING:
        snprintf(buffer, size, "no database: %s; next try in %d s", why,
                 (int)((nb_connection_retry_in_ms(connection) + 999) / 1000));
        return buffer;
    case NB_CONNECTION_FAILED:
        snprintf(buffer, size, "no database: %s", why);
        return buffer;
    case NB_CONNECTION_CLOSED:
    case NB_CONNECTION_CONNECTING:
    case NB_CONNECTION_SETUP:
        snprintf(buffer, size, "connecting to %s …", nb_connection_target(connection));
        return buffer;
    }
    return NULL;
}
