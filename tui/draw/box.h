/*
 * box.h - a framed box over what has been drawn.
 */
#ifndef TUI_BOX_H
#define TUI_BOX_H

#include "tui/draw/cell.h"

#define BOX_FRAME 2 /* columns (and rows) that the frame takes */

/* The place of a box with room for `columns` × `rows`: centred in the upper half of `around`, and not larger than
 * it. */
struct rect box_place(struct rect around, int columns, int rows);
struct rect box_inside(struct rect box);
/* Draws background, frame and title. A word below that the frame would cut is blanked as a whole. */
void box_draw(struct grid *grid, struct rect box, const char *title, enum role ground);

#endif
