/*
 * context.c - what the senders of a process share, and a send whose answer is known already: what the kinds stand on.
 */
#include <stdlib.h>

#include "channels/senders_internal.h"

struct nb_loop *nb_senders_loop(const struct nb_senders *senders)
{
    return senders->loop;
}

struct nb_transfers *nb_senders_transfers(const struct nb_senders *senders)
{
    return senders->transfers;
}

const struct nb_guard *nb_senders_guard(const struct nb_senders *senders)
{
    return senders->guard;
}

const char *nb_senders_public_url(const struct nb_senders *senders)
{
    return senders->public_url;
}

/* ---- an answer that is known already ---- */

struct answered {
    struct nb_send send;
    struct nb_timer *timer;
    struct nb_send_answer answer;
    char *error, *message_id;
    nb_send_done *done;
    void *arg;
};

static void answered_free(struct answered *answered)
{
    nb_timer_remove(&answered->timer);
    free(answered->error);
    free(answered->message_id);
    free(answered);
}

static void answered_cancel(struct nb_send **send)
{
    answered_free((struct answered *)*send);
    *send = NULL;
}

static void answered_tell(void *arg)
{
    struct answered *answered = arg;

    answered->done(answered->arg, &answered->answer);
    answered_free(answered);
}

void nb_send_answered(struct nb_send **out, struct nb_senders *context, const struct nb_send_answer *answer,
                      nb_send_done *done, void *arg)
{
    static const struct nb_sender_ops ops = {.cancel = answered_cancel};
    struct answered *answered = nb_calloc(1, sizeof(*answered));

    answered->send.ops = &ops;
    answered->answer = *answer;
    answered->answer.error = answered->error = nb_strdup(answer->error);
    answered->answer.message_id = answered->message_id = nb_strdup(answer->message_id);
    answered->done = done;
    answered->arg = arg;
    answered->timer = nb_loop_add_timer(context->loop, answered_tell, answered);
    nb_timer_start(answered->timer, 0);
    *out = &answered->send;
}
