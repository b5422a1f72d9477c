/*
 * channels.h - the commands of `nightbell channels` that have files of their own.
 */
#ifndef CLI_COMMANDS_CHANNELS_H
#define CLI_COMMANDS_CHANNELS_H

#include "cli/frame/command.h"

int channels_list(struct command_call *call, struct nb_error *err); /* channels_list.c */
int channels_test(struct command_call *call, struct nb_error *err); /* channels_test.c */

/* channels_keys.c */
int channels_vapid_key(struct command_call *call, struct nb_error *err);
int channels_webhook_secret(struct command_call *call, struct nb_error *err);
int channels_webhook_key(struct command_call *call, struct nb_error *err);

#endif
