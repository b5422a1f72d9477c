/*
 * console.h - what the console is started with.
 */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include <stdbool.h>

struct console_options {
    const char *dsn;        /* NULL: the PG* environment */
    const char *token;      /* NULL: identity by PostgreSQL role */
    const char *token_file; /* where the token came from: read again when it changes; NULL: from nowhere */
    const char *view;       /* to begin with, as the option `view` would say; NULL: as that says */
    const char *tenant;     /* filters lists to one tenant, for global operators; NULL: all */
    bool no_color;
    bool restricted; /* no programs, no files of the person's own: for people who come through a gateway */
};

#endif
