/*
 * null.c - the kind that sends nothing and says so at once: to measure everything before it, and to switch a channel off without
 * leaving its deliveries to wait.
 */
#include "channels/channels.h"

static int null_start(void **sender, const struct nb_channel *channel, struct nb_senders *context, struct nb_error *err)
{
    (void)channel;
    (void)err;
    *sender = context;
    return 0;
}

static void null_end(void **sender)
{
    *sender = NULL;
}

static int null_send(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done,
                     void *arg, struct nb_error *err)
{
    static const struct nb_send_answer sent = {.outcome = NB_SEND_SENT, .retry_after_ms = -1};

    (void)message;
    (void)err;
    nb_send_answered(out, sender, &sent, done, arg);
    return 0;
}

static const struct nb_channel_option null_options[] = {{NULL}};

const struct nb_sender_ops nb_sender_null = {
    .kind = "null",
    .summary = "nothing: what goes there counts as sent",
    .options = null_options,
    .start = null_start,
    .end = null_end,
    .send = null_send,
};
