/*
 * query.h - parameters, results and the request queue: the one way in which SQL is run.
 *
 * A request is queued on a connection. Its callback is called from the loop exactly once, even when the request is
 * cancelled (NB_ECANCELLED) or the connection lost (NB_EUNREACHABLE). The console never waits; commands use
 * nb_query_wait(), which turns the loop until the answer is there.
 *
 * Values are sent only as parameters. Results come in binary form; the getters below check the column's type.
 */
#ifndef NB_DB_QUERY_H
#define NB_DB_QUERY_H

#include "base/arena.h"
#include "base/uuid.h"
#include "db/sql.h"

struct nb_connection;

/* ---- parameters ---- */

struct nb_params; /* owned by its maker until a request takes it */

struct nb_params *nb_params_new(void);
void nb_params_free(struct nb_params **params);
size_t nb_params_count(const struct nb_params *params);
/* Each appends the value of the next $n, copied. NULL text, NULL uuid and NB_TIME_NONE become SQL NULL. No type is
 * sent: the statement decides it, as in PREPARE without types. Where it does not ("$1 IS NULL"), cast: $1::uuid. */
void nb_params_text(struct nb_params *params, const char *text);
void nb_params_bool(struct nb_params *params, bool value);
void nb_params_int(struct nb_params *params, int64_t value);
void nb_params_uuid(struct nb_params *params, const struct nb_uuid *uuid);
void nb_params_time(struct nb_params *params, int64_t micros); /* timestamptz */
void nb_params_text_array(struct nb_params *params, const char *const *values, size_t count);
void nb_params_uuid_array(struct nb_params *params, const struct nb_uuid *values, size_t count);
void nb_params_int_array(struct nb_params *params, const int64_t *values, size_t count);
void nb_params_time_array(struct nb_params *params, const int64_t *values,
                          size_t count); /* elements may be NB_TIME_NONE */
void nb_params_null(struct nb_params *params);

/* ---- results ---- */

struct nb_result; /* borrowed inside a callback, owned after nb_query_wait() */

void nb_result_free(struct nb_result **result);
size_t nb_result_rows(const struct nb_result *result);
int nb_result_columns(const struct nb_result *result);
/* For tests, which hold that the columns of each query are those that its reader expects. */
const char *nb_result_column_name(const struct nb_result *result, int column);
int64_t nb_result_affected(const struct nb_result *result); /* rows an INSERT, UPDATE, DELETE touched */
bool nb_result_is_null(const struct nb_result *result, size_t row, int column);
/* The getters end the program when the column has another type: that is a programming error. */
/* Borrowed from the result; NULL for SQL NULL. For text, varchar, name, json, jsonb and unknown; not for uuid. */
const char *nb_result_text(const struct nb_result *result, size_t row, int column);
char *nb_result_text_in(const struct nb_result *result, size_t row, int column, struct nb_arena *arena);
bool nb_result_bool(const struct nb_result *result, size_t row, int column); /* false for NULL */
int64_t nb_result_int(const struct nb_result *result, size_t row,
                      int column); /* int2, int4, int8, oid, xid8; 0 for NULL */
int64_t nb_result_time(const struct nb_result *result, size_t row, int column); /* timestamptz; NB_TIME_NONE for NULL */
struct nb_uuid nb_result_uuid(const struct nb_result *result, size_t row, int column); /* nil for NULL */

/* ---- requests ---- */

/* Higher goes first. A running BACKGROUND request (a count, a prefetch, statistics) is cancelled on the server and
 * queued again when a more urgent one arrives, so that it never delays a person. */
enum nb_priority { NB_PRIORITY_BACKGROUND, NB_PRIORITY_PAGE, NB_PRIORITY_ACT };

struct nb_request; /* a handle that is valid until the callback has returned */

/* result is NULL when err is not; both are borrowed for the duration of the call. */
typedef void nb_request_done(void *arg, struct nb_result *result, const struct nb_error *err);

struct nb_request_options {
    enum nb_priority priority;
    int64_t timeout_ms;        /* then the request is cancelled and fails with NB_EFAILED; 0: none */
    bool no_prepare;           /* never prepared: for texts that differ from call to call */
    bool waits_for_connection; /* queued while disconnected; else it fails at once with NB_EUNREACHABLE */
    bool retry_on_reconnect;   /* for read-only statements: sent again after a reconnect instead of failing */
    bool only_reads;           /* may be sent before it is known that the session can be used (reads_ahead) */
    /* Frees arg: called exactly once, after the callback or when the request was abandoned. May be NULL. */
    void (*dispose)(void *arg);
};

/* Queues text with params (may be NULL), which it takes over, even on failure. Never calls the callback itself. */
struct nb_request *nb_query_text(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                 const struct nb_request_options *options, nb_request_done *done, void *arg);
struct nb_request *nb_query(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                            const struct nb_request_options *options, nb_request_done *done, void *arg);
/* The callback comes later, with NB_ECANCELLED. A running statement is cancelled on the server without blocking. */
void nb_request_cancel(struct nb_request *request);
/* Cancels the request as above, and its callback will not be called: for a view that goes away. Calls options.dispose
 * before it returns. */
void nb_request_abandon(struct nb_request **request);

/* Fills err from a database error: keeps the sqlstate and maps it to a code, which is returned. */
int nb_error_set_sqlstate(struct nb_error *err, const char *sqlstate, const char *message, const char *hint);

/* Turns the loop until answered. *out (may be NULL) is owned by the caller. */
NB_MUSTCHECK int nb_query_wait(struct nb_connection *connection, enum nb_sql id, struct nb_params *params_take,
                               struct nb_result **out, struct nb_error *err);
NB_MUSTCHECK int nb_query_text_wait(struct nb_connection *connection, const char *text, struct nb_params *params_take,
                                    struct nb_result **out, struct nb_error *err);
/* Runs a script of several statements without parameters in the simple protocol (migrations). */
NB_MUSTCHECK int nb_query_script_wait(struct nb_connection *connection, const char *script, struct nb_error *err);

#endif
