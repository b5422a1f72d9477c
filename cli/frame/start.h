/*
 * start.h - nightbell without a command: the console, and the check of its configuration files.
 */
#ifndef CLI_START_H
#define CLI_START_H

#include "base/error.h"

struct command_call;
struct output;

NB_MUSTCHECK int start_console(const struct command_call *call, struct nb_error *err);
/* Prints the configuration file with every option in it. */
void start_sample(struct output *output);
/* Prints every problem in configuration, keymaps and themes; NB_EFAILED when there is one. */
NB_MUSTCHECK int start_check(struct output *output, struct nb_error *err);

#endif
