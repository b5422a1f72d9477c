/*
 * rows.c - rows between their model (list_window) and the database (page/page.h).
 */
#include "tui/view/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "page/page.h"
#include "tui/host/link.h"

#define LOOK_EVERY_MS 100   /* where bells do not stop … */
#define LOOKS_AT_ONCE 3     /* … after the first few at once */
#define CHANGES_MOST  64    /* more than a page of them is no cheaper than the page */
#define PROVE_MS      3000  /* after the last change … */
#define PROVE_MOST_MS 15000 /* … but no later than this after the first */

/* ---- the window's source ---- */

static void on_page(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct rows *rows = arg;

    rows->page_request = NULL;
    if (err && err->code == NB_EDENIED)
        link_doubt(rows->host);
    rows->observer.paged(rows->observer.arg);
    rows->host->fresh |= rows->page_is_news;
    if (list_window_state(&rows->window) == LIST_LOADING)
        rows->host->urgent = true; /* somebody looks at an empty list: the rows wait for no frame */
    list_window_answer(&rows->window, rows->page_ticket, page, err);
}

static void fetch(void *arg, unsigned ticket, const struct list_fetch *wish)
{
    struct rows *rows = arg;
    struct nb_page_request request = {
        .subject = rows->kind->subject,
        .filter = rows->filter,
        .direction = wish->direction,
        .from = wish->has_from ? &wish->from : NULL,
        .inclusive = wish->inclusive,
        .limit = wish->limit,
    };

    rows->page_ticket = ticket;
    rows->page_request = nb_page_fetch(rows->host->connection, &request, NB_PRIORITY_PAGE, on_page, rows);
}

static void fetch_keys(void *arg, unsigned ticket, const struct nb_key *keys, size_t count)
{
    struct rows *rows = arg;

    rows->page_ticket = ticket;
    rows->page_request =
        nb_page_fetch_keys(rows->host->connection, rows->kind->subject, keys, count, NB_PRIORITY_PAGE, on_page, rows);
}

static void on_changes(void *arg, struct nb_changes *changes, const struct nb_error *err)
{
    struct rows *rows = arg;

    rows->page_request = NULL;
    if (changes && !changes->known)
        link_doubt(rows->host);
    rows->host->fresh |= changes && changes->count > 0;
    rows->page_is_news |= changes && changes->more;
    list_window_merge(&rows->window, rows->page_ticket, changes, err);
}

/* Not by feed/follow, which keeps a look of its own: the look here is that of the pages shown, which every page that is read
 * moves on. Rows that leave the filter are asked for as well, because they may be on screen. */
static void fetch_changes(void *arg, unsigned ticket, const char *look)
{
    struct rows *rows = arg;
    const struct nb_changes_request request = {
        .subject = rows->kind->subject,
        .filter = rows->filter,
        .look = look,
        .limit = CHANGES_MOST,
        .all = true,
    };

    rows->page_ticket = ticket;
    rows->page_request = nb_page_changes(rows->host->connection, &request, NB_PRIORITY_PAGE, on_changes, rows);
}

static void cancel_fetch(void *arg)
{
    struct rows *rows = arg;

    if (rows->page_request)
        nb_request_abandon(&rows->page_request);
}

static void on_merging(void *arg, const struct nb_changes *changes)
{
    struct rows *rows = arg;

    rows->observer.merging(rows->observer.arg, changes);
}

static void on_changed(void *arg)
{
    struct rows *rows = arg;

    rows->promised = rows->promised && (rows->resync_due || list_window_is_looking(&rows->window));
    rows->page_is_news = rows->page_is_news && list_window_is_looking(&rows->window);
    overlays_drop_settled(&rows->overlays, rows->window.round);
    rows->observer.changed(rows->observer.arg);
    host_dirty(rows->host);
}

/* ---- reading again ---- */

/* What is merged may miss what leaves no trace: a row that a filter shows from some time on or until then, a look that this
 * program has understood wrongly. So the rows are read as a whole now and then. */
static void prove_later(struct rows *rows)
{
    int64_t now = nb_monotonic_ms();

    if (!nb_timer_active(rows->prove_timer))
        rows->unproven_ms = now;
    if (!nb_timer_active(rows->prove_timer) || now - rows->unproven_ms < PROVE_MOST_MS - PROVE_MS)
        nb_timer_start(rows->prove_timer, PROVE_MS);
}

static void on_prove_timer(void *arg)
{
    struct rows *rows = arg;

    if (rows->screen->shown && link_is_ready(rows->host))
        list_window_reread(&rows->window);
}

/* The one place where a doorbell makes the rows be read again: what changed, or all where anything may have. Those that
 * nobody sees are loaded anew when they are shown. */
static void look(struct rows *rows)
{
    bool resync = rows->resync_due || rows->info->rereads;
    bool waits = rows->page_request && !link_is_ready(rows->host); /* for the session: it is as new as another one */

    rows->resync_due = false;
    rows->page_is_news |= resync;
    if (rows->screen->shown && resync && !waits) {
        list_window_reread(&rows->window);
    } else if (rows->screen->shown && !waits) {
        list_window_look(&rows->window);
        prove_later(rows);
    }
    rows->observer.looked(rows->observer.arg, resync);
}

void rows_bell(struct rows *rows, bool resync)
{
    int64_t now = nb_monotonic_ms();

    if (!link_takes_reads(rows->host) || link_has_asked(rows->host))
        return;
    rows->resync_due |= resync;
    if (nb_ration_take(&rows->looks, now))
        look(rows);
    else if (!nb_timer_active(rows->look_timer))
        nb_timer_start(rows->look_timer, nb_ration_wait_ms(&rows->looks, now));
}

static void on_look_timer(void *arg)
{
    rows_bell(arg, false);
}

bool rows_are_settled(const struct rows *rows)
{
    return !rows->promised && list_window_is_settled(&rows->window);
}

void rows_promise(struct rows *rows)
{
    rows->promised = rows->screen->shown && !rows->window.frozen;
}

/* ---- life ---- */

const struct nb_order *rows_default_order(const struct rows *rows)
{
    const struct settings *settings = &rows->host->settings;

    if (rows->kind->sort_option == OPTION_COUNT)
        return rows->info->orders;
    return nb_order_find(rows->kind->subject, settings_text(settings, rows->kind->sort_option));
}

static int parse(struct nb_filter **out, const struct rows *rows, const char *text, struct nb_error *err)
{
    int rc = nb_filter_parse(out, rows->kind->subject, text, err);

    if (rc == 0)
        nb_filter_default_order(*out, rows_default_order(rows));
    return rc;
}

void rows_init(struct rows *rows, const struct screen *screen, const char *filter, const struct rows_observer *observer)
{
    const struct view_kind *kind = screen->kind->list;
    const struct nb_subject_info *info = nb_subject_info(kind->subject);
    struct host *host = screen->host;
    struct list_source source = {.fetch = fetch,
                                 .fetch_keys = fetch_keys,
                                 .fetch_changes = info->rereads ? NULL : fetch_changes,
                                 .cancel = cancel_fetch,
                                 .merging = on_merging,
                                 .changed = on_changed,
                                 .copy = info->copy,
                                 .arg = rows};
    struct nb_error err;

    rows->screen = screen;
    rows->host = host;
    rows->info = info;
    rows->kind = kind;
    rows->observer = *observer;
    rows->scratch = nb_calloc(1, info->row_size);
    if (parse(&rows->filter, rows, filter, &err) < 0) {
        message_error(host, &err);
        (void)!parse(&rows->filter, rows, "", NULL);
    }
    rows->filter_text = nb_strdup(nb_filter_text(rows->filter));
    list_window_init(&rows->window, &source);
    rows->window.rows.order = rows_order(rows);
    nb_ration_init(&rows->looks, LOOKS_AT_ONCE, LOOK_EVERY_MS, nb_monotonic_ms());
    rows->look_timer = nb_loop_add_timer(host->loop, on_look_timer, rows);
    rows->prove_timer = nb_loop_add_timer(host->loop, on_prove_timer, rows);
}

void rows_clear(struct rows *rows)
{
    list_window_clear(&rows->window);
    nb_timer_remove(&rows->look_timer);
    nb_timer_remove(&rows->prove_timer);
    marks_clear(&rows->marks);
    overlays_clear(&rows->overlays);
    nb_filter_free(&rows->filter);
    nb_free(&rows->filter_text);
    nb_free(&rows->former_text);
    nb_free(&rows->scratch);
}

/* ---- filter ---- */

int rows_set_filter(struct rows *rows, const char *text, struct nb_error *err)
{
    struct nb_filter *filter = NULL;
    int rc;

    if ((rc = parse(&filter, rows, text, err)) < 0)
        return rc;
    if (!rows->window.superseded) {
        free(rows->former_text);
        rows->former_text = nb_strdup(rows->filter_text);
        rows->former_order = rows_order(rows);
    }
    nb_filter_free(&rows->filter);
    rows->filter = filter;
    free(rows->filter_text);
    rows->filter_text = nb_strdup(nb_filter_text(filter));
    marks_clear(&rows->marks);
    list_window_sort(&rows->window, rows_order(rows));
    host_dirty(rows->host);
    return 0;
}

int rows_filter_and(struct nb_filter **out, const struct rows *rows, const char *terms, struct nb_error *err)
{
    char *text = nb_asprintf("%s %s", rows->filter_text, terms);
    int rc = parse(out, rows, text, err);

    free(text);
    return rc;
}

/* ---- one row ---- */

static void apply_patch(void *arg, const struct row_patch *patch)
{
    const struct rows *rows = arg;

    rows->kind->patch(rows->scratch, patch);
}

const struct nb_row *rows_row(const struct rows *rows, const struct nb_row *row, bool *pending)
{
    memcpy(rows->scratch, row, rows->info->row_size);
    *pending = overlays_apply(&rows->overlays, &row->key, apply_patch, (void *)rows);
    return rows->scratch;
}

const struct nb_row *rows_current(const struct rows *rows)
{
    const struct nb_row *row = list_window_current(&rows->window);
    bool pending;

    return row ? rows_row(rows, row, &pending) : NULL;
}

struct nb_place rows_place(const struct rows *rows, const struct nb_row *row)
{
    return list_rows_place(&rows->window.rows, row);
}

const struct nb_order *rows_order(const struct rows *rows)
{
    return nb_filter_order(rows->filter, rows->kind->subject);
}

void rows_end_range(struct rows *rows)
{
    NB_VEC(struct nb_place) places = {0};

    for (size_t i = 0; i < list_window_count(&rows->window); i++)
        nb_vec_push(&places, rows_place(rows, list_window_item(&rows->window, i)->row));
    marks_end_range(&rows->marks, places.data, places.count);
    nb_vec_clear(&places);
}

struct row_context rows_context(const struct rows *rows)
{
    return (struct row_context){
        .order = rows_order(rows),
        .now = nb_now(),
        .ascii = rows->host->ascii,
        .many_tenants = rows->host->identity.is_global,
        .me = &rows->host->identity.user_id,
    };
}

const char *view_age(int64_t time, const struct row_context *context, char text[NB_TIME_TEXT_SIZE])
{
    return context->now - time < 60 * INT64_C(1000000) ? "now" : nb_time_format_age(time, context->now, text);
}
