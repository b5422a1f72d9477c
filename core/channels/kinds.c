/*
 * kinds.c - the kinds of channel that there are.
 */
#include "channels/kinds.h"

#include <stddef.h>

const struct nb_sender_ops *const nb_sender_kinds[] = {
    &nb_sender_null, &nb_sender_program, &nb_sender_push, &nb_sender_smtp, &nb_sender_twilio, &nb_sender_webhook, NULL,
};
