/*
 * hub.h - the hub: one listening session for all consoles of a host.
 *
 * Every session that LISTENs is woken by every NOTIFY of its database, so a hundred listening
 * consoles cost the writers most of their speed. The hub LISTENs for all of them, to the keys that
 * somebody wants and no others, and hands bells on over a unix socket (wire.h). Where the database
 * defers ringing, it also rings (ringer.h). It holds no identity of its clients: a key that cannot
 * be guessed is the right to it.
 */
#ifndef NB_HUB_HUB_H
#define NB_HUB_HUB_H

#include "db/connection.h"

struct nb_hub;

/* On a connection that is ready and reconnects by itself, logged in as a member of
 * nightbell_ringer; asks it, waiting, how bells ring. socket: where; NULL: a place that consoles
 * look at (place.h). NB_ECONFLICT: another hub is there. */
NB_MUSTCHECK int nb_hub_new(struct nb_hub **out, struct nb_connection *connection, const char *socket,
                            struct nb_error *err);
void nb_hub_free(struct nb_hub **hub);
const char *nb_hub_socket(const struct nb_hub *hub);
/* Asks the database anew how bells ring. */
void nb_hub_ask_again(struct nb_hub *hub);

#endif
