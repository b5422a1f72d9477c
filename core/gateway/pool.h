/*
 * pool.h - the sessions that requests share. A turn is a chain that runs on the first session that is free, alone.
 *
 * What waits is bounded in number and in time. A session whose chain has failed is in a transaction that has failed, the token still
 * set: it is rolled back before it is lent again.
 */
#ifndef NB_GATEWAY_POOL_H
#define NB_GATEWAY_POOL_H

#include "db/chain.h"
#include "db/connection.h"

struct gateway_pool;

struct gateway_turn {
    struct nb_chain *chain;
    size_t last; /* the chain's last step: when that has gone well, all have, and the transaction is over */
    /* err: it waited for too long (NB_ECONFLICT) or no session is left (NB_EUNREACHABLE); the chain was not sent then. NULL: it was, and
     * each step has its result or error. */
    void (*done)(void *arg, const struct nb_error *err);
    void *arg;
    int64_t since_ms; /* the pool's, as the next */
    bool again;
};

struct gateway_pool_figures {
    size_t sessions, ready, busy, waiting;
    int64_t waits, waited_ms, rollbacks;
};

/* The connections reconnect by themselves, serve nobody else, and outlive the pool. */
struct gateway_pool *gateway_pool_new(struct nb_connection *const *connections, size_t count);
/* No turn may be left: see gateway_pool_forget(). */
void gateway_pool_free(struct gateway_pool **pool);
/* The turn lives until its `done`, which is called from the loop. NB_EUNREACHABLE or NB_ECONFLICT at once, without it. */
NB_MUSTCHECK int gateway_pool_run(struct gateway_pool *pool, struct gateway_turn *turn, struct nb_error *err);
/* `done` will not be called. The session that runs it is not lent again: only for the end. */
void gateway_pool_forget(struct gateway_pool *pool, const struct gateway_turn *turn);
void gateway_pool_read(const struct gateway_pool *pool, struct gateway_pool_figures *out);

#endif
