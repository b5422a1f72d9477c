/*
 * completion_values.h - the values that can stand in a place of a command line.
 */
#ifndef CLI_COMPLETION_VALUES_H
#define CLI_COMPLETION_VALUES_H

#include "cli/frame/complete.h"

/* Prints them, one a line. What the database would have to say is left out where it does not answer. */
void completion_values(struct command_call *call, const struct complete_place *place);

#endif
