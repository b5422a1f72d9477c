/*
 * view.h - one list view: its rows, counts, search and detail, all the same for every subject.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/view/detail.h"
#include "tui/view/rows.h"
#include "tui/view/search.h"
#include "tui/view/view_counts.h"

struct view {
    struct host *host;
    struct rows rows;
    struct view_counts counts;
    struct search search;
    struct detail detail;
    bool visited;
};

/* counted (may be NULL) is called whenever a figure is another. */
struct view *view_new(struct host *host, const struct view_kind *kind, const char *filter, void (*counted)(void *arg),
                      void *arg);
void view_free(struct view **view);

/* The database's side: something may have changed; resync: everything may have. */
void view_bell(struct view *view, bool resync);
/* An act of ours is done: look again, and count anew without waiting. */
void view_after_act(struct view *view);
/* The view is shown (again), or left: sticky rows and marks go when it is left. */
void view_enter(struct view *view);
void view_leave(struct view *view);

/* Applies a filter; the view keeps the old one when text is wrong. */
NB_MUSTCHECK int view_set_filter(struct view *view, const char *text, struct nb_error *err);
void view_follow_cursor(struct view *view); /* the cursor may stand on another row */

const struct view_kind *view_inbox_kind(void);
const struct view_kind *view_events_kind(void);

#endif
