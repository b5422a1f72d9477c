/*
 * list_window.c - what to fetch next, what an answer means, and where the cursor is afterwards.
 */
#include "tui/list/list_window.h"

#include <stdlib.h>

#include "base/error.h"

#define PAGE_LEAST     64
#define MARGIN_LEAST   32
#define CAPACITY_PAGES 6
#define SCROLL_MARGIN  2
#define PENDING_MOST   100000

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t page_size(const struct list_window *window)
{
    return larger(PAGE_LEAST, smaller(2 * window->height, LIST_FETCH_MAX / 4));
}

void list_window_init(struct list_window *window, const struct list_source *source)
{
    *window = (struct list_window){.source = *source, .following = true, .wanted = LIST_LOAD_NEWEST};
    list_rows_init(&window->rows, source->copy);
}

void list_window_clear(struct list_window *window)
{
    if (window->in_flight != LIST_IDLE)
        window->source.cancel(window->source.arg);
    list_rows_clear(&window->rows);
    nb_page_free(&window->held);
    nb_free(&window->asked);
    nb_free(&window->look);
    *window = (struct list_window){.ticket = window->ticket + 1};
}

/* ---- where the cursor and the view are ---- */

static void note_look(struct list_window *window)
{
    const char *snapshot;

    window->following = window->top == 0 && window->rows.newest;
    if (!window->following || window->frozen || window->rows.pages.count == 0)
        return;
    snapshot = window->rows.pages.data[0]->snapshot;
    if (snapshot && (!window->look || strcmp(window->look, snapshot) != 0)) {
        free(window->look);
        window->look = nb_strdup(snapshot);
    }
}

static void keep_view_inside(struct list_window *window)
{
    size_t count = window->rows.items.count;

    if (window->cursor >= window->top + window->height)
        window->top = window->cursor - window->height + 1;
    if (window->cursor < window->top)
        window->top = window->cursor;
    if (window->top + window->height > count)
        window->top = count > window->height ? count - window->height : 0;
}

/* Finds the cursor's row again after the rows have changed, and puts the view around it. */
static void place(struct list_window *window)
{
    size_t count = window->rows.items.count;

    if (count == 0) {
        window->cursor = window->top = window->line = 0;
        window->has_cursor = false;
        note_look(window);
        return;
    }
    window->cursor = window->has_cursor ? list_rows_find(&window->rows, &window->cursor_key) : 0;
    window->cursor_key = window->rows.items.data[window->cursor].row->key;
    window->has_cursor = true;
    if (window->height == 0)
        return;
    if (window->following && window->rows.newest) {
        window->top = 0;
        keep_view_inside(window);
        window->line = window->cursor - window->top;
    } else {
        window->top = window->cursor > window->line ? window->cursor - window->line : 0;
        keep_view_inside(window);
    }
    note_look(window);
}

static void set_cursor(struct list_window *window, size_t index)
{
    window->cursor = index;
    window->cursor_key = window->rows.items.data[index].row->key;
    window->has_cursor = true;
}

/* ---- what to fetch ---- */

static void begin(struct list_window *window, enum list_step step, const struct list_fetch *fetch)
{
    window->in_flight = step;
    window->fetch = *fetch;
    window->ticket++;
    window->source.fetch(window->source.arg, window->ticket, fetch);
}

static void begin_load(struct list_window *window)
{
    struct list_fetch fetch = {
        .direction = window->wanted == LIST_LOAD_OLDEST ? NB_NEWER : NB_OLDER,
        .has_from = window->wanted == LIST_LOAD_AROUND,
        .from = window->wanted_key,
        .inclusive = true,
        .limit = page_size(window),
    };

    window->loading = window->wanted;
    window->wanted = LIST_LOAD_NONE;
    window->dirty = false;
    window->round_in_flight = ++window->rounds;
    begin(window, LIST_FETCH_LOAD, &fetch);
}

/* One query reads the visible rows and a page on either side of them again. From the newest where the run reaches it,
 * so that arrivals come with the same answer. */
static void begin_reread(struct list_window *window)
{
    size_t page = page_size(window);
    size_t count = window->rows.items.count;
    size_t first = window->top > page ? window->top - page : 0;
    struct list_fetch fetch = {.direction = NB_OLDER, .inclusive = true};

    if (count > 0 && (first > 0 || !window->rows.newest)) {
        fetch.has_from = true;
        fetch.from = window->rows.items.data[first].row->key;
    } else {
        first = 0;
    }
    fetch.limit = smaller(LIST_FETCH_MAX, window->top + window->height + page - first);
    window->dirty = false;
    window->round_in_flight = ++window->rounds;
    begin(window, LIST_FETCH_REREAD, &fetch);
}

static bool begin_sticky(struct list_window *window)
{
    window->sticky_due = false;
    nb_free(&window->asked);
    window->asked = list_rows_sticky_keys(&window->rows, &window->asked_count);
    if (window->asked_count == 0) {
        window->round = window->round_in_flight;
        return false;
    }
    window->in_flight = LIST_FETCH_STICKY;
    window->ticket++;
    window->source.fetch_keys(window->source.arg, window->ticket, window->asked, window->asked_count);
    return true;
}

static void begin_prefetch(struct list_window *window)
{
    size_t margin = larger(window->height, MARGIN_LEAST);
    size_t end = smaller(window->top + window->height, window->rows.items.count);
    size_t below = window->rows.items.count - end;
    struct list_fetch fetch = {.has_from = true, .limit = page_size(window)};
    struct nb_key first, last;
    bool older = !window->rows.oldest && (below < margin || window->pending_move > 0);
    bool newer = !window->rows.newest && (window->top < margin || window->pending_move < 0);

    if (!list_rows_ends(&window->rows, &first, &last))
        return;
    if (older && newer && (window->pending_move < 0 || (window->pending_move == 0 && window->top < below)))
        older = false;
    if (window->pending_move != 0)
        fetch.limit = smaller(LIST_FETCH_MAX, fetch.limit + (size_t)llabs(window->pending_move));
    fetch.direction = older ? NB_OLDER : NB_NEWER;
    fetch.from = older ? last : first;
    if (older || newer)
        begin(window, older ? LIST_FETCH_OLDER : LIST_FETCH_NEWER, &fetch);
}

static void plan(struct list_window *window)
{
    if (window->in_flight != LIST_IDLE || window->failed || window->height == 0)
        return;
    if (window->wanted != LIST_LOAD_NONE) {
        begin_load(window);
        return;
    }
    if (!window->loaded || (window->sticky_due && begin_sticky(window)))
        return;
    if (window->dirty && !window->frozen)
        begin_reread(window);
    else
        begin_prefetch(window);
}

static void changed(struct list_window *window)
{
    plan(window);
    window->source.changed(window->source.arg);
}

/* A jump overtakes whatever is in flight. */
static void want(struct list_window *window, enum list_load load, const struct nb_key *key, size_t line, bool anew)
{
    if (window->in_flight != LIST_IDLE) {
        window->source.cancel(window->source.arg);
        window->ticket++;
        window->in_flight = LIST_IDLE;
    }
    nb_page_free(&window->held);
    window->failed = false;
    window->sticky_due = false;
    window->pending_move = 0;
    window->jumping = false;
    window->wanted = load;
    window->wanted_anew = anew;
    window->wanted_line = line;
    if (key)
        window->wanted_key = *key;
}

/* ---- what an answer means ---- */

static void fail(struct list_window *window, enum list_step step, const struct nb_error *err)
{
    window->failed = true;
    window->error = *err;
    window->pending_move = 0;
    window->jumping = false;
    if (step == LIST_FETCH_LOAD || step == LIST_FETCH_ABOVE) {
        window->wanted = window->loading;
        nb_page_free(&window->held);
    } else if (step == LIST_FETCH_REREAD) {
        window->dirty = true;
    } else if (step == LIST_FETCH_STICKY) {
        window->sticky_due = true;
    }
}

static void resume_move(struct list_window *window)
{
    int64_t left = window->pending_move;

    window->pending_move = 0;
    if (left != 0 && window->pending_page)
        list_window_page(window, left);
    else if (left != 0)
        list_window_move(window, left);
}

static void install(struct list_window *window, struct nb_page *newer, struct nb_page *older, bool keep)
{
    if (window->superseded) {
        list_rows_unstick_all(&window->rows);
        key_set_clear(&window->rows.hidden);
        keep = false;
    }
    list_rows_replace(&window->rows, newer, older, keep ? window->top : 0, keep ? window->top + window->height : 0);
    window->loaded = true;
    window->superseded = false;
    window->sticky_due = true;
    place(window);
}

static void accept_load(struct list_window *window, struct nb_page *page)
{
    if (window->loading == LIST_LOAD_AROUND) {
        struct list_fetch fetch = {
            .direction = NB_NEWER, .has_from = true, .from = window->wanted_key, .limit = page_size(window)};

        window->held = page;
        begin(window, LIST_FETCH_ABOVE, &fetch);
        return;
    }
    if (window->loading == LIST_LOAD_NEWEST) {
        window->rows.newest = true;
        window->rows.oldest = !page->more;
        window->following = true;
        /* where the row that the cursor was on is too far down for this page, it is the newest that counts */
        if (page->more && window->has_cursor && page->count > 0 &&
            nb_key_compare(&page->rows[page->count - 1]->key, &window->cursor_key) > 0)
            window->has_cursor = false;
        window->line = 0;
    } else {
        window->rows.oldest = true;
        window->rows.newest = !page->more;
        window->following = false;
        window->has_cursor = page->count > 0;
        if (page->count > 0)
            window->cursor_key = page->rows[page->count - 1]->key;
        window->line = window->height - 1;
    }
    window->jumping = false;
    install(window, NULL, page, false);
    resume_move(window);
}

static void accept_above(struct list_window *window, struct nb_page *page)
{
    struct nb_page *older = window->held;

    window->held = NULL;
    window->rows.oldest = !older->more;
    window->rows.newest = !page->more;
    if (window->wanted_anew)
        window->following = false;
    if (window->jumping) {
        window->cursor_key = window->wanted_key;
        window->has_cursor = true;
        window->line = window->wanted_line;
    }
    window->jumping = false;
    install(window, page, older, !window->wanted_anew);
    resume_move(window);
}

/* An answer that does not reach the cursor (a burst pushed it out of reach) is replaced by one around the cursor. */
static void accept_reread(struct list_window *window, struct nb_page *page)
{
    bool from_newest = !window->fetch.has_from;
    bool empty_middle = page->count == 0 && !from_newest;
    bool short_of_cursor = page->more && window->has_cursor && page->count > 0 &&
                           nb_key_compare(&page->rows[page->count - 1]->key, &window->cursor_key) > 0;
    bool past_cursor =
        !from_newest && window->has_cursor && nb_key_compare(&window->fetch.from, &window->cursor_key) < 0;

    if (window->source.reread)
        window->source.reread(window->source.arg, page);
    if (window->has_cursor && (empty_middle || short_of_cursor || past_cursor)) {
        nb_page_free(&page);
        want(window, LIST_LOAD_AROUND, &window->cursor_key, window->line, false);
        return;
    }
    window->rows.oldest = !page->more;
    window->rows.newest = from_newest;
    install(window, NULL, page, true);
}

static void accept_more(struct list_window *window, struct nb_page *page, enum nb_direction direction)
{
    if (page->count == 0) {
        *(direction == NB_OLDER ? &window->rows.oldest : &window->rows.newest) = true;
        nb_page_free(&page);
    } else {
        list_rows_extend(&window->rows, page, direction);
    }
    place(window);
    resume_move(window);
    if (window->pending_move == 0) {
        size_t around = page_size(window);

        list_rows_trim(&window->rows, window->top > around ? window->top - around : 0,
                       window->top + window->height + around, CAPACITY_PAGES * around);
        place(window);
    }
}

static void accept_sticky(struct list_window *window, struct nb_page *page)
{
    list_rows_refresh_sticky(&window->rows, window->asked, window->asked_count, page);
    nb_page_free(&page);
    window->round = window->round_in_flight;
    place(window);
}

void list_window_answer(struct list_window *window, unsigned ticket, struct nb_page *page_take,
                        const struct nb_error *err)
{
    enum list_step step = window->in_flight;

    if (step == LIST_IDLE || ticket != window->ticket) {
        nb_page_free(&page_take);
        return;
    }
    window->in_flight = LIST_IDLE;
    if (err) {
        fail(window, step, err);
        changed(window);
        return;
    }
    switch (step) {
    case LIST_FETCH_LOAD:
        accept_load(window, page_take);
        break;
    case LIST_FETCH_ABOVE:
        accept_above(window, page_take);
        break;
    case LIST_FETCH_REREAD:
        accept_reread(window, page_take);
        break;
    case LIST_FETCH_OLDER:
        accept_more(window, page_take, NB_OLDER);
        break;
    case LIST_FETCH_NEWER:
        accept_more(window, page_take, NB_NEWER);
        break;
    case LIST_FETCH_STICKY:
        accept_sticky(window, page_take);
        break;
    case LIST_IDLE:
        break;
    }
    changed(window);
}

/* ---- what a person asks for ---- */

void list_window_reset(struct list_window *window)
{
    bool at_top = window->following || !window->has_cursor;

    window->superseded = true; /* with the first answer the sticky rows go */
    want(window, at_top ? LIST_LOAD_NEWEST : LIST_LOAD_AROUND, &window->cursor_key, window->line, true);
    changed(window);
}

void list_window_set_height(struct list_window *window, size_t height)
{
    if (height == window->height)
        return;
    window->height = height;
    if (window->line >= height)
        window->line = height > 0 ? height - 1 : 0;
    place(window);
    plan(window);
}

/* Moves the cursor as far as there are rows, and remembers the rest until more of them are here. */
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
            window->pending_move = smaller((size_t)(target - count + 1), PENDING_MOST);
        target = count - 1;
    }
    set_cursor(window, (size_t)target);
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
    keep_view_inside(window);
    window->line = window->cursor - window->top;
    note_look(window);
    changed(window);
}

void list_window_page(struct list_window *window, int64_t delta)
{
    advance(window, delta, true);
    window->top = window->cursor > window->line ? window->cursor - window->line : 0;
    keep_view_inside(window);
    if (window->pending_move == 0)
        window->line = window->cursor - window->top;
    note_look(window);
    changed(window);
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
        set_cursor(window, window->top);
    if (window->cursor >= window->top + window->height)
        set_cursor(window, window->top + window->height - 1);
    window->line = window->cursor - window->top;
    note_look(window);
    changed(window);
}

void list_window_select(struct list_window *window, size_t index)
{
    if (index >= window->rows.items.count)
        return;
    window->pending_move = 0;
    set_cursor(window, index);
    keep_view_inside(window);
    window->line = window->cursor - window->top;
    note_look(window);
    changed(window);
}

void list_window_place(struct list_window *window, size_t line)
{
    if (window->rows.items.count == 0 || window->height == 0)
        return;
    window->line = smaller(line, window->height - 1);
    window->top = window->cursor > window->line ? window->cursor - window->line : 0;
    keep_view_inside(window);
    note_look(window);
    changed(window);
}

/* Whether what is loaded may say where the list ends: not while the answer to "what is there now" is on its way. */
static bool knows_ends(const struct list_window *window)
{
    return window->loaded && !window->superseded && (!window->dirty || window->frozen) &&
           window->in_flight != LIST_FETCH_REREAD;
}

void list_window_newest(struct list_window *window)
{
    if (window->rows.newest && knows_ends(window)) {
        list_window_select(window, 0);
        return;
    }
    window->has_cursor = false;
    want(window, LIST_LOAD_NEWEST, NULL, 0, true);
    window->jumping = true;
    changed(window);
}

void list_window_oldest(struct list_window *window)
{
    if (window->rows.oldest && knows_ends(window)) {
        list_window_select(window, window->rows.items.count > 0 ? window->rows.items.count - 1 : 0);
        return;
    }
    want(window, LIST_LOAD_OLDEST, NULL, 0, true);
    window->jumping = true;
    changed(window);
}

void list_window_goto(struct list_window *window, const struct nb_key *key)
{
    if (list_rows_get(&window->rows, key) && !window->superseded) {
        list_window_select(window, list_rows_find(&window->rows, key));
        return;
    }
    want(window, LIST_LOAD_AROUND, key, window->height / 2, true);
    window->jumping = true;
    changed(window);
}

void list_window_reread(struct list_window *window)
{
    window->dirty = true;
    window->failed = false;
    plan(window);
}

void list_window_freeze(struct list_window *window, bool frozen)
{
    window->frozen = frozen;
    if (!frozen)
        window->dirty = true;
    changed(window);
}

void list_window_stick(struct list_window *window, const struct nb_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list_rows_stick(&window->rows, &keys[i]);
}

void list_window_hide(struct list_window *window, const struct nb_key *keys, size_t count, bool hidden)
{
    if (hidden)
        list_rows_hide(&window->rows, keys, count);
    else
        list_rows_unhide(&window->rows, keys, count);
    place(window);
    changed(window);
}

/* ---- what there is to see ---- */

enum list_state list_window_state(const struct list_window *window)
{
    if (window->failed)
        return LIST_FAILED;
    return window->loaded ? LIST_READY : LIST_LOADING;
}

size_t list_window_count(const struct list_window *window)
{
    return window->rows.items.count;
}

const struct list_item *list_window_item(const struct list_window *window, size_t index)
{
    return index < window->rows.items.count ? &window->rows.items.data[index] : NULL;
}

const struct nb_row *list_window_current(const struct list_window *window)
{
    return window->rows.items.count > 0 ? window->rows.items.data[window->cursor].row : NULL;
}

bool list_window_top_key(const struct list_window *window, struct nb_key *key)
{
    if (window->top >= window->rows.items.count)
        return false;
    *key = window->rows.items.data[window->top].row->key;
    return true;
}
