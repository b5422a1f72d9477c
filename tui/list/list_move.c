/*
 * list_move.c - the position of cursor and view, and moving them.
 */
#include "tui/list/list_window_internal.h"

#define SCROLL_MARGIN 2
#define PENDING_MOST  100000

/* ---- the position of cursor and view ---- */

static void window_note_look(struct list_window *window)
{
    const char *snapshot;

    window->following = window->top == 0 && window->rows.newest;
    if (!window->following || window->frozen || window->rows.pages.count == 0)
        return;
    snapshot = window->rows.pages.data[0]->snapshot;
    window->look_place =
        window->rows.items.count > 0 ? window_place_of(window, window->rows.items.data[0].row) : nb_place_last;
    if (snapshot && (!window->look || strcmp(window->look, snapshot) != 0)) {
        free(window->look);
        window->look = nb_strdup(snapshot);
    }
}

static void window_keep_view_inside(struct list_window *window)
{
    size_t count = window->rows.items.count;

    if (window->cursor >= window->top + window->height)
        window->top = window->cursor - window->height + 1;
    if (window->cursor < window->top)
        window->top = window->cursor;
    if (window->top + window->height > count)
        window->top = count > window->height ? count - window->height : 0;
}

/* Finds the cursor's row again after the rows have changed, and scrolls the view to it. */
void window_place(struct list_window *window)
{
    size_t count = window->rows.items.count;

    if (count == 0) {
        window->cursor = window->top = window->line = 0;
        window->has_cursor = false;
        window_note_look(window);
        return;
    }
    window->cursor = window->has_cursor ? list_rows_find(&window->rows, &window->cursor_place) : 0;
    window->cursor_place = window_place_of(window, window->rows.items.data[window->cursor].row);
    window->has_cursor = true;
    if (window->height == 0)
        return;
    if (window->following && window->rows.newest) {
        window->top = 0;
        window_keep_view_inside(window);
        window->line = window->cursor - window->top;
    } else {
        window->top = window->cursor > window->line ? window->cursor - window->line : 0;
        window_keep_view_inside(window);
    }
    window_note_look(window);
}

void window_set_cursor(struct list_window *window, size_t index)
{
    window->cursor = index;
    window->cursor_place = window_place_of(window, window->rows.items.data[index].row);
    window->has_cursor = true;
}

/* Moves the cursor as far as there are rows; the rest of the move waits until more rows have come. */
static void advance(struct list_window *window, int64_t delta, bool page)
{
    int64_t count = (int64_t)window->rows.items.count;
    int64_t target;

    if (window->jumping) {
        window->pending_move += delta;
        window->pending_page = page;
        return;
    }
    if (count == 0)
        return;
    if (window->pending_move != 0 && (window->pending_move > 0) == (delta > 0))
        delta += window->pending_move;
    window->pending_move = 0;
    window->pending_page = page;
    target = (int64_t)window->cursor + delta;
    if (target < 0) {
        if (!window->rows.newest)
            window->pending_move = target > -PENDING_MOST ? target : -PENDING_MOST;
        target = 0;
    } else if (target >= count) {
        if (!window->rows.oldest)
            window->pending_move = target - count + 1 < PENDING_MOST ? target - count + 1 : PENDING_MOST;
        target = count - 1;
    }
    window_set_cursor(window, (size_t)target);
}

void list_window_move(struct list_window *window, int64_t delta)
{
    size_t margin = window->height >= 8 ? SCROLL_MARGIN : 0;
    size_t before = window->cursor;

    advance(window, delta, false);
    if (window->cursor < before && window->cursor < window->top + margin)
        window->top = window->cursor > margin ? window->cursor - margin : 0;
    if (window->cursor > before && window->cursor + margin >= window->top + window->height)
        window->top = window->cursor + margin + 1 - window->height;
    window_keep_view_inside(window);
    window->line = window->cursor - window->top;
    window_note_look(window);
    window_changed(window);
}

void list_window_page(struct list_window *window, int64_t delta)
{
    advance(window, delta, true);
    window->top = window->cursor > window->line ? window->cursor - window->line : 0;
    window_keep_view_inside(window);
    if (window->pending_move == 0)
        window->line = window->cursor - window->top;
    window_note_look(window);
    window_changed(window);
}

void list_window_scroll(struct list_window *window, int64_t delta)
{
    int64_t count = (int64_t)window->rows.items.count;
    int64_t most = count > (int64_t)window->height ? count - (int64_t)window->height : 0;
    int64_t top = (int64_t)window->top + delta;

    if (count == 0)
        return;
    window->top = top < 0 ? 0 : top > most ? (size_t)most : (size_t)top;
    if (window->cursor < window->top)
        window_set_cursor(window, window->top);
    if (window->cursor >= window->top + window->height)
        window_set_cursor(window, window->top + window->height - 1);
    window->line = window->cursor - window->top;
    window_note_look(window);
    window_changed(window);
}

void list_window_select(struct list_window *window, size_t index)
{
    if (index >= window->rows.items.count)
        return;
    window->pending_move = 0;
    window_set_cursor(window, index);
    window_keep_view_inside(window);
    window->line = window->cursor - window->top;
    window_note_look(window);
    window_changed(window);
}

void list_window_place(struct list_window *window, size_t line)
{
    if (window->rows.items.count == 0 || window->height == 0)
        return;
    window->line = line < window->height ? line : window->height - 1;
    window->top = window->cursor > window->line ? window->cursor - window->line : 0;
    window_keep_view_inside(window);
    window_note_look(window);
    window_changed(window);
}

/* Whether the loaded rows can tell where the list ends: not while a look at the current rows is due or running. */
static bool knows_ends(const struct list_window *window)
{
    bool looking = window->in_flight == LIST_FETCH_REREAD || window->in_flight == LIST_FETCH_CHANGES ||
                   window->in_flight == LIST_FETCH_LOAD || window->in_flight == LIST_FETCH_ABOVE;

    return window->loaded && !window->superseded && window->wanted == LIST_LOAD_NONE && !looking &&
           (window->frozen || (!window->dirty && !window->due));
}

void list_window_newest(struct list_window *window)
{
    if (window->rows.newest && knows_ends(window)) {
        list_window_select(window, 0);
        return;
    }
    window->has_cursor = false;
    window_want(window, LIST_LOAD_NEWEST, NULL, 0, true);
    window->jumping = true;
    window_changed(window);
}

void list_window_oldest(struct list_window *window)
{
    if (window->rows.oldest && knows_ends(window)) {
        list_window_select(window, window->rows.items.count > 0 ? window->rows.items.count - 1 : 0);
        return;
    }
    window_want(window, LIST_LOAD_OLDEST, NULL, 0, true);
    window->jumping = true;
    window_changed(window);
}

void list_window_goto(struct list_window *window, const struct nb_place *place)
{
    if (list_rows_get(&window->rows, &place->key) && !window->superseded) {
        list_window_select(window, list_rows_find(&window->rows, place));
        return;
    }
    window_want(window, LIST_LOAD_AROUND, place, window->height / 2, true);
    window->jumping = true;
    window_changed(window);
}
