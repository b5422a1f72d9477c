/*
 * view.c - rows, counts, search and detail as one view.
 */
#include "tui/view/view.h"

#include <stdlib.h>

#include "tui/host/link.h"

/* ---- what the rows tell ---- */

static void on_looked(void *arg, bool resync)
{
    struct view *view = arg;
    bool shown = view->rows.shown;

    if (shown)
        detail_bell(&view->detail, resync);
    if (shown)
        view_follow_cursor(view);
    view_counts_bell(&view->counts, shown && !resync);
}

static void on_merging(void *arg, const struct nb_changes *changes)
{
    struct view *view = arg;

    view_counts_merging(&view->counts, changes);
    detail_merging(&view->detail, changes);
}

static void on_changed(void *arg)
{
    struct view *view = arg;

    view_counts_overtaken(&view->counts);
    view_follow_cursor(view);
    view_counts_caught_up(&view->counts);
}

/* ---- life ---- */

struct view *view_new(struct host *host, const struct view_kind *kind, const char *filter, void (*counted)(void *arg),
                      void *arg)
{
    struct view *view = nb_calloc(1, sizeof(*view));
    const struct rows_observer observer = {
        .looked = on_looked, .merging = on_merging, .changed = on_changed, .arg = view};

    view->host = host;
    rows_init(&view->rows, host, kind, filter, &observer);
    view_counts_init(&view->counts, &view->rows, counted, arg);
    search_init(&view->search, &view->rows);
    detail_init(&view->detail, &view->rows);
    return view;
}

void view_free(struct view **view)
{
    struct view *old = *view;

    if (!old)
        return;
    search_stop(&old->search);
    detail_clear(&old->detail);
    view_counts_clear(&old->counts);
    rows_clear(&old->rows);
    nb_free(view);
}

/* ---- what happens to it ---- */

void view_bell(struct view *view, bool resync)
{
    rows_bell(&view->rows, resync);
}

void view_after_act(struct view *view)
{
    if (!link_is_ready(view->host))
        return;
    view_counts_hurry(&view->counts);
    view_bell(view, true);
}

void view_enter(struct view *view)
{
    if (view->visited)
        list_window_reset(&view->rows.window);
    view->visited = true;
    if (link_is_ready(view->host))
        view_bell(view, true);
    else
        list_window_reread(&view->rows.window);
    host_dirty(view->host);
}

void view_leave(struct view *view)
{
    search_stop(&view->search);
    marks_clear(&view->rows.marks);
}

int view_set_filter(struct view *view, const char *text, struct nb_error *err)
{
    int rc = rows_set_filter(&view->rows, text, err);

    if (rc < 0)
        return rc;
    if (link_is_ready(view->host))
        view_counts_forget(&view->counts);
    return 0;
}

void view_follow_cursor(struct view *view)
{
    const struct nb_row *row = list_window_current(&view->rows.window);

    if (row)
        marks_follow(&view->rows.marks, &row->key);
    detail_follow(&view->detail);
}
