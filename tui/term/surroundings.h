/*
 * surroundings.h - what the environment tells about the terminal, without asking the terminal
 * itself.
 */
#ifndef TUI_SURROUNDINGS_H
#define TUI_SURROUNDINGS_H

#include <stdbool.h>

#include "tui/term/sequence.h"
#include "tui/term/term.h"

const char *surroundings_type(void); /* TERM, "dumb" when it is not set */
/* Sets LC_CTYPE; true when the outcome is UTF-8. Without any locale in the environment C.UTF-8 is
 * the better guess, but on a plain console (linux, vt…, dumb). */
bool surroundings_locale(const char *type);
/* Whether the terminal takes xterm's sequences (OSC, bracketed paste, SGR mouse). */
bool surroundings_like_xterm(const char *type);
/* COLORFGBG. */
enum term_background surroundings_background(void);
enum multiplexer surroundings_multiplexer(const char *type);
/* Which of the two the terminal knows, where that can be told; both where it cannot: unknown ones
 * are ignored. */
unsigned surroundings_notify(const char *type);
/* NO_COLOR is set and not empty. */
bool surroundings_no_color(void);
/* COLORTERM claims 24-bit colours. */
bool surroundings_true_color(void);

#endif
