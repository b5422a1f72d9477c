/*
 * delivery.h - one delivery (table nightbell.deliveries) with the names of tenant and recipient. What it says and where it goes are
 * there only for whom it is for.
 */
#ifndef NB_MODEL_DELIVERY_H
#define NB_MODEL_DELIVERY_H

#include "model/notification.h"
#include "model/subject.h"

enum nb_delivery_state {
    NB_DELIVERY_HELD,
    NB_DELIVERY_QUEUED,
    NB_DELIVERY_SENDING,
    NB_DELIVERY_SENT,
    NB_DELIVERY_DELIVERED,
    NB_DELIVERY_READ,
    NB_DELIVERY_BOUNCED,
    NB_DELIVERY_FAILED, /* for good: a dead letter */
    NB_DELIVERY_CANCELLED,
    NB_DELIVERY_DIGESTED,
    NB_DELIVERY_STATE_COUNT
};

struct nb_delivery {
    struct nb_row row; /* key: the id */
    struct nb_uuid tenant_id, user_id;
    struct nb_uuid notification_id; /* nil: nothing of it is in the inbox */
    int64_t app_event;              /* 0: none */
    enum nb_urgency urgency;
    enum nb_delivery_state state;
    int64_t attempts, max_attempts;
    int64_t held_until, next_attempt_at; /* while it is held, or queued */
    int64_t created_at, queued_at, sending_at, sent_at, delivered_at, read_at, ended_at;
    int64_t state_at;                     /* since when it is in its state */
    struct nb_uuid digest_id;             /* the delivery that carries it; nil: none */
    struct nb_uuid fallback_of;           /* the one that failed before it; nil: none */
    const char *type, *channel;           /* never NULL */
    const char *rule_id;                  /* NULL: no rule */
    const char *template_code, *locale;   /* NULL: none */
    const char *missing;                  /* variables of the template that were not given; NULL: none */
    const char *held_for;                 /* quiet_hours, do_not_disturb, held_for_digest, over_rate; NULL: not held */
    const char *worker, *provider;        /* NULL: not known */
    const char *message_id;               /* the provider's; NULL: none */
    const char *error;                    /* of the last attempt; NULL: none */
    const char *fallback_channels;        /* "push, sms": what follows if it fails; NULL: nothing */
    const char *tenant_name, *user_name;  /* NULL: not known */
    const char *subject, *body, *address; /* NULL: somebody else's, or not fetched */
    const char *payload;                  /* JSON; the same */
};

const char *nb_delivery_state_name(enum nb_delivery_state state);
/* What holds it, in words: "quiet hours". */
const char *nb_delivery_hold_name(const char *held_for);
struct nb_row *nb_delivery_decode(const struct nb_result *result, size_t index, struct nb_arena *arena);
struct nb_row *nb_delivery_copy(const struct nb_row *row, struct nb_arena *arena);

#endif
