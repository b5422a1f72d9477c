/*
 * box.h - a framed box over what is drawn already.
 */
#ifndef TUI_BOX_H
#define TUI_BOX_H

#include "tui/draw/cell.h"

#define BOX_FRAME 2 /* columns and rows that a frame takes of each dimension */

/* Where a box with room for `columns` × `rows` stands: in the middle of `around`, in its upper half, and no larger. */
struct rect box_place(struct rect around, int columns, int rows);
struct rect box_inside(struct rect box);
/* Draws ground, frame and title. A word beneath that the frame would cut in half goes as a whole. */
void box_draw(struct grid *grid, struct rect box, const char *title, enum role ground);

#endif
