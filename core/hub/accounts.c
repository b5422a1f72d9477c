/*
 * accounts.c - the accounts that use the hub now: few, so a linear search will do.
 */
#include "hub/accounts.h"

struct hub_account *hub_accounts_get(struct hub_accounts *accounts, uid_t uid)
{
    struct hub_account *account;

    for (size_t i = 0; i < accounts->all.count; i++)
        if (accounts->all.data[i]->uid == uid)
            return accounts->all.data[i];
    account = nb_calloc(1, sizeof(*account));
    account->uid = uid;
    nb_vec_push(&accounts->all, account);
    return account;
}

void hub_accounts_settle(struct hub_accounts *accounts, struct hub_account *account)
{
    if (account->clients > 0 || account->owned > 0)
        return;
    for (size_t i = 0; i < accounts->all.count; i++) {
        if (accounts->all.data[i] == account) {
            nb_vec_remove(&accounts->all, i);
            break;
        }
    }
    free(account);
}

void hub_accounts_clear(struct hub_accounts *accounts)
{
    for (size_t i = 0; i < accounts->all.count; i++)
        free(accounts->all.data[i]);
    nb_vec_clear(&accounts->all);
}
