/*
 * term_internal.h - shared by term.c and term_say.c only.
 */
#ifndef TUI_TERM_INTERNAL_H
#define TUI_TERM_INTERNAL_H

#include "tui/term/sequence.h"
#include "tui/term/term.h"

struct term_kind {
    const char *type;
    bool can_move;   /* it can move its cursor */
    bool xterm_like; /* it understands xterm's sequences */
    bool ready;      /* false while another program has it */
    bool may_title;
    enum multiplexer multiplexer;
};

struct term_kind term_kind(const struct term *term);
/* Sends what may be lost; false when the terminal does not read. */
bool term_offer(struct term *term, const char *text, size_t length);
/* The title that was set last, NULL when none was; the terminal owns it. */
const char *term_last_title(const struct term *term);
void term_keep_title(struct term *term, const char *title);

#endif
