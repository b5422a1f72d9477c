/*
 * term_internal.h - what term.c shares with term_say.c only.
 */
#ifndef TUI_TERM_INTERNAL_H
#define TUI_TERM_INTERNAL_H

#include "tui/term/sequence.h"
#include "tui/term/term.h"

struct term_kind {
    const char *type;
    bool can_move;   /* it can put its cursor anywhere */
    bool xterm_like; /* it takes xterm's sequences */
    bool ready;      /* false while it is left to somebody else */
    bool may_title;
    enum multiplexer multiplexer;
};

struct term_kind term_kind(const struct term *term);
/* For what may be lost where the terminal does not read: false when it does not. */
bool term_offer(struct term *term, const char *text, size_t length);
/* The title that was set last, NULL when none was; taken over by the terminal. */
const char *term_last_title(const struct term *term);
void term_keep_title(struct term *term, const char *title);

#endif
