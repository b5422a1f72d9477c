/*
 * clients.h - the hub's unix socket and the clients that are attached to it.
 *
 * A client costs a descriptor, its keys and, while it does not read, a bounded buffer. A client that is too slow loses bells and
 * is told so ("resync") when it reads again. Nothing here ever waits for a client. accounts.h says how many an account may have.
 */
#ifndef NB_HUB_CLIENTS_H
#define NB_HUB_CLIENTS_H

#include "base/loop.h"
#include "hub/keys.h"

struct hub_clients;

/* A client wants other keys than before: the database may have to be asked. */
typedef void hub_clients_differ(void *arg);

/* NB_ECONFLICT when another hub has the socket. What a dead one left behind is replaced. */
NB_MUSTCHECK int hub_clients_open(struct hub_clients **out, struct nb_loop *loop, struct hub_keys *keys,
                                  const char *path, hub_clients_differ *differ, void *arg, struct nb_error *err);
void hub_clients_free(struct hub_clients **clients);

/* To everybody who wants the key. */
void hub_clients_tell_key(const struct hub_key *key, enum nb_hub_word word, const char *text);
void hub_clients_tell_all(struct hub_clients *clients, enum nb_hub_word word);

#endif
