/*
 * key_set.c - a sorted array with binary search.
 */
#include "tui/list/key_set.h"

void key_set_clear(struct key_set *set)
{
    nb_vec_clear(&set->keys);
}

static size_t find(const struct key_set *set, const struct nb_key *key, bool *found)
{
    size_t low = 0, high = set->keys.count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = nb_key_compare(&set->keys.data[middle], key);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool key_set_has(const struct key_set *set, const struct nb_key *key)
{
    bool found;

    find(set, key, &found);
    return found;
}

void key_set_add(struct key_set *set, const struct nb_key *key)
{
    bool found;
    size_t position = find(set, key, &found);

    if (!found)
        nb_vec_insert(&set->keys, position, *key);
}

static int newest_first(const void *a, const void *b)
{
    return nb_key_compare(b, a);
}

/* Sorts once instead of inserting each key: a bulk act may concern very many. */
void key_set_add_many(struct key_set *set, const struct nb_key *keys, size_t count)
{
    size_t kept = 0;

    if (count == 0)
        return;
    nb_vec_reserve(&set->keys, count);
    memcpy(set->keys.data + set->keys.count, keys, count * sizeof(*keys));
    set->keys.count += count;
    qsort(set->keys.data, set->keys.count, sizeof(*keys), newest_first);
    for (size_t i = 0; i < set->keys.count; i++)
        if (kept == 0 || nb_key_compare(&set->keys.data[kept - 1], &set->keys.data[i]) != 0)
            set->keys.data[kept++] = set->keys.data[i];
    set->keys.count = kept;
}

void key_set_remove(struct key_set *set, const struct nb_key *key)
{
    bool found;
    size_t position = find(set, key, &found);

    if (found)
        nb_vec_remove(&set->keys, position);
}

void key_set_remove_many(struct key_set *set, const struct nb_key *keys, size_t count)
{
    struct key_set out = {0};
    size_t kept = 0;

    key_set_add_many(&out, keys, count);
    for (size_t i = 0; i < set->keys.count; i++)
        if (!key_set_has(&out, &set->keys.data[i]))
            set->keys.data[kept++] = set->keys.data[i];
    set->keys.count = kept;
    key_set_clear(&out);
}
