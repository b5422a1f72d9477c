/*
 * console.h - the console as a whole: what cli/frame/main.c calls.
 */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include "base/error.h"

struct console_options {
    const char *dsn;        /* NULL: the PG* environment */
    const char *token;      /* NULL: identity by PostgreSQL role */
    const char *token_file; /* where the token came from: read again when it changes; NULL: from nowhere */
    const char *tenant;     /* filters lists to one tenant, for global operators; NULL: all */
    bool no_color;
};

/* Runs until the person quits (0) or the terminal is gone. NB_EUNREACHABLE when there is no terminal, NB_EFAILED for one
 * that cannot be used. A database that cannot be reached is no error here: the console says so and keeps trying. */
NB_MUSTCHECK int console_run(const struct console_options *options, struct nb_error *err);

#endif
