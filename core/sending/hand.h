/*
 * hand.h - what a worker has in hand: leased deliveries with their sends, and the places that they are for, each with what
 * waits and what is under way there. Private to core/sending.
 */
#ifndef NB_SENDING_HAND_H
#define NB_SENDING_HAND_H

#include "base/arena.h"
#include "base/vec.h"
#include "channels/channels.h"

#define LANES 3 /* critical, first tries, retries */

struct hand;
struct item;

/* One place of one channel: for sends an endpoint as the sender names it, for leases as the queue does. */
struct place {
    struct place *next; /* in its bucket */
    char *channel, *endpoint;
    size_t in_hand;        /* leased deliveries */
    size_t named;          /* by flights of items in hand: what is recorded of them names it */
    size_t under_way;      /* sends */
    size_t of_lane[LANES]; /* of these */
    bool is_busy;          /* among those where something waits */
    struct {
        struct flight *first, *last;
    } waiting[LANES];
};

/* A send of a delivery to one target. */
struct flight {
    struct flight *next; /* that waits at the same place */
    struct item *item;
    struct place *place;
    struct nb_target target;
    struct nb_send *send; /* under way */
    int64_t began_ms;
    bool answered, cancelled;
    /* the answer; texts in the item's arena */
    enum nb_send_outcome outcome;
    int code;
    char *error, *message_id;
    int64_t retry_after_ms, latency_ms;
    bool address_ended, provider_fault;
};

enum item_end { ITEM_ANSWERED, ITEM_CANCELLED, ITEM_BACK };

/* A leased delivery. */
struct item {
    struct item *next, **link; /* all that are in hand */
    struct hand *hand;
    struct nb_arena *arena;
    struct nb_sender *sender;
    struct place *lease; /* the queue's endpoint */
    int lane;
    const int64_t
        *most; /* how many sends may be under way at one of its places: this worker's part of the channel's in_flight */
    int64_t until_ms; /* a send that has not begun by then does not end within the lease */
    struct nb_message message;
    struct flight *flights;
    size_t flight_count, open; /* open: not answered yet */
    enum item_end end;
    bool is_left; /* its record needs more than that it was sent */
};

typedef void hand_done(void *arg, struct item *item);

struct hand *hand_new(hand_done *done, void *arg);
void hand_free(struct hand **hand); /* cancels what is under way */

/* Takes the item; done is called, never from inside, once all its sends are answered. */
void hand_add(struct hand *hand, struct item *item_take);
/* The same for one whose answers are known already: done is not called. */
void hand_add_answered(struct hand *hand, struct item *item_take);
void hand_remove(struct item **item); /* after done */
struct place *hand_place(struct hand *hand, const char *channel, const char *endpoint);
/* Begins what may begin. */
void hand_turn(struct hand *hand);
/* Somebody wants it back: what is under way is stopped. */
void hand_cancel(struct hand *hand, const struct nb_uuid *delivery);
/* All that is not begun is done at once, as ITEM_BACK. */
void hand_give_back(struct hand *hand);

size_t hand_count(const struct hand *hand);
size_t hand_count_of(const struct hand *hand, int lane);
size_t hand_count_at(struct hand *hand, const char *channel, const char *endpoint); /* leased */
typedef void hand_visit(void *arg, const struct place *place);
void hand_each_place(const struct hand *hand, hand_visit *visit, void *arg);

#endif
