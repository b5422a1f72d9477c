/*
 * chain_internal.h - what a chain is, and what the request queue does with it. Private to core/db.
 */
#ifndef NB_DB_CHAIN_INTERNAL_H
#define NB_DB_CHAIN_INTERNAL_H

#include <libpq-fe.h>

#include "base/vec.h"
#include "db/chain.h"

struct nb_step {
    enum nb_sql id;
    char *text; /* NULL: that of id */
    struct nb_params *params;
    bool sync; /* a sync follows it */
    PGresult *result;
};

struct nb_chain {
    struct nb_connection *connection;
    struct nb_request *request; /* while it runs */
    NB_VEC(struct nb_step) steps;
    bool done;
    bool orphan;          /* freed by its owner while running: freed when the request ends */
    struct nb_error lost; /* code 0: all answers came */
    nb_chain_done *on_done;
    void *on_done_arg;
};

/* Frees it; its request has ended. */
void nb_chain_dispose(struct nb_chain *chain);
size_t nb_chain_steps(const struct nb_chain *chain);
/* The statement of a step, and whether a sync follows it. Text and params are borrowed. */
const char *nb_chain_step(const struct nb_chain *chain, size_t step, const struct nb_params **params, bool *sync);
/* Keeps a part of the answer to a step: its first error, or else the first result. */
void nb_chain_keep(struct nb_chain *chain, size_t step, PGresult *result_take);
/* Tells the chain that its request has been freed. */
void nb_chain_released(struct nb_chain *chain);

#endif
