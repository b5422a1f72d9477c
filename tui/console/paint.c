/*
 * paint.c - puts the parts of the screen together.
 */
#include "tui/console/console_state.h"
#include "tui/modal/hints.h"
#include "tui/view/detail.h"
#include "tui/view/list.h"
#include "tui/view/table.h"

static enum detail_place detail_place(const struct console *console)
{
    static const struct {
        const char *choice;
        enum detail_place place;
    } places[] = {{"right", DETAIL_RIGHT}, {"below", DETAIL_BELOW}, {"off", DETAIL_OFF}};

    for (size_t i = 0; i < NB_ARRAY_SIZE(places); i++)
        if (settings_is(&console->host.settings, OPTION_DETAIL, places[i].choice))
            return places[i].place;
    return DETAIL_AUTO;
}

static void compute_layout(struct console *console)
{
    const struct view *view = console_view(console);
    const struct table *table = table_of(console->current);
    const struct layout_wish wish = {
        .columns = console->grid.columns,
        .rows = console->grid.rows,
        .place = detail_place(console),
        .pane_on = console->pane_on,
        .pane_off = console->pane_off,
        .detail_open = console_detail_open(console),
        .whole_body = !view && !table,
        .hints = settings_bool(&console->host.settings, OPTION_HINTS),
        .bottom_rows = modal_rows(&console->modal),
        .list_columns = view    ? list_least_columns(&view->rows)
                        : table ? table_least_columns(table)
                                : 0,
        .list_rows = view    ? (int)list_window_count(&view->rows.window)
                     : table ? (int)table->shown.count + 1
                             : 0,
    };

    layout_compute(&console->layout, &wish);
}

static void draw_hints(const struct console *console, struct grid *grid)
{
    const struct view *view = console_view(console);
    const struct table *table = table_of(console->current);
    unsigned missing = 0;

    if (console->layout.hints.height == 0)
        return;
    if (modal_draw_hints(&console->modal, grid, console->layout.hints))
        return;
    grid_fill(grid, console->layout.hints, " ", LOOK(ROLE_HINT, 0));
    if ((view && list_window_count(&view->rows.window) == 0) || (table && !table_current(table)))
        missing |= ACTION_FLAG_ROW;
    if (!link_is_ready(&console->host) || link_is_refused(&console->host))
        missing |= ACTION_FLAG_WRITES;
    hints_draw(console->host.keymap, &console->host.scope, &console->keys, missing, grid, console->layout.hints);
}

static void ask_for_room(struct grid *grid)
{
    grid_text(grid, 0, 0, grid->columns, LOOK(ROLE_WARNING, 0), "nightbell needs more room:");
    grid_textf(grid, 0, 1, grid->columns, LOOK(ROLE_TEXT, 0), "%dx%d, and this is %dx%d", LAYOUT_LEAST_COLUMNS,
               LAYOUT_LEAST_ROWS, grid->columns, grid->rows);
}

void paint_layout(struct console *console)
{
    compute_layout(console);
    if (console->layout.shape == LAYOUT_TOO_SMALL)
        return;
    console->current->kind->ops->layout(console->current, &console->layout);
    modal_layout(&console->modal, &console->layout);
}

void paint(const struct console *console, struct grid *grid)
{
    grid_erase(grid);
    grid_hide_cursor(grid);
    if (console->layout.shape == LAYOUT_TOO_SMALL) {
        ask_for_room(grid);
        return;
    }
    status_draw_header(console, grid, console->layout.header);
    status_draw_filter(console, grid, console->layout.filter);
    console->current->kind->ops->draw(console->current, grid, &console->layout);
    draw_hints(console, grid);
    status_draw_bottom(console, grid, console->layout.bottom);
    modal_draw(&console->modal, grid);
}
