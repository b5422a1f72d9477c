/*
 * session.c - finds the database and the identity; where one is missing, says what is missing and what to do.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/frame/command.h"
#include "cli/frame/session.h"
#include "db/dsn.h"
#include "local/local.h"
#include "demo/demo.h"

/* With any of these set, libpq has been told where the database is. */
static const char *const libpq_variables[] = {"PGHOST",     "PGHOSTADDR", "PGPORT",
                                              "PGDATABASE", "PGSERVICE",  "PGSERVICEFILE"};

#define ANSWER_TIMEOUT_MS 60000

struct session {
    struct nb_loop *loop;
    struct nb_connection *connection;
    const struct nb_subject_info *about; /* whose rows will be asked for */
    bool unsettled;                      /* begun: neither ready, nor is it known for whom */
    bool answered;
    struct nb_identity identity;
    struct nb_error identity_error;
};

static struct session *session_new(void)
{
    return nb_calloc(1, sizeof(struct session));
}

void session_free(struct session **session)
{
    if (!*session)
        return;
    nb_connection_free(&(*session)->connection);
    nb_loop_free(&(*session)->loop);
    nb_free(session);
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

static int local_dsn(char **out, enum session_login login, struct nb_error *err)
{
    struct nb_local_status *status = nb_calloc(1, sizeof(*status));
    int rc = nb_local_status(status, NULL, err);
    if (rc == NB_OK && status->replaced && (rc = nb_local_start(NULL, NULL, NULL, err)) == NB_OK)
        rc = nb_local_status(status, NULL, err);
    if (rc == NB_OK && !status->running) {
        nb_error_set(err, NB_EUNREACHABLE, NB_DOMAIN_NONE, "no database is configured, and the local one %s",
                     status->exists ? "is not running" : "does not exist yet");
        rc = nb_error_hint(err, "start it with nightbell local start, or set NIGHTBELL_DSN (or PGHOST …) to yours");
    } else if (rc == NB_OK && login == SESSION_PRODUCER) {
        *out = nb_strdup(status->producer_dsn);
    } else if (rc == NB_OK && login == SESSION_WORKER) {
        *out = nb_strdup(status->worker_dsn);
    } else if (rc == NB_OK && login == SESSION_GATEWAY) {
        *out = nb_strdup(status->gateway_dsn);
    } else if (rc == NB_OK) {
        *out = nb_strdup(login == SESSION_ADMINISTRATOR ? status->admin_dsn : status->dsn);
    }
    free(status);
    return rc;
}

/* Whether the DSN is the local cluster's, as in a shell set up by `nightbell local env`. It names the client's login,
 * but commands may then use the cluster's other logins too. */
static bool names_local(const char *dsn)
{
    struct nb_local_status *status = nb_calloc(1, sizeof(*status));
    bool same = nb_local_status(status, NULL, NULL) == NB_OK && strcmp(status->dsn, dsn) == 0;
    free(status);
    return same;
}

/* *local: the database is the local cluster, where we may use any login. */
static int resolve_dsn(char **out, bool *local, const struct command_call *call, enum session_login login,
                       struct nb_error *err)
{
    const char *dsn = command_text(call, "dsn");
    *local = false;
    if (dsn) {
        int rc = nb_dsn_check_public(dsn, err);
        if (rc != NB_OK)
            return rc;
    } else {
        dsn = environment("NIGHTBELL_DSN");
    }
    for (size_t i = 0; !dsn && i < NB_ARRAY_SIZE(libpq_variables); i++)
        if (environment(libpq_variables[i]))
            dsn = "";
    *local = !dsn || names_local(dsn);
    if (*local)
        return local_dsn(out, login, err);
    *out = nb_strdup(dsn);
    return NB_OK;
}

int session_resolve_dsn(char **dsn, const struct command_call *call, enum session_login login, struct nb_error *err)
{
    bool local;
    return resolve_dsn(dsn, &local, call, login, err);
}

char *session_local_directory(const struct command_call *call)
{
    struct nb_local_status *status = nb_calloc(1, sizeof(*status));
    char *dsn = NULL, *directory = NULL;
    bool local = false;
    if (resolve_dsn(&dsn, &local, call, SESSION_CLIENT, NULL) == NB_OK && local &&
        nb_local_status(status, NULL, NULL) == NB_OK)
        directory = nb_strdup(status->directory);
    free(dsn);
    free(status);
    return directory;
}

char *session_token_directory(const struct command_call *call)
{
    char *local = session_local_directory(call);
    char *directory = local ? nb_asprintf("%s/tokens", local) : NULL;
    free(local);
    return directory;
}

/* Whoever can log in to the local cluster is its administrator and could act as anybody. Without a token they get the
 * demonstration's default person; where the demonstration is not loaded, nobody. */
static void default_person(char **token)
{
    char *admin_dsn = NULL;
    if (local_dsn(&admin_dsn, SESSION_ADMINISTRATOR, NULL) == NB_OK)
        nb_demo_default_token(token, admin_dsn);
    free(admin_dsn);
}

const char *session_token_file(const struct command_call *call)
{
    const char *file = command_text(call, "token-file");
    return file ? file : environment("NIGHTBELL_TOKEN_FILE");
}

static int resolve_token(char **out, const struct command_call *call, struct nb_error *err)
{
    const char *file = session_token_file(call);
    if (file) {
        int rc = nb_token_read_file(out, file, err);
        if (rc != NB_OK && !err->hint[0])
            nb_error_hint(err, "--token-file or NIGHTBELL_TOKEN_FILE names a file with your token");
        return rc;
    }
    *out = nb_strdup(environment("NIGHTBELL_TOKEN"));
    return NB_OK;
}

int session_resolve(char **dsn, char **token, const struct command_call *call, enum session_login login,
                    struct nb_error *err)
{
    bool local = false;
    bool by_login = login == SESSION_ADMINISTRATOR || login == SESSION_WORKER || login == SESSION_GATEWAY;
    int rc = NB_OK;
    *dsn = *token = NULL;
    if (!by_login)
        rc = resolve_token(token, call, err);
    if (login == SESSION_MANAGER)
        login = *token ? SESSION_CLIENT : SESSION_ADMINISTRATOR;
    if (rc == NB_OK)
        rc = resolve_dsn(dsn, &local, call, login, err);
    if (rc == NB_OK && local && !by_login && login != SESSION_ADMINISTRATOR && !*token)
        default_person(token);
    if (rc != NB_OK) {
        nb_free(token);
        nb_free(dsn);
    }
    return rc;
}

int session_explain_denied(int rc, struct nb_error *err)
{
    if (rc == NB_EDENIED && err->domain == NB_DOMAIN_DATABASE && !err->hint[0])
        nb_error_hint(err, "use a login that is a member of nightbell_admin (--dsn)");
    return rc;
}

struct first_try {
    bool failed;
    struct nb_error err;
};

static void first_try_state(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct first_try *first = arg;
    if (state == NB_CONNECTION_WAITING && err) {
        first->failed = true;
        first->err = *err;
    }
}

/* A long-lived connection reconnects when it is lost; but when the first attempt fails, the cause is probably a
 * mistake, so it is reported. */
static int wait_ready(struct nb_connection *connection, struct nb_error *err)
{
    struct first_try first = {0};
    struct nb_connection_observer observer = {.state_changed = first_try_state, .arg = &first};
    int rc = NB_OK;
    nb_connection_observe(connection, &observer);
    nb_connection_start(connection);
    while (rc == NB_OK && !first.failed && nb_connection_state(connection) != NB_CONNECTION_READY &&
           nb_connection_state(connection) != NB_CONNECTION_FAILED)
        rc = nb_loop_turn(nb_connection_loop(connection), -1, err);
    nb_connection_unobserve(connection, &observer);
    if (rc == NB_OK && first.failed) {
        *err = first.err;
        rc = err->code;
    } else if (rc == NB_OK) {
        rc = nb_connection_wait_ready(connection, err);
    }
    if (rc == NB_EUNREACHABLE && !err->hint[0])
        nb_error_hint(err, "is the server running, and is the database's address (--dsn, "
                           "NIGHTBELL_DSN, PGHOST …) the right one?");
    return rc;
}

/* A command must not wait for ever for a server that does not answer. One that reconnects waits for it. */
static int set_timeouts(struct nb_connection_options *connection, const struct command_call *call,
                        const struct session_options *options, struct nb_error *err)
{
    long seconds;
    int rc = command_number(&seconds, call, "timeout", 1, 86400, 0, err);
    if (rc != NB_OK)
        return rc;
    connection->connect_timeout_ms = seconds * 1000; /* 0: the default */
    if (!options->reconnect)
        connection->answer_timeout_ms = seconds > 0 ? seconds * 1000 : options->takes_long ? 0 : ANSWER_TIMEOUT_MS;
    else
        connection->answer_timeout_ms = options->silent_at_most_ms;
    return NB_OK;
}

static int begin_connection(struct nb_connection **out, struct nb_loop *loop, const struct command_call *call,
                            const struct session_options *options, struct nb_error *err)
{
    char *dsn = NULL, *token = NULL;
    int rc = options->token ? session_resolve_dsn(&dsn, call, options->login, err)
                            : session_resolve(&dsn, &token, call, options->login, err);

    *out = NULL;
    if (rc != NB_OK)
        goto out;
    if (options->token)
        token = nb_strdup(options->token);
    struct nb_connection_options connection_options = {
        .dsn = dsn,
        .token = token,
        .application_name = options->application_name ? options->application_name : "nightbell",
        .reconnect = options->reconnect,
        .skip_version_check = options->skip_version_check,
        .needs_session = options->own_session,
        .reads_ahead = !options->reconnect,
    };
    if ((rc = set_timeouts(&connection_options, call, options, err)) == NB_OK &&
        (rc = nb_connection_new(out, loop, &connection_options, err)) == NB_OK)
        nb_connection_start(*out);
out:
    free(dsn);
    free(token);
    return rc;
}

static const struct session_options a_client = {.login = SESSION_CLIENT};

/* The call's session, connecting; *begun: it is a new one. */
static int begin_session(bool *begun, struct command_call *call, const struct session_options *options,
                         struct nb_error *err)
{
    struct session *session;
    int rc;

    *begun = !call->session;
    if (call->session)
        return NB_OK;
    session = session_new();
    if ((rc = nb_loop_new(&session->loop, err)) == NB_OK)
        rc = begin_connection(&session->connection, session->loop, call, options ? options : &a_client, err);
    if (rc == NB_OK)
        call->session = session;
    else
        session_free(&session);
    return rc;
}

int session_connect(struct nb_connection **out, struct command_call *call, const struct session_options *options,
                    struct nb_error *err)
{
    bool begun;
    int rc = begin_session(&begun, call, options, err);

    *out = NULL;
    if (rc == NB_OK && begun && (rc = wait_ready(call->session->connection, err)) != NB_OK)
        session_free(&call->session);
    if (rc == NB_OK)
        *out = call->session->connection;
    return rc;
}

int session_connect_beside(struct nb_connection **out, struct command_call *call, const struct session_options *options,
                           struct nb_error *err)
{
    int rc = begin_connection(out, call->session->loop, call, options, err);

    if (rc == NB_OK && (rc = wait_ready(*out, err)) != NB_OK)
        nb_connection_free(out);
    return rc;
}

static int check_identity(const struct nb_identity *identity, const struct nb_subject_info *about, struct nb_error *err)
{
    if (!identity->known) {
        nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "the database does not know who you are: %s",
                     identity->reason);
        return nb_error_hint(err, "give a token with --token-file or NIGHTBELL_TOKEN_FILE");
    }
    if (about && about->operators_only && !nb_identity_is_operator(identity)) {
        nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s, and %s at %s is none", about->operators_only,
                     identity->user_name, identity->tenant_name);
        return nb_error_hint(err, "use an operator's token");
    }
    return NB_OK;
}

static void identity_came(void *arg, const struct nb_identity *identity, const struct nb_error *err)
{
    struct session *session = arg;

    session->answered = true;
    if (err)
        session->identity_error = *err;
    else
        session->identity = *identity;
}

int session_begin(struct nb_connection **out, struct command_call *call, const struct session_options *options,
                  struct nb_error *err)
{
    bool begun;
    int rc = begin_session(&begun, call, options, err);

    *out = NULL;
    /* one that reconnects sends nothing ahead */
    if (rc == NB_OK && begun && options && options->reconnect &&
        (rc = wait_ready(call->session->connection, err)) != NB_OK)
        session_free(&call->session);
    if (rc != NB_OK)
        return rc;
    *out = call->session->connection;
    call->session->about = options ? options->about : NULL;
    call->session->answered = false;
    call->session->unsettled = true;
    nb_identity_fetch(*out, identity_came, call->session);
    return NB_OK;
}

int session_settle(struct command_call *call, struct nb_error *err)
{
    struct session *session = call->session;
    int rc;

    if (!session->unsettled)
        return NB_OK;
    rc = wait_ready(session->connection, err);
    while (rc == NB_OK && !session->answered)
        rc = nb_loop_turn(session->loop, -1, err);
    if (rc == NB_OK && session->identity_error.code != NB_OK) {
        *err = session->identity_error;
        rc = err->code;
    }
    if (rc == NB_OK)
        rc = check_identity(&session->identity, session->about, err);
    session->unsettled = rc != NB_OK;
    return rc;
}

int session_connect_known(struct nb_connection **out, struct nb_identity *identity, struct command_call *call,
                          const struct session_options *options, struct nb_error *err)
{
    int rc = session_begin(out, call, options, err);
    if (rc == NB_OK)
        rc = session_settle(call, err);
    if (rc == NB_OK && identity)
        *identity = call->session->identity;
    return rc;
}

int session_begin_for(struct nb_connection **out, struct command_call *call, enum nb_subject subject,
                      struct nb_error *err)
{
    struct session_options options = {.about = nb_subject_info(subject)};
    return session_begin(out, call, &options, err);
}

int session_connect_for(struct nb_connection **out, struct command_call *call, enum nb_subject subject,
                        struct nb_error *err)
{
    struct session_options options = {.about = nb_subject_info(subject)};
    return session_connect_known(out, NULL, call, &options, err);
}

int session_ask(struct nb_result **out, struct command_call *call, const struct session_options *options,
                enum nb_sql id, struct nb_params *params_take, struct nb_error *err)
{
    struct nb_connection *connection = NULL;
    int rc = session_connect(&connection, call, options, err);

    *out = NULL;
    if (rc < 0) {
        nb_params_free(&params_take);
        return rc;
    }
    return session_explain_denied(nb_query_wait(connection, id, params_take, out, err), err);
}
