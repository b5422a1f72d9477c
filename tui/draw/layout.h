/*
 * layout.h - where the parts of the screen are: pure geometry, computed anew for every frame.
 */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include "tui/draw/cell.h"

#define LAYOUT_LEAST_COLUMNS 40
#define LAYOUT_LEAST_ROWS    10
#define LAYOUT_BELOW_COLUMNS 100 /* from here on, and … */
#define LAYOUT_BELOW_ROWS    30  /* … from here on the detail stands below the list by itself */
#define LAYOUT_TALL_ROWS     24  /* from here on it finds room there when it is asked for */
#define LAYOUT_DETAIL_LEAST  40  /* columns of a pane beside the list */
#define LAYOUT_DETAIL_MOST   100

enum detail_place { DETAIL_AUTO, DETAIL_RIGHT, DETAIL_BELOW, DETAIL_OFF };

struct layout_wish {
    int columns, rows;
    enum detail_place place;
    bool pane_on;     /* a person switched the pane on … */
    bool pane_off;    /* … or off */
    bool detail_open; /* the detail has the focus */
    bool whole_body;  /* the view has no list and detail (help) */
    bool hints;
    int bottom_rows;  /* rows that the message line or the prompt wants, at least 1 */
    int list_columns; /* a list must keep so many beside a pane (layout_list_columns()); 0: any number */
    int list_rows;    /* rows that there are to list; a pane below takes what they do not need */
};

enum layout_shape { LAYOUT_TOO_SMALL, LAYOUT_LIST, LAYOUT_SIDE, LAYOUT_STACKED, LAYOUT_DETAIL };

struct layout {
    enum layout_shape shape;
    struct rect header, filter, body, list, divider, detail, hints, bottom;
};

void layout_compute(struct layout *out, const struct layout_wish *wish);

/* ---- columns of a list ---- */

struct column_size {
    int least, most; /* most 0: takes what is left */
    int priority;    /* the highest goes first when there is no room; 0 never goes */
};
/* Gives each column its width (0: dropped); neighbours are one blank apart. */
/* How wide a list is whose column without a limit keeps `least` columns. */
int layout_list_columns(const struct column_size *sizes, size_t count, int least);
void layout_columns(const struct column_size *sizes, size_t count, int width, int *widths);

#endif
