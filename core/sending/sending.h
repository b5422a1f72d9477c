/*
 * sending.h - a worker's sending: it leases deliveries that are due, hands them to the senders of core/channels, many at
 * once, and records the answers.
 *
 * It lives in the loop and never waits. A delivery is sent, then recorded: what is not recorded when the worker is killed is sent
 * again by whoever takes its lease over, under the same id.
 */
#ifndef NB_SENDING_SENDING_H
#define NB_SENDING_SENDING_H

#include "channels/channels.h"
#include "db/connection.h"

struct nb_sending;

/* Claims by one connection and records by the other, so that the server does both at once; they reconnect by themselves. All three
 * outlive it. */
struct nb_sending *nb_sending_new(struct nb_connection *claims, struct nb_connection *records,
                                  struct nb_senders *senders);
/* What is in hand stays leased until its lease ends. */
void nb_sending_free(struct nb_sending **sending);
/* From now on it claims, as this worker (worker_start.sql). Again: looks again; for bells. */
void nb_sending_wake(struct nb_sending *sending, const struct nb_uuid *worker);
/* Claims no more, gives back what is not begun, and waits for the answers of what is. */
void nb_sending_drain(struct nb_sending *sending);
/* Nothing is in hand, and nothing is due. */
bool nb_sending_is_idle(const struct nb_sending *sending);
/* After nb_sending_drain(): all is recorded, or given up. */
bool nb_sending_is_over(const struct nb_sending *sending);
/* How long a drain has to wait at most: no send takes longer. */
int64_t nb_sending_patience_ms(const struct nb_sending *sending);
int64_t nb_sending_recorded(const struct nb_sending *sending); /* deliveries, so far */

#endif
