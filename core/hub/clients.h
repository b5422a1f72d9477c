/*
 * clients.h - the hub's unix socket and the clients that are attached to it.
 *
 * A client uses a descriptor, its keys and, while it does not read, a bounded buffer. A client that is too slow loses
 * bells and gets "resync" when it reads again. Nothing here ever blocks on a client. accounts.h limits each account.
 */
#ifndef NB_HUB_CLIENTS_H
#define NB_HUB_CLIENTS_H

#include "base/loop.h"
#include "hub/keys.h"

struct hub_clients;

/* Called when clients want other keys than before: the hub may have to LISTEN or UNLISTEN. */
typedef void hub_clients_differ(void *arg);

/* NB_ECONFLICT when another hub has the socket. The socket of a dead hub is replaced. */
NB_MUSTCHECK int hub_clients_open(struct hub_clients **out, struct nb_loop *loop, struct hub_keys *keys,
                                  const char *path, hub_clients_differ *differ, void *arg, struct nb_error *err);
void hub_clients_free(struct hub_clients **clients);

/* Sends the message to every client that wants the key. */
void hub_clients_tell_key(const struct hub_key *key, enum nb_hub_word word, const char *text);
void hub_clients_tell_all(struct hub_clients *clients, enum nb_hub_word word);

#endif
