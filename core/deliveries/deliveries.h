/*
 * deliveries.h - what an operator reads of one delivery beyond its row, and can do with it. For pages of them see page/page.h.
 */
#ifndef NB_DELIVERIES_DELIVERIES_H
#define NB_DELIVERIES_DELIVERIES_H

#include "events/events.h"
#include "model/delivery.h"

/* What happened to it, oldest first, in the form of an event's history: both are shown by the same code. */
struct nb_request *nb_delivery_story(struct nb_connection *connection, const struct nb_key *key,
                                     nb_event_history_done *done, void *arg);
/* What left because of an event or a notification, for operators; others hear of none. A step without an actor begins a delivery. */
struct nb_request *nb_deliveries_of_event(struct nb_connection *connection, const struct nb_key *key,
                                          nb_event_history_done *done, void *arg);
struct nb_request *nb_deliveries_of_notification(struct nb_connection *connection, const struct nb_key *key,
                                                 nb_event_history_done *done, void *arg);

enum nb_delivery_act {
    NB_DELIVERY_RETRY,  /* a dead letter: with tries anew; what waits for its next try: now */
    NB_DELIVERY_CANCEL, /* what is being sent: as far as that can be done */
};
struct nb_delivery_outcome {
    struct nb_key key;
    bool done;
    bool is_there;       /* false: no such delivery, or none that the caller operates */
    const char *problem; /* why not; NULL: done */
};
/* outcomes: one for each key, in their order; borrowed for the duration of the call. Nothing can be undone. */
typedef void nb_delivery_act_done(void *arg, const struct nb_delivery_outcome *outcomes, size_t count,
                                  const struct nb_error *err);
struct nb_request *nb_delivery_act(struct nb_connection *connection, enum nb_delivery_act act,
                                   const struct nb_key *keys, size_t count, nb_delivery_act_done *done, void *arg);

#endif
