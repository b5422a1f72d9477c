/*
 * hub.c - `nightbell hub`: one listening session for all consoles of a host, until SIGTERM.
 */
#include "cli/commands/hub.h"

#include <signal.h>

#include "base/log.h"
#include "base/service.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "feed/place.h"
#include "hub/hub.h"

struct hub_service {
    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_hub *hub;
    struct nb_signal *hangup;
    hub_service_failed *failed;
    void *arg;
    bool lost;
};

static void ask_again(void *arg, int signo)
{
    (void)signo;
    nb_hub_ask_again(((struct hub_service *)arg)->hub);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct hub_service *service = arg;

    if (state == NB_CONNECTION_FAILED) {
        service->failed(service->arg, err);
    } else if (state == NB_CONNECTION_WAITING && !service->lost) {
        nb_log(NB_LOG_WARN, "hub database=lost reason=%s", nb_log_quote(err->message));
        service->lost = true;
    } else if (state == NB_CONNECTION_READY && service->lost) {
        nb_log(NB_LOG_INFO, "hub database=back");
        service->lost = false;
    }
}

int hub_service_begin(struct hub_service **out, struct nb_connection *connection, const char *socket,
                      hub_service_failed *failed, void *arg, struct nb_error *err)
{
    struct hub_service *service = nb_calloc(1, sizeof(*service));
    int rc = nb_hub_new(&service->hub, connection, socket ? socket : nb_hub_named(), err);

    service->connection = connection;
    service->failed = failed;
    service->arg = arg;
    service->observer = (struct nb_connection_observer){.state_changed = state_changed, .arg = service};
    nb_connection_observe(connection, &service->observer);
    if (rc == NB_OK)
        rc = nb_loop_add_signal(&service->hangup, nb_connection_loop(connection), SIGHUP, ask_again, service, err);
    if (rc == NB_OK)
        nb_log(NB_LOG_INFO, "hub ready socket=%s database=%s", nb_log_quote(nb_hub_socket(service->hub)),
               nb_log_quote(nb_connection_target(connection)));
    else
        hub_service_end(&service);
    *out = service;
    return rc;
}

void hub_service_end(struct hub_service **out)
{
    struct hub_service *service = *out;

    if (!service)
        return;
    nb_signal_remove(&service->hangup);
    nb_connection_unobserve(service->connection, &service->observer);
    nb_hub_free(&service->hub);
    nb_free(out);
}

struct hub_run {
    struct nb_loop *loop;
    struct nb_error err; /* why it ended, when not by a signal */
};

static void log_line(void *arg, enum nb_log_level level, const char *line)
{
    (void)level;
    output_log_line(arg, line);
}

static void end(void *arg, int signo)
{
    struct hub_run *run = arg;

    nb_log(NB_LOG_INFO, "hub end signal=%d", signo);
    nb_loop_stop(run->loop);
}

static void failed(void *arg, const struct nb_error *err)
{
    struct hub_run *run = arg;

    run->err = *err;
    nb_loop_stop(run->loop);
}

static int serve(struct hub_run *run, struct nb_error *err)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    struct nb_signal *caught[NB_ARRAY_SIZE(numbers)] = {0};
    int rc = NB_OK;

    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_SIZE(numbers); i++)
        rc = nb_loop_add_signal(&caught[i], run->loop, numbers[i], end, run, err);
    if (rc == NB_OK) {
        nb_service_tell("READY=1");
        rc = nb_loop_run(run->loop, err);
    }
    if (rc == NB_OK && run->err.code != NB_OK) {
        rc = run->err.code;
        *err = run->err;
    }
    nb_service_tell("STOPPING=1");
    for (size_t i = 0; i < NB_ARRAY_SIZE(numbers); i++)
        nb_signal_remove(&caught[i]);
    return rc;
}

static int run_hub(struct command_call *call, struct nb_error *err)
{
    struct session_options options = {
        .login = SESSION_ADMINISTRATOR, .application_name = "nightbell hub", .reconnect = true, .own_session = true};
    struct hub_run run = {0};
    struct hub_service *service = NULL;
    struct nb_connection *connection = NULL;
    int rc;

    /* it runs for long with nobody at the terminal, so it logs like a service */
    if (!command_has(call, "verbose"))
        nb_log_set_sink(log_line, call->output, command_has(call, "quiet") ? NB_LOG_WARN : NB_LOG_INFO);
    rc = session_connect(&connection, call, &options, err);
    if (rc != NB_OK)
        return rc;
    run.loop = nb_connection_loop(connection);
    rc = hub_service_begin(&service, connection, command_text(call, "socket"), failed, &run, err);
    if (rc == NB_OK)
        rc = serve(&run, err);
    hub_service_end(&service);
    return rc;
}

static const struct command_option hub_options[] = {
    {"socket", "PATH",
     "where the consoles attach (default: NIGHTBELL_HUB, or a place where they look by "
     "themselves)"},
    {NULL},
};

static const struct command hub_commands[] = {
    {.arguments = "",
     .synopsis = "[--socket PATH]",
     .summary = "listen for all consoles of this host, and ring where ringing is deferred",
     .description = "Every console that listens by itself is woken by every doorbell of the "
                    "database, and slows its "
                    "writers down. The hub is one session that listens for all of them; they find "
                    "it by themselves, and "
                    "go on alone when it ends. Its socket is in /run/nightbell, or else in the "
                    "directory of the "
                    "PostgreSQL server's socket, or in $XDG_RUNTIME_DIR/nightbell: the first that "
                    "is there and that it may write to.\n"
                    "With db init --ring deferred it also rings: run one on each host of consoles, "
                    "at least one in all; one of them rings at a time.\n"
                    "Needs a login that is a member of nightbell_ringer. A worker has a hub in it with worker --hub. "
                    "Runs until SIGTERM or ^C; "
                    "SIGHUP asks the "
                    "database anew how it rings.",
     .options = hub_options,
     .run = run_hub},
    {NULL},
};

const struct command_group hub_group = {
    .name = "hub", .summary = "doorbells for many consoles", .commands = hub_commands};
