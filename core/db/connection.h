/*
 * connection.h - one connection to PostgreSQL as a state machine on the loop; uses only libpq's non-blocking calls.
 *
 *     CLOSED -> CONNECTING -> SETUP -> READY -> (lost) -> WAITING -> CONNECTING …
 *
 * SETUP sets the token and checks the schema's version. A lost connection that may reconnect waits with growing,
 * jittered delays (0.2 s … 10 s); one that may not goes to FAILED with its error. While a request runs,
 * nb_connection_silent_ms() says how long the server has sent nothing.
 */
#ifndef NB_DB_CONNECTION_H
#define NB_DB_CONNECTION_H

#include "base/loop.h"
#include "db/query.h"

enum nb_connection_state {
    NB_CONNECTION_CLOSED,
    NB_CONNECTION_CONNECTING,
    NB_CONNECTION_SETUP,
    NB_CONNECTION_READY,
    NB_CONNECTION_WAITING, /* lost; the next attempt is in nb_connection_retry_in_ms() */
    NB_CONNECTION_FAILED,  /* gave up: no reconnect wanted, or an error that a new attempt cannot heal */
};

struct nb_connection;

struct nb_connection_options {
    const char *dsn;   /* conninfo string or URI; NULL or "": the PG* environment */
    const char *token; /* JWT set in nightbell.token; NULL: identity by the PostgreSQL role */
    const char *application_name;
    int64_t connect_timeout_ms; /* for each attempt; 0: 10 s */
    int64_t answer_timeout_ms;  /* silence while a statement runs, after which the connection counts as lost; 0: none */
    bool reconnect;
    bool skip_version_check; /* db init, db status: the schema may be absent or of another version */
    bool needs_session;      /* uses locks, LISTEN or scripts: fails behind a pooler that shares sessions */
    /* What only reads is sent behind the first session's start without waiting for the answer, which saves a round trip.
     * Such requests wait for the connection; the answer to a session that cannot be used is why. When the first attempt
     * has failed or is over, they are like all others. */
    bool reads_ahead;
};

struct nb_connection_observer {
    /* err is set in WAITING and FAILED. */
    void (*state_changed)(void *arg, enum nb_connection_state state, const struct nb_error *err);
    void (*notified)(void *arg, const char *channel, const char *payload);
    void *arg;
};

NB_MUSTCHECK int nb_connection_new(struct nb_connection **out, struct nb_loop *loop,
                                   const struct nb_connection_options *options, struct nb_error *err);
/* Answers the remaining requests with NB_ECANCELLED. Must not be called from a callback of this connection. */
void nb_connection_free(struct nb_connection **connection);
/* Any number of observers; the struct must live until removed. */
void nb_connection_observe(struct nb_connection *connection, struct nb_connection_observer *observer);
void nb_connection_unobserve(struct nb_connection *connection, struct nb_connection_observer *observer);

void nb_connection_start(struct nb_connection *connection);
void nb_connection_retry_now(struct nb_connection *connection); /* in WAITING or FAILED */
/* For commands: starts and turns the loop until READY or FAILED. */
NB_MUSTCHECK int nb_connection_wait_ready(struct nb_connection *connection, struct nb_error *err);
/* Sets the token of the running session and every later one. */
void nb_connection_set_token(struct nb_connection *connection, const char *token);

enum nb_connection_state nb_connection_state(const struct nb_connection *connection);
/* Whether what only reads is sent now: READY, or in SETUP with reads_ahead. */
bool nb_connection_takes_reads(const struct nb_connection *connection);
int64_t nb_connection_retry_in_ms(const struct nb_connection *connection);
int64_t nb_connection_silent_ms(const struct nb_connection *connection); /* 0 when no answer is due */
/* Whether the server's session belongs to this connection alone, which the session's first statement proves. A pooler
 * may give every transaction another session: then the token and the settings are sent with each transaction, and
 * neither prepared statements nor LISTEN are used. */
bool nb_connection_is_owned(const struct nb_connection *connection);
/* How many requests have been sent so far, if none waits or is unanswered and no transaction is open; else 0. */
uint64_t nb_connection_idle_since(const struct nb_connection *connection);
/* A second connection to the same database, as the same login, without a token; the caller frees it. */
struct nb_connection *nb_connection_sibling(const struct nb_connection *connection);
unsigned nb_connection_generation(const struct nb_connection *connection); /* +1 with every session */
struct nb_loop *nb_connection_loop(const struct nb_connection *connection);
/* For messages: "socket /run/x" or "host:port", and the database. Never contains a password. */
const char *nb_connection_target(const struct nb_connection *connection);
/* The directory of the server's unix socket; NULL for TCP or no connection. The caller frees it. */
char *nb_connection_socket_directory(const struct nb_connection *connection);
int nb_connection_backend_pid(const struct nb_connection *connection); /* 0 when not connected */

#endif
