/*
 * keys.c - a hash table of keys, and the lists of keys that wait for LISTEN or UNLISTEN.
 */
#include "hub/keys.h"

#include "base/uuid.h"

#define FIRST_BUCKETS 64 /* a power of two */

void hub_keys_init(struct hub_keys *keys)
{
    struct nb_uuid random = nb_uuid_v7();

    *keys = (struct hub_keys){.bucket_count = FIRST_BUCKETS};
    memcpy(&keys->seed, random.bytes + sizeof(random) - sizeof(keys->seed), sizeof(keys->seed));
    keys->buckets = nb_calloc(FIRST_BUCKETS, sizeof(struct hub_key *));
}

static void key_free(struct hub_key *key)
{
    nb_vec_clear(&key->clients);
    free(key);
}

void hub_keys_clear(struct hub_keys *keys)
{
    for (size_t i = 0; i < keys->bucket_count; i++) {
        while (keys->buckets[i]) {
            struct hub_key *key = keys->buckets[i];

            keys->buckets[i] = key->next;
            key_free(key);
        }
    }
    free(keys->buckets);
    hub_accounts_clear(&keys->accounts);
    *keys = (struct hub_keys){0};
}

static size_t hash(const struct hub_keys *keys, const char *name)
{
    uint64_t value = 14695981039346656037u ^ keys->seed;

    for (; *name != '\0'; name++)
        value = (value ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

static struct hub_key **bucket(const struct hub_keys *keys, const char *name)
{
    return &keys->buckets[hash(keys, name) & (keys->bucket_count - 1)];
}

struct hub_key *hub_keys_find(const struct hub_keys *keys, const char *name)
{
    struct hub_key *key = *bucket(keys, name);

    while (key && strcmp(key->name, name) != 0)
        key = key->next;
    return key;
}

static void grow(struct hub_keys *keys)
{
    struct hub_key **former = keys->buckets;
    size_t former_count = keys->bucket_count;

    keys->bucket_count *= 2;
    keys->buckets = nb_calloc(keys->bucket_count, sizeof(struct hub_key *));
    for (size_t i = 0; i < former_count; i++) {
        while (former[i]) {
            struct hub_key *key = former[i];
            struct hub_key **place = bucket(keys, key->name);

            former[i] = key->next;
            key->next = *place;
            *place = key;
        }
    }
    free(former);
}

static void key_remove(struct hub_keys *keys, struct hub_key *key)
{
    struct hub_key **place = bucket(keys, key->name);
    struct hub_account *account = key->account;

    while (*place != key)
        place = &(*place)->next;
    *place = key->next;
    keys->count--;
    key_free(key);
    account->owned--;
    hub_accounts_settle(&keys->accounts, account);
}

/* ---- the lists ---- */

static void leave_list(struct hub_key *key)
{
    struct hub_key_list *list = key->list;

    if (!list)
        return;
    *(key->before ? &key->before->after : &list->first) = key->after;
    *(key->after ? &key->after->before : &list->last) = key->before;
    list->count--;
    key->list = NULL;
    key->before = key->after = NULL;
}

static void enter_list(struct hub_key *key, struct hub_key_list *list)
{
    if (key->list == list)
        return;
    leave_list(key);
    key->list = list;
    key->before = list->last;
    *(list->last ? &list->last->after : &list->first) = key;
    list->last = key;
    list->count++;
}

static void hold(struct hub_key *key, bool held)
{
    if (held != key->held)
        key->account->listened += held ? 1 : (size_t)-1;
    key->held = held;
}

/* Puts the key into the list where it belongs, or frees it. */
static void settle(struct hub_keys *keys, struct hub_key *key)
{
    bool wanted = key->clients.count > 0;

    if (key->changing)
        return;
    if (wanted && !key->listening) {
        enter_list(key, &key->account->to_listen);
    } else if (!wanted && key->listening) {
        enter_list(key, &keys->to_unlisten);
    } else {
        leave_list(key);
        if (!wanted)
            key_remove(keys, key);
    }
}

/* ---- keys that clients want ---- */

static struct hub_key *key_new(struct hub_keys *keys, const char *name, struct hub_account *account)
{
    struct hub_key *key = nb_calloc(1, sizeof(*key));
    struct hub_key **place;

    if (keys->count >= keys->bucket_count)
        grow(keys);
    memcpy(key->name, name, NB_HUB_KEY_LENGTH);
    key->account = account;
    account->owned++;
    place = bucket(keys, name);
    key->next = *place;
    *place = key;
    keys->count++;
    return key;
}

/* A key that several accounts want waits in the list of the account with the shorter list. */
static void give_to(struct hub_keys *keys, struct hub_key *key, struct hub_account *account)
{
    struct hub_account *former = key->account;

    leave_list(key);
    former->owned--;
    former->wanted -= key->clients.count > 0;
    key->account = account;
    account->owned++;
    account->wanted += key->clients.count > 0;
    hub_accounts_settle(&keys->accounts, former);
}

struct hub_key *hub_keys_add(struct hub_keys *keys, const char *name, struct hub_account *account,
                             struct hub_client *client)
{
    struct hub_key *key = hub_keys_find(keys, name);

    if ((!key || key->clients.count == 0) && account->wanted >= HUB_ACCOUNT_KEYS)
        return NULL;
    if (!key)
        key = key_new(keys, name, account);
    else if (!key->held && key->account != account && account->to_listen.count < key->account->to_listen.count)
        give_to(keys, key, account);
    if (key->clients.count == 0)
        key->account->wanted++;
    nb_vec_push(&key->clients, client);
    settle(keys, key);
    return key;
}

void hub_keys_drop(struct hub_keys *keys, struct hub_key *key, struct hub_client *client)
{
    for (size_t i = 0; i < key->clients.count; i++) {
        if (key->clients.data[i] == client) {
            key->clients.data[i] = *nb_vec_last(&key->clients);
            key->clients.count--;
            break;
        }
    }
    if (key->clients.count == 0)
        key->account->wanted--;
    settle(keys, key);
}

/* ---- LISTEN and UNLISTEN ---- */

bool hub_keys_differ(const struct hub_keys *keys)
{
    if (keys->to_unlisten.count > 0)
        return true;
    for (size_t i = 0; i < keys->accounts.all.count; i++)
        if (keys->accounts.all.data[i]->to_listen.count > 0)
            return true;
    return false;
}

static struct hub_key *take_first(struct hub_key_list *list)
{
    struct hub_key *key = list->first;

    leave_list(key);
    key->changing = true;
    return key;
}

/* Takes one key of each account in turn, until none is left. */
static size_t take_to_listen(struct hub_keys *keys, struct hub_key **out, size_t limit)
{
    struct hub_accounts *accounts = &keys->accounts;
    size_t count = 0;

    for (size_t without = 0; count < limit && without < accounts->all.count; accounts->turn++) {
        struct hub_account *account = accounts->all.data[accounts->turn % accounts->all.count];

        without++;
        if (account->to_listen.count == 0 || account->listened >= HUB_ACCOUNT_KEYS)
            continue;
        out[count] = take_first(&account->to_listen);
        hold(out[count++], true);
        without = 0;
    }
    return count;
}

size_t hub_keys_take(struct hub_keys *keys, bool listen, struct hub_key **out, size_t limit)
{
    size_t count = 0;

    if (listen)
        return take_to_listen(keys, out, limit);
    while (count < limit && keys->to_unlisten.count > 0)
        out[count++] = take_first(&keys->to_unlisten);
    return count;
}

void hub_keys_changed(struct hub_keys *keys, struct hub_key *key, bool listening)
{
    key->changing = false;
    key->listening = listening;
    hold(key, listening);
    settle(keys, key);
}

void hub_keys_forget(struct hub_keys *keys)
{
    for (size_t i = 0; i < keys->bucket_count; i++) {
        for (struct hub_key *key = keys->buckets[i], *next; key; key = next) {
            next = key->next;
            hub_keys_changed(keys, key, false);
        }
    }
}
