/*
 * hints.h - the hint bar, made from the loaded keymap and the action table.
 */
#ifndef TUI_HINTS_H
#define TUI_HINTS_H

#include "tui/draw/cell.h"
#include "tui/keys/keymap.h"

/* Draws the most useful bindings of the scope into one row ("r resolve  a ack  …  ? help") or, while keys are pending,
 * what can follow. Only whole hints are drawn. flags_missing: ACTION_FLAG_ROW hides acts on rows (there is no row),
 * ACTION_FLAG_WRITES hides acts that write (read-only). Returns whether anything was drawn. */
bool hints_draw(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                unsigned flags_missing, struct grid *grid, struct rect rect);

/* Fixed keys of a modal, which no keymap changes. Ends with a NULL key. */
struct hint_text {
    const char *key, *text;
};
void hints_draw_texts(const struct hint_text *hints, struct grid *grid, struct rect rect);

#endif
