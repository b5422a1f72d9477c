/*
 * worker.h - a worker: takes app events as long as there are any, then sleeps until a doorbell rings or something is due.
 */
#ifndef NB_ENGINE_WORKER_H
#define NB_ENGINE_WORKER_H

#include "channels/channels.h"
#include "db/connection.h"

struct nb_worker;

/* name: what it is known by, the same after a restart. The connection must be ready and reconnect by itself. */
struct nb_worker *nb_worker_new(struct nb_connection *connection, const char *name);
void nb_worker_free(struct nb_worker **worker);
/* Before it runs: it also sends what is queued for these channels, by two connections of their own on the same loop. All three outlive
 * the worker. */
void nb_worker_send_by(struct nb_worker *worker, struct nb_connection *claims, struct nb_connection *records,
                       struct nb_senders *senders);
/* Works until nb_worker_stop(); with once only until nothing is due. NB_EUNREACHABLE and NB_EDENIED where the connection has
 * given up. */
NB_MUSTCHECK int nb_worker_run(struct nb_worker *worker, bool once, struct nb_error *err);
/* The chunk in hand is finished first. May be called from a signal's callback. */
void nb_worker_stop(struct nb_worker *worker);
int64_t nb_worker_processed(const struct nb_worker *worker);
int64_t nb_worker_failed(const struct nb_worker *worker);

#endif
