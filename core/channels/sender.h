/*
 * sender.h - what every kind of channel is behind: it sends one message to one target, and answers what became of it.
 *
 * A kind is a struct nb_sender_ops and the options that it takes in channels.conf (settings.h). It never blocks: a send
 * begins, the loop turns, the answer comes. Each kind has a time limit of its own and always answers.
 */
#ifndef NB_CHANNELS_SENDER_H
#define NB_CHANNELS_SENDER_H

#include "base/loop.h"
#include "base/uuid.h"
#include "channels/settings.h"

struct nb_senders; /* channels.h: all senders of a process, and what they share */
struct nb_guard;
struct nb_transfers;

/* Where it goes. */
struct nb_target {
    struct nb_uuid id; /* of the device or endpoint; nil: the address is the person's own */
    const char *address;
    const char *platform;               /* of a device: web, android, ios; NULL otherwise */
    int secret_version, former_version; /* of an endpoint's secret, and of the one before while both hold; 0: none */
};

/* All texts are borrowed until the send has ended; what is not there is NULL. */
struct nb_message {
    struct nb_uuid delivery; /* the same at every attempt: the idempotency key where a protocol has one */
    struct nb_uuid tenant, user;
    int attempt; /* from 1 */
    const char *channel, *type, *urgency, *locale;
    const char *subject, *body, *html;
    const char *payload; /* JSON */
    const char *link;
    const char *const *cc, *const *bcc; /* NULL-terminated */
    const char *unsubscribe;            /* the one-click URL */
    int64_t created_ms;                 /* since 1970 */
    struct nb_target target;
};

enum nb_send_outcome { NB_SEND_SENT, NB_SEND_RETRY, NB_SEND_FAILED };

/* Borrowed for the duration of the callback. */
struct nb_send_answer {
    enum nb_send_outcome outcome;
    int code;               /* of the protocol: of HTTP, a reply of SMTP, a program's exit status; 0: none came */
    const char *error;      /* one line; NULL when sent */
    const char *message_id; /* what the provider calls it; NULL where it did not say */
    int64_t retry_after_ms; /* as the provider asks; -1: it did not */
    bool address_ended;     /* nothing is to be sent to this target any more */
    bool provider_fault;    /* the provider is to blame, not this message: counts for the provider's breaker */
};
typedef void nb_send_done(void *arg, const struct nb_send_answer *answer);

/* A send under way. Each kind has a struct of its own that begins with this. */
struct nb_send {
    const struct nb_sender_ops *ops;
};

struct nb_sender_ops {
    const char *kind;
    const char *summary;                     /* "mail by SMTP": one line for people */
    const char *retries;                     /* the schedule where the channel names none; NULL: "1m 5m 30m" */
    const struct nb_channel_option *options; /* beside the common ones; ends with a row without name */

    /* Reads the settings, its secrets included, and connects to nothing. Errors are made by nb_channel_problem(). */
    int (*start)(void **sender, const struct nb_channel *channel, struct nb_senders *context, struct nb_error *err);
    void (*end)(void **sender); /* no send is under way */
    /* done is called exactly once, never from inside this call, and not after cancel. Fails only where nothing could be
     * begun here (no memory for a process …), which says nothing about the message: it is to be tried again. */
    int (*send)(struct nb_send **out, void *sender, const struct nb_message *message, nb_send_done *done, void *arg,
                struct nb_error *err);
    void (*cancel)(struct nb_send **send);
    /* Who is bothered by it, such as a host: for fairness and the breaker. Valid until the sender's next call; NULL: the
     * channel as a whole. */
    const char *(*endpoint)(void *sender, const struct nb_message *message);
    bool has_many_endpoints; /* what is sent goes to many hosts, not to one provider: channels_of_many() */
    /* NB_EINVALID when nothing can be sent to such an address. NULL: any text will do. */
    int (*check_address)(void *sender, const char *address, struct nb_error *err);
};

/* A send whose answer is known already, such as that the address is none: done is called in the loop's next turn. The answer's texts
 * are copied. Its cancel is not the kind's. */
void nb_send_answered(struct nb_send **out, struct nb_senders *context, const struct nb_send_answer *answer,
                      nb_send_done *done, void *arg);

#endif
