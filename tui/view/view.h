/*
 * view.h - one list view: its rows, counts, search and detail, all the same for every subject.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/view/detail.h"
#include "tui/view/rows.h"
#include "tui/view/search.h"
#include "tui/view/view_counts.h"
#include "tui/view/wider.h"

struct view {
    struct screen screen;
    struct host *host;
    struct rows rows;
    struct view_counts counts;
    struct search search;
    struct wider wider;
    struct detail detail;
    bool visited; /* it has been on screen: entered again, it is loaded anew */
};

/* What every list does as a screen. */
extern const struct screen_ops view_ops;
/* NULL: the screen is no list. */
struct view *view_of(struct screen *screen);

/* The database's side: something may have changed; resync: everything may have. */
void view_bell(struct view *view, bool resync);
/* An act of ours is done: look again, and count anew without waiting. */
void view_after_act(struct view *view);

/* The same of an undo, which may have brought rows back. */
void view_after_undo(struct view *view);
/* Applies a filter; the view keeps the old one when text is wrong. */
NB_MUSTCHECK int view_set_filter(struct view *view, const char *text, struct nb_error *err);
void view_follow_cursor(struct view *view); /* the cursor may stand on another row */

#endif
