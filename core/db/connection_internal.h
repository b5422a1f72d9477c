/*
 * connection_internal.h - what connection.c (the session), queue.c and request.c (the requests) and pipeline.c (the
 * parts of a request in flight) share.
 */
#ifndef NB_DB_CONNECTION_INTERNAL_H
#define NB_DB_CONNECTION_INTERNAL_H

#include <libpq-fe.h>

#include "base/vec.h"
#include "db/cancel.h"
#include "db/chain_internal.h"
#include "db/connection.h"
#include "db/resolve.h"
#include "db/statements.h"

/* The parts of a request in flight, in the order in which libpq answers them. */
enum nb_part_kind {
    NB_PART_CARRY,   /* the token and the settings, for this transaction only */
    NB_PART_FORGET,  /* drops all prepared statements */
    NB_PART_PREPARE, /* prepares the statement that follows */
    NB_PART_EXECUTE,
    NB_PART_SYNC, /* ends the transaction; after an error the server skips the parts up to here */
};
struct nb_part {
    enum nb_part_kind kind;
    size_t step; /* of a chain */
};

struct nb_request {
    struct nb_connection *connection;
    struct nb_chain *chain; /* several statements, instead of text */
    char *text;
    struct nb_params *params;
    struct nb_request_options options;
    nb_request_done *done; /* NULL: abandoned, or already called */
    void *arg;
    struct nb_timer *timeout;
    struct nb_error error; /* for a request in connection->answers */
    bool script;           /* several statements, simple protocol */
    NB_VEC(struct nb_part) parts;
    size_t at;          /* the part whose answer is expected */
    bool begun;         /* the first result of that answer has come */
    PGresult *result;   /* its error, or else its last result; a chain keeps its own results */
    int64_t sent_at;    /* monotonic */
    bool running;       /* in flight */
    bool cancel_wanted; /* cancel it as soon as the server runs it */
    bool exposed;       /* a cancel meant for the request before it may hit it */
    bool in_block;      /* sent within an open transaction */
    bool answering;     /* in connection->answers */
    bool settled;       /* its answer is decided, whether or not the callback was called */
    bool internal;      /* belongs to the set-up: dropped with the session, without a callback */
    bool preempted;     /* cancelled for an urgent request: goes back to the queue */
    bool unnamed;       /* a prepared statement failed for it: run it unnamed */
    bool prepared;      /* it was sent as a prepared statement */
};

struct nb_connection {
    struct nb_loop *loop;
    char *dsn;
    char *token;
    char *application_name;
    int64_t connect_timeout_ms;
    int64_t answer_timeout_ms;
    bool reconnect;
    bool skip_version_check;
    bool needs_session;
    bool reads_ahead; /* false from the end of the first attempt on */

    struct nb_resolve *resolve; /* while host names are looked up */
    PGconn *pg;                 /* NULL between sessions, and while names are looked up */
    enum nb_connection_state state;
    PostgresPollingStatusType polling;
    struct nb_source *source;
    struct nb_timer *attempt_timer; /* limits CONNECTING and SETUP */
    struct nb_timer *retry_timer;   /* ends WAITING */
    struct nb_timer *silence_timer; /* checks whether the server has been silent for too long */
    struct nb_error error;          /* why it is WAITING or FAILED */
    struct nb_error farewell;       /* what the server said before it closed the session */
    unsigned attempts;              /* since the last READY */
    unsigned telling;               /* nested calls of the observers */
    bool token_changed;             /* the token changed during SETUP, which used the former one */
    unsigned generation;
    char *target;
    NB_VEC(struct nb_connection_observer *) observers;

    /* the queue */
    NB_VEC(struct nb_request *) waiting; /* most urgent first, equal ones in order of arrival */
    NB_VEC(struct nb_request *) answers; /* failed without the server; their callbacks are called in the next turn */
    struct nb_timer *answer_timer;
    NB_VEC(struct nb_request *) flights; /* sent and not answered, in order; the server runs the first */
    uint64_t sent;                       /* how many have been sent */
    struct nb_statements *statements;
    bool owned;    /* proved: no pooler shares the server's session */
    bool in_block; /* after what has been sent, a transaction is open */
    bool flush_pending;
    int64_t heard_at;      /* monotonic: when bytes last came, or when the first statement was sent */
    int64_t round_trip_ms; /* the shortest so far; -1: none yet */
    int64_t landed_at;     /* monotonic: when the last answer was complete; the next flight has run since about then */
    struct nb_cancel *cancel;
    struct nb_timer *cancel_timer;  /* until the cancel is sent again */
    struct nb_timer *preempt_timer; /* until a background request is cancelled for an urgent one */
};

/* connection.c */
/* Call when a statement was sent: starts the check for silence. */
void nb_connection_await_answer(struct nb_connection *connection);
void nb_connection_lost(struct nb_connection *connection, const struct nb_error *err);

/* flight.c */
/* NULL: none is in flight. */
struct nb_request *nb_first_flight(const struct nb_connection *connection);
/* Cancels a request in flight; repeats the cancel until the request has ended. */
void nb_flight_cancel(struct nb_request *request);
/* Sends the cancel that the first in flight wants; arg is the connection. */
void nb_flight_cancel_due(void *arg);

/* request.c */
struct nb_request *nb_request_new(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                  const struct nb_request_options *options, nb_request_done *done, void *arg);
/* Frees it, unless it is still running or its callback is still due. */
void nb_request_release(struct nb_request *request);
/* query.c: queues it, or fails it when there is no connection and it must not wait for one. */
struct nb_request *nb_request_submit(struct nb_connection *connection, struct nb_request *request);
/* Whether it waits for a connection instead of failing. */
bool nb_request_stays(const struct nb_request *request);
/* Whether it may be sent behind the session's start, before the answer to that. */
bool nb_request_goes_ahead(const struct nb_request *request);
/* Calls the callback, once. */
void nb_request_call_back(struct nb_request *request, struct nb_result *result, const struct nb_error *err);
/* Puts it behind requests of the same priority; before them if it has been running already. */
void nb_request_enqueue(struct nb_connection *connection, struct nb_request *request, bool first_of_equals);
/* Decides its answer; the callback is called in the loop's next turn. */
void nb_request_answer_later(struct nb_request *request, const struct nb_error *err);
/* Calls the callbacks of connection->answers; arg is the connection. */
void nb_queue_tell_answers(void *arg);

/* pipeline.c */
/* Hands all parts of the request to libpq; false: libpq refused one. */
bool nb_request_send(struct nb_request *request);
/* Takes the next result from libpq, or the NULL that ends a part. True: it was the request's last. */
bool nb_request_take(struct nb_request *request, PGresult *result);
/* Whether nothing else may be in flight with it. */
bool nb_request_goes_alone(const struct nb_request *request);

/* queue.c */
void nb_queue_init(struct nb_connection *connection);
void nb_queue_clear(struct nb_connection *connection);
/* Sends what it can; cancels a background request that delays an urgent one. */
void nb_queue_pump(struct nb_connection *connection);
/* Takes the results that have come from the server. */
void nb_queue_read(struct nb_connection *connection);
void nb_queue_flush(struct nb_connection *connection);
/* The first statement of a session. */
void nb_queue_start_session(struct nb_connection *connection, nb_request_done *done);
/* Sets connection->token in the running session, ahead of all waiting requests. */
void nb_queue_set_token(struct nb_connection *connection);
/* Call when the session has ended. Answers the requests that do not wait for a new one; all: every request. */
void nb_queue_lost(struct nb_connection *connection, const struct nb_error *err, bool all);

#endif
