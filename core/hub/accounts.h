/*
 * accounts.h - limits on what each local account (SO_PEERCRED) may use of the hub.
 *
 * Any account may connect to the hub, so none must be able to delay the others. An account has a limited number of
 * connections and keys, and the hub listens to the accounts' waiting keys in turn.
 */
#ifndef NB_HUB_ACCOUNTS_H
#define NB_HUB_ACCOUNTS_H

#include <sys/types.h>

#include "base/vec.h"

/* Enough for a gateway that runs a thousand consoles as one account: a console has one connection and a few keys, some
 * of them shared with its tenant. ARCHITECTURE.md states both numbers. */
#define HUB_ACCOUNT_CLIENTS 2048 /* connections; also at most half of the hub's descriptors */
#define HUB_ACCOUNT_KEYS    4096 /* different keys that the account was the first to ask for */

struct hub_key;

/* In order of arrival. */
struct hub_key_list {
    struct hub_key *first, *last;
    size_t count;
};

struct hub_account {
    uid_t uid;
    size_t clients;                /* connections */
    size_t owned;                  /* known keys that it was the first to ask for */
    size_t wanted;                 /* of those: some client wants them */
    size_t listened;               /* of those: the hub LISTENs, or has asked to */
    struct hub_key_list to_listen; /* of those: waiting for LISTEN */
};

struct hub_accounts {
    NB_VEC(struct hub_account *) all;
    size_t turn; /* the account whose key is next */
};

/* Creates the account if it is not known yet. */
struct hub_account *hub_accounts_get(struct hub_accounts *accounts, uid_t uid);
/* Frees the account when it has no connections and keys left. */
void hub_accounts_settle(struct hub_accounts *accounts, struct hub_account *account);
void hub_accounts_clear(struct hub_accounts *accounts);

#endif
