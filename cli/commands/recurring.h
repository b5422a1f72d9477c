/*
 * recurring.h - the import of what recurs: windows and heartbeats.
 */
#ifndef CLI_RECURRING_H
#define CLI_RECURRING_H

#include "cli/frame/command.h"

/* config_import(), and then works out the occurrences, where the session may; else the worker does. */
int config_import_recurring(struct command_call *call, struct nb_error *err);
/* The second half alone; `imported` is how the first one ended, which is what a failure must not hide. */
int config_work_out_recurring(struct command_call *call, int imported, struct nb_error *err);

#endif
