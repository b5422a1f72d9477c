/*
 * list.h - draws the one list component: rows in columns, or what to say when there are none.
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "tui/view/view.h"

void list_draw(struct view *view, struct grid *grid, struct rect rect, bool focused);
/* The item under a screen position; SIZE_MAX when there is none. */
size_t list_item_at(const struct view *view, struct rect rect, int x, int y);

#endif
