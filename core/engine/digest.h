/*
 * digest.h - releases held deliveries that are due: a single one unchanged, several of a person and channel as one digest.
 */
#ifndef NB_ENGINE_DIGEST_H
#define NB_ENGINE_DIGEST_H

#include "db/connection.h"

/* One chunk, in a transaction of its own. *did: how many people and channels it was for; 0: nothing was due. *wait_ms becomes
 * smaller where something is due sooner than that. The connection must be a login's that is a member of nightbell_worker. */
NB_MUSTCHECK int digest_step(struct nb_connection *connection, int64_t *did, int64_t *wait_ms, struct nb_error *err);

#endif
