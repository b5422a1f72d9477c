/*
 * local.c - `nightbell local`: the private PostgreSQL cluster.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/shell.h"
#include "local/local.h"

static void say_step(void *arg, const char *step)
{
    output_remark(arg, "%s …", step);
}

static void print_status(struct output *output, const struct nb_local_status *status)
{
    if (output_is_json(output)) {
        output_json_take(output, json_pack("{s:s,s:s,s:i,s:i,s:b,s:s,s:s}", "state", nb_local_state_name(status->state),
                                           "directory", status->directory, "pid", status->pid, "version",
                                           status->version, "replaced", (int)status->replaced, "socket_directory",
                                           status->socket_directory, "dsn", status->dsn));
        return;
    }
    output_line(output, "%s", nb_local_state_name(status->state));
    output_line(output, "directory   %s", status->directory);
    if (status->version != 0)
        output_line(output, "PostgreSQL  %d", status->version);
    if (status->pid != 0) {
        output_line(output, "process     %d", status->pid);
        output_line(output, "socket      %s", status->socket_directory);
    }
    if (status->replaced)
        output_line(output,
                    "upgraded    its programs were replaced since it started: nightbell local start restarts it");
}

static int run_start(struct command_call *call, struct nb_error *err)
{
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_start(NULL, say_step, call->output, err)) != NB_OK ||
        (rc = nb_local_status(&status, NULL, err)) != NB_OK)
        return rc;
    if (output_is_json(call->output))
        print_status(call->output, &status);
    else
        output_note(call->output, "the local cluster is running: PostgreSQL %d in %s", status.version,
                    status.directory);
    return NB_OK;
}

static int run_stop(struct command_call *call, struct nb_error *err)
{
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_status(&status, NULL, err)) != NB_OK)
        return rc;
    if (status.exists && (rc = nb_local_stop(NULL, err)) != NB_OK)
        return rc;
    output_note(call->output, status.pid != 0 ? "the local cluster is stopped" : "the local cluster was not running");
    return NB_OK;
}

static int not_running(const struct nb_local_status *status, struct nb_error *err)
{
    nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_NONE, "the local cluster %s",
                 status->exists ? "is not running" : "does not exist");
    return nb_error_hint(err, "start it with nightbell local start");
}

static int run_status(struct command_call *call, struct nb_error *err)
{
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_status(&status, NULL, err)) != NB_OK)
        return rc;
    print_status(call->output, &status);
    return status.running ? NB_OK : not_running(&status, err);
}

static int run_env(struct command_call *call, struct nb_error *err)
{
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_status(&status, NULL, err)) != NB_OK)
        return rc;
    if (!status.running)
        return not_running(&status, err);
    if (output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:s}", "NIGHTBELL_DSN", status.dsn));
    else
        shell_print_export(call->output, "NIGHTBELL_DSN", status.dsn);
    if (output_is_terminal(call->output))
        output_remark(call->output, "for this shell: eval \"$(nightbell local env)\"");
    return NB_OK;
}

/* Asks the person at the terminal. A script is not asked. */
static bool agreed(const struct nb_local_status *status)
{
    char answer[16];

    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
        return true;
    fprintf(stderr, "This removes %s with all its data. Type yes to go on: ", status->directory);
    return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

static int run_destroy(struct command_call *call, struct nb_error *err)
{
    struct nb_local_status status;
    int rc;

    if ((rc = nb_local_status(&status, NULL, err)) != NB_OK)
        return rc;
    if (!command_has(call, "yes") && status.exists && !agreed(&status))
        return nb_error_set(err, NB_ECANCELLED, NB_DOMAIN_NONE, "nothing was removed");
    if ((rc = nb_local_destroy(NULL, err)) != NB_OK)
        return rc;
    output_note(call->output, "the local cluster is gone");
    return NB_OK;
}

static const struct command_option destroy_options[] = {
    {"yes", NULL, "do not ask"},
    {NULL},
};

static const struct command commands[] = {
    {"start", "", .summary = "make the cluster if need be, start it, and wait until it answers",
     .description = "Makes the database and its schema too, or upgrades it. Any number of starts at "
                    "once are safe: one does the work, the others wait for it.",
     .run = run_start},
    {"stop", "", .summary = "disconnect everybody and stop it", .run = run_stop},
    {"status", "", .summary = "say whether it exists and runs",
     .description = "The first line is one word: absent, stopped, crashed, starting or running. The exit "
                    "code is 0 when it runs and 3 when it does not.",
     .run = run_status},
    {"env", "", .summary = "print the export lines that point a shell at it",
     .description = "Use it as: eval \"$(nightbell local env)\"", .run = run_env},
    {"destroy", "", .summary = "stop it and remove all its files",
     .description = "Asks on a terminal. Removes only what `nightbell local start` has made.",
     .options = destroy_options, .run = run_destroy},
    {NULL},
};

const struct command_group local_group = {
    .name = "local",
    .summary = "a private PostgreSQL cluster, used when no other database is named",
    .description = "A unix socket that only you can reach, no TCP, in $XDG_DATA_HOME/nightbell/local "
                   "(for root /var/lib/nightbell/local, run by an unprivileged account), or wherever "
                   "NIGHTBELL_LOCAL_DIR says.",
    .commands = commands,
};
