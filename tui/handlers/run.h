/*
 * run.h - the console with all that its keys do: what cli/frame/start.c calls.
 */
#ifndef TUI_RUN_H
#define TUI_RUN_H

#include "tui/console/console.h"

/* Runs until the person quits (0) or the terminal is gone. NB_EUNREACHABLE when there is no terminal, NB_EFAILED for one
 * that cannot be used. A database that cannot be reached is no error here: the console says so and keeps trying. */
NB_MUSTCHECK int run_console(const struct console_options *options, struct nb_error *err);

#endif
