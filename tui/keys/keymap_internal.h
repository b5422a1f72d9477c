/*
 * keymap_internal.h - shared by keymap.c (reading) and keymap_feed.c (looking up).
 */
#ifndef TUI_KEYMAP_INTERNAL_H
#define TUI_KEYMAP_INTERNAL_H

#include "base/vec.h"
#include "tui/keys/keymap.h"

struct keymap {
    char *name;
    NB_VEC(struct binding) bindings; /* in the order of their lines */
};

/* The binding of exactly these keys in the most exact context that has one, even if it is `none`; NULL where there is
 * none. */
const struct binding *keymap_find(const struct keymap *keymap, const struct key_scope *scope, const struct key *keys,
                                  size_t length);

#endif
