/*
 * palette.h - a picker over all actions that make sense here, each with its key.
 */
#ifndef TUI_PALETTE_H
#define TUI_PALETTE_H

#include "tui/keys/keymap.h"
#include "tui/modal/picker.h"

/* The items' ids are enum action. The chosen action is run like a typed command (it asks for what
 * it needs). */
struct picker *palette_new(const struct keymap *keymap, const struct key_scope *scope);

#endif
