/*
 * completion_values.h - the values that can stand at a place of a command line.
 */
#ifndef CLI_COMPLETION_VALUES_H
#define CLI_COMPLETION_VALUES_H

#include "cli/frame/complete.h"

/* Prints them, one on each line. Leaves out those of the database when it does not answer. */
void completion_values(struct command_call *call, const struct complete_place *place);

#endif
