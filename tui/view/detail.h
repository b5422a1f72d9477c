/*
 * detail.h - the one detail component: everything about the row under the cursor.
 *
 * What the list knows is shown at once; data, details and history come when the cursor rests. Looking marks nothing read.
 */
#ifndef TUI_DETAIL_H
#define TUI_DETAIL_H

#include "tui/view/view.h"

void detail_init(struct view *view);
void detail_clear(struct view *view);
/* The cursor may stand on another row, or what is shown may have changed. */
void detail_follow(struct view *view);
void detail_scroll(struct view *view, long lines);
void detail_draw(struct view *view, struct grid *grid, struct rect rect);
/* The full row when it is here, else what the list knows; NULL without a row. */
const struct nb_row *detail_row(struct view *view, union any_row *scratch);

#endif
