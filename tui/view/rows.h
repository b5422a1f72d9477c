/*
 * rows.h - the rows of one kind that a filter shows: the window over them, what is marked, the acts laid over them, and
 * when they are read again. View, detail, search and list stand on it.
 */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include "base/ration.h"
#include "tui/host/host.h"
#include "tui/list/marks.h"
#include "tui/view/screen.h"

/* Whom the rows tell what happens to them. */
struct rows_observer {
    /* A doorbell was obeyed: the rows that are shown are being read again. resync: everything may have changed. */
    void (*looked)(void *arg, bool resync);
    /* What changed, all of it, before the rows take it over. Not called where they are read as a whole. */
    void (*merging)(void *arg, const struct nb_changes *changes);
    /* A page came. What it says differently from the rows that were there is not told by merging. */
    void (*paged)(void *arg);
    void (*changed)(void *arg); /* there is something new to draw */
    void *arg;
};

struct rows {
    const struct screen *screen; /* whether they are seen: only then they are read again */
    struct host *host;
    const struct view_kind *kind;
    const struct nb_subject_info *info;
    struct rows_observer observer;
    struct list_window window;
    struct marks marks;
    struct overlays overlays;
    char *filter_text;
    char *former_text; /* while the rows are those of the former filter (window.superseded): its text */
    const struct nb_order *former_order;
    struct nb_filter *filter;
    struct nb_request *page_request;
    unsigned page_ticket;
    struct nb_ration looks; /* bursts of doorbells cost at most ten looks a second */
    struct nb_timer *look_timer;
    bool resync_due;              /* the next look is at everything */
    bool page_is_news;            /* the page that is read says what a doorbell told of */
    struct nb_timer *prove_timer; /* until what was merged is read again as a whole */
    bool promised;                /* an undo is done: what it brought back is on its way */
    int64_t unproven_ms;          /* since when something was merged and not proved; 0: nothing was */
    struct nb_row *scratch;       /* where a row is put together with the acts laid over it */
};

/* A filter that is wrong is told, and nothing is filtered. */
void rows_init(struct rows *rows, const struct screen *screen, const char *filter,
               const struct rows_observer *observer);
void rows_clear(struct rows *rows);

/* Something may have changed; resync: everything may have. */
void rows_bell(struct rows *rows, bool resync);

/* The rows are those that the screen promises: a key may mean one of them. */
bool rows_are_settled(const struct rows *rows);
/* Other rows will be here with the next look: keys that mean a row wait for it. */
void rows_promise(struct rows *rows);

/* Applies a filter; the old one stays when text is wrong. */
NB_MUSTCHECK int rows_set_filter(struct rows *rows, const char *text, struct nb_error *err);
/* The filter with more terms; the caller frees it. */
NB_MUSTCHECK int rows_filter_and(struct nb_filter **out, const struct rows *rows, const char *terms,
                                 struct nb_error *err);

/* The row as it looks with acts under way; valid until the next such call for these rows. */
const struct nb_row *rows_row(const struct rows *rows, const struct nb_row *row, bool *pending);
const struct nb_row *rows_current(const struct rows *rows); /* NULL: none */
/* Where a row stands in the list. */
struct nb_place rows_place(const struct rows *rows, const struct nb_row *row);
const struct nb_order *rows_order(const struct rows *rows);
/* How the list is sorted where its filter does not say it. */
const struct nb_order *rows_default_order(const struct rows *rows);
/* Ends the range that is being marked, if one is. */
void rows_end_range(struct rows *rows);
struct row_context rows_context(const struct rows *rows);

#endif
