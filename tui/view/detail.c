/*
 * detail.c - fetches the full row, its history, its deliveries and what was decided about it when the cursor rests, builds its text,
 * scrolls it.
 */
#include "tui/view/detail.h"

#include <stdlib.h>

#include "page/page.h"
#include "tui/host/link.h"

#define REST_MS 40

static void drop_content(struct detail *detail)
{
    if (detail->row_request)
        nb_request_abandon(&detail->row_request);
    detail_story_drop(&detail->history);
    detail_story_drop(&detail->deliveries);
    detail_why_drop(&detail->why);
    nb_page_free(&detail->page);
}

static void changed(struct detail *detail)
{
    detail->text_stale = true;
    host_dirty(detail->rows->host);
}

static void on_row(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct detail *detail = arg;

    detail->row_request = NULL;
    if (err)
        return; /* what the list knows stays; the next bell asks again */
    nb_page_free(&detail->page);
    detail->page = page;
    changed(detail);
}

static void on_part(void *arg)
{
    changed(arg);
}

static void on_deliveries(void *arg);

static void ask_deliveries(struct detail *detail)
{
    detail->deliveries_rung = false;
    detail_story_ask(&detail->deliveries, detail->rows->host->connection, detail->rows->kind->deliveries, &detail->key,
                     on_deliveries, detail);
}

static void on_deliveries(void *arg)
{
    struct detail *detail = arg;

    changed(detail);
    if (detail->deliveries_rung)
        ask_deliveries(detail);
}

static void fetch(struct detail *detail)
{
    struct nb_connection *connection = detail->rows->host->connection;
    const struct view_kind *kind = detail->rows->kind;

    if (detail->row_request)
        nb_request_abandon(&detail->row_request);
    detail->row_request =
        nb_page_fetch_keys(connection, kind->subject, &detail->key, 1, NB_PRIORITY_PAGE, on_row, detail);
    detail_story_ask(&detail->history, connection, kind->history, &detail->key, on_part, detail);
    ask_deliveries(detail);
    if (kind->decided_as) {
        char id[NB_KEY_TEXT_SIZE];

        detail_why_ask(&detail->why, connection, kind->decided_as, nb_key_format(&detail->key, kind->subject, id),
                       on_part, detail);
    }
}

static void on_rest(void *arg)
{
    struct detail *detail = arg;

    if (detail->text_stale)
        host_dirty(detail->rows->host);
    if (!detail->has_key || !link_is_ready(detail->rows->host) || !detail->rows->screen->shown ||
        detail->rect.height == 0)
        return;
    detail->due = false;
    fetch(detail);
}

void detail_init(struct detail *detail, const struct rows *rows)
{
    *detail = (struct detail){.rows = rows, .text_stale = true};
    detail->timer = nb_loop_add_timer(rows->host->loop, on_rest, detail);
}

void detail_clear(struct detail *detail)
{
    drop_content(detail);
    detail_text_clear(&detail->text);
    nb_timer_remove(&detail->timer);
}

void detail_bell(struct detail *detail, bool resync)
{
    detail->due |= resync || !detail->page;
}

void detail_deliveries_bell(struct detail *detail)
{
    if (!detail->has_key || detail->rect.height == 0 || detail->deliveries.count == 0 ||
        !link_is_ready(detail->rows->host))
        return;
    detail->deliveries_rung = true;
    if (!detail->deliveries.request)
        ask_deliveries(detail);
}

void detail_merging(struct detail *detail, const struct nb_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        detail->due |= detail->has_key && nb_key_compare(&changes->items[i].row->key, &detail->key) == 0;
}

void detail_follow(struct detail *detail)
{
    const struct nb_row *row = list_window_current(&detail->rows->window);

    detail->text_stale = true;
    if (!row) {
        drop_content(detail);
        detail->has_key = false;
        return;
    }
    if (!detail->has_key || nb_key_compare(&row->key, &detail->key) != 0) {
        drop_content(detail);
        detail->key = row->key;
        detail->has_key = true;
        detail->scroll = 0;
        detail->due = true;
        nb_timer_stop(detail->timer);
    }
    if (!detail->row_request && detail->page &&
        (detail->page->count != 1 || !detail->rows->kind->same(row, detail->page->rows[0])))
        detail->due = true; /* the list knows it otherwise */
    if (detail->due && !nb_timer_active(detail->timer))
        nb_timer_start(detail->timer, REST_MS);
}

const struct nb_row *detail_row(const struct detail *detail)
{
    const struct nb_row *current = list_window_current(&detail->rows->window);
    bool pending;

    /* Keys may come faster than the detail follows the cursor: what it still shows is another row then. */
    if (detail->has_key && detail->page && detail->page->count == 1 &&
        nb_key_compare(&detail->page->rows[0]->key, &detail->key) == 0 &&
        (!current || nb_key_compare(&current->key, &detail->key) == 0))
        return rows_row(detail->rows, detail->page->rows[0], &pending);
    return rows_current(detail->rows);
}

static void build(struct detail *detail, int width)
{
    const struct view_kind *kind = detail->rows->kind;
    struct row_context context = rows_context(detail->rows);
    const struct nb_row *row = detail_row(detail);
    const char *document;

    detail_text_clear(&detail->text);
    detail_text_init(&detail->text, width, context.ascii);
    detail->text_stale = false;
    if (!row)
        return;
    kind->detail(&detail->text, row, &context);
    detail_story_write(&detail->history, &detail->text, context.now);
    detail_story_write_deliveries(&detail->deliveries, &detail->text, context.now);
    detail_why_write(&detail->why, &detail->text, context.now);
    document = kind->document(row);
    if (document) {
        detail_text_blank(&detail->text);
        detail_text_json(&detail->text, document);
    }
}

/* ---- on the screen ---- */

void detail_scroll(struct detail *detail, long lines)
{
    long scroll = (long)detail->scroll + lines;

    detail->scroll = scroll > 0 ? (size_t)scroll : 0; /* clamped at the other end by the layout */
    host_dirty(detail->rows->host);
}

/* The first line that can be on top. */
static size_t last_scroll(const struct detail *detail)
{
    size_t rows = (size_t)detail->rect.height;

    return detail->text.lines.count > rows ? detail->text.lines.count - rows : 0;
}

static bool has_room(const struct detail *detail)
{
    return detail->rect.height > 0 && detail->rect.width >= 8;
}

void detail_layout(struct detail *detail, struct rect rect)
{
    /* While the cursor runs, the last text stays: a pane that nobody can read costs more bytes than the list. */
    bool running = nb_timer_active(detail->timer) && detail->text.lines.count > 0 && detail->has_key;

    detail->rect = rect;
    if (!has_room(detail))
        return;
    if (detail->due && !nb_timer_active(detail->timer))
        nb_timer_start(detail->timer, REST_MS);
    if ((detail->text_stale && !running) || detail->text.width != rect.width - 1)
        build(detail, rect.width - 1);
    if (detail->has_key && detail->scroll > last_scroll(detail))
        detail->scroll = last_scroll(detail);
}

void detail_draw(const struct detail *detail, struct grid *grid)
{
    struct rect rect = detail->rect;
    int edge = rect.x + rect.width - 1; /* the last column says that there is more */

    if (!has_room(detail))
        return;
    if (!detail->has_key) {
        grid_text(grid, rect.x, rect.y, rect.width, LOOK(ROLE_EMPTY, 0), "nothing selected");
        return;
    }
    detail_text_draw(&detail->text, grid, rect, detail->scroll);
    if (detail->scroll > 0)
        grid_text(grid, edge, rect.y, 1, LOOK(ROLE_BORDER, 0), glyph_text(GLYPH_UP_ARROW, grid->ascii));
    if (detail->scroll < last_scroll(detail))
        grid_text(grid, edge, rect.y + rect.height - 1, 1, LOOK(ROLE_BORDER, 0),
                  glyph_text(GLYPH_DOWN_ARROW, grid->ascii));
}
