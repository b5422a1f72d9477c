/*
 * start.c - opens the console with the database and the identity of options and environment.
 */
#include <stdlib.h>
#include <unistd.h>

#include "cli/frame/command.h"
#include "cli/frame/session.h"
#include "cli/frame/start.h"
#include "tui/handlers/run.h"

static int check_terminal(struct nb_error *err)
{
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return NB_OK;
    nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "the console needs a terminal, and %s is none",
                 isatty(STDIN_FILENO) ? "standard output" : "standard input");
    return nb_error_hint(err, "run nightbell in a terminal, or use a command such as nightbell "
                              "inbox (see nightbell --help)");
}

int start_console(const struct command_call *call, struct nb_error *err)
{
    const char *restricted = getenv("NIGHTBELL_RESTRICTED");
    char *dsn = NULL, *token = NULL;
    int rc = check_terminal(err);
    if (rc == NB_OK)
        rc = session_resolve(&dsn, &token, call, SESSION_CLIENT, err);
    if (rc == NB_OK) {
        struct console_options options = {
            .dsn = dsn,
            .token = token,
            .token_file = session_token_file(call),
            .view = command_text(call, "view"),
            .tenant = command_tenant(call),
            .no_color = command_has(call, "no-color"),
            .restricted = command_has(call, "restricted") || (restricted && *restricted),
        };
        rc = run_console(&options, err);
    }
    free(dsn);
    free(token);
    return rc;
}
