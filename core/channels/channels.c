/*
 * channels.c - starts a sender for each channel of channels.conf, and passes on to the kinds.
 */
#include "channels/channels.h"

#include <stdlib.h>
#include <string.h>

#include "channels/senders_internal.h"
#include "channels/transfer.h"

struct nb_sender {
    const struct nb_channel *channel;
    void *state; /* the kind's own */
};

static void set_public_url(struct nb_senders *senders)
{
    const char *url = nb_channel_text(&senders->channels->network, "public_url");
    size_t length = url ? strlen(url) : 0;

    while (length > 0 && url[length - 1] == '/')
        length--;
    senders->public_url = url ? nb_strndup(url, length) : NULL;
}

/* What [network] says of what may be connected to. */
static int open_network(struct nb_senders *senders, struct nb_error *err)
{
    const struct nb_channel *network = &senders->channels->network;
    struct nb_transfers_options options = {.ca_file = nb_channel_text(network, "ca_file")};
    struct nb_error why = {0};

    if (nb_guard_new(&senders->guard, nb_channel_text(network, "allow"), &why) < 0)
        return nb_channel_problem(network, "allow", err, "%s", why.message);
    options.guard = senders->guard;
    return nb_transfers_new(&senders->transfers, senders->loop, &options, err);
}

int nb_senders_new(struct nb_senders **out, struct nb_loop *loop, const struct nb_channels *channels,
                   struct nb_error *err)
{
    struct nb_senders *senders = nb_calloc(1, sizeof(*senders));
    int rc;

    senders->loop = loop;
    senders->channels = channels;
    senders->list = nb_calloc(channels->list.count + 1, sizeof(*senders->list));
    set_public_url(senders);
    rc = open_network(senders, err);
    for (size_t i = 0; rc == 0 && i < channels->list.count; i++) {
        struct nb_sender *sender = &senders->list[i];

        sender->channel = &channels->list.data[i];
        if ((rc = sender->channel->ops->start(&sender->state, sender->channel, senders, err)) == 0)
            senders->count++;
    }
    if (rc < 0)
        nb_senders_free(&senders);
    *out = senders;
    return rc;
}

void nb_senders_free(struct nb_senders **out)
{
    struct nb_senders *senders = *out;

    if (!senders)
        return;
    while (senders->count > 0) {
        struct nb_sender *sender = &senders->list[--senders->count];

        sender->channel->ops->end(&sender->state);
    }
    nb_transfers_free(&senders->transfers);
    nb_guard_free(&senders->guard);
    free(senders->public_url);
    free(senders->list);
    nb_free(out);
}

size_t nb_senders_count(const struct nb_senders *senders)
{
    return senders->count;
}

struct nb_sender *nb_senders_at(const struct nb_senders *senders, size_t i)
{
    return &senders->list[i];
}

struct nb_sender *nb_senders_find(const struct nb_senders *senders, const char *channel)
{
    for (size_t i = 0; i < senders->count; i++)
        if (strcmp(senders->list[i].channel->name, channel) == 0)
            return &senders->list[i];
    return NULL;
}

const struct nb_channel *nb_sender_channel(const struct nb_sender *sender)
{
    return sender->channel;
}

int nb_sender_send(struct nb_send **out, struct nb_sender *sender, const struct nb_message *message, nb_send_done *done,
                   void *arg, struct nb_error *err)
{
    return sender->channel->ops->send(out, sender->state, message, done, arg, err);
}

void nb_send_cancel(struct nb_send **send)
{
    if (*send)
        (*send)->ops->cancel(send);
}

const char *nb_sender_endpoint(struct nb_sender *sender, const struct nb_message *message)
{
    const struct nb_sender_ops *ops = sender->channel->ops;
    const char *endpoint = ops->endpoint ? ops->endpoint(sender->state, message) : NULL;

    return endpoint ? endpoint : sender->channel->name;
}

int nb_sender_check_address(struct nb_sender *sender, const char *address, struct nb_error *err)
{
    const struct nb_sender_ops *ops = sender->channel->ops;

    if (!address || !*address)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "address: expected one");
    return ops->check_address ? ops->check_address(sender->state, address, err) : 0;
}
