/*
 * main.c - parses, runs, reports errors. Without a command it opens the console.
 */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/frame/command.h"
#include "cli/frame/session.h"
#include "cli/frame/start.h"

static void die(const char *message)
{
    fprintf(stderr, "nightbell: %s\n", message);
    _exit(1);
}

static void log_line(void *arg, enum nb_log_level level, const char *line)
{
    (void)level;
    output_log_line(arg, line);
}

static void configure(struct command_call *call)
{
    struct output_options options = {
        .json = command_has(call, "json"),
        .quiet = command_has(call, "quiet"),
        .verbose = command_has(call, "verbose"),
        .no_color = command_has(call, "no-color"),
    };
    output_configure(call->output, &options);
    if (options.verbose)
        nb_log_set_sink(log_line, call->output, NB_LOG_DEBUG);
}

static int run(struct command_call *call, struct nb_error *err)
{
    switch (call->verb) {
    case COMMAND_HELP:
        command_print_help(call->output, call->group, call->command);
        return NB_OK;
    case COMMAND_VERSION:
        output_line(call->output, "nightbell %s", nb_version());
        return NB_OK;
    case COMMAND_RUN:
        return call->command->run(call, err);
    case COMMAND_CHECK_CONFIG:
        return start_check(call->output, err);
    case COMMAND_SAMPLE_CONFIG:
        start_sample(call->output);
        return NB_OK;
    case COMMAND_CONSOLE:
        break;
    }
    return start_console(call, err);
}

/* An environment without any locale gets UTF-8, which today's terminals use. */
static void use_locale(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    setlocale(LC_ALL, "");
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return;
    }
    setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
    use_locale();
    signal(SIGPIPE, SIG_IGN); /* writing reports a closed pipe */
    signal(SIGXFSZ, SIG_IGN); /* writing reports a file that has reached its size limit */
    nb_set_fatal_hook(die);
    struct nb_error err = {0};
    struct command_call call = {.output = output_new()};
    int rc = command_call_parse(&call, argc, argv, &err);
    configure(&call);
    if (rc == NB_OK)
        rc = run(&call, &err);
    struct nb_error finish_err = {0};
    if (output_finish(call.output, &finish_err) != NB_OK && rc == NB_OK) {
        rc = finish_err.code;
        err = finish_err;
    }
    if (rc == NB_EUNREACHABLE && !err.hint[0])
        nb_error_hint(&err, "try again when the database is back; what it has confirmed is kept");
    /* without a message: each failure was reported when it happened */
    if (rc != NB_OK && err.message[0])
        output_error(call.output, &err);
    int status = rc == NB_OK ? 0 : output_exit_code(&err);
    session_free(&call.session);
    output_free(&call.output);
    command_call_clear(&call);
    nb_log_set_sink(NULL, NULL, NB_LOG_ERROR);
    return status;
}
