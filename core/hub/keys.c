/*
 * keys.c - a hash table of keys; the keys are keyed hashes themselves, so their digits are the
 * hash.
 */
#include "hub/keys.h"

#define FIRST_BUCKETS 64 /* a power of two */

void hub_keys_init(struct hub_keys *keys)
{
    *keys = (struct hub_keys){.bucket_count = FIRST_BUCKETS};
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
    nb_vec_clear(&keys->differing);
    *keys = (struct hub_keys){0};
}

/* A client names its keys itself: those of one that wants to do harm share a bucket, but it may
 * have only a few. */
static size_t hash(const char *name)
{
    uint64_t value = 14695981039346656037u;

    for (; *name != '\0'; name++)
        value = (value ^ (unsigned char)*name) * 1099511628211u;
    return (size_t)(value ^ value >> 32);
}

static struct hub_key **bucket(const struct hub_keys *keys, const char *name)
{
    return &keys->buckets[hash(name) & (keys->bucket_count - 1)];
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

    while (*place != key)
        place = &(*place)->next;
    *place = key->next;
    keys->count--;
    key_free(key);
}

static void unlist(struct hub_keys *keys, struct hub_key *key)
{
    if (!key->differs)
        return;
    key->differs = false;
    for (size_t i = 0; i < keys->differing.count; i++) {
        if (keys->differing.data[i] == key) {
            keys->differing.data[i] = *nb_vec_last(&keys->differing);
            keys->differing.count--;
            return;
        }
    }
}

/* Into the list, out of it, or out of the world. */
static void settle(struct hub_keys *keys, struct hub_key *key)
{
    bool wanted = key->clients.count > 0;

    if (key->changing)
        return;
    if (wanted != key->listening) {
        if (!key->differs)
            nb_vec_push(&keys->differing, key);
        key->differs = true;
        return;
    }
    unlist(keys, key);
    if (!wanted)
        key_remove(keys, key);
}

struct hub_key *hub_keys_add(struct hub_keys *keys, const char *name, struct hub_client *client)
{
    struct hub_key *key = hub_keys_find(keys, name);

    if (!key) {
        struct hub_key **place;

        if (keys->count >= keys->bucket_count)
            grow(keys);
        key = nb_calloc(1, sizeof(*key));
        memcpy(key->name, name, NB_HUB_KEY_LENGTH);
        place = bucket(keys, name);
        key->next = *place;
        *place = key;
        keys->count++;
    }
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
    settle(keys, key);
}

size_t hub_keys_take(struct hub_keys *keys, bool listen, struct hub_key **out, size_t limit)
{
    size_t count = 0;

    for (size_t i = keys->differing.count; i > 0 && count < limit; i--) {
        struct hub_key *key = keys->differing.data[i - 1];

        if (key->listening == listen)
            continue;
        unlist(keys, key);
        key->changing = true;
        out[count++] = key;
    }
    return count;
}

void hub_keys_changed(struct hub_keys *keys, struct hub_key *key, bool listening)
{
    key->changing = false;
    key->listening = listening;
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
