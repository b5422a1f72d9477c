/*
 * connection.c - the life of a session: connecting, setting up, losing it, waiting, reconnecting.
 */
#include "config.h"

#include "db/connection.h"

#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/connection_internal.h"
#include "db/failure.h"
#include "db/version.h"
#include "db/result.h"

#define CONNECT_TIMEOUT_MS 10000
#define FIRST_WAIT_MS      200
#define LONGEST_WAIT_MS    10000

static const char *const state_names[] = {
    [NB_CONNECTION_CLOSED] = "closed", [NB_CONNECTION_CONNECTING] = "connecting", [NB_CONNECTION_SETUP] = "setup",
    [NB_CONNECTION_READY] = "ready",   [NB_CONNECTION_WAITING] = "waiting",       [NB_CONNECTION_FAILED] = "failed",
};

/* ---- observers: may be added and removed while they are being called ---- */

void nb_connection_observe(struct nb_connection *connection, struct nb_connection_observer *observer)
{
    nb_vec_push(&connection->observers, observer);
}

void nb_connection_unobserve(struct nb_connection *connection, struct nb_connection_observer *observer)
{
    for (size_t i = 0; i < connection->observers.count; i++) {
        if (connection->observers.data[i] != observer)
            continue;
        if (connection->telling > 0)
            connection->observers.data[i] = NULL;
        else
            nb_vec_remove(&connection->observers, i);
        return;
    }
}

static void end_telling(struct nb_connection *connection)
{
    if (--connection->telling > 0)
        return;
    for (size_t i = 0; i < connection->observers.count;) {
        if (connection->observers.data[i])
            i++;
        else
            nb_vec_remove(&connection->observers, i);
    }
}

static void set_state(struct nb_connection *connection, enum nb_connection_state state)
{
    bool troubled = state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED;

    connection->state = state;
    nb_log(NB_LOG_DEBUG, "connection state=%s target=%s reason=%s", state_names[state],
           nb_log_quote(connection->target), nb_log_quote(troubled ? connection->error.message : ""));
    connection->telling++;
    for (size_t i = 0; i < connection->observers.count && connection->state == state; i++) {
        struct nb_connection_observer *observer = connection->observers.data[i];
        if (observer && observer->state_changed)
            observer->state_changed(observer->arg, state, troubled ? &connection->error : NULL);
    }
    end_telling(connection);
}

static void tell_notification(struct nb_connection *connection, const PGnotify *notify)
{
    connection->telling++;
    for (size_t i = 0; i < connection->observers.count; i++) {
        struct nb_connection_observer *observer = connection->observers.data[i];
        if (observer && observer->notified)
            observer->notified(observer->arg, notify->relname, notify->extra);
    }
    end_telling(connection);
}

static void tell_notifications(struct nb_connection *connection)
{
    PGconn *pg = connection->pg;
    PGnotify *notify;

    while (connection->pg == pg && (notify = PQnotifies(pg))) {
        tell_notification(connection, notify);
        PQfreemem(notify);
    }
}

/* ---- losing the session ---- */

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void set_target(struct nb_connection *connection)
{
    const char *host = or_empty(PQhost(connection->pg));

    nb_free(&connection->target);
    if (*host == '/' || *host == '@')
        connection->target = nb_asprintf("socket %s, database %s", host, or_empty(PQdb(connection->pg)));
    else
        connection->target =
            nb_asprintf("%s:%s, database %s", host, or_empty(PQport(connection->pg)), or_empty(PQdb(connection->pg)));
}

/* Grows with each attempt; a random part, between half and all of it, keeps many consoles from reconnecting at once. */
static int64_t next_wait_ms(const struct nb_connection *connection)
{
    double wait = FIRST_WAIT_MS;

    for (unsigned i = 1; i < connection->attempts && wait < LONGEST_WAIT_MS; i++)
        wait *= 1.5;
    if (wait > LONGEST_WAIT_MS)
        wait = LONGEST_WAIT_MS;
    struct nb_uuid random = nb_uuid_v7();
    unsigned share = random.bytes[14] << 8 | random.bytes[15];
    return (int64_t)(wait * (0.5 + share / 131072.0));
}

void nb_connection_lost(struct nb_connection *connection, const struct nb_error *err)
{
    struct nb_error reason = *err;

    if (!connection->pg && !connection->resolve)
        return;
    /* The server's last message explains more than the end of the stream. */
    if (!reason.sqlstate[0] && connection->farewell.code != 0 && reason.code == NB_EUNREACHABLE)
        reason = connection->farewell;
    /* A server without memory for locks is reachable, so a caller that will not reconnect gets the server's own
     * error. */
    if (reason.code != NB_EDENIED && reason.code != NB_EVERSION &&
        (connection->reconnect || !nb_failure_is_full(&reason)))
        reason.code = NB_EUNREACHABLE;
    nb_resolve_forget(&connection->resolve);
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->error = reason;
    nb_timer_stop(connection->attempt_timer);

    connection->owned = false;
    connection->reads_ahead = false;
    bool again = connection->reconnect && nb_failure_heals(&reason);
    nb_queue_lost(connection, &reason, !again);
    if (again)
        nb_timer_start(connection->retry_timer, next_wait_ms(connection));
    set_state(connection, again ? NB_CONNECTION_WAITING : NB_CONNECTION_FAILED);
}

static void fail(struct nb_connection *connection)
{
    struct nb_error err;

    nb_failure_from_connection(&err, connection->pg);
    nb_connection_lost(connection, &err);
}

static void attempt_timed_out(void *arg)
{
    struct nb_connection *connection = arg;
    struct nb_error err;

    nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "no answer from the database within %.3g s (%s)",
                 (double)connection->connect_timeout_ms / 1000, connection->target);
    nb_connection_lost(connection, &err);
}

/* A server that does not answer in time counts as lost. It may still be running the statement, so a cancel is sent. */
static void look_for_silence(void *arg)
{
    struct nb_connection *connection = arg;
    int64_t left = connection->answer_timeout_ms - nb_connection_silent_ms(connection);
    struct nb_error err;

    if (connection->flights.count == 0)
        return;
    if (left > 0) {
        nb_timer_start(connection->silence_timer, left);
        return;
    }
    nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "no answer from the database within %.3g s (%s)",
                 (double)connection->answer_timeout_ms / 1000, connection->target);
    nb_flight_cancel(connection->flights.data[0]);
    nb_connection_lost(connection, &err);
}

void nb_connection_await_answer(struct nb_connection *connection)
{
    connection->heard_at = nb_monotonic_ms();
    if (connection->answer_timeout_ms > 0 && !nb_timer_active(connection->silence_timer))
        nb_timer_start(connection->silence_timer, connection->answer_timeout_ms);
}

/* ---- setting up ---- */

static void explain_setup_failure(struct nb_error *err)
{
    static const char *const absent[] = {"3F000", "42883", "42P01"}; /* no such schema, function, table */

    for (size_t i = 0; i < NB_ARRAY_SIZE(absent); i++) {
        if (strcmp(err->sqlstate, absent[i]) != 0)
            continue;
        nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE, "no nightbell schema in this database");
        nb_error_hint(err, "run: nightbell db init");
        return;
    }
    if (strcmp(err->sqlstate, "42501") == 0)
        nb_error_hint(err, "the database login must be a member of nightbell_client");
}

static void setup_done(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_connection *connection = arg;
    struct nb_error reason = {0};

    if (err) {
        reason = *err;
        explain_setup_failure(&reason);
    } else if (!connection->skip_version_check) {
        reason.code = nb_schema_check_version((int)nb_result_int(result, 0, 1), &reason);
    }
    connection->owned = result && nb_result_bool(result, 0, 0);
    if (reason.code == 0 && connection->needs_session && !connection->owned) {
        reason.code = nb_error_set(&reason, NB_EDENIED, NB_DOMAIN_DATABASE,
                                   "a proxy that pools connections stands before the database");
        nb_error_hint(&reason, "this needs a session of its own: connect to the server itself (docs/pooling.md)");
    }
    if (reason.code != 0) {
        nb_connection_lost(connection, &reason);
        return;
    }
    nb_timer_stop(connection->attempt_timer);
    connection->attempts = 0;
    connection->reads_ahead = false;
    connection->generation++;
    if (connection->token_changed)
        nb_queue_set_token(connection);
    connection->token_changed = false;
    set_state(connection, NB_CONNECTION_READY);
}

static void begin_session(struct nb_connection *connection)
{
    PQsetErrorVerbosity(connection->pg, PQERRORS_DEFAULT);
    if (PQsetnonblocking(connection->pg, 1) != 0 || !PQenterPipelineMode(connection->pg)) {
        fail(connection);
        return;
    }
    set_target(connection);
    set_state(connection, NB_CONNECTION_SETUP);
    if (connection->state == NB_CONNECTION_SETUP)
        nb_queue_start_session(connection, setup_done);
}

/* ---- connecting ---- */

/* Notices go to the log. One that announces the end of the session is kept, as the reason for the end of the stream. */
static void take_notice(void *arg, const PGresult *result)
{
    struct nb_connection *connection = arg;
    const char *severity = or_empty(PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED));
    struct nb_error notice;

    nb_failure_from_result(&notice, result, NULL);
    if (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0)
        connection->farewell = notice;
    nb_log(NB_LOG_DEBUG, "notice severity=%s message=%s", nb_log_quote(severity), nb_log_quote(notice.message));
}

/* The connection string overrides the keywords before dbname, but not those after it. */
static PGconn *connect_start(const struct nb_connection *connection, const char *hosts, const char *addresses,
                             const char *ports)
{
    const char *const keywords[] = {
        "keepalives_idle",
        "keepalives_interval",
        "keepalives_count",
        "tcp_user_timeout",
        "fallback_application_name",
        "dbname",
        "client_encoding",
        "host",
        "hostaddr",
        "port",
        NULL,
    };
    const char *const values[] = {
        "20", "5", "3", "20000", connection->application_name, connection->dsn, "UTF8", hosts, addresses, ports, NULL,
    };

    return PQconnectStartParams(keywords, values, 1);
}

/* hosts, addresses and ports are NULL when no name had to be looked up. */
static void connect_to(struct nb_connection *connection, const char *hosts, const char *addresses, const char *ports)
{
    connection->pg = connect_start(connection, hosts, addresses, ports);
    if (!connection->pg)
        nb_fatal("out of memory");
    nb_resolve_forget(&connection->resolve);
    set_target(connection);
    PQsetErrorVerbosity(connection->pg, PQERRORS_VERBOSE); /* see nb_failure_from_connection() */
    PQsetNoticeReceiver(connection->pg, take_notice, connection);
    connection->polling = PGRES_POLLING_WRITING;
    if (PQstatus(connection->pg) == CONNECTION_BAD)
        fail(connection);
}

static void names_looked_up(void *arg)
{
    struct nb_connection *connection = arg;
    const char *hosts = NULL;
    const char *addresses = NULL;
    const char *ports = NULL;
    struct nb_error err;

    if (nb_resolve_result(connection->resolve, &hosts, &addresses, &ports, &err) != 0)
        nb_connection_lost(connection, &err);
    else
        connect_to(connection, hosts, addresses, ports);
}

static void attempt(void *arg)
{
    struct nb_connection *connection = arg;

    connection->attempts++;
    nb_error_clear(&connection->farewell);
    nb_timer_start(connection->attempt_timer, connection->connect_timeout_ms);
    if (connection->state != NB_CONNECTION_CONNECTING)
        set_state(connection, NB_CONNECTION_CONNECTING);
    connection->resolve = nb_resolve_start(connection->loop, connection->dsn, names_looked_up, connection);
    if (!connection->resolve)
        connect_to(connection, NULL, NULL, NULL);
}

static void advance(struct nb_connection *connection)
{
    connection->polling = PQconnectPoll(connection->pg);
    if (connection->polling == PGRES_POLLING_OK)
        begin_session(connection);
    else if (connection->polling == PGRES_POLLING_FAILED)
        fail(connection);
}

/* ---- the loop's side ---- */

static void prepare(void *arg, struct nb_interest *interest)
{
    struct nb_connection *connection = arg;

    nb_queue_pump(connection);
    if (!connection->pg)
        return;
    interest->fd = PQsocket(connection->pg);
    if (connection->state == NB_CONNECTION_CONNECTING)
        interest->events = connection->polling == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    else
        interest->events = (short)(POLLIN | (connection->flush_pending ? POLLOUT : 0));
}

static void ready(void *arg, short revents)
{
    struct nb_connection *connection = arg;
    PGconn *pg = connection->pg;

    if (!pg) /* an earlier callback of this turn lost the session */
        return;
    if (connection->state == NB_CONNECTION_CONNECTING) {
        advance(connection);
        return;
    }
    if (revents & ~POLLOUT) {
        if (!PQconsumeInput(pg)) {
            /* Read what came before the end of the stream: an error message there says more. */
            nb_queue_read(connection);
            if (connection->pg == pg)
                fail(connection);
            return;
        }
        connection->heard_at = nb_monotonic_ms();
        tell_notifications(connection);
        if (connection->pg == pg)
            nb_queue_read(connection);
        /* libpq parses what follows a result only when the result is read: a notification may have come with the answers. */
        tell_notifications(connection);
    }
    if (connection->pg == pg && connection->flush_pending)
        nb_queue_flush(connection);
}

/* ---- the caller's side ---- */

/* Refuses a malformed string before connecting. libpq's message may quote a part of the string, so it is passed on only
 * when no password can be in it. */
static int check_dsn(const char *dsn, struct nb_error *err)
{
    char *message = NULL;
    bool is_string = strchr(dsn, '=') || strncmp(dsn, "postgres://", 11) == 0 || strncmp(dsn, "postgresql://", 13) == 0;

    if (!is_string) /* libpq takes it for the name of a database */
        return 0;
    PQconninfoOption *options = PQconninfoParse(dsn, &message);
    if (options) {
        PQconninfoFree(options);
        return 0;
    }
    bool secret = strstr(dsn, "password") || strchr(dsn, '@');
    int rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "connection string is malformed%s%.*s",
                          secret || !message ? "" : ": ", secret || !message ? 0 : (int)strcspn(message, "\n"),
                          or_empty(message));
    PQfreemem(message);
    return rc;
}

int nb_connection_new(struct nb_connection **out, struct nb_loop *loop, const struct nb_connection_options *options,
                      struct nb_error *err)
{
    int rc;

    *out = NULL;
    if ((rc = check_dsn(or_empty(options->dsn), err)) != 0)
        return rc;
    struct nb_connection *connection = nb_calloc(1, sizeof(*connection));
    connection->loop = loop;
    connection->dsn = nb_strdup(options->dsn);
    connection->token = nb_strdup(options->token);
    connection->application_name = nb_strdup(options->application_name ? options->application_name : "nightbell");
    connection->connect_timeout_ms = options->connect_timeout_ms > 0 ? options->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    connection->answer_timeout_ms = options->answer_timeout_ms;
    connection->reconnect = options->reconnect;
    connection->skip_version_check = options->skip_version_check;
    connection->needs_session = options->needs_session;
    connection->reads_ahead = options->reads_ahead;
    connection->target = nb_strdup("database");
    connection->source = nb_loop_add_source(loop, prepare, ready, connection);
    connection->attempt_timer = nb_loop_add_timer(loop, attempt_timed_out, connection);
    connection->retry_timer = nb_loop_add_timer(loop, attempt, connection);
    connection->silence_timer = nb_loop_add_timer(loop, look_for_silence, connection);
    nb_queue_init(connection);
    *out = connection;
    return 0;
}

void nb_connection_free(struct nb_connection **connection_pointer)
{
    struct nb_connection *connection = *connection_pointer;

    if (!connection)
        return;
    connection->state = NB_CONNECTION_CLOSED;
    nb_resolve_forget(&connection->resolve);
    PQfinish(connection->pg);
    connection->pg = NULL;
    nb_queue_clear(connection);
    nb_source_remove(&connection->source);
    nb_timer_remove(&connection->attempt_timer);
    nb_timer_remove(&connection->retry_timer);
    nb_timer_remove(&connection->silence_timer);
    nb_vec_clear(&connection->observers);
    nb_free(&connection->dsn);
    nb_free(&connection->token);
    nb_free(&connection->application_name);
    nb_free(&connection->target);
    nb_free(connection_pointer);
}

void nb_connection_start(struct nb_connection *connection)
{
    if (connection->state != NB_CONNECTION_CLOSED)
        return;
    set_state(connection, NB_CONNECTION_CONNECTING);
    nb_timer_start(connection->retry_timer, 0);
}

void nb_connection_retry_now(struct nb_connection *connection)
{
    if (connection->state != NB_CONNECTION_WAITING && connection->state != NB_CONNECTION_FAILED)
        return;
    nb_timer_start(connection->retry_timer, 0);
    set_state(connection, NB_CONNECTION_CONNECTING);
}

int nb_connection_wait_ready(struct nb_connection *connection, struct nb_error *err)
{
    int rc = 0;

    nb_connection_start(connection);
    while (rc == 0 && connection->state != NB_CONNECTION_READY && connection->state != NB_CONNECTION_FAILED)
        rc = nb_loop_turn(connection->loop, -1, err);
    if (rc == 0 && connection->state == NB_CONNECTION_FAILED) {
        if (err)
            *err = connection->error;
        rc = connection->error.code;
    }
    return rc;
}

void nb_connection_set_token(struct nb_connection *connection, const char *token)
{
    nb_free(&connection->token);
    connection->token = nb_strdup(token);
    if (connection->state == NB_CONNECTION_READY)
        nb_queue_set_token(connection);
    else
        connection->token_changed = connection->state == NB_CONNECTION_SETUP;
}

enum nb_connection_state nb_connection_state(const struct nb_connection *connection)
{
    return connection->state;
}

bool nb_connection_takes_reads(const struct nb_connection *connection)
{
    return connection->state == NB_CONNECTION_READY ||
           (connection->state == NB_CONNECTION_SETUP && connection->reads_ahead);
}

int64_t nb_connection_retry_in_ms(const struct nb_connection *connection)
{
    return connection->state == NB_CONNECTION_WAITING ? nb_timer_remaining_ms(connection->retry_timer) : 0;
}

int64_t nb_connection_silent_ms(const struct nb_connection *connection)
{
    return connection->flights.count > 0 ? nb_monotonic_ms() - connection->heard_at : 0;
}

bool nb_connection_is_owned(const struct nb_connection *connection)
{
    return connection->owned;
}

uint64_t nb_connection_idle_since(const struct nb_connection *connection)
{
    bool idle = connection->flights.count == 0 && connection->waiting.count == 0 && !connection->in_block;

    return idle ? connection->sent : 0;
}

struct nb_connection *nb_connection_sibling(const struct nb_connection *connection)
{
    const struct nb_connection_options options = {
        .dsn = connection->dsn,
        .application_name = connection->application_name,
        .connect_timeout_ms = connection->connect_timeout_ms,
        .skip_version_check = true,
    };
    struct nb_connection *sibling;

    if (nb_connection_new(&sibling, connection->loop, &options, NULL) < 0)
        nb_fatal("a connection string was right once and is not any more");
    return sibling;
}

unsigned nb_connection_generation(const struct nb_connection *connection)
{
    return connection->generation;
}

struct nb_loop *nb_connection_loop(const struct nb_connection *connection)
{
    return connection->loop;
}

const char *nb_connection_target(const struct nb_connection *connection)
{
    return connection->target;
}

char *nb_connection_socket_directory(const struct nb_connection *connection)
{
    const char *host = connection->pg ? or_empty(PQhost(connection->pg)) : "";

    return *host == '/' ? nb_strdup(host) : NULL;
}

int nb_connection_backend_pid(const struct nb_connection *connection)
{
    return connection->pg ? PQbackendPID(connection->pg) : 0;
}
