/*
 * detail.h - the one detail component: everything about the row under the cursor.
 *
 * What the list knows is shown at once; data, details, history, deliveries and the decisions come when the cursor rests. Looking marks nothing read.
 */
#ifndef TUI_DETAIL_H
#define TUI_DETAIL_H

#include "tui/view/detail_story.h"
#include "tui/view/detail_why.h"
#include "tui/view/rows.h"

struct detail {
    const struct rows *rows;
    struct nb_key key;
    bool has_key;
    struct nb_page *page; /* the full row, once it has come */
    struct nb_request *row_request;
    struct detail_story history, deliveries;
    bool deliveries_rung; /* they have moved since they were asked for */
    struct detail_why why;
    bool due; /* to be fetched, or fetched again */
    struct detail_text text;
    bool text_stale;
    size_t scroll;
    struct rect rect; /* where it stands; no height: it is not to be seen */
    struct nb_timer *timer;
};

void detail_init(struct detail *detail, const struct rows *rows);
void detail_clear(struct detail *detail);
/* A doorbell; resync: what is shown may be another by now. Otherwise it comes to light which rows are. */
void detail_bell(struct detail *detail, bool resync);
/* Some deliveries have moved, perhaps those that are shown here. */
void detail_deliveries_bell(struct detail *detail);
void detail_merging(struct detail *detail, const struct nb_changes *changes);
/* The cursor may stand on another row, or what is shown may have changed. */
void detail_follow(struct detail *detail);
void detail_scroll(struct detail *detail, long lines);
/* Where it stands on this screen: wraps its text to that, and fetches what is still missing. */
void detail_layout(struct detail *detail, struct rect rect);
void detail_draw(const struct detail *detail, struct grid *grid);
/* The full row when it is here, else what the list knows; NULL without a row. Valid until the next rows_row(). */
const struct nb_row *detail_row(const struct detail *detail);

#endif
