/*
 * kinds.h - the kinds of channel, each in a file of its own; nb_sender_kinds lists them.
 */
#ifndef NB_CHANNELS_KINDS_H
#define NB_CHANNELS_KINDS_H

#include "channels/sender.h"

extern const struct nb_sender_ops nb_sender_null;
extern const struct nb_sender_ops nb_sender_program;
extern const struct nb_sender_ops nb_sender_push;
extern const struct nb_sender_ops nb_sender_smtp;
extern const struct nb_sender_ops nb_sender_twilio;
extern const struct nb_sender_ops nb_sender_webhook;

/* Every kind there is; ends with NULL. */
extern const struct nb_sender_ops *const nb_sender_kinds[];

#endif
