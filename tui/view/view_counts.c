/*
 * view_counts.c - the figures of a view: how many match its filter, how many there are in all, how many came meanwhile, and
 * those beside its name. They are counted in the database. What only arrives at the top of an unfiltered list is added at
 * once, without asking; a count that follows by itself, a moment later, proves it.
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
    struct nb_key top;
    bool has_top = !counts->rows->window.frozen && list_window_top_key(&counts->rows->window, &top);

    if (!counts->rows->window.look)
        return NULL;
    return nb_page_count_new(counts->rows->host->connection, counts->rows->kind->subject, counts->rows->filter,
                             has_top ? &top : NULL, counts->rows->window.look, done, done_arg);
}

static struct nb_request *ask_figure(void *arg, nb_count_done *done, void *done_arg)
{
    const struct figure *figure = arg;

    return ask_terms(figure->counts, figure->kind->filter, done, done_arg);
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
}

/* ---- what arrives ---- */

#define NOT_JUST_ARRIVALS SIZE_MAX

/* The next row that a page has, from items[*index] on. */
static const struct nb_row *next_of_page(const struct list_rows *rows, size_t *index)
{
    while (*index < rows->items.count && rows->items.data[*index].sticky)
        ++*index;
    return *index < rows->items.count ? rows->items.data[(*index)++].row : NULL;
}

/* How many rows at the top of the page the list has not had, when nothing else about it is different. */
static size_t arrivals_of(const struct view_counts *counts, const struct nb_page *page)
{
    const struct list_rows *rows = &counts->rows->window.rows;
    size_t index = 0, arrived = 0;
    const struct nb_row *old = next_of_page(rows, &index);

    if (counts->rows->window.fetch.has_from || !rows->newest || rows->hidden.keys.count > 0)
        return NOT_JUST_ARRIVALS;
    while (arrived < page->count && (!old || nb_key_compare(&page->rows[arrived]->key, &old->key) > 0))
        arrived++;
    if (!old)
        return rows->oldest && !page->more ? arrived : NOT_JUST_ARRIVALS;
    for (size_t i = arrived; i < page->count; i++) {
        if (!old)
            return rows->oldest ? NOT_JUST_ARRIVALS : arrived;
        if (nb_key_compare(&page->rows[i]->key, &old->key) != 0 || !counts->rows->kind->same(page->rows[i], old))
            return NOT_JUST_ARRIVALS;
        old = next_of_page(rows, &index);
    }
    return old && !page->more ? NOT_JUST_ARRIVALS : arrived;
}

static void add(struct view_counts *counts, const struct nb_page *page, size_t arrived)
{
    counter_add(&counts->matched, (int64_t)arrived);
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++) {
        int64_t counted = 0;

        for (size_t j = 0; j < arrived; j++)
            counted += counts->figures[i].kind->counts(page->rows[j]);
        counter_add(&counts->figures[i].counter, counted);
    }
    if (is_away(counts))
        counter_refresh(&counts->arrived);
}

void view_counts_reread(struct view_counts *counts, const struct nb_page *page)
{
    size_t arrived;

    if (!counts->due)
        return;
    counts->due = false;
    arrived = nb_filter_is_empty(counts->rows->filter) ? arrivals_of(counts, page) : NOT_JUST_ARRIVALS;
    if (arrived > 0 && arrived != NOT_JUST_ARRIVALS)
        add(counts, page, arrived);
    else
        ask(counts);
}

void view_counts_overtaken(struct view_counts *counts)
{
    if (!counts->due || counts->rows->window.dirty || counts->rows->window.in_flight == LIST_FETCH_REREAD)
        return;
    counts->due = false;
    ask(counts);
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
    for (size_t i = 0; i < counts->rows->kind->figure_count; i++)
        counter_clear(&counts->figures[i].counter);
}
