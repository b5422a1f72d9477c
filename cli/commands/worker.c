/*
 * worker.c - `nightbell worker`: from app events to notifications and deliveries, until SIGTERM.
 */
#include "engine/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "channels/channels.h"
#include "cli/commands/hub.h"
#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"

#define WORKERS_MAX 64

struct worker_run {
    struct command_call *call;
    struct nb_worker *worker;
    struct hub_service *hub; /* of the first worker, with --hub */
    struct nb_connection *hub_connection;
    struct nb_channels *channels;
    struct nb_senders *senders;
    struct nb_connection *claims, *records; /* where it sends: it claims by one and records by the other */
    pid_t children[WORKERS_MAX];
    size_t child_count;
};

static void log_line(void *arg, enum nb_log_level level, const char *line)
{
    (void)level;
    output_log_line(arg, line);
}

static void stop(void *arg, int signo)
{
    struct worker_run *run = arg;

    nb_log(NB_LOG_INFO, "worker draining signal=%d", signo);
    nb_worker_stop(run->worker);
}

static int workers_wanted(size_t *out, const struct command_call *call, struct nb_error *err)
{
    const char *text = command_text(call, "concurrency");
    char *end = NULL;
    long number = text ? strtol(text, &end, 10) : 1;

    if (text && (*end || end == text || number < 1 || number > WORKERS_MAX))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--concurrency: expected a number from 1 to %d",
                            WORKERS_MAX);
    *out = (size_t)number;
    return NB_OK;
}

/* The others are processes of their own, made before there is a connection; they end with this one. Returns which worker
 * this process is, from 1. */
static int fork_others(struct worker_run *run, size_t wanted, size_t *number, struct nb_error *err)
{
    pid_t parent = getpid();

    *number = 1;
    for (size_t i = 2; i <= wanted; i++) {
        pid_t child = fork();

        if (child < 0)
            return nb_error_errno(err, errno, "starting worker %zu", i);
        if (child == 0) {
            run->child_count = 0;
            *number = i;
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            unsetenv("NOTIFY_SOCKET"); /* the first one speaks for all */
            return getppid() == parent ? NB_OK
                                       : nb_error_set(err, NB_EFAILED, NB_DOMAIN_NONE, "the first worker ended");
        }
        run->children[run->child_count++] = child;
    }
    return NB_OK;
}

static void hub_failed(void *arg, const struct nb_error *err)
{
    (void)arg;
    nb_log(NB_LOG_ERROR, "hub failed=%s", nb_log_quote(err->message));
}

/* Beside the worker, with a session of its own: the worker's turns the loop while it waits for the database. */
static int begin_hub(struct worker_run *run, struct nb_error *err)
{
    static const struct session_options options = {
        .login = SESSION_WORKER, .application_name = "nightbell hub", .reconnect = true, .own_session = true};
    int rc = session_connect_beside(&run->hub_connection, run->call, &options, err);

    if (rc == NB_OK)
        rc = hub_service_begin(&run->hub, run->hub_connection, NULL, hub_failed, NULL, err);
    if (rc == NB_ECONFLICT) {
        nb_log(NB_LOG_INFO, "hub elsewhere=%s", nb_log_quote(err->message));
        nb_connection_free(&run->hub_connection);
        rc = NB_OK;
    }
    return rc;
}

/* Without channels it sends nothing, and what is queued waits for a worker that has them. */
static int begin_sending(struct worker_run *run, struct nb_connection *connection, struct nb_error *err)
{
    const struct session_options options = {
        .login = SESSION_WORKER, .application_name = "nightbell sending", .reconnect = !command_has(run->call, "once")};
    int rc = nb_senders_new(&run->senders, nb_connection_loop(connection), run->channels, err);

    if (rc < 0 || nb_senders_count(run->senders) == 0)
        return rc;
    if ((rc = session_connect_beside(&run->claims, run->call, &options, err)) == NB_OK &&
        (rc = session_connect_beside(&run->records, run->call, &options, err)) == NB_OK)
        nb_worker_send_by(run->worker, run->claims, run->records, run->senders);
    return rc;
}

static int run_here(struct worker_run *run, struct nb_connection *connection, const char *name, size_t number,
                    struct nb_error *err)
{
    static const int numbers[] = {SIGTERM, SIGINT};
    struct nb_signal *caught[NB_ARRAY_SIZE(numbers)] = {0};
    int rc = NB_OK;

    run->worker = nb_worker_new(connection, name);
    if (number == 1 && command_has(run->call, "hub"))
        rc = begin_hub(run, err);
    if (rc == NB_OK)
        rc = begin_sending(run, connection, err);
    for (size_t i = 0; rc == NB_OK && i < NB_ARRAY_SIZE(numbers); i++)
        rc = nb_loop_add_signal(&caught[i], nb_connection_loop(connection), numbers[i], stop, run, err);
    if (rc == NB_OK)
        rc = nb_worker_run(run->worker, command_has(run->call, "once"), err);
    nb_log(NB_LOG_INFO, "worker end name=%s processed=%lld failed=%lld", nb_log_quote(name),
           (long long)nb_worker_processed(run->worker), (long long)nb_worker_failed(run->worker));
    for (size_t i = 0; i < NB_ARRAY_SIZE(numbers); i++)
        nb_signal_remove(&caught[i]);
    hub_service_end(&run->hub);
    nb_connection_free(&run->hub_connection);
    nb_worker_free(&run->worker);
    nb_connection_free(&run->claims);
    nb_connection_free(&run->records);
    nb_senders_free(&run->senders);
    return rc;
}

static int end_others(const struct worker_run *run, bool once, int rc, struct nb_error *err)
{
    for (size_t i = 0; i < run->child_count && !once; i++)
        kill(run->children[i], SIGTERM);
    for (size_t i = 0; i < run->child_count; i++) {
        int status = 0;

        while (waitpid(run->children[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (rc == NB_OK && status != 0)
            rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_NONE, "worker %zu failed: its log says why", i + 2);
    }
    return rc;
}

static int run_worker(struct command_call *call, struct nb_error *err)
{
    struct session_options options = {
        .login = SESSION_WORKER, .application_name = "nightbell worker", .reconnect = true, .own_session = true};
    struct worker_run run = {.call = call};
    struct nb_connection *connection = NULL;
    char host[256] = "", *name = NULL;
    size_t wanted = 1, number = 1;
    int rc;

    /* it runs for long with nobody at the terminal, so it logs like a service */
    if (!command_has(call, "verbose"))
        nb_log_set_sink(log_line, call->output, command_has(call, "quiet") ? NB_LOG_WARN : NB_LOG_INFO);
    if (command_has(call, "once") && command_has(call, "hub"))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--hub: with --once there is nobody to serve");
    if ((rc = workers_wanted(&wanted, call, err)) != NB_OK ||
        (rc = nb_channels_read(&run.channels, command_text(call, "channels"), NULL, NULL, err)) != NB_OK)
        return rc;
    if ((rc = fork_others(&run, wanted, &number, err)) != NB_OK)
        goto out;
    if (gethostname(host, sizeof(host) - 1) < 0)
        host[0] = '\0';
    name = nb_asprintf("%s/%zu", command_text(call, "name") ? command_text(call, "name") : host, number);
    options.reconnect = !command_has(call, "once");
    if ((rc = session_connect(&connection, call, &options, err)) == NB_OK)
        rc = run_here(&run, connection, name, number, err);
    rc = end_others(&run, command_has(call, "once"), rc, err);
out:
    nb_channels_free(&run.channels);
    free(name);
    return rc;
}

static const struct command_option worker_options[] = {
    {"once", NULL, "do what is due and end: for cron and tests"},
    {"concurrency", "N", "so many workers side by side (default: 1)"},
    {"channels", "FILE", "the channels to send by (default: channels.conf, where it is found)"},
    {"hub", NULL, "be the hub of this host's consoles too: see hub"},
    {"name", "NAME", "what it is known by, the same after a restart (default: the host's name)"},
    {NULL},
};

static const struct command worker_commands[] = {
    {.arguments = "",
     .synopsis = "[--once] [--concurrency N] [--channels FILE] [--hub] [--name NAME]",
     .summary = "tell people what applications publish, as the rules say",
     .description =
         "Takes app events from the outbox, decides by rules, preferences and windows who hears of them, renders the "
         "templates, and writes notifications and deliveries, in one transaction for each chunk: killed at any moment "
         "it loses and doubles nothing. Critical ones go first. It is woken by a doorbell or when something is due; "
         "with nothing to do it does nothing. One of all workers also makes partitions, removes what is past its "
         "retention, and raises a system event when app events wait too long, cannot be processed, or a worker is "
         "gone.\n"
         "It sends by the channels that channels.conf names (--channels FILE, else NIGHTBELL_CHANNELS, "
         "$XDG_CONFIG_HOME/nightbell/channels.conf or /etc/nightbell/channels.conf), many deliveries at once: critical "
         "ones, first "
         "tries and retries have room of their own, and an endpoint that hangs delays no other. A delivery is sent, "
         "then "
         "recorded: one that was under way when a worker was killed is sent again when its lease ends, under the same "
         "id. "
         "Without that file nothing is sent: deliveries wait for a worker that has it.\n"
         "With --hub it is also the hub of this host, as nightbell hub would be; where there is one already, that one "
         "stays it. With db init --ring deferred nothing that is published wakes a worker unless some hub rings.\n"
         "Needs a login that is a member of nightbell_worker. Any number may run on any number of hosts. Logs to "
         "standard error; runs until SIGTERM or ^C, finishes what it has in hand, and exits 0. Under systemd it may be "
         "of Type=notify.",
     .options = worker_options,
     .run = run_worker},
    {NULL},
};

const struct command_group worker_group = {
    .name = "worker", .summary = "turn app events into notifications", .commands = worker_commands};
