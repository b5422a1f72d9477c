/*
 * deliveries.h - what an operator reads of one delivery beyond its row. For pages of them see page/page.h.
 */
#ifndef NB_DELIVERIES_DELIVERIES_H
#define NB_DELIVERIES_DELIVERIES_H

#include "events/events.h"
#include "model/delivery.h"

/* What happened to it, oldest first, in the form of an event's history: both are shown by the same code. */
struct nb_request *nb_delivery_story(struct nb_connection *connection, const struct nb_key *key,
                                     nb_event_history_done *done, void *arg);

#endif
