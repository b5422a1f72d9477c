/*
 * hub.h - the hub: one listening session for all consoles of a host.
 *
 * Every session that LISTENs is woken by every NOTIFY of its database, so a hundred listening consoles cost the writers most of
 * their speed. The hub LISTENs for all of them, only to the keys that some console wants, and hands bells on over a unix socket
 * (feed/wire.h). Where the database defers ringing, it also rings (ringer.h). It does not know who its clients are: a key cannot
 * be guessed, so who knows it may hear its bells.
 */
#ifndef NB_HUB_HUB_H
#define NB_HUB_HUB_H

#include "db/connection.h"

struct nb_hub;

/* The connection is ready, reconnects by itself, and is logged in as a member of nightbell_ringer. Asks it, waiting, how bells
 * ring. socket: its path; NULL: a place where consoles look (feed/place.h). NB_ECONFLICT: another hub is there. */
NB_MUSTCHECK int nb_hub_new(struct nb_hub **out, struct nb_connection *connection, const char *socket,
                            struct nb_error *err);
void nb_hub_free(struct nb_hub **hub);
const char *nb_hub_socket(const struct nb_hub *hub);
/* Asks the database anew how bells ring. */
void nb_hub_ask_again(struct nb_hub *hub);

#endif
