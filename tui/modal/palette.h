/*
 * palette.h - a picker over all actions that make sense here, each with its key.
 */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include "tui/keys/keymap.h"
#include "tui/modal/picker.h"

/* The ids of the items are enum action. The chosen action runs like a typed command and asks for its arguments. */
struct picker *palette_new(const struct keymap *keymap, const struct key_scope *scope);

#endif
