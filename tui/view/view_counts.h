/*
 * view_counts.h - the figures of a view, kept in the background.
 */
#ifndef TUI_VIEW_COUNTS_H
#define TUI_VIEW_COUNTS_H

#include "tui/list/counter.h"
#include "tui/view/rows.h"

struct view_counts {
    const struct rows *rows;
    struct counter matched, all, arrived; /* by the filter; without one; since the list was scrolled away or frozen */
    struct figure {
        struct counter counter;
        struct view_counts *counts;
        const struct tab_figure *kind;
    } figures[VIEW_FIGURES];
    struct counter above; /* rows down to the anchor, which is counted where the top of the list is not loaded */
    struct nb_place anchor;
    bool due;   /* with the rows that are on their way */
    bool paged; /* a page came meanwhile: what it brought was not tallied */
    void (*counted)(void *arg);
    void *arg;
};

/* counted (may be NULL) is called whenever a figure is another. */
void view_counts_init(struct view_counts *counts, const struct rows *rows, void (*counted)(void *arg), void *arg);
void view_counts_clear(struct view_counts *counts);

/* Something may have changed. rows_follow: the shown rows are being read again; what they say may save counting. */
void view_counts_bell(struct view_counts *counts, bool rows_follow);
/* A page of rows came, which may tell what the bell rang for. */
void view_counts_paged(struct view_counts *counts);
/* What changed, before the rows take it over. */
void view_counts_merging(struct view_counts *counts, const struct nb_changes *changes);
/* Called after each change of the list: the rows may have been read as a whole, or a jump has overtaken them. */
void view_counts_overtaken(struct view_counts *counts);
/* The list shows the newest rows: none is out of sight. */
void view_counts_caught_up(struct view_counts *counts);
/* Another filter: what matched the old one is nothing to go by. */
void view_counts_forget(struct view_counts *counts);
/* The cursor may have moved to where nobody has counted yet. */
void view_counts_moved(struct view_counts *counts);
/* The number of the current row, from 1 on; 0: not known (yet). */
int64_t view_counts_row(const struct view_counts *counts);
/* A person waits for them. */
void view_counts_hurry(struct view_counts *counts);

#endif
