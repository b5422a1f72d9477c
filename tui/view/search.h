/*
 * search.h - / ? n N: the next row that matches, found by the database as it is typed.
 */
#ifndef TUI_SEARCH_H
#define TUI_SEARCH_H

#include "tui/view/view.h"

/* Begins to type a search: where the cursor is now is where Esc goes back to. */
void search_begin(struct view *view, bool backward);
/* Another text: the running query is cancelled, the next one begins. */
void search_typed(struct view *view, const char *text);
void search_accept(struct view *view, const char *text);
void search_cancel(struct view *view);
/* The next match, `count` of them on, in the search's direction or against it. */
void search_next(struct view *view, bool reverse, int count);
/* Forgets the search, and its highlights. */
void search_stop(struct view *view);

#endif
