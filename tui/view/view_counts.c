/*
 * view_counts.c - the figures of a view: how many match its filter, how many there are in all, how many came meanwhile, and
 * those beside its name. They are counted in the database. What only arrives at the top of an unfiltered list is added at
 * once, without asking; a count that follows by itself, a moment later, proves it.
 */
#include "tui/view/view_counts.h"

#include "tui/console/console_state.h"

/* ---- what is asked for ---- */

static struct nb_request *ask_matched(void *arg, nb_count_done *done, void *done_arg)
{
    struct view *view = arg;

    return nb_page_count(view->console->host.connection, view->kind->subject, view->filter, done, done_arg);
}

static struct nb_request *ask_terms(struct view *view, const char *terms, nb_count_done *done, void *done_arg)
{
    struct nb_filter *filter = NULL;
    struct nb_request *request;

    if (nb_filter_parse(&filter, view->kind->subject, terms, NULL) < 0)
        return NULL;
    request = nb_page_count(view->console->host.connection, view->kind->subject, filter, done, done_arg);
    nb_filter_free(&filter);
    return request;
}

static struct nb_request *ask_all(void *arg, nb_count_done *done, void *done_arg)
{
    return ask_terms(arg, "", done, done_arg);
}

static struct nb_request *ask_arrived(void *arg, nb_count_done *done, void *done_arg)
{
    struct view *view = arg;
    struct nb_key top;
    bool has_top = !view->window.frozen && list_window_top_key(&view->window, &top);

    if (!view->window.look)
        return NULL;
    return nb_page_count_new(view->console->host.connection, view->kind->subject, view->filter, has_top ? &top : NULL,
                             view->window.look, done, done_arg);
}

static struct nb_request *ask_figure_0(void *arg, nb_count_done *done, void *done_arg)
{
    return ask_terms(arg, ((struct view *)arg)->kind->figures[0].filter, done, done_arg);
}

static struct nb_request *ask_figure_1(void *arg, nb_count_done *done, void *done_arg)
{
    return ask_terms(arg, ((struct view *)arg)->kind->figures[1].filter, done, done_arg);
}

static struct nb_request *ask_figure_2(void *arg, nb_count_done *done, void *done_arg)
{
    return ask_terms(arg, ((struct view *)arg)->kind->figures[2].filter, done, done_arg);
}

static void on_count(void *arg)
{
    struct view *view = arg;

    attention_counts(view->console);
    host_dirty(&view->console->host);
}

/* The list is scrolled away or frozen: what comes is not to be seen. */
static bool is_away(const struct view *view)
{
    return view->window.look && (!view->window.following || view->window.frozen);
}

static void ask(struct view *view)
{
    bool shown = view->console->current == view->kind->context;

    for (size_t i = 0; i < VIEW_FIGURES; i++)
        if (view->kind->figures[i].filter)
            counter_refresh(&view->figures[i]);
    if (!shown)
        return;
    counter_refresh(&view->matched);
    if (!nb_filter_is_empty(view->filter))
        counter_refresh(&view->all);
    if (is_away(view))
        counter_refresh(&view->arrived);
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
static size_t arrivals_of(const struct view *view, const struct nb_page *page)
{
    const struct list_rows *rows = &view->window.rows;
    size_t index = 0, arrived = 0;
    const struct nb_row *old = next_of_page(rows, &index);

    if (view->window.fetch.has_from || !rows->newest || rows->hidden.keys.count > 0)
        return NOT_JUST_ARRIVALS;
    while (arrived < page->count && (!old || nb_key_compare(&page->rows[arrived]->key, &old->key) > 0))
        arrived++;
    if (!old)
        return rows->oldest && !page->more ? arrived : NOT_JUST_ARRIVALS;
    for (size_t i = arrived; i < page->count; i++) {
        if (!old)
            return rows->oldest ? NOT_JUST_ARRIVALS : arrived;
        if (nb_key_compare(&page->rows[i]->key, &old->key) != 0 || !view->kind->same(page->rows[i], old))
            return NOT_JUST_ARRIVALS;
        old = next_of_page(rows, &index);
    }
    return old && !page->more ? NOT_JUST_ARRIVALS : arrived;
}

static void add(struct view *view, const struct nb_page *page, size_t arrived)
{
    counter_add(&view->matched, (int64_t)arrived);
    for (size_t i = 0; i < VIEW_FIGURES; i++) {
        int64_t counted = 0;

        if (!view->kind->figures[i].filter)
            continue;
        for (size_t j = 0; j < arrived; j++)
            counted += view->kind->figures[i].counts(page->rows[j]);
        counter_add(&view->figures[i], counted);
    }
    if (is_away(view))
        counter_refresh(&view->arrived);
}

void view_counts_reread(struct view *view, const struct nb_page *page)
{
    size_t arrived;

    if (!view->counts_due)
        return;
    view->counts_due = false;
    arrived = nb_filter_is_empty(view->filter) ? arrivals_of(view, page) : NOT_JUST_ARRIVALS;
    if (arrived > 0 && arrived != NOT_JUST_ARRIVALS)
        add(view, page, arrived);
    else
        ask(view);
}

void view_counts_overtaken(struct view *view)
{
    if (!view->counts_due || view->window.dirty || view->window.in_flight == LIST_FETCH_REREAD)
        return;
    view->counts_due = false;
    ask(view);
}

void view_counts_bell(struct view *view, bool rows_follow)
{
    view->counts_due = rows_follow && list_window_state(&view->window) == LIST_READY && !view->window.frozen;
    if (!view->counts_due)
        ask(view);
}

void view_counts_hurry(struct view *view)
{
    counter_hurry(&view->matched);
    for (size_t i = 0; i < VIEW_FIGURES; i++)
        if (view->kind->figures[i].filter)
            counter_hurry(&view->figures[i]);
}

void view_counts_init(struct view *view)
{
    static counter_ask *const asks[VIEW_FIGURES] = {ask_figure_0, ask_figure_1, ask_figure_2};
    struct nb_loop *loop = view->console->host.loop;

    counter_init(&view->matched, loop, ask_matched, on_count, view);
    counter_init(&view->all, loop, ask_all, on_count, view);
    counter_init(&view->arrived, loop, ask_arrived, on_count, view);
    for (size_t i = 0; i < VIEW_FIGURES; i++)
        counter_init(&view->figures[i], loop, asks[i], on_count, view);
}

void view_counts_clear(struct view *view)
{
    counter_clear(&view->matched);
    counter_clear(&view->all);
    counter_clear(&view->arrived);
    for (size_t i = 0; i < VIEW_FIGURES; i++)
        counter_clear(&view->figures[i]);
}
