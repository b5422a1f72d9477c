/*
 * view.c - rows, counts, search and detail as one screen.
 */
#include "tui/view/view.h"

#include <stdlib.h>

#include "tui/host/link.h"
#include "tui/view/list.h"

struct view *view_of(struct screen *screen)
{
    return screen->kind->list ? NB_CONTAINER_OF(screen, struct view, screen) : NULL;
}

/* ---- what the rows tell ---- */

static void on_looked(void *arg, bool resync)
{
    struct view *view = arg;
    bool shown = view->screen.shown;

    if (shown) {
        detail_bell(&view->detail, resync);
        search_bell(&view->search);
        view_follow_cursor(view);
    }
    view_counts_bell(&view->counts, shown && !resync);
}

/* Says what happened again to rows of the list, in one line: the first of them by name, and how many more there are. */
static void tell_again(const struct rows *rows, const struct nb_changes *changes)
{
    struct nb_strbuf line;
    size_t more = 0;

    if (!rows->kind->again || !rows->screen->shown)
        return;
    nb_strbuf_init(&line, 4096);
    for (size_t i = 0; i < changes->count; i++) {
        const struct nb_row *now = changes->items[i].row, *before = list_rows_get(&rows->window.rows, &now->key);
        struct nb_strbuf what;

        nb_strbuf_init(&what, 256);
        if (before)
            rows->kind->again(&what, before, now, rows->host->ascii);
        if (what.length > 0 && line.length == 0) {
            rows->kind->label(&line, now, rows->host->ascii);
            nb_strbuf_appendf(&line, " %s", what.data);
        } else if (what.length > 0) {
            more++;
        }
        nb_strbuf_clear(&what);
    }
    if (more > 0)
        nb_strbuf_appendf(&line, ", and %zu more", more);
    if (line.length > 0)
        message_news(rows->host, ROLE_MESSAGE, "%s", line.data);
    nb_strbuf_clear(&line);
}

static void on_merging(void *arg, const struct nb_changes *changes)
{
    struct view *view = arg;

    tell_again(&view->rows, changes);
    view_counts_merging(&view->counts, changes);
    detail_merging(&view->detail, changes);
}

static void on_paged(void *arg)
{
    view_counts_paged(&((struct view *)arg)->counts);
}

static void on_changed(void *arg)
{
    struct view *view = arg;

    view_counts_overtaken(&view->counts);
    wider_follow(&view->wider);
    view_follow_cursor(view);
    view_counts_caught_up(&view->counts);
}

/* ---- life ---- */

static struct screen *view_open(const struct screen_kind *kind, const struct screen_wish *wish)
{
    struct view *view = nb_calloc(1, sizeof(*view));
    const struct rows_observer observer = {
        .looked = on_looked, .merging = on_merging, .paged = on_paged, .changed = on_changed, .arg = view};

    view->screen = (struct screen){.kind = kind, .host = wish->host};
    view->host = wish->host;
    rows_init(&view->rows, &view->screen, wish->filter, &observer);
    view_counts_init(&view->counts, &view->rows, wish->counted, wish->arg);
    search_init(&view->search, &view->rows);
    wider_init(&view->wider, &view->rows);
    detail_init(&view->detail, &view->rows);
    return &view->screen;
}

static void view_close(struct screen *screen)
{
    struct view *view = view_of(screen);

    search_clear(&view->search);
    wider_clear(&view->wider);
    detail_clear(&view->detail);
    view_counts_clear(&view->counts);
    rows_clear(&view->rows);
    free(view);
}

/* ---- what happens to it ---- */

void view_bell(struct view *view, bool resync)
{
    rows_bell(&view->rows, resync);
}

static void bell(struct screen *screen, bool resync)
{
    view_bell(view_of(screen), resync);
}

void view_after_act(struct view *view)
{
    if (!link_is_ready(view->host))
        return;
    view_counts_hurry(&view->counts);
    view_bell(view, true);
}

void view_after_undo(struct view *view)
{
    if (link_is_ready(view->host))
        rows_promise(&view->rows);
    view_after_act(view);
}

static bool is_settled(const struct screen *screen)
{
    const struct view *view = view_of((struct screen *)screen);

    return rows_are_settled(&view->rows) && (view->search.typing || !view->search.request);
}

static void enter(struct screen *screen)
{
    struct view *view = view_of(screen);

    if (view->visited)
        list_window_reset(&view->rows.window);
    if (link_takes_reads(view->host))
        view_bell(view, true);
    else
        list_window_reread(&view->rows.window);
    host_dirty(view->host);
}

/* Sticky rows go when it is entered again, marks at once. */
static void leave(struct screen *screen)
{
    struct view *view = view_of(screen);

    view->screen.detail_open = false;
    search_stop(&view->search);
    marks_clear(&view->rows.marks);
}

static void aged(struct screen *screen)
{
    view_of(screen)->detail.text_stale = true;
}

int view_set_filter(struct view *view, const char *text, struct nb_error *err)
{
    int rc = rows_set_filter(&view->rows, text, err);

    if (rc < 0)
        return rc;
    if (link_takes_reads(view->host))
        view_counts_forget(&view->counts);
    search_bell(&view->search);
    return 0;
}

void view_follow_cursor(struct view *view)
{
    const struct nb_row *row = list_window_current(&view->rows.window);

    if (row) {
        struct nb_place place = rows_place(&view->rows, row);

        marks_follow(&view->rows.marks, &place);
    }
    detail_follow(&view->detail);
    view_counts_moved(&view->counts);
}

/* ---- on the screen ---- */

static void lay_out(struct screen *screen, const struct layout *layout)
{
    struct view *view = view_of(screen);

    view->visited = true;
    list_layout(&view->rows, layout->list.height > 0 ? layout->list : layout->body);
    detail_layout(&view->detail, layout->detail);
}

static void draw_divider(struct grid *grid, const struct layout *layout)
{
    enum glyph glyph = layout->shape == LAYOUT_SIDE ? GLYPH_VERTICAL : GLYPH_HORIZONTAL;

    grid_fill(grid, layout->divider, glyph_text(glyph, grid->ascii), LOOK(ROLE_BORDER, 0));
}

static void draw(const struct screen *screen, struct grid *grid, const struct layout *layout)
{
    const struct view *view = NB_CONTAINER_OF(screen, struct view, screen);
    const struct list_look look = {
        .rows = &view->rows,
        .rect = layout->list,
        .searched = view->search.text,
        .wider = view->wider.said,
        .none_at_all = view->counts.all.known && view->counts.all.value == 0,
        .focused = !view->screen.detail_open,
    };

    list_draw(&look, grid);
    if (layout->detail.height <= 0)
        return;
    if (layout->shape != LAYOUT_DETAIL)
        draw_divider(grid, layout);
    detail_draw(&view->detail, grid);
    if (view->screen.detail_open)
        grid_set_cursor(grid, layout->detail.x, layout->detail.y);
}

static void wheel(struct view *view, const struct input *input, bool in_detail)
{
    int rows = input->mouse == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS;

    if (in_detail)
        detail_scroll(&view->detail, rows);
    else
        list_window_scroll(&view->rows.window, rows);
    host_dirty(view->host);
}

static bool mouse(struct screen *screen, const struct input *input, const struct layout *layout)
{
    struct view *view = view_of(screen);
    bool in_detail = rect_has(layout->detail, input->x, input->y);
    size_t index = list_item_at(&view->rows, layout->list, input->x, input->y);

    if (input->mouse == MOUSE_WHEEL_UP || input->mouse == MOUSE_WHEEL_DOWN) {
        wheel(view, input, in_detail);
        return false;
    }
    if (!in_detail && index != SIZE_MAX)
        list_window_select(&view->rows.window, index);
    return in_detail || index != SIZE_MAX;
}

/* The handlers move the cursor, or scroll the open detail: only pages need scroll and search. */
const struct screen_ops view_ops = {
    .open = view_open,
    .close = view_close,
    .enter = enter,
    .leave = leave,
    .bell = bell,
    .aged = aged,
    .layout = lay_out,
    .draw = draw,
    .mouse = mouse,
    .settled = is_settled,
};
