/*
 * list.h - draws the one list component: rows in columns, or what to say when there are none.
 */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "tui/view/rows.h"

/* What a list is drawn from. */
struct list_look {
    const struct rows *rows;
    struct rect rect;
    const char *searched; /* to be highlighted; NULL: nothing */
    const char *wider;    /* what would match instead; NULL: not known */
    bool none_at_all;     /* there is no row, whatever the filter */
    bool focused;         /* the terminal's cursor stands on the current row */
};

/* The columns that the list needs beside a pane, so that its titles can be read. */
int list_least_columns(const struct rows *rows);
/* How many rows there is room for. It may make the list fetch some. */
void list_layout(struct rows *rows, struct rect rect);
void list_draw(const struct list_look *look, struct grid *grid);
/* The item under a screen position; SIZE_MAX when there is none. */
size_t list_item_at(const struct rows *rows, struct rect rect, int x, int y);

#endif
