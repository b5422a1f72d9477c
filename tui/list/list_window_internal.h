/*
 * list_window_internal.h - what list_window.c (what is fetched) and list_move.c (the cursor and the view) share.
 */
#ifndef TUI_LIST_WINDOW_INTERNAL_H
#define TUI_LIST_WINDOW_INTERNAL_H

#include "tui/list/list_window.h"

/* list_move.c */
/* Finds the cursor's row again after the rows have changed, and puts the view around it. */
void window_place(struct list_window *window);
void window_set_cursor(struct list_window *window, size_t index);

/* list_window.c */
/* A jump overtakes whatever is in flight. */
void window_want(struct list_window *window, enum list_load load, const struct nb_key *key, size_t line, bool anew);
/* Fetches what is missing now, and tells the source. */
void window_changed(struct list_window *window);

#endif
