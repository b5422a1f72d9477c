/*
 * surroundings.h - what the environment says about the terminal, without asking the terminal itself.
 */
#ifndef TUI_SURROUNDINGS_H
#define TUI_SURROUNDINGS_H

#include <stdbool.h>

#include "tui/term/sequence.h"
#include "tui/term/term.h"

const char *surroundings_type(void); /* TERM, "dumb" when it is not set */
/* Sets LC_CTYPE; true when it is UTF-8. Where the environment names no locale, uses C.UTF-8, except on a plain console
 * (linux, vt…, dumb). */
bool surroundings_locale(const char *type);
/* Whether the terminal understands xterm's sequences (OSC, bracketed paste, SGR mouse). */
bool surroundings_like_xterm(const char *type);
/* The background as COLORFGBG says. */
enum term_background surroundings_background(void);
enum multiplexer surroundings_multiplexer(const char *type);
/* The notification protocols that the terminal knows; both where that cannot be told, because unknown ones are
 * ignored. */
unsigned surroundings_notify(const char *type);
/* Whether NO_COLOR is set and not empty. */
bool surroundings_no_color(void);
/* Whether COLORTERM claims 24-bit colours. */
bool surroundings_true_color(void);
/* How many colours TERM and COLORTERM promise: 1 << 24, 256 or 8; 0 where NO_COLOR is set. */
int surroundings_colors(void);

#endif
