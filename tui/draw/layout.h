/*
 * layout.h - the places of the screen's parts: pure geometry, computed for every frame.
 */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include "tui/draw/cell.h"

#define LAYOUT_LEAST_COLUMNS 40
#define LAYOUT_LEAST_ROWS    10
#define LAYOUT_BELOW_COLUMNS 100 /* with at least so many columns and … */
#define LAYOUT_BELOW_ROWS    30  /* … so many rows, the detail is below the list without being asked for */
#define LAYOUT_TALL_ROWS     24  /* with at least so many rows it can be there when asked for */
#define LAYOUT_DETAIL_LEAST  40  /* least width of a pane beside the list */
#define LAYOUT_DETAIL_MOST   100

enum detail_place { DETAIL_AUTO, DETAIL_RIGHT, DETAIL_BELOW, DETAIL_OFF };

struct layout_wish {
    int columns, rows;
    enum detail_place place;
    bool pane_on;     /* a person switched the pane on */
    bool pane_off;    /* a person switched the pane off */
    bool detail_open; /* the detail has the focus */
    bool whole_body;  /* the view is one body without list and detail (help) */
    bool hints;
    int bottom_rows;  /* rows for the message line or the prompt, at least 1 */
    int list_columns; /* least width of a list beside a pane (layout_list_columns()); 0: no limit */
    int list_rows;    /* rows that the list has; a pane below takes the room that they do not need */
};

enum layout_shape { LAYOUT_TOO_SMALL, LAYOUT_LIST, LAYOUT_SIDE, LAYOUT_STACKED, LAYOUT_DETAIL };

struct layout {
    enum layout_shape shape;
    struct rect header, filter, body, list, divider, detail, hints, bottom;
};

void layout_compute(struct layout *out, const struct layout_wish *wish);

/* ---- columns of a list ---- */

struct column_size {
    int least, most; /* most 0: takes the room that is left */
    int priority;    /* the highest is dropped first when there is no room; 0: never dropped */
};
/* The width of a list whose column without a limit keeps `least` columns. */
int layout_list_columns(const struct column_size *sizes, size_t count, int least);
/* Gives each column its width (0: dropped); a blank separates neighbours. */
void layout_columns(const struct column_size *sizes, size_t count, int width, int *widths);

#endif
