/*
 * accounts.h - what each local account (SO_PEERCRED) may cost the hub.
 *
 * The hub's socket is for everybody, so one account must not be able to delay the others. An account has a bounded number of
 * connections and of keys, and accounts have their keys listened to in turn, whatever each of them waits for.
 */
#ifndef NB_HUB_ACCOUNTS_H
#define NB_HUB_ACCOUNTS_H

#include <sys/types.h>

#include "base/vec.h"

/* Enough for a gateway that runs a thousand consoles as one account; a console has one connection and a handful of keys, of
 * which those of its tenant are shared. Said in ARCHITECTURE.md. */
#define HUB_ACCOUNT_CLIENTS 2048 /* and at most half of the descriptors that the hub may have */
#define HUB_ACCOUNT_KEYS    4096 /* different ones that it is the first to want */

struct hub_key;

/* In order of arrival. */
struct hub_key_list {
    struct hub_key *first, *last;
    size_t count;
};

struct hub_account {
    uid_t uid;
    size_t clients;                /* connections */
    size_t owned;                  /* keys that it was the first to want, as long as they are known */
    size_t wanted;                 /* of those: somebody wants them */
    size_t listened;               /* of those: the database listens, or is asked to */
    struct hub_key_list to_listen; /* of those: the database is to be asked */
};

struct hub_accounts {
    NB_VEC(struct hub_account *) all;
    size_t turn; /* whose key is listened to next */
};

/* Made when it is not there yet. */
struct hub_account *hub_accounts_get(struct hub_accounts *accounts, uid_t uid);
/* Frees it when nothing of it is left. */
void hub_accounts_settle(struct hub_accounts *accounts, struct hub_account *account);
void hub_accounts_clear(struct hub_accounts *accounts);

#endif
