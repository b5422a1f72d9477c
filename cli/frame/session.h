/*
 * session.h - which database, as whom: from options, environment and the local cluster to a ready
 * connection.
 *
 * The database is, in this order: --dsn, NIGHTBELL_DSN, the PG* environment (libpq reads it), the
 * local cluster when it runs. The identity is the token of --token-file, NIGHTBELL_TOKEN_FILE or
 * NIGHTBELL_TOKEN, or else the PostgreSQL role; in the local cluster the demonstration's default
 * person.
 */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include "db/connection.h"
#include "filter/filter.h"
#include "identity/identity.h"

struct command_call;
struct session;

/* As whom the local cluster is entered; with a database of one's own the DSN says it. */
enum session_login { SESSION_CLIENT, SESSION_PRODUCER, SESSION_ADMINISTRATOR };

struct session_options {
    enum session_login login;
    bool reconnect;                      /* long-running commands: keep trying when the connection is lost */
    const struct nb_subject_info *about; /* what is read or acted on: refuses whoever sees none of it; NULL: anything */
    bool skip_version_check;             /* db init, db status */
    bool own_session;                    /* locks, LISTEN, scripts: refuses a proxy that pools sessions */
    bool takes_long;                     /* statements that may run for as long as they need */
    const char *application_name;        /* NULL: nightbell */
    const char *token;                   /* in the place of what options and environment say */
};

void session_free(struct session **session);

/* A ready connection, borrowed from the call's session; waits until it is there. options may be
 * NULL: a client's. */
NB_MUSTCHECK int session_connect(struct nb_connection **out, struct command_call *call,
                                 const struct session_options *options, struct nb_error *err);
/* The same, and refuses with NB_EDENIED where the database does not know who is asking (it would
 * show nothing). */
NB_MUSTCHECK int session_connect_known(struct nb_connection **out, struct nb_identity *identity,
                                       struct command_call *call, const struct session_options *options,
                                       struct nb_error *err);

/* The same for reading and acting on one subject. */
NB_MUSTCHECK int session_connect_for(struct nb_connection **out, struct command_call *call, enum nb_subject subject,
                                     struct nb_error *err);

/* Adds what to do where the database has refused an administrator's act; returns rc. */
int session_explain_denied(int rc, struct nb_error *err);

/* What to connect to, without connecting: for the console, which connects by itself. The caller
 * frees both; *token is NULL when identity is by PostgreSQL role. */
NB_MUSTCHECK int session_resolve(char **dsn, char **token, const struct command_call *call, enum session_login login,
                                 struct nb_error *err);

/* The first half of it alone. */
NB_MUSTCHECK int session_resolve_dsn(char **dsn, const struct command_call *call, enum session_login login,
                                     struct nb_error *err);

/* Where tokens for the local cluster are kept, so that they go with it; NULL where another database
 * is meant. The caller frees it. */
char *session_token_directory(const struct command_call *call);

/* Refuses when the database does not know us (any more). */
NB_MUSTCHECK int session_check_known(struct nb_connection *connection, struct nb_error *err);

/* The file that the token comes from, borrowed; NULL where it does not come from one. */
const char *session_token_file(const struct command_call *call);

#endif
