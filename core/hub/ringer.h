/*
 * ringer.h - deferred ringing (nightbell.ring = deferred): the hub that holds the database's lock looks for newly
 * visible rows many times a second, and rings. The other hubs stand by.
 */
#ifndef NB_HUB_RINGER_H
#define NB_HUB_RINGER_H

#include "db/connection.h"

struct hub_ringer;

struct hub_ringer *hub_ringer_new(struct nb_connection *connection);
void hub_ringer_free(struct hub_ringer **ringer);
/* Whether the database defers ringing. Call again for each session. */
void hub_ringer_set_deferred(struct hub_ringer *ringer, bool deferred);
/* Call when the session has ended, and the lock with it. */
void hub_ringer_forget(struct hub_ringer *ringer);

#endif
