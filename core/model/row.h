/*
 * row.h - what the rows of every list have in common: a key, which is what they are known by and what orders them where
 * no other order is asked for. Each model struct begins with it.
 */
#ifndef NB_MODEL_ROW_H
#define NB_MODEL_ROW_H

#include <string.h>

#include "base/uuid.h"

/* Ordered by memcmp(); larger is newer. The 16 bytes of a UUIDv7, or a bigint as big-endian in the last 8. */
struct nb_key {
    uint8_t bytes[16];
};

struct nb_row {
    struct nb_key key;
};

static inline int nb_key_compare(const struct nb_key *a, const struct nb_key *b)
{
    return memcmp(a->bytes, b->bytes, sizeof(a->bytes));
}

/* Where a row stands in a list: by its rank in the order of the list, then by its key. A larger place comes first. The
 * key says which row it is; the place of a row may change, its key never does. */
struct nb_place {
    int64_t rank; /* 0 in a list that is ordered by key alone */
    struct nb_key key;
};

static inline int nb_place_compare(const struct nb_place *a, const struct nb_place *b)
{
    return a->rank != b->rank ? (a->rank > b->rank) - (a->rank < b->rank) : nb_key_compare(&a->key, &b->key);
}

/* Before and after every row, in any order. */
extern const struct nb_place nb_place_first, nb_place_last;

struct nb_key nb_key_from_uuid(const struct nb_uuid *uuid);
struct nb_uuid nb_key_to_uuid(const struct nb_key *key);
struct nb_key nb_key_from_int(int64_t id);
int64_t nb_key_to_int(const struct nb_key *key);

#endif
