/*
 * templates.h - what the files of `nightbell templates` share.
 */
#ifndef CLI_TEMPLATES_H
#define CLI_TEMPLATES_H

#include "cli/commands/config.h"

extern const struct command_option templates_preview_options[];

int templates_preview(struct command_call *call, struct nb_error *err); /* templates_preview.c */
int templates_check(struct command_call *call, struct nb_error *err);   /* templates_check.c */

#endif
