/*
 * session.h - finds the database and the identity, from options, environment and the local cluster, and connects.
 *
 * The database is the first of these:
 * - --dsn
 * - NIGHTBELL_DSN
 * - the PG* environment, which libpq reads
 * - the local cluster, when it runs
 *
 * The identity is the token of --token-file, NIGHTBELL_TOKEN_FILE or NIGHTBELL_TOKEN, or else the PostgreSQL role; in
 * the local cluster the demonstration's default person.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "db/connection.h"
#include "filter/filter.h"
#include "identity/identity.h"

struct command_call;
struct session;

/* The login to use in the local cluster; for another database the DSN says it. An administrator is known by the login
 * alone; a manager by the token where one is given (an administrator of a tenant), else by the administrator's login. */
enum session_login {
    SESSION_CLIENT,
    SESSION_PRODUCER,
    SESSION_WORKER,
    SESSION_GATEWAY, /* nobody: each request brings its own token */
    SESSION_ADMINISTRATOR,
    SESSION_MANAGER
};

struct session_options {
    enum session_login login;
    bool reconnect;                      /* long-running commands: keep trying when the connection is lost */
    const struct nb_subject_info *about; /* refuses those who see none of these rows; NULL: no check */
    bool skip_version_check;             /* db init, db status */
    bool own_session;                    /* for locks, LISTEN, scripts: refuses a pooler that shares sessions */
    bool takes_long;                     /* no limit on the time of a statement */
    int64_t silent_at_most_ms;    /* of a connection that reconnects: silence while a statement runs; 0: no limit */
    const char *application_name; /* NULL: nightbell */
    const char *token;            /* instead of what options and environment say */
};

void session_free(struct session **session);

/* Waits for a ready connection, borrowed from the call's session. options NULL: a client's. */
NB_MUSTCHECK int session_connect(struct nb_connection **out, struct command_call *call,
                                 const struct session_options *options, struct nb_error *err);
/* Like session_connect(), but NB_EDENIED where the database does not know the identity (it would show nothing). */
NB_MUSTCHECK int session_connect_known(struct nb_connection **out, struct nb_identity *identity,
                                       struct command_call *call, const struct session_options *options,
                                       struct nb_error *err);

/* The same in two steps, so that what only reads (fetch.h) can be asked in between, and all is answered in one round trip:
 * begins to connect and asks who we are; then waits for both, and refuses like session_connect_known(). */
NB_MUSTCHECK int session_begin(struct nb_connection **out, struct command_call *call,
                               const struct session_options *options, struct nb_error *err);
NB_MUSTCHECK int session_begin_for(struct nb_connection **out, struct command_call *call, enum nb_subject subject,
                                   struct nb_error *err);
NB_MUSTCHECK int session_settle(struct command_call *call, struct nb_error *err);

/* Another connection on the same loop, for a call that has a session. The caller frees it. */
NB_MUSTCHECK int session_connect_beside(struct nb_connection **out, struct command_call *call,
                                        const struct session_options *options, struct nb_error *err);

/* Like session_connect_known(), for reading and acting on one subject. */
NB_MUSTCHECK int session_connect_for(struct nb_connection **out, struct command_call *call, enum nb_subject subject,
                                     struct nb_error *err);

/* Adds a hint where the database has refused an act that only administrators may do; returns rc. */
int session_explain_denied(int rc, struct nb_error *err);

/* Connects as options says and runs one statement; a refusal is explained. The caller frees the result. */
NB_MUSTCHECK int session_ask(struct nb_result **out, struct command_call *call, const struct session_options *options,
                             enum nb_sql id, struct nb_params *params_take, struct nb_error *err);

/* Finds what to connect to without connecting: for the console, which connects by itself. The caller frees both; *token
 * is NULL when the identity is the PostgreSQL role. */
NB_MUSTCHECK int session_resolve(char **dsn, char **token, const struct command_call *call, enum session_login login,
                                 struct nb_error *err);

/* Finds the DSN only. */
NB_MUSTCHECK int session_resolve_dsn(char **dsn, const struct command_call *call, enum session_login login,
                                     struct nb_error *err);

/* The directory of the local cluster, where that is the database; NULL for another one. The caller frees it. */
char *session_local_directory(const struct command_call *call);
/* The directory for tokens of the local cluster, which is deleted with it; NULL for another database. The caller frees
 * it. */
char *session_token_directory(const struct command_call *call);

/* The file that the token was read from, borrowed; NULL where it came from elsewhere. */
const char *session_token_file(const struct command_call *call);

#endif
