/*
 * key_set.h - a sorted set of row keys: marks, rows being deleted, rows that an act concerns.
 */
#ifndef TUI_KEY_SET_H
#define TUI_KEY_SET_H

#include "base/vec.h"
#include "model/row.h"

struct key_set {
    NB_VEC(struct nb_key) keys; /* newest first */
};

void key_set_clear(struct key_set *set);
bool key_set_has(const struct key_set *set, const struct nb_key *key);
void key_set_add(struct key_set *set, const struct nb_key *key);
void key_set_add_many(struct key_set *set, const struct nb_key *keys, size_t count);
void key_set_remove(struct key_set *set, const struct nb_key *key);
void key_set_remove_many(struct key_set *set, const struct nb_key *keys, size_t count);

#endif
