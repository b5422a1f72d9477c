/*
 * key_curses.h - what curses calls a key, as ours. Works on names ("KEY_SLEFT", "KEY_F(13)",
 * "kRIT5"), so that it needs no curses to be built or tested.
 */
#ifndef TUI_KEY_CURSES_H
#define TUI_KEY_CURSES_H

#include "tui/keys/key.h"

/* The code is 0 for a key that we have no use for. */
struct key key_of_curses(const char *name);

#endif
