/*
 * keys.h - which clients want the bells of which key, and which of the keys the database is asked for.
 *
 * A key is here as long as a client wants it or the database still LISTENs to it. A key that is wanted and not listened to waits
 * in the list of its account, the first that wanted it; one that is listened to and not wanted waits in one list for all.
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
    struct hub_account *account; /* whose caps it counts for */
    bool listening;              /* the database has confirmed it */
    bool changing;               /* the database is being asked */
    bool held;                   /* counted in account->listened */
    struct hub_key_list *list;   /* that it waits in; NULL: none */
    struct hub_key *before, *after;
    struct hub_key *next; /* in its bucket */
};

struct hub_keys {
    struct hub_key **buckets;
    size_t bucket_count;
    size_t count;
    uint64_t seed; /* clients choose names; they cannot choose which ones share a bucket */
    struct hub_key_list to_unlisten;
    struct hub_accounts accounts;
};

void hub_keys_init(struct hub_keys *keys);
void hub_keys_clear(struct hub_keys *keys);
struct hub_key *hub_keys_find(const struct hub_keys *keys, const char *name);
/* The client wants it from now on; made when it is not there yet. NULL: the account has HUB_ACCOUNT_KEYS already. */
struct hub_key *hub_keys_add(struct hub_keys *keys, const char *name, struct hub_account *account,
                             struct hub_client *client);
void hub_keys_drop(struct hub_keys *keys, struct hub_key *key, struct hub_client *client);
/* Whether any key is to be listened to, or not any more. */
bool hub_keys_differ(const struct hub_keys *keys);
/* Takes up to `limit` keys that are to be listened to (one of each account in turn) or not any more off their lists, and marks
 * them changing. Keys of an account for which HUB_ACCOUNT_KEYS are listened to already, wanted or not, stay. */
size_t hub_keys_take(struct hub_keys *keys, bool listen, struct hub_key **out, size_t limit);
/* The database has answered for a key that was taken. May free the key. */
void hub_keys_changed(struct hub_keys *keys, struct hub_key *key, bool listening);
/* The session with the database has ended: it listens to nothing. */
void hub_keys_forget(struct hub_keys *keys);

#endif
