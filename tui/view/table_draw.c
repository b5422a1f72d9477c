/*
 * table_draw.c - the rows of a table as cells, under their titles, with the detail beside or below.
 */
#include <string.h>

#include "tui/host/link.h"
#include "tui/view/table.h"

#define COLUMNS_MAX  16
#define FIRST_COLUMN 2  /* behind the cursor's bar */
#define FREE_COLUMNS 24 /* what the column without a limit keeps beside a pane */
#define CELL_LIMIT   4096

static void sizes_of(const struct table_kind *kind, struct column_size *sizes)
{
    for (size_t i = 0; i < kind->column_count; i++)
        sizes[i] = kind->columns[i].size;
}

int table_least_columns(const struct table *table)
{
    struct column_size sizes[COLUMNS_MAX];

    sizes_of(table->kind, sizes);
    return FIRST_COLUMN + layout_list_columns(sizes, table->kind->column_count, FREE_COLUMNS);
}

void table_row_text(const struct table *table, const void *row, struct nb_strbuf *out)
{
    struct row_context context = table_context(table);

    for (size_t i = 0; i < table->kind->column_count; i++) {
        struct cell_text cell = {0};

        nb_strbuf_init(&cell.text, CELL_LIMIT);
        table->kind->columns[i].cell(&cell, row, &context);
        nb_strbuf_appendf(out, "%s ", cell.text.data);
        nb_strbuf_clear(&cell.text);
    }
}

static void draw_titles(const struct table *table, const int *widths, struct grid *grid)
{
    int x = table->list.x + FIRST_COLUMN;

    for (size_t i = 0; i < table->kind->column_count; i++) {
        const struct table_column *column = &table->kind->columns[i];

        if (widths[i] == 0)
            continue;
        if (column->right)
            grid_text_right(grid, x, table->list.y, widths[i], LOOK(ROLE_DETAIL_LABEL, 0), column->title);
        else
            grid_text(grid, x, table->list.y, widths[i], LOOK(ROLE_DETAIL_LABEL, 0), column->title);
        x += widths[i] + 1;
    }
}

static void draw_cells(const struct table *table, const int *widths, const void *row, int y, struct grid *grid)
{
    struct row_context context = table_context(table);
    int x = table->list.x + FIRST_COLUMN;

    for (size_t i = 0; i < table->kind->column_count; i++) {
        struct cell_text cell = {.look = LOOK(ROLE_ROW, 0)};

        if (widths[i] == 0)
            continue;
        nb_strbuf_init(&cell.text, CELL_LIMIT);
        table->kind->columns[i].cell(&cell, row, &context);
        if (table->kind->columns[i].right)
            grid_text_right(grid, x, y, widths[i], cell.look, cell.text.data);
        else
            grid_text(grid, x, y, widths[i], cell.look, cell.text.data);
        nb_strbuf_clear(&cell.text);
        x += widths[i] + 1;
    }
}

static void draw_row(const struct table *table, const int *widths, size_t index, int y, struct grid *grid)
{
    const void *row = table_row(table, index);
    struct rect line = {table->list.x, y, table->list.width, 1};
    uint8_t states = table->kind->is_done(row) ? STATE_DIM : 0;
    bool selected = index == table->cursor;

    grid_fill(grid, line, " ", LOOK(ROLE_ROW, 0));
    draw_cells(table, widths, row, y, grid);
    if (table->narrowed)
        grid_highlight(grid, line, table->narrowed, ROLE_SEARCH_MATCH);
    states |= selected ? STATE_SELECTED : 0;
    grid_add_states(grid, line, states);
    if (!selected)
        return;
    grid_text(grid, line.x, y, 1, LOOK(ROLE_CURSOR_BAR, states), glyph_text(GLYPH_BAR, grid->ascii));
    if (!table->screen.detail_open)
        grid_set_cursor(grid, line.x, y);
}

static void center(const struct table *table, struct grid *grid, int line, enum role role, const char *text)
{
    grid_notice(grid, table->list, line, LOOK((uint8_t)role, 0), text);
}

static void draw_nothing(const struct table *table, struct grid *grid)
{
    const struct host *host = table->screen.host;
    char trouble[LINK_TROUBLE_SIZE];
    const char *why = link_trouble(host, trouble, sizeof(trouble));

    if (!link_is_ready(host)) {
        center(table, grid, 0, ROLE_LINK_WAITING, why ? why : "connecting …");
        center(table, grid, 1, ROLE_EMPTY, link_hint(host));
    } else if (!table->answered) {
        center(table, grid, 0, ROLE_EMPTY, "loading …");
    } else if (table->error.code != NB_OK) {
        center(table, grid, 0, ROLE_ERROR, table->error.message);
        center(table, grid, 1, ROLE_EMPTY, table->error.hint);
    } else {
        center(table, grid, 0, ROLE_EMPTY, table->narrowed ? "nothing has that in it" : table->kind->empty);
    }
}

static void draw_list(const struct table *table, struct grid *grid)
{
    struct column_size sizes[COLUMNS_MAX];
    int widths[COLUMNS_MAX];
    struct rect former;

    if (table->list.height <= 0)
        return;
    former = grid_clip(grid, table->list);
    if (table->shown.count == 0) {
        draw_nothing(table, grid);
    } else {
        sizes_of(table->kind, sizes);
        layout_columns(sizes, table->kind->column_count, table->list.width - FIRST_COLUMN, widths);
        draw_titles(table, widths, grid);
        for (int i = 1; i < table->list.height && table->top + (size_t)i - 1 < table->shown.count; i++)
            draw_row(table, widths, table->top + (size_t)i - 1, table->list.y + i, grid);
    }
    grid_set_clip(grid, former);
}

static void draw_detail(const struct table *table, struct grid *grid)
{
    struct rect pane = table->pane;
    size_t bottom = table->scroll + (size_t)pane.height;
    int edge = pane.x + pane.width - 1; /* the last column says that there is more */

    detail_text_draw(&table->text, grid, pane, table->scroll);
    if (table->scroll > 0)
        grid_text(grid, edge, pane.y, 1, LOOK(ROLE_BORDER, 0), glyph_text(GLYPH_UP_ARROW, grid->ascii));
    if (bottom < table->text.lines.count)
        grid_text(grid, edge, pane.y + pane.height - 1, 1, LOOK(ROLE_BORDER, 0),
                  glyph_text(GLYPH_DOWN_ARROW, grid->ascii));
    if (table->screen.detail_open)
        grid_set_cursor(grid, pane.x, pane.y);
}

void table_draw(const struct table *table, struct grid *grid, const struct layout *layout)
{
    draw_list(table, grid);
    if (layout->detail.height <= 0)
        return;
    if (layout->shape != LAYOUT_DETAIL)
        grid_fill(grid, layout->divider,
                  glyph_text(layout->shape == LAYOUT_SIDE ? GLYPH_VERTICAL : GLYPH_HORIZONTAL, grid->ascii),
                  LOOK(ROLE_BORDER, 0));
    draw_detail(table, grid);
}
