/*
 * ringer.h - deferred ringing: where the database says so (nightbell.ring = deferred), the hub that
 * holds the database's lock looks for what has become visible, many times a second, and rings. The
 * others stand by.
 */
#ifndef NB_HUB_RINGER_H
#define NB_HUB_RINGER_H

#include "db/connection.h"

struct hub_ringer;

struct hub_ringer *hub_ringer_new(struct nb_connection *connection);
void hub_ringer_free(struct hub_ringer **ringer);
/* What the database has set; to be told again with each session. */
void hub_ringer_set_deferred(struct hub_ringer *ringer, bool deferred);
/* The session has ended, and the lock with it. */
void hub_ringer_forget(struct hub_ringer *ringer);

#endif
