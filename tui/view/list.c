/*
 * list.c - the rows of a view as cells.
 */
#include "tui/view/list.h"

#include <stdlib.h>
#include <string.h>

#include "tui/host/link.h"

#define COLUMNS_MAX   16
#define FIRST_COLUMN  2  /* behind the cursor's bar and the mark */
#define TITLE_COLUMNS 50 /* what a title keeps beside a pane */

struct frame {
    const struct list_look *look;
    const struct rows *rows;
    struct grid *grid;
    struct rect rect;
    struct row_context context;
    int widths[COLUMNS_MAX];
    struct cell_text cell;
};

static void draw_cell(struct frame *frame, const struct column *column, const struct nb_row *row, int x, int y,
                      int width)
{
    nb_strbuf_reset(&frame->cell.text);
    frame->cell.look = LOOK(ROLE_ROW, 0);
    column->cell(&frame->cell, row, &frame->context);
    if (column->right)
        grid_text_right(frame->grid, x, y, width, frame->cell.look, frame->cell.text.data);
    else
        grid_text(frame->grid, x, y, width, frame->cell.look, frame->cell.text.data);
}

static void highlight_words(struct frame *frame, struct rect line)
{
    const char *const *words = NULL;
    size_t count = nb_filter_words(frame->rows->filter, &words);

    for (size_t i = 0; i < count; i++)
        grid_highlight(frame->grid, line, words[i], ROLE_SEARCH_MATCH);
    if (frame->look->searched)
        grid_highlight(frame->grid, line, frame->look->searched, ROLE_SEARCH_MATCH);
}

static void draw_row(struct frame *frame, const struct list_item *item, int y, bool selected)
{
    const struct rows *rows = frame->rows;
    const struct view_kind *kind = rows->kind;
    struct rect line = {frame->rect.x, y, frame->rect.width, 1};
    struct nb_place place = rows_place(rows, item->row);
    bool marked = marks_has(&rows->marks, &place);
    bool pending;
    const struct nb_row *row = rows_row(rows, item->row, &pending);
    bool done = item->sticky || kind->is_done(row);
    uint8_t states = 0;
    int x = frame->rect.x + FIRST_COLUMN;

    grid_fill(frame->grid, line, " ", LOOK(done ? ROLE_ROW_DONE : ROLE_ROW, 0));
    for (size_t i = 0; i < kind->column_count; i++) {
        if (frame->widths[i] == 0)
            continue;
        draw_cell(frame, &kind->columns[i], row, x, y, frame->widths[i]);
        x += frame->widths[i] + 1;
    }
    highlight_words(frame, line);
    states |= done || rows->window.superseded ? STATE_DIM : 0;
    states |= marked ? STATE_MARKED : 0;
    states |= selected ? STATE_SELECTED : 0;
    grid_add_states(frame->grid, line, states);
    if (marked)
        grid_text(frame->grid, line.x + 1, y, 1, LOOK(ROLE_MARK, states), glyph_text(GLYPH_MARK, frame->context.ascii));
    if (!selected)
        return;
    grid_text(frame->grid, line.x, y, 1, LOOK(ROLE_CURSOR_BAR, states), glyph_text(GLYPH_BAR, frame->context.ascii));
    if (frame->look->focused)
        grid_set_cursor(frame->grid, line.x, y);
}

static void column_sizes(const struct view_kind *kind, bool many_tenants, struct column_size *sizes)
{
    for (size_t i = 0; i < kind->column_count; i++) {
        sizes[i] = kind->columns[i].size;
        if (!many_tenants && strcmp(kind->columns[i].id, "tenant") == 0)
            sizes[i] = (struct column_size){0, -1, 0};
    }
}

static void size_columns(struct frame *frame)
{
    const struct view_kind *kind = frame->rows->kind;
    struct column_size sizes[COLUMNS_MAX];

    column_sizes(kind, frame->context.many_tenants, sizes);
    layout_columns(sizes, kind->column_count, frame->rect.width - FIRST_COLUMN, frame->widths);
}

int list_least_columns(const struct rows *rows)
{
    struct column_size sizes[COLUMNS_MAX];

    column_sizes(rows->kind, rows_context(rows).many_tenants, sizes);
    return FIRST_COLUMN + layout_list_columns(sizes, rows->kind->column_count, TITLE_COLUMNS);
}

/* ---- nothing to show ---- */

static void center(struct frame *frame, int line, enum role role, const char *text)
{
    grid_notice(frame->grid, frame->rect, line, LOOK((uint8_t)role, 0), text);
}

static void center_key(struct frame *frame, int line, enum action action, const char *what)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, 256);
    host_keys_of(frame->rows->host, action, &text);
    if (text.length > 0) {
        nb_strbuf_appendf(&text, "  %s", what);
        center(frame, line, ROLE_EMPTY, text.data);
    }
    nb_strbuf_clear(&text);
}

static void draw_nothing(struct frame *frame)
{
    const struct rows *rows = frame->rows;
    char trouble[LINK_TROUBLE_SIZE];
    const char *why = link_trouble(rows->host, trouble, sizeof(trouble));
    char *text;

    if (!link_is_ready(rows->host)) {
        center(frame, 0, ROLE_LINK_WAITING, why ? why : "connecting …");
        center(frame, 1, ROLE_EMPTY, link_hint(rows->host));
        center_key(frame, 2, ACTION_REFRESH, "try again now");
        return;
    }
    switch (list_window_state(&rows->window)) {
    case LIST_LOADING:
        center(frame, 0, ROLE_EMPTY, "loading …");
        return;
    case LIST_FAILED:
        center(frame, 0, ROLE_ERROR, rows->window.error.message);
        center(frame, 1, ROLE_EMPTY, rows->window.error.hint);
        center_key(frame, 2, ACTION_REFRESH, "try again");
        return;
    case LIST_READY:
        break;
    }
    if (!screen_may_be_seen(rows->screen)) { /* the console leaves it when it knows who we are */
        center(frame, 0, ROLE_EMPTY, "loading …");
        return;
    }
    if (nb_filter_is_empty(rows->filter)) {
        center(frame, 0, ROLE_EMPTY, rows->kind->empty);
        return;
    }
    if (frame->look->none_at_all) {
        center(frame, 0, ROLE_EMPTY, rows->kind->empty);
    } else if (nb_filter_shows(rows->filter, rows->kind->wanted)) {
        center(frame, 0, ROLE_EMPTY, rows->kind->all_done);
    } else {
        text = nb_asprintf("no %s matches  %s", rows->info->noun, rows->filter_text);
        center(frame, 0, ROLE_EMPTY, text);
        if (frame->look->wider)
            center(frame, 1, ROLE_EMPTY, frame->look->wider);
        free(text);
    }
    center_key(frame, 2, ACTION_FILTER_CLEAR, "show everything");
    center_key(frame, 3, ACTION_FILTER, "edit the filter");
}

void list_layout(struct rows *rows, struct rect rect)
{
    list_window_set_height(&rows->window, rect.height > 0 ? (size_t)rect.height : 0);
}

void list_draw(const struct list_look *look, struct grid *grid)
{
    struct frame frame = {
        .look = look, .rows = look->rows, .grid = grid, .rect = look->rect, .context = rows_context(look->rows)};
    const struct list_window *window = &look->rows->window;
    struct rect rect = look->rect, former;

    if (rect.height <= 0)
        return;
    former = grid_clip(grid, rect);
    nb_strbuf_init(&frame.cell.text, 64 * 1024);
    size_columns(&frame);
    if (list_window_count(window) == 0)
        draw_nothing(&frame);
    for (int i = 0; i < rect.height; i++) {
        const struct list_item *item = list_window_item(window, window->top + (size_t)i);

        if (!item)
            break;
        draw_row(&frame, item, rect.y + i, window->top + (size_t)i == window->cursor);
    }
    nb_strbuf_clear(&frame.cell.text);
    grid_set_clip(grid, former);
}

size_t list_item_at(const struct rows *rows, struct rect rect, int x, int y)
{
    size_t index = rows->window.top + (size_t)(y - rect.y);

    if (x < rect.x || x >= rect.x + rect.width || y < rect.y || y >= rect.y + rect.height)
        return SIZE_MAX;
    return index < list_window_count(&rows->window) ? index : SIZE_MAX;
}
