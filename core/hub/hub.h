/*
 * hub.h - the hub: one listening session for all consoles of a host.
 *
 * Every NOTIFY wakes every listening session of its database, so a hundred listening consoles cost the writers most of
 * their speed. The hub LISTENs for all of them, only to keys that some console wants, and passes the bells on over a
 * unix socket (feed/wire.h). If the database defers ringing, it also rings (ringer.h). It does not check who its
 * clients are: keys cannot be guessed, so a client that knows a key may have its bells.
 */
#ifndef NB_HUB_HUB_H
#define NB_HUB_HUB_H

#include "db/connection.h"

struct nb_hub;

/* The connection must be ready, reconnect by itself, and be logged in as a member of nightbell_ringer. Blocks while it
 * asks the database how bells ring. socket: a path; NULL: a place where consoles look (feed/place.h). NB_ECONFLICT:
 * another hub is there. */
NB_MUSTCHECK int nb_hub_new(struct nb_hub **out, struct nb_connection *connection, const char *socket,
                            struct nb_error *err);
void nb_hub_free(struct nb_hub **hub);
const char *nb_hub_socket(const struct nb_hub *hub);
/* Asks the database again how bells ring. */
void nb_hub_ask_again(struct nb_hub *hub);

#endif
