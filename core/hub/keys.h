/*
 * keys.h - which clients want which key, and which keys the hub LISTENs to.
 *
 * A key is kept as long as a client wants it or the hub LISTENs to it. A key that is wanted but not listened to waits
 * in the list of its account, the first that asked for it. Keys listened to but not wanted wait in one common list.
 */
#ifndef NB_HUB_KEYS_H
#define NB_HUB_KEYS_H

#include "base/vec.h"
#include "feed/wire.h"
#include "hub/accounts.h"

struct hub_client;

struct hub_key {
    char name[NB_HUB_KEY_LENGTH + 1];
    NB_VEC(struct hub_client *) clients;
    struct hub_account *account; /* its limits count the key */
    bool listening;              /* the database has confirmed it */
    bool changing;               /* the database is being asked */
    bool held;                   /* counted in account->listened */
    struct hub_key_list *list;   /* in which it waits; NULL: none */
    struct hub_key *before, *after;
    struct hub_key *next; /* in its bucket */
};

struct hub_keys {
    struct hub_key **buckets;
    size_t bucket_count;
    size_t count;
    uint64_t seed; /* random, so that clients cannot choose names that share a bucket */
    struct hub_key_list to_unlisten;
    struct hub_accounts accounts;
};

void hub_keys_init(struct hub_keys *keys);
void hub_keys_clear(struct hub_keys *keys);
struct hub_key *hub_keys_find(const struct hub_keys *keys, const char *name);
/* Records that the client wants the key; creates the key if needed. NULL: the account has HUB_ACCOUNT_KEYS already. */
struct hub_key *hub_keys_add(struct hub_keys *keys, const char *name, struct hub_account *account,
                             struct hub_client *client);
void hub_keys_drop(struct hub_keys *keys, struct hub_key *key, struct hub_client *client);
/* Whether any key waits for LISTEN or UNLISTEN. */
bool hub_keys_differ(const struct hub_keys *keys);
/* Takes up to `limit` keys that wait for LISTEN (one of each account in turn) or, with listen false, UNLISTEN off their
 * lists and marks them changing. Skips an account with HUB_ACCOUNT_KEYS keys listened to, wanted or not. */
size_t hub_keys_take(struct hub_keys *keys, bool listen, struct hub_key **out, size_t limit);
/* Call when the database has answered for a taken key. May free the key. */
void hub_keys_changed(struct hub_keys *keys, struct hub_key *key, bool listening);
/* Call when the session has ended, and all its LISTENs with it. */
void hub_keys_forget(struct hub_keys *keys);

#endif
