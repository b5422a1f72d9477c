/*
 * senders_internal.h - all senders of a process, for channels.c, which starts them, and context.c, which is below the kinds. Private to both.
 */
#ifndef NB_CHANNELS_SENDERS_INTERNAL_H
#define NB_CHANNELS_SENDERS_INTERNAL_H

#include "channels/channels.h"

struct nb_senders {
    struct nb_loop *loop;
    const struct nb_channels *channels;
    struct nb_guard *guard;
    struct nb_transfers *transfers;
    struct nb_sender *list;
    size_t count;
    char *public_url;
};

#endif
