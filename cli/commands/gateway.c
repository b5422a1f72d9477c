/*
 * gateway.c - `nightbell gateway`: HTTP for people's applications, until SIGTERM.
 */
#include "gateway/gateway.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/private_file.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "identity/token.h"

#define SESSIONS_MOST    64
#define SESSIONS_USUAL   16 /* at most, without being told */
#define CONNECTIONS_MOST 65536

struct gateway_run {
    struct gateway *gateway;
    struct nb_connection *sessions[SESSIONS_MOST]; /* the first is the call's */
    size_t count;
    char *metrics_token;
};

static void log_line(void *arg, enum nb_log_level level, const char *line)
{
    (void)level;
    output_log_line(arg, line);
}

static void stop(void *arg, int signo)
{
    nb_log(NB_LOG_INFO, "gateway end signal=%d", signo);
    nb_gateway_stop(((struct gateway_run *)arg)->gateway);
}

/* Two for each processor keep the database busy while answers are on their way. */
static long usual_sessions(void)
{
    long wanted = 2 * sysconf(_SC_NPROCESSORS_ONLN);

    return wanted < 2 ? 2 : wanted > SESSIONS_USUAL ? SESSIONS_USUAL : wanted;
}

static int open_sessions(struct gateway_run *run, struct command_call *call, struct nb_error *err)
{
    static const struct session_options options = {.login = SESSION_GATEWAY,
                                                   .application_name = "nightbell gateway",
                                                   .reconnect = true,
                                                   .own_session = true,
                                                   .silent_at_most_ms = 10000};
    long wanted;
    int rc = command_number(&wanted, call, "sessions", 1, SESSIONS_MOST, usual_sessions(), err);

    if (rc == NB_OK)
        rc = session_connect(&run->sessions[0], call, &options, err);
    if (rc == NB_OK)
        rc = nb_gateway_check_login(run->sessions[0], err);
    for (run->count = run->sessions[0] ? 1 : 0; rc == NB_OK && run->count < (size_t)wanted; run->count += rc == NB_OK)
        rc = session_connect_beside(&run->sessions[run->count], call, &options, err);
    return rc;
}

static void close_sessions(struct gateway_run *run)
{
    for (size_t i = 1; i < run->count; i++)
        nb_connection_free(&run->sessions[i]);
}

static int read_metrics_token(struct gateway_run *run, const struct command_call *call, struct nb_error *err)
{
    const char *path = command_text(call, "metrics-token-file");

    return path ? nb_token_read_file(&run->metrics_token, path, err) : NB_OK;
}

static int serve(struct gateway_run *run, const struct command_call *call, struct nb_error *err)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    struct nb_signal *caught[NB_ARRAY_SIZE(numbers)] = {0};
    struct nb_gateway_options options = {.address = command_text(call, "listen"),
                                         .path = command_text(call, "unix"),
                                         .metrics_token = run->metrics_token};
    long connections;
    int rc = command_number(&connections, call, "connections", 1, CONNECTIONS_MOST, 0, err);

    if (!options.address)
        options.address = getenv("NIGHTBELL_LISTEN");
    if (!options.address || !*options.address)
        options.address = NB_GATEWAY_ADDRESS;
    options.connections = (size_t)connections;
    if (rc == NB_OK)
        rc = nb_gateway_new(&run->gateway, run->sessions, run->count, &options, err);
    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_SIZE(numbers); i++)
        rc = nb_loop_add_signal(&caught[i], nb_connection_loop(run->sessions[0]), numbers[i], stop, run, err);
    if (rc == NB_OK) {
        nb_log(NB_LOG_INFO, "gateway ready address=%s sessions=%zu database=%s",
               nb_log_quote(nb_gateway_address(run->gateway)), run->count,
               nb_log_quote(nb_connection_target(run->sessions[0])));
        rc = nb_gateway_run(run->gateway, err);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(numbers); i++)
        nb_signal_remove(&caught[i]);
    nb_gateway_free(&run->gateway);
    return rc;
}

static int run_gateway(struct command_call *call, struct nb_error *err)
{
    struct gateway_run run = {0};
    int rc;

    /* it runs for long with nobody at the terminal, so it logs like a service */
    if (!command_has(call, "verbose"))
        nb_log_set_sink(log_line, call->output, command_has(call, "quiet") ? NB_LOG_WARN : NB_LOG_INFO);
    if (command_has(call, "listen") && command_has(call, "unix"))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--listen and --unix: it listens at one place");
    rc = read_metrics_token(&run, call, err);
    if (rc == NB_OK)
        rc = open_sessions(&run, call, err);
    if (rc == NB_OK)
        rc = serve(&run, call, err);
    close_sessions(&run);
    free(run.metrics_token);
    return rc;
}

static const struct command_option gateway_options[] = {
    {"listen", "ADDRESS:PORT",
     "where it listens (default: NIGHTBELL_LISTEN, or " NB_GATEWAY_ADDRESS "); port 0 takes one that is free"},
    {"unix", "PATH", "listen on a unix socket instead"},
    {"sessions", "N", "so many sessions of the database (default: two for each processor, 16 at most)"},
    {"connections", "N", "so many HTTP connections at most (default: as many as there may be open files)"},
    {"metrics-token-file", "FILE", "the token that /metrics wants (default: none, and only this host is answered)"},
    {NULL},
};

static const struct command gateway_commands[] = {
    {.arguments = "",
     .synopsis = "[--listen ADDRESS:PORT | --unix PATH] [--sessions N] [--connections N] [--metrics-token-file FILE]",
     .summary = "answer applications that speak HTTP",
     .description =
         "Serves one's own notifications as JSON: pages and counts, one of them, read, unread and archived, below "
         "/v1/me/notifications. A request says who asks by Authorization: Bearer TOKEN, a token as all other commands "
         "take it, and the database decides what it may see. docs/http.md has the routes.\n"
         "/healthz says that the process lives, /readyz that the database answers, and /metrics what was counted, for "
         "Prometheus: to this host alone, or to who has the token of --metrics-token-file.\n"
         "It speaks no TLS: nginx, caddy or another proxy goes in front of it. Needs a login that is a member of "
         "nightbell_client and of nothing else, and a direct connection to PostgreSQL. Logs to standard error; runs "
         "until "
         "SIGTERM or ^C, lets the requests under way end, and exits 0. Under systemd it may be of Type=notify, and "
         "takes "
         "the socket of a socket unit.",
     .options = gateway_options,
     .run = run_gateway},
    {NULL},
};

const struct command_group gateway_group = {
    .name = "gateway", .summary = "HTTP for applications", .commands = gateway_commands};
