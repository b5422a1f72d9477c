/*
 * option.h - one option of channels.conf: how it is written, and what its value means.
 */
#ifndef NB_CHANNELS_OPTION_H
#define NB_CHANNELS_OPTION_H

#include "channels/settings.h"

/* How it is written: its name, and of a secret NAME_file or NAME_env. The caller frees it. */
char *nb_option_key(const struct nb_channel_option *option, bool is_variable);
bool nb_option_is_written(const struct nb_channel_option *option, const char *key, bool *is_variable);
/* Reads `text` into the value, whose option is set. NB_EINVALID says what was expected. Clear the value in either case. */
NB_MUSTCHECK int nb_option_parse(struct nb_channel_value *value, const char *text, struct nb_error *err);
void nb_option_clear(struct nb_channel_value *value);
/* The value of that option; NULL: the channel says nothing, and there is no default. */
const struct nb_channel_value *nb_option_value(const struct nb_channel *channel, const char *option);

#endif
