/*
 * keys.h - which clients want the bells of which key, and which of the keys the database is asked
 * for.
 *
 * A key is here as long as a client wants it or the database still LISTENs to it. What the two
 * sides disagree about is a list that nb_hub_keys_change() takes from.
 */
#ifndef NB_HUB_KEYS_H
#define NB_HUB_KEYS_H

#include "base/vec.h"
#include "feed/wire.h"

struct hub_client;

struct hub_key {
    char name[NB_HUB_KEY_LENGTH + 1];
    NB_VEC(struct hub_client *) clients;
    bool listening; /* the database has confirmed it */
    bool changing;  /* it is being asked to */
    bool differs;   /* in the list of those to be changed */
    struct hub_key *next;
};

struct hub_keys {
    struct hub_key **buckets;
    size_t bucket_count;
    size_t count;
    NB_VEC(struct hub_key *) differing;
};

void hub_keys_init(struct hub_keys *keys);
void hub_keys_clear(struct hub_keys *keys);
struct hub_key *hub_keys_find(const struct hub_keys *keys, const char *name);
/* The client wants it from now on; made when it is not there yet. */
struct hub_key *hub_keys_add(struct hub_keys *keys, const char *name, struct hub_client *client);
void hub_keys_drop(struct hub_keys *keys, struct hub_key *key, struct hub_client *client);
/* Takes up to `limit` keys that are to be listened to (or not any more) off the list, marks them
 * changing. */
size_t hub_keys_take(struct hub_keys *keys, bool listen, struct hub_key **out, size_t limit);
/* The database has answered for a key that was taken. May free the key. */
void hub_keys_changed(struct hub_keys *keys, struct hub_key *key, bool listening);
/* The session with the database has ended: it listens to nothing. */
void hub_keys_forget(struct hub_keys *keys);

#endif
