/*
 * place.h - where a hub has its socket, so that the consoles of every user on the host find it.
 *
 * NIGHTBELL_HUB names the socket ("none": use no hub). Otherwise it is the file hub-ID in one of these, best first:
 *
 *   /run/nightbell                   made by the administrator, or by systemd (RuntimeDirectory=nightbell)
 *   the server's socket directory    PostgreSQL's own, where the database is reached through one
 *   $XDG_RUNTIME_DIR/nightbell       for the hub of one person
 *
 * ID is the installation's: several databases on one host have several hubs.
 */
#ifndef NB_FEED_PLACE_H
#define NB_FEED_PLACE_H

#include "base/error.h"

#define NB_HUB_PLACES 3

/* Fills `paths` with the candidates and returns how many there are; the caller frees them.
 * server_directory: the PostgreSQL server's, NULL for a server behind TCP. */
size_t nb_hub_places(char *paths[NB_HUB_PLACES], const char *installation, const char *server_directory);
void nb_hub_places_clear(char *paths[NB_HUB_PLACES], size_t count);
/* The value of NIGHTBELL_HUB, borrowed; NULL when not set. */
const char *nb_hub_named(void);
/* For a hub: the first candidate whose directory it may write to. The caller frees it. */
NB_MUSTCHECK int nb_hub_choose_place(char **out, const char *installation, const char *server_directory,
                                     struct nb_error *err);
/* For a client: whether the peer of the connected socket may be trusted as the hub. In a world-writable directory it
 * must run as root, the directory's owner or the caller. */
bool nb_hub_is_trusted(int fd, const char *path);

#endif
