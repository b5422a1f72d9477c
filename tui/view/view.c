/*
 * view.c - a list view between its model (list_window) and the database (page/page.h).
 */
#include "tui/view/view.h"

#include <stdlib.h>

#include "base/clock.h"
#include "tui/console/console_state.h"
#include "tui/view/detail.h"
#include "tui/view/search.h"
#include "tui/view/view_counts.h"

#define LOOK_EVERY_MS 100 /* where bells do not stop … */
#define LOOKS_AT_ONCE 3   /* … after the first few at once */

/* ---- the list's source of rows ---- */

static void on_page(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct view *view = arg;

    view->page_request = NULL;
    if (list_window_state(&view->window) == LIST_LOADING)
        view->console->host.urgent = true; /* somebody looks at an empty list: the rows wait for no frame */
    if (page)
        view->fresh_at = nb_now();
    list_window_answer(&view->window, view->page_ticket, page, err);
}

static void fetch(void *arg, unsigned ticket, const struct list_fetch *wish)
{
    struct view *view = arg;
    struct nb_page_request request = {
        .subject = view->kind->subject,
        .filter = view->filter,
        .direction = wish->direction,
        .from = wish->has_from ? &wish->from : NULL,
        .inclusive = wish->inclusive,
        .limit = wish->limit,
    };

    view->page_ticket = ticket;
    view->page_request = nb_page_fetch(view->console->host.connection, &request, NB_PRIORITY_PAGE, on_page, view);
}

static void fetch_keys(void *arg, unsigned ticket, const struct nb_key *keys, size_t count)
{
    struct view *view = arg;

    view->page_ticket = ticket;
    view->page_request = nb_page_fetch_keys(view->console->host.connection, view->kind->subject, keys, count,
                                            NB_PRIORITY_PAGE, on_page, view);
}

static void cancel_fetch(void *arg)
{
    struct view *view = arg;

    if (view->page_request)
        nb_request_abandon(&view->page_request);
}

static void on_reread(void *arg, const struct nb_page *page)
{
    view_counts_reread(arg, page);
}

static void on_changed(void *arg)
{
    struct view *view = arg;

    overlays_drop_settled(&view->overlays, view->window.round);
    view_counts_overtaken(view);
    view_follow_cursor(view);
    if (view->window.following && !view->window.frozen && view->arrived.value > 0)
        counter_stop(&view->arrived);
    host_dirty(&view->console->host);
}

/* ---- life ---- */

static void on_look_timer(void *arg)
{
    view_bell(arg, false);
}

struct view *view_new(struct console *console, const struct view_kind *kind, const char *filter)
{
    struct view *view = nb_calloc(1, sizeof(*view));
    struct list_source source = {.fetch = fetch,
                                 .fetch_keys = fetch_keys,
                                 .cancel = cancel_fetch,
                                 .reread = on_reread,
                                 .changed = on_changed,
                                 .copy = kind->copy,
                                 .arg = view};
    struct nb_error err;

    view->console = console;
    view->kind = kind;
    if (nb_filter_parse(&view->filter, kind->subject, filter, &err) < 0) {
        message_error(&console->host, &err);
        filter = "";
        (void)!nb_filter_parse(&view->filter, kind->subject, filter, NULL);
    }
    view->filter_text = nb_strdup(nb_filter_text(view->filter));
    list_window_init(&view->window, &source);
    view_counts_init(view);
    nb_ration_init(&view->looks, LOOKS_AT_ONCE, LOOK_EVERY_MS, nb_monotonic_ms());
    view->look_timer = nb_loop_add_timer(console->host.loop, on_look_timer, view);
    detail_init(view);
    return view;
}

void view_free(struct view **view)
{
    struct view *old = *view;

    if (!old)
        return;
    search_stop(old);
    detail_clear(old);
    list_window_clear(&old->window);
    view_counts_clear(old);
    nb_timer_remove(&old->look_timer);
    marks_clear(&old->marks);
    overlays_clear(&old->overlays);
    nb_filter_free(&old->filter);
    free(old->filter_text);
    nb_free(view);
}

/* A view that is not shown is loaded anew when it is entered: only its figures are to be seen. */
static void look(struct view *view, bool resync)
{
    bool shown = view->console->current == view->kind->context;

    if (shown) {
        list_window_reread(&view->window);
        view->detail.due |= resync || view->kind->has_history || !view->detail.page;
        view_follow_cursor(view);
    }
    view_counts_bell(view, shown && !resync);
}

void view_bell(struct view *view, bool resync)
{
    if (!link_is_ready(&view->console->host))
        return;
    if (resync || nb_ration_take(&view->looks, nb_monotonic_ms()))
        look(view, resync);
    else if (!nb_timer_active(view->look_timer))
        nb_timer_start(view->look_timer, nb_ration_wait_ms(&view->looks, nb_monotonic_ms()));
}

void view_after_act(struct view *view)
{
    if (!link_is_ready(&view->console->host))
        return;
    view_counts_hurry(view);
    view_bell(view, true);
}

void view_enter(struct view *view)
{
    if (view->visited)
        list_window_reset(&view->window);
    view->visited = true;
    if (link_is_ready(&view->console->host))
        view_bell(view, true);
    else
        list_window_reread(&view->window);
    host_dirty(&view->console->host);
}

void view_leave(struct view *view)
{
    search_stop(view);
    marks_clear(&view->marks);
}

/* ---- filter ---- */

int view_set_filter(struct view *view, const char *text, struct nb_error *err)
{
    struct nb_filter *filter = NULL;
    int rc;

    if ((rc = nb_filter_parse(&filter, view->kind->subject, text, err)) < 0)
        return rc;
    nb_filter_free(&view->filter);
    view->filter = filter;
    free(view->filter_text);
    view->filter_text = nb_strdup(nb_filter_text(filter));
    marks_clear(&view->marks);
    list_window_reset(&view->window);
    if (link_is_ready(&view->console->host)) {
        counter_forget(&view->matched);
        view_counts_bell(view, false);
    }
    host_dirty(&view->console->host);
    return 0;
}

int view_filter_and(struct nb_filter **out, const struct view *view, const char *terms, struct nb_error *err)
{
    char *text = nb_asprintf("%s %s", view->filter_text, terms);
    int rc = nb_filter_parse(out, view->kind->subject, text, err);

    free(text);
    return rc;
}

/* ---- rows ---- */

struct patching {
    const struct view_kind *kind;
    struct nb_row *row;
};

static void apply_patch(void *arg, const struct row_patch *patch)
{
    struct patching *patching = arg;

    patching->kind->patch(patching->row, patch);
}

const struct nb_row *view_row(const struct view *view, const struct nb_row *row, union any_row *scratch, bool *pending)
{
    struct patching patching = {.kind = view->kind, .row = &scratch->row};

    memcpy(scratch, row, view->kind->row_size);
    *pending = overlays_apply(&view->overlays, &row->key, apply_patch, &patching);
    return &scratch->row;
}

const struct nb_row *view_current(const struct view *view, union any_row *scratch)
{
    const struct nb_row *row = list_window_current(&view->window);
    bool pending;

    return row ? view_row(view, row, scratch, &pending) : NULL;
}

void view_follow_cursor(struct view *view)
{
    const struct nb_row *row = list_window_current(&view->window);

    if (row)
        marks_follow(&view->marks, &row->key);
    detail_follow(view);
}

struct row_context view_row_context(const struct view *view)
{
    const struct console *console = view->console;

    return (struct row_context){
        .now = nb_now(),
        .ascii = console->host.ascii,
        .many_tenants = console->host.identity.is_global,
        .me = &console->host.identity.user_id,
    };
}

const char *view_age(int64_t time, const struct row_context *context, char text[NB_TIME_TEXT_SIZE])
{
    return context->now - time < 60 * INT64_C(1000000) ? "now" : nb_time_format_age(time, context->now, text);
}
