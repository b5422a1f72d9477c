/*
 * key_curses.h - translates curses' keys into ours. Works on names ("KEY_SLEFT", "KEY_F(13)", "kRIT5"), so that it can
 * be built and tested without curses.
 */
#ifndef TUI_KEY_CURSES_H
#define TUI_KEY_CURSES_H

#include "tui/keys/key.h"

/* The code is 0 for a key that is not used. */
struct key key_of_curses(const char *name);

#endif
