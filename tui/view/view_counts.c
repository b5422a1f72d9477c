/*
 * view_counts.c - the figures of a view: how many match its filter, how many there are in all, how many came meanwhile, and
 * those beside its name. They are counted in the database. What changed is added or taken away at once, without asking, where
 * the list knows what it was before; a count that follows by itself, a moment later, proves it.
 */
#include "tui/view/view_counts.h"

#include "page/page.h"

/* ---- what is asked for ---- */

static struct nb_request *ask_matched(void *arg, nb_count_done *done, void *done_arg)
{
    struct view_counts *counts = arg;

    return nb_page_count(counts->rows->host->connection, counts->rows->kind->subject, counts->rows->filter, done,
                         done_arg);
}

static struct nb_request *ask_terms(struct view_counts *counts, const char *terms, nb_count_done *done, void *done_arg)
{
    struct nb_filter *filter = NULL;
    struct nb_request *request;

    if (nb_filter_parse(&filter, counts->rows->kind->subject, terms, NULL) < 0)
        return NULL;
    request = nb_page_count(counts->rows->host->connection, counts->rows->kind->subject, filter, done, done_arg);
    nb_filter_free(&filter);
    return request;
}

static struct nb_request *ask_all(void *arg, nb_count_done *done, void *done_arg)
{
    return ask_terms(arg, "", done, done_arg);
}

static struct nb_request *ask_arrived(void *arg, nb_count_done *done, void *done_arg)
{
    struct view_counts *counts = arg;
    const struct list_window *window = &counts->rows->window;
    struct nb_place top;
    bool has_top = !window->frozen && list_window_top_place(window, &top);

    if (!window->look)
        return NULL;
    return nb_page_count_new(counts->rows->host->connection, counts->rows->kind->subject, counts->rows->filter,
                             has_top ? &top : NULL, &window->look_place, window->look, done, done_arg);
}

static struct nb_request *ask_figure(void *arg, nb_count_done *done, void *done_arg)
{
    const struct figure *figure = arg;

    return ask_terms(figure->counts, figure->kind->filter, done, done_arg);
}

static struct nb_request *ask_above(void *arg, nb_count_done *done, void *done_arg)
{
    struct view_counts *counts = arg;

    return nb_page_count_range(counts->rows->host->connection, counts->rows->kind->subject, counts->rows->filter,
                               &counts->anchor, &nb_place_first, NB_PRIORITY_BACKGROUND, done, done_arg);
}

static void on_count(void *arg)
{
    struct view_counts *counts = arg;

    if (counts->counted)
        counts->counted(counts->arg);
    host_dirty(counts->rows->host);
}

static void on_figure(void *arg)
{
    on_count(((struct figure *)arg)->counts);
}

/* The list is scrolled away or frozen: what comes is not to be seen. */
static bool is_away(const struct view_counts *counts)
{
    return counts->rows->window.look && (!counts->rows->window.following || counts->rows->window.frozen);
}

static void refresh_above(struct view_counts *counts)
{
    if (counts->above.known && !counts->rows->window.rows.newest)
        counter_refresh(&counts->above);
}

static void ask(struct view_counts *counts)
{
    bool shown = counts->rows->screen->shown;

    for (size_t i = 0; i < counts->rows->kind->figure_count; i++)
        counter_refresh(&counts->figures[i].counter);
    if (!shown)
        return;
    counter_refresh(&counts->matched);
    if (!nb_filter_is_empty(counts->rows->filter))
        counter_refresh(&counts->all);
    if (is_away(counts))
        counter_refresh(&counts->arrived);
    refresh_above(counts);
}

/* ---- the number of the current row ---- */

/* Where the anchor is among the loaded rows; SIZE_MAX: it is not. */
static size_t anchor_index(const struct view_counts *counts)
{
    const struct list_rows *rows = &counts->rows->window.rows;
    size_t index = list_rows_find(rows, &counts->anchor);

    return index != SIZE_MAX && nb_key_compare(&rows->items.data[index].row->key, &counts->anchor.key) == 0 ? index
                                                                                                            : SIZE_MAX;
}

void view_counts_moved(struct view_counts *counts)
{
    const struct list_window *window = &counts->rows->window;
    const struct nb_row *row = list_window_current(window);

    if (window->rows.newest || !row || !counts->rows->screen->shown)
        return;
    if ((counts->above.known || counts->above.request) && anchor_index(counts) != SIZE_MAX)
        return;
    counts->anchor = list_rows_place(&window->rows, row);
    counter_forget(&counts->above);
}

int64_t view_counts_row(const struct view_counts *counts)
{
    const struct list_window *window = &counts->rows->window;
    size_t anchor;

    if (list_window_count(window) == 0)
        return 0;
    if (window->rows.newest)
        return (int64_t)window->cursor + 1;
    anchor = counts->above.known ? anchor_index(counts) : SIZE_MAX;
    return anchor == SIZE_MAX ? 0 : counts->above.value + (int64_t)window->cursor - (int64_t)anchor;
}

/* ---- what changed ---- */

/* What changes make of the figures. */
struct tally {
    int64_t matched, arrived, figures[VIEW_FIGURES];
};

/* The row as a page has it; NULL: none has. */
static const struct nb_row *page_row(const struct list_rows *rows, const struct nb_row *row)
{
    struct nb_place place = list_rows_place(rows, row);
    size_t index = list_rows_find(rows, &place);
    const struct list_item *item = index == SIZE_MAX ? NULL : &rows->items.data[index];

    return item && !item->sticky && nb_key_compare(&item->row->key, &row->key) == 0 ? item->row : NULL;
}

/* Whether the row has come, or moved, to where the reader has not seen what there is. */
static bool arrives(const struct list_window *window, const struct nb_change *change, const struct nb_row *before)
{
    struct nb_place top, now = list_rows_place(&window->rows, change->row), then = nb_place_last;

    if (before)
        then = list_rows_place(&window->rows, before);
    if (!change->matches || (list_window_top_place(window, &top) && nb_place_compare(&now, &top) <= 0))
        return false;
    return change->created ||
           (nb_place_compare(&now, &window->look_place) > 0 && nb_place_compare(&then, &window->look_place) <= 0);
}

/* False: it cannot be told what the figures have counted it as. */
static bool tally_change(const struct view_counts *counts, const struct nb_change *change, struct tally *tally)
{
    const struct list_window *window = &counts->rows->window;
    const struct nb_row *before = page_row(&window->rows, change->row);

    if (change->created == (before != NULL))
        return false;
    tally->matched += change->matches - (before != NULL);
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++) {
        const struct tab_figure *figure = counts->figures[i].kind;

        tally->figures[i] += (!change->gone && figure->counts(change->row)) - (before && figure->counts(before));
    }
    tally->arrived += arrives(window, change, before);
    return true;
}

void view_counts_merging(struct view_counts *counts, const struct nb_changes *changes)
{
    struct tally tally = {0};

    bool can_tell = counts->due && !counts->paged;

    /* A page, or the answer to an earlier look, may have brought what this bell rang for: that has not been tallied. */
    if (!can_tell) {
        if (counts->due || changes->count > 0)
            ask(counts);
        counts->due = counts->paged = false;
        return;
    }
    counts->due = false;
    for (size_t i = 0; i < changes->count; i++) {
        if (!tally_change(counts, &changes->items[i], &tally)) {
            ask(counts);
            return;
        }
    }
    if (tally.matched != 0)
        counter_add(&counts->matched, tally.matched);
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++)
        if (tally.figures[i] != 0)
            counter_add(&counts->figures[i].counter, tally.figures[i]);
    if (tally.arrived > 0 && is_away(counts))
        counter_add(&counts->arrived, tally.arrived);
    if (changes->count > 0)
        refresh_above(counts);
    if (changes->count > 0 && !nb_filter_is_empty(counts->rows->filter))
        counter_refresh(&counts->all);
}

void view_counts_overtaken(struct view_counts *counts)
{
    if (!counts->due || list_window_is_looking(&counts->rows->window))
        return;
    counts->due = counts->paged = false;
    ask(counts);
}

void view_counts_paged(struct view_counts *counts)
{
    counts->paged = counts->due;
}

void view_counts_bell(struct view_counts *counts, bool rows_follow)
{
    counts->due = rows_follow && list_window_state(&counts->rows->window) == LIST_READY && !counts->rows->window.frozen;
    if (!counts->due)
        ask(counts);
}

void view_counts_hurry(struct view_counts *counts)
{
    counter_hurry(&counts->matched);
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++)
        counter_hurry(&counts->figures[i].counter);
}

void view_counts_caught_up(struct view_counts *counts)
{
    const struct list_window *window = &counts->rows->window;

    if (window->following && !window->frozen && counts->arrived.value > 0)
        counter_stop(&counts->arrived);
}

void view_counts_forget(struct view_counts *counts)
{
    counter_forget(&counts->matched);
    counter_stop(&counts->above);
    counts->above.known = false;
    view_counts_bell(counts, false);
}

void view_counts_init(struct view_counts *counts, const struct rows *rows, void (*counted)(void *arg), void *arg)
{
    struct nb_loop *loop = rows->host->loop;

    counts->rows = rows;
    counts->counted = counted;
    counts->arg = arg;
    counter_init(&counts->matched, loop, ask_matched, on_count, counts);
    counter_init(&counts->all, loop, ask_all, on_count, counts);
    counter_init(&counts->arrived, loop, ask_arrived, on_count, counts);
    counter_init(&counts->above, loop, ask_above, on_count, counts);
    for (size_t i = 0; i < rows->kind->figure_count; i++) {
        counts->figures[i].counts = counts;
        counts->figures[i].kind = &rows->kind->figures[i];
        counter_init(&counts->figures[i].counter, loop, ask_figure, on_figure, &counts->figures[i]);
    }
}

void view_counts_clear(struct view_counts *counts)
{
    counter_clear(&counts->matched);
    counter_clear(&counts->all);
    counter_clear(&counts->arrived);
    counter_clear(&counts->above);
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++)
        counter_clear(&counts->figures[i].counter);
}
