/*
 * connection_internal.h - the connection from inside: what connection.c (the session), queue.c (the requests)
 * and pipeline.c (their parts on the way) share.
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

/* What a request consists of on its way, in the order in which libpq answers. */
enum nb_part_kind {
    NB_PART_CARRY,   /* the token and the settings, for this transaction only */
    NB_PART_FORGET,  /* dropping all prepared statements */
    NB_PART_PREPARE, /* preparing the statement that follows */
    NB_PART_EXECUTE,
    NB_PART_SYNC, /* the end of what fails together */
};
struct nb_part {
    enum nb_part_kind kind;
    size_t step; /* of a chain */
};

struct nb_request {
    struct nb_connection *connection;
    struct nb_chain *chain; /* several statements at once instead of text */
    char *text;
    struct nb_params *params;
    struct nb_request_options options;
    nb_request_done *done; /* NULL: nobody waits for the answer */
    void *arg;
    struct nb_timer *timeout;
    struct nb_error error; /* of an answer that is on its way */
    bool script;           /* several statements, simple protocol */
    NB_VEC(struct nb_part) parts;
    size_t at;          /* the part whose answer is expected */
    bool begun;         /* something of that answer has come */
    PGresult *result;   /* its error, or else its last result; a chain keeps its own */
    int64_t sent_at;    /* monotonic */
    bool running;       /* in flight */
    bool cancel_wanted; /* as soon as the server comes to it */
    bool exposed;       /* a cancel that is meant for another one may hit it */
    bool in_block;      /* sent within an open transaction */
    bool answering;     /* among connection->answers */
    bool settled;       /* its answer is decided, told or not */
    bool internal;      /* of the session's own set-up: ends with the session, untold */
    bool preempted;     /* cancelled to let something urgent pass: goes back to the queue */
    bool unnamed;       /* prepared statements failed for it */
    bool prepared;      /* it has named a prepared statement */
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

    struct nb_resolve *resolve; /* while host names are looked up */
    PGconn *pg;                 /* NULL between sessions, and while names are looked up */
    enum nb_connection_state state;
    PostgresPollingStatusType polling;
    struct nb_source *source;
    struct nb_timer *attempt_timer; /* limits CONNECTING and SETUP */
    struct nb_timer *retry_timer;   /* ends WAITING */
    struct nb_timer *silence_timer; /* looks whether the statement in flight is silent for too long */
    struct nb_error error;          /* why it is WAITING or FAILED */
    struct nb_error farewell;       /* what the server said before it closed the session */
    unsigned attempts;              /* since the last READY */
    unsigned telling;               /* observers are being called */
    bool token_changed;             /* while the session was being set up with the former one */
    unsigned generation;
    char *target;
    NB_VEC(struct nb_connection_observer *) observers;

    /* the queue */
    NB_VEC(struct nb_request *) waiting; /* most urgent first, equal ones in order of arrival */
    NB_VEC(struct nb_request *) answers; /* requests that failed without the server; told in the next turn */
    struct nb_timer *answer_timer;
    NB_VEC(struct nb_request *) flights; /* sent and not answered, in order: the server is at the first one */
    struct nb_statements *statements;
    bool owned;    /* proved: the server's session is ours alone */
    bool in_block; /* as far as sent: within BEGIN and COMMIT */
    bool flush_pending;
    int64_t heard_at;      /* monotonic: when the first statement was sent, or something came */
    int64_t round_trip_ms; /* the shortest that was seen; -1: none yet */
    struct nb_cancel *cancel;
    struct nb_timer *cancel_timer;  /* until the cancel is sent once more */
    struct nb_timer *preempt_timer; /* until a background request that stands in the way is cancelled */
};

/* connection.c */
/* A statement has been sent: from now on an answer is waited for. */
void nb_connection_await_answer(struct nb_connection *connection);
void nb_connection_lost(struct nb_connection *connection, const struct nb_error *err);

/* request.c */
struct nb_request *nb_request_new(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                  const struct nb_request_options *options, nb_request_done *done, void *arg);
/* Frees it, unless it is still running or its answer is still to be told. */
void nb_request_release(struct nb_request *request);
/* query.c: queues it, or fails it where there is no connection to wait for. */
struct nb_request *nb_request_submit(struct nb_connection *connection, struct nb_request *request);
/* Calls the callback, once. */
void nb_request_call_back(struct nb_request *request, struct nb_result *result, const struct nb_error *err);
/* Behind its equals, or before them where it had been running already. */
void nb_request_enqueue(struct nb_connection *connection, struct nb_request *request, bool first_of_equals);
/* Settles it: the answer is told in the loop's next turn. */
void nb_request_answer_later(struct nb_request *request, const struct nb_error *err);
/* Tells all answers that were settled; arg is the connection. */
void nb_queue_tell_answers(void *arg);

/* pipeline.c */
/* Hands all parts of the request to libpq; false: it would not have them. */
bool nb_request_send(struct nb_request *request);
/* Takes what libpq has got, NULL too. True: that was the last of it. */
bool nb_request_take(struct nb_request *request, PGresult *result);
/* Whether nothing else may be in flight beside it. */
bool nb_request_goes_alone(const struct nb_request *request);
/* Prepared statements got lost on the way (a pooler), or the plan's result changed. */
bool nb_result_lost_preparation(const PGresult *result);

/* queue.c */
/* Cancels a request that is in flight, again and again until it is over. */
void nb_queue_cancel(struct nb_request *request);
void nb_queue_init(struct nb_connection *connection);
void nb_queue_clear(struct nb_connection *connection);
/* Sends what it can; cancels a background request that stands in an urgent one's way. */
void nb_queue_pump(struct nb_connection *connection);
/* Takes what has come from the server. */
void nb_queue_read(struct nb_connection *connection);
void nb_queue_flush(struct nb_connection *connection);
/* The first statement of a session. */
void nb_queue_start_session(struct nb_connection *connection, nb_request_done *done);
/* Sets connection->token in the running session, before anything that waits. */
void nb_queue_set_token(struct nb_connection *connection);
/* The session has ended: nothing runs any more. Answers what does not want to wait (all: everything). */
void nb_queue_lost(struct nb_connection *connection, const struct nb_error *err, bool all);

#endif
