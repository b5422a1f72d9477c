/*
 * keymap_internal.h - what keymap.c (reading) and keymap_feed.c (looking up) share.
 */
#ifndef TUI_KEYMAP_INTERNAL_H
#define TUI_KEYMAP_INTERNAL_H

#include "base/vec.h"
#include "tui/keys/keymap.h"

struct keymap {
    char *name;
    NB_VEC(struct binding) bindings; /* in the order of their lines */
};

/* The binding of exactly these keys in the most exact context that has one (also one that is
 * `none`), or NULL. */
const struct binding *keymap_find(const struct keymap *keymap, const struct key_scope *scope, const struct key *keys,
                                  size_t length);

#endif
