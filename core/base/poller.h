/*
 * poller.h - waits for thousands of sockets at the cost of one (epoll).
 *
 * The loop asks every source anew each turn, which suits the few descriptors of a console but not the sockets of a
 * server. A poller registers each socket once, is itself one source of the loop, and calls back only for ready sockets.
 *
 *     nb_poller_new(&poller, loop, &err);
 *     nb_poller_add(&client->polled, poller, client->fd, POLLIN, client_ready, client, &err);
 *     nb_polled_set(client->polled, POLLIN | POLLOUT);     something waits to be sent
 *     nb_polled_remove(&client->polled);                   before close(client->fd)
 *
 * Registration is level-triggered: a callback that leaves data unread is called again in the next turn, so reading once
 * per turn is fair. At most NB_POLLER_AT_ONCE sockets are served per turn, then the loop's timers and other sources.
 */
#ifndef NB_BASE_POLLER_H
#define NB_BASE_POLLER_H

#include "base/loop.h"

#define NB_POLLER_AT_ONCE 64

struct nb_poller;
struct nb_polled; /* one registered descriptor */

NB_MUSTCHECK int nb_poller_new(struct nb_poller **out, struct nb_loop *loop, struct nb_error *err);
/* Every descriptor must have been removed. Must not be called from one of the poller's callbacks. */
void nb_poller_free(struct nb_poller **poller);
/* `served` is called after each turn in which some socket was ready, to do once what many of them asked for. */
void nb_poller_set_served(struct nb_poller *poller, nb_loop_callback *served, void *arg);

/* events: POLLIN and POLLOUT, as for poll; POLLHUP and POLLERR are always reported. The caller keeps the descriptor and
 * must remove it here before closing it. */
NB_MUSTCHECK int nb_poller_add(struct nb_polled **out, struct nb_poller *poller, int fd, short events,
                               nb_source_ready *ready, void *arg, struct nb_error *err);
void nb_polled_set(struct nb_polled *polled, short events);
/* May be called from any callback. Its own callback is not called again. */
void nb_polled_remove(struct nb_polled **polled);

#endif
