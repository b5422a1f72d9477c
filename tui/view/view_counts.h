/*
 * view_counts.h - the figures of a view, kept in the background.
 */
#ifndef TUI_VIEW_COUNTS_H
#define TUI_VIEW_COUNTS_H

#include "tui/view/view.h"

void view_counts_init(struct view *view);
void view_counts_clear(struct view *view);

/* Something may have changed. rows_follow: the shown rows are being read again; what they say may save counting. */
void view_counts_bell(struct view *view, bool rows_follow);
/* They have been: the page, before it takes the place of the rows that are there. */
void view_counts_reread(struct view *view, const struct nb_page *page);
/* Called after each change of the list: they may have been overtaken by a jump, and do not come. */
void view_counts_overtaken(struct view *view);
/* A person waits for them. */
void view_counts_hurry(struct view *view);

#endif
