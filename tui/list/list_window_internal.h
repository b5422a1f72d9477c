/*
 * list_window_internal.h - shared by list_window.c (fetching) and list_move.c (cursor and view).
 */
#ifndef TUI_LIST_WINDOW_INTERNAL_H
#define TUI_LIST_WINDOW_INTERNAL_H

#include "tui/list/list_window.h"

/* list_move.c */
/* Finds the cursor's row again after the rows have changed, and scrolls the view to it. */
void window_place(struct list_window *window);
void window_set_cursor(struct list_window *window, size_t index);

/* list_window.c */
struct nb_place window_place_of(const struct list_window *window, const struct nb_row *row);
/* A jump replaces the fetch in flight. */
void window_want(struct list_window *window, enum list_load load, const struct nb_place *place, size_t line, bool anew);
/* Starts the fetch that is needed now, and tells the source that the list has changed. */
void window_changed(struct list_window *window);

#endif
