/*
 * row.c - keys: an id of either kind becomes 16 bytes that memcmp() orders. The ends of every list.
 */
#include "model/row.h"

const struct nb_place nb_place_first = {
    INT64_MAX,
    {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}},
};
const struct nb_place nb_place_last = {INT64_MIN, {{0}}};

struct nb_key nb_key_from_uuid(const struct nb_uuid *uuid)
{
    struct nb_key key;

    memcpy(key.bytes, uuid->bytes, sizeof(key.bytes));
    return key;
}

struct nb_uuid nb_key_to_uuid(const struct nb_key *key)
{
    struct nb_uuid uuid;

    memcpy(uuid.bytes, key->bytes, sizeof(uuid.bytes));
    return uuid;
}

/* Ids are positive, so their big-endian bytes compare like the numbers. */
struct nb_key nb_key_from_int(int64_t id)
{
    struct nb_key key = {{0}};

    for (int i = 0; i < 8; i++)
        key.bytes[15 - i] = (uint8_t)((uint64_t)id >> (8 * i));
    return key;
}

int64_t nb_key_to_int(const struct nb_key *key)
{
    static const uint8_t zeros[8];
    uint64_t id = 0;

    for (int i = 8; i < 16; i++)
        id = id << 8 | key->bytes[i];
    /* A key above all numbers bounds them all. */
    return memcmp(key->bytes, zeros, sizeof(zeros)) != 0 || id > INT64_MAX ? INT64_MAX : (int64_t)id;
}
