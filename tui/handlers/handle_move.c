/*
 * handle_move.c - moving through rows, the detail and help; opening and closing.
 */
#include <limits.h>

#include "base/clock.h"
#include "tui/console/console_state.h"
#include "tui/view/detail.h"
#include "tui/handlers/handlers.h"
#include "tui/view/search.h"
#include "tui/view/table.h"

/* Lines of what the keys move in now. */
static int page_lines(const struct console *console)
{
    int height = console->layout.list.height;

    if (!console_view(console) && !table_of(console->current))
        height = console->layout.body.height;
    else if (console_detail_open(console))
        height = console->layout.detail.height;
    return height > 2 ? height - 1 : 1;
}

/* Where there is no list, and in the open detail, moving scrolls. Returns false where it moves the cursor instead. */
static bool scroll_text(struct console *console, int lines)
{
    struct view *view = console_view(console);

    if (!view) {
        console->current->kind->ops->scroll(console->current, lines);
        return true;
    }
    if (!console_detail_open(console))
        return false;
    detail_scroll(&view->detail, lines);
    return true;
}

static void move(struct console *console, int delta)
{
    if (!scroll_text(console, delta))
        list_window_move(&console_view(console)->rows.window, delta);
}

static void page(struct console *console, int delta)
{
    if (!scroll_text(console, delta))
        list_window_page(&console_view(console)->rows.window, delta);
}

void handle_down(struct console *console, const struct command *command)
{
    move(console, command_amount(command, 1));
}

void handle_up(struct console *console, const struct command *command)
{
    move(console, -command_amount(command, 1));
}

void handle_page_down(struct console *console, const struct command *command)
{
    page(console, command_amount(command, 1) * page_lines(console));
}

void handle_page_up(struct console *console, const struct command *command)
{
    page(console, -command_amount(command, 1) * page_lines(console));
}

static int half(const struct console *console)
{
    int lines = (page_lines(console) + 1) / 2;

    return lines > 0 ? lines : 1;
}

void handle_half_page_down(struct console *console, const struct command *command)
{
    page(console, command_amount(command, 1) * half(console));
}

void handle_half_page_up(struct console *console, const struct command *command)
{
    page(console, -command_amount(command, 1) * half(console));
}

void handle_top(struct console *console, const struct command *command)
{
    (void)command;
    if (!scroll_text(console, INT_MIN / 2))
        list_window_newest(&console_view(console)->rows.window);
}

void handle_bottom(struct console *console, const struct command *command)
{
    (void)command;
    if (!scroll_text(console, INT_MAX / 2))
        list_window_oldest(&console_view(console)->rows.window);
}

void step_row(struct console *console, int delta)
{
    struct view *view = console_view(console);
    struct table *table = table_of(console->current);

    if (table)
        table_move(table, delta);
    if (!view)
        return;
    list_window_move(&view->rows.window, delta);
    if (console_detail_open(console))
        handle_open(console, NULL);
}

void handle_next_row(struct console *console, const struct command *command)
{
    step_row(console, command_amount(command, 1));
}

void handle_previous_row(struct console *console, const struct command *command)
{
    step_row(console, -command_amount(command, 1));
}

static void scroll_detail(struct console *console, long lines)
{
    struct view *view = console_view(console);
    struct table *table = table_of(console->current);

    if (view)
        detail_scroll(&view->detail, lines);
    else if (table)
        table_scroll_detail(table, lines);
}

void handle_detail_down(struct console *console, const struct command *command)
{
    scroll_detail(console, command_amount(command, console->layout.detail.height / 2 + 1));
}

void handle_detail_up(struct console *console, const struct command *command)
{
    scroll_detail(console, -(long)command_amount(command, console->layout.detail.height / 2 + 1));
}

/* What was out of sight, or held back by the freeze, is shown. */
void handle_newest(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    (void)command;
    if (!view)
        return;
    if (view->rows.window.frozen)
        list_window_freeze(&view->rows.window, false);
    list_window_newest(&view->rows.window);
    view_bell(view, true);
}

void handle_next_unread(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    (void)command;
    if (view)
        search_wanted(&view->search);
}

/* ---- opening and closing ---- */

/* Opening is what reads a notification; looking at it in the pane does not. */
void handle_open(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    struct act read = {.kind = ACT_READ, .time = nb_now()};
    const struct nb_row *row = view ? rows_current(&view->rows) : NULL;
    const struct table *table = table_of(console->current);

    (void)command;
    if (table && table_current(table))
        console_open_detail(console, true);
    if (!row)
        return;
    console_open_detail(console, true);
    if (view->rows.kind->is_opened && !view->rows.kind->is_opened(row) && link_is_ready(&console->host) &&
        !link_is_refused(&console->host))
        acts_begin_quietly(&console->acts, view, &read, &row->key);
}

/* What is narrowed is shown whole first. */
static void back_from_cover(struct console *console)
{
    struct screen *current = console->current;
    const struct table *table = table_of(current);

    if (table && table->narrowed)
        current->kind->ops->search(current, "");
    else
        console_show(console, current->covers);
}

void handle_back(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    (void)command;
    if (console_detail_open(console)) {
        console_open_detail(console, false);
    } else if (console->current->covers) {
        back_from_cover(console);
    } else if (!view) {
        return;
    } else if (view->rows.marks.selecting) {
        view->rows.marks.selecting = false;
    } else if (view->search.text) {
        search_stop(&view->search);
    } else if (marks_any(&view->rows.marks)) {
        marks_clear(&view->rows.marks);
    } else if (view->rows.window.frozen) {
        list_window_freeze(&view->rows.window, false);
    }
    host_dirty(&console->host);
}

void handle_detail_toggle(struct console *console, const struct command *command)
{
    bool shown = console->layout.detail.height > 0;

    (void)command;
    console->pane_on = !shown;
    console->pane_off = shown;
    console_open_detail(console, false);
    if (!shown && console->grid.rows < LAYOUT_TALL_ROWS &&
        console->grid.columns < LAYOUT_BELOW_COLUMNS + LAYOUT_DETAIL_LEAST)
        message_show(&console->host, ROLE_MESSAGE, "there is no room for a pane beside the list: open the row instead");
    host_dirty(&console->host);
}
