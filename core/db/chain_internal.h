/*
 * chain_internal.h - what the request queue does with a chain. Private to core/db.
 */
#ifndef NB_DB_CHAIN_INTERNAL_H
#define NB_DB_CHAIN_INTERNAL_H

#include <libpq-fe.h>

#include "db/chain.h"

/* Hands everything to libpq; false: it would not have it. */
bool nb_chain_start(struct nb_chain *chain, PGconn *pg);
/* Takes what libpq has got, NULL too. True: that was the last of it. */
bool nb_chain_take(struct nb_chain *chain, PGresult *result);
/* Its request is gone. */
void nb_chain_released(struct nb_chain *chain);

#endif
