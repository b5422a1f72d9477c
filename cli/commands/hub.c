/*
 * hub.c - `nightbell hub`: one listening session for all consoles of a host, until SIGTERM.
 */
#include "hub/hub.h"

#include <signal.h>

#include "base/log.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "feed/place.h"

struct hub_run {
    struct command_call *call;
    struct nb_loop *loop;
    struct nb_hub *hub;
    bool lost;
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

static void ask_again(void *arg, int signo)
{
    struct hub_run *run = arg;

    (void)signo;
    nb_hub_ask_again(run->hub);
}

static void state_changed(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct hub_run *run = arg;

    if (state == NB_CONNECTION_FAILED) {
        run->err = *err;
        nb_loop_stop(run->loop);
    } else if (state == NB_CONNECTION_WAITING && !run->lost) {
        nb_log(NB_LOG_WARN, "hub database=lost reason=%s", nb_log_quote(err->message));
        run->lost = true;
    } else if (state == NB_CONNECTION_READY && run->lost) {
        nb_log(NB_LOG_INFO, "hub database=back");
        run->lost = false;
    }
}

static int serve(struct hub_run *run, struct nb_connection *connection, struct nb_error *err)
{
    static const struct {
        int number;
        nb_signal_callback *callback;
    } signals[] = {{SIGTERM, end}, {SIGINT, end}, {SIGHUP, ask_again}};
    struct nb_signal *caught[NB_ARRAY_SIZE(signals)] = {0};
    struct nb_connection_observer observer = {.state_changed = state_changed, .arg = run};
    int rc = NB_OK;

    nb_connection_observe(connection, &observer);
    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_SIZE(signals); i++)
        rc = nb_loop_add_signal(&caught[i], run->loop, signals[i].number, signals[i].callback, run, err);
    if (rc == NB_OK) {
        nb_log(NB_LOG_INFO, "hub ready socket=%s database=%s", nb_log_quote(nb_hub_socket(run->hub)),
               nb_log_quote(nb_connection_target(connection)));
        rc = nb_loop_run(run->loop, err);
    }
    if (rc == NB_OK && run->err.code != NB_OK) {
        rc = run->err.code;
        *err = run->err;
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(signals); i++)
        nb_signal_remove(&caught[i]);
    nb_connection_unobserve(connection, &observer);
    return rc;
}

static int run_hub(struct command_call *call, struct nb_error *err)
{
    struct session_options options = {
        .login = SESSION_ADMINISTRATOR, .application_name = "nightbell hub", .reconnect = true, .own_session = true};
    struct hub_run run = {.call = call};
    struct nb_connection *connection = NULL;
    const char *socket = command_text(call, "socket");
    int rc;

    /* it runs for long with nobody at the terminal, so it logs like a service */
    if (!command_has(call, "verbose"))
        nb_log_set_sink(log_line, call->output, command_has(call, "quiet") ? NB_LOG_WARN : NB_LOG_INFO);
    rc = session_connect(&connection, call, &options, err);
    if (rc != NB_OK)
        return rc;
    run.loop = nb_connection_loop(connection);
    rc = nb_hub_new(&run.hub, connection, socket ? socket : nb_hub_named(), err);
    if (rc == NB_OK)
        rc = serve(&run, connection, err);
    nb_hub_free(&run.hub);
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
                    "Needs a login that is a member of nightbell_ringer. Runs until SIGTERM or ^C; "
                    "SIGHUP asks the "
                    "database anew how it rings.",
     .options = hub_options,
     .run = run_hub},
    {NULL},
};

const struct command_group hub_group = {
    .name = "hub", .summary = "doorbells for many consoles", .commands = hub_commands};
