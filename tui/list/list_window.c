/*
 * list_window.c - decides what to fetch, and applies the answers. For the cursor see list_move.c.
 */
#include "tui/list/list_window_internal.h"

#include <stdlib.h>

#include "base/error.h"

#define PAGE_LEAST     64
#define MARGIN_LEAST   32
#define CAPACITY_PAGES 6

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
    nb_free(&window->since);
    *window = (struct list_window){.ticket = window->ticket + 1};
}

struct nb_place window_place_of(const struct list_window *window, const struct nb_row *row)
{
    return list_rows_place(&window->rows, row);
}

static int compare_last(const struct list_window *window, const struct nb_page *page, const struct nb_place *place)
{
    struct nb_place last = window_place_of(window, page->rows[page->count - 1]);

    return nb_place_compare(&last, place);
}

static bool page_has(const struct nb_page *page, const struct nb_key *key)
{
    for (size_t i = 0; i < page->count; i++)
        if (nb_key_compare(&page->rows[i]->key, key) == 0)
            return true;
    return false;
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
        .from = window->wanted_place,
        .inclusive = true,
        .limit = page_size(window),
    };

    window->loading = window->wanted;
    window->wanted = LIST_LOAD_NONE;
    window->dirty = window->due = false;
    window->round_in_flight = ++window->rounds;
    begin(window, LIST_FETCH_LOAD, &fetch);
}

/* Re-reads the visible rows and a page on either side in one query. Where the run reaches the newest row the query
 * starts there, so that new rows come with the same answer. */
static void begin_reread(struct list_window *window)
{
    size_t page = page_size(window);
    size_t count = window->rows.items.count;
    size_t first = window->top > page ? window->top - page : 0;
    struct list_fetch fetch = {.direction = NB_OLDER, .inclusive = true};

    if (count > 0 && (first > 0 || !window->rows.newest)) {
        fetch.has_from = true;
        fetch.from = window_place_of(window, window->rows.items.data[first].row);
    } else {
        first = 0;
    }
    fetch.limit = smaller(LIST_FETCH_MAX, window->top + window->height + page - first);
    window->dirty = window->due = false;
    window->round_in_flight = ++window->rounds;
    begin(window, LIST_FETCH_REREAD, &fetch);
}

static void begin_changes(struct list_window *window)
{
    window->due = false;
    window->round_in_flight = ++window->rounds;
    window->in_flight = LIST_FETCH_CHANGES;
    window->ticket++;
    window->source.fetch_changes(window->source.arg, window->ticket, window->since);
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
    struct nb_place first, last;
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
    if ((window->dirty || (window->due && (!window->since || !window->source.fetch_changes))) && !window->frozen)
        begin_reread(window);
    else if (window->due && !window->frozen)
        begin_changes(window);
    else
        begin_prefetch(window);
}

void window_changed(struct list_window *window)
{
    plan(window);
    window->source.changed(window->source.arg);
}

/* A jump replaces the fetch in flight. */
void window_want(struct list_window *window, enum list_load load, const struct nb_place *place, size_t line, bool anew)
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
    if (place)
        window->wanted_place = *place;
}

/* ---- applying answers ---- */

static void fail(struct list_window *window, enum list_step step, const struct nb_error *err)
{
    window->failed = true;
    window->error = *err;
    window->pending_move = 0;
    window->jumping = false;
    if (step == LIST_FETCH_LOAD || step == LIST_FETCH_ABOVE) {
        window->wanted = window->loading;
        nb_page_free(&window->held);
    } else if (step == LIST_FETCH_REREAD || step == LIST_FETCH_CHANGES) {
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
    free(window->since); /* the older of the two pages was read first */
    window->since = nb_strdup(older->look);
    list_rows_replace(&window->rows, newer, older, keep ? window->top : 0, keep ? window->top + window->height : 0);
    window->loaded = true;
    window->superseded = false;
    window->sticky_due = true;
    window_place(window);
}

static void accept_load(struct list_window *window, struct nb_page *page)
{
    if (window->loading == LIST_LOAD_AROUND) {
        struct list_fetch fetch = {
            .direction = NB_NEWER, .has_from = true, .from = window->wanted_place, .limit = page_size(window)};

        window->held = page;
        begin(window, LIST_FETCH_ABOVE, &fetch);
        return;
    }
    if (window->loading == LIST_LOAD_NEWEST) {
        window->rows.newest = true;
        window->rows.oldest = !page->more;
        window->following = true;
        /* the cursor's row is below this page: the cursor moves to the newest row */
        if (page->more && window->has_cursor && page->count > 0 && !page_has(page, &window->cursor_place.key) &&
            compare_last(window, page, &window->cursor_place) > 0)
            window->has_cursor = false;
        window->line = 0;
    } else {
        window->rows.oldest = true;
        window->rows.newest = !page->more;
        window->following = false;
        window->has_cursor = page->count > 0;
        if (page->count > 0)
            window->cursor_place = window_place_of(window, page->rows[page->count - 1]);
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
        window->cursor_place = window->wanted_place;
        window->has_cursor = true;
        window->line = window->wanted_line;
    }
    window->jumping = false;
    install(window, page, older, !window->wanted_anew);
    resume_move(window);
}

/* Takes a re-read that contains the cursor's place. When a burst of new rows has pushed it off the page, fetches one
 * around the cursor. */
static void accept_reread(struct list_window *window, struct nb_page *page)
{
    bool from_newest = !window->fetch.has_from;
    bool empty_middle = page->count == 0 && !from_newest;
    bool has_cursor_row = page_has(page, &window->cursor_place.key);
    bool short_of_cursor = page->more && page->count > 0 && compare_last(window, page, &window->cursor_place) > 0;
    bool past_cursor = !from_newest && nb_place_compare(&window->fetch.from, &window->cursor_place) < 0;

    if (window->has_cursor && !has_cursor_row && (empty_middle || short_of_cursor || past_cursor)) {
        nb_page_free(&page);
        window_want(window, LIST_LOAD_AROUND, &window->cursor_place, window->line, false);
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
    window_place(window);
    resume_move(window);
    if (window->pending_move == 0) {
        size_t around = page_size(window);

        list_rows_trim(&window->rows, window->top > around ? window->top - around : 0,
                       window->top + window->height + around, CAPACITY_PAGES * around);
        window_place(window);
    }
}

/* The cursor stays on its row, wherever that has moved: out of the loaded rows as well. */
static void follow_row(struct list_window *window, const struct nb_row *now)
{
    struct nb_place place = window_place_of(window, now);

    if (!window->has_cursor || nb_key_compare(&place.key, &window->cursor_place.key) != 0 ||
        nb_place_compare(&place, &window->cursor_place) == 0)
        return;
    window->cursor_place = place;
    if (list_rows_cover(&window->rows, &place))
        return;
    window_want(window, LIST_LOAD_AROUND, &place, window->line, true);
    window->jumping = true;
}

static void accept_sticky(struct list_window *window, struct nb_page *page)
{
    list_rows_refresh_sticky(&window->rows, window->asked, window->asked_count, page);
    window->round = window->round_in_flight;
    for (size_t i = 0; i < page->count; i++)
        follow_row(window, page->rows[i]);
    nb_page_free(&page);
    if (!window->jumping)
        window_place(window);
}

/* Merges changes. Re-reads the window when there are too many of them, or no rows to merge them into. */
static void accept_changes(struct list_window *window, struct nb_changes *changes)
{
    struct list_rows *rows = &window->rows;
    struct nb_place first, last;

    window->dirty |= !changes->known || changes->more || rows->pages.count == 0;
    if (window->dirty)
        return;
    if (window->source.merging)
        window->source.merging(window->source.arg, changes);
    list_rows_merge(rows, changes->items, changes->count, window->top, window->top + window->height);
    free(window->since);
    window->since = nb_strdup(changes->look);
    free(rows->pages.data[0]->snapshot);
    rows->pages.data[0]->snapshot = nb_strdup(changes->snapshot);
    window->round = window->round_in_flight;
    window->dirty = rows->items.count > CAPACITY_PAGES * page_size(window) ||
                    (!list_rows_ends(rows, &first, &last) && !(rows->newest && rows->oldest));
    for (size_t i = 0; i < changes->count; i++)
        if (!changes->items[i].gone)
            follow_row(window, changes->items[i].row);
    if (!window->jumping)
        window_place(window);
}

/* Ends the fetch in flight. False: another fetch has replaced it, so the answer is dropped. */
static bool take_answer(struct list_window *window, unsigned ticket, const struct nb_error *err)
{
    enum list_step step = window->in_flight;

    if (step == LIST_IDLE || ticket != window->ticket)
        return false;
    window->in_flight = LIST_IDLE;
    if (err)
        fail(window, step, err);
    return true;
}

void list_window_merge(struct list_window *window, unsigned ticket, struct nb_changes *changes_take,
                       const struct nb_error *err)
{
    if (take_answer(window, ticket, err)) {
        if (!err)
            accept_changes(window, changes_take);
        window_changed(window);
    }
    nb_changes_free(&changes_take);
}

void list_window_answer(struct list_window *window, unsigned ticket, struct nb_page *page_take,
                        const struct nb_error *err)
{
    enum list_step step = window->in_flight;

    if (!take_answer(window, ticket, err)) {
        nb_page_free(&page_take);
        return;
    }
    switch (err ? LIST_IDLE : step) {
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
    case LIST_FETCH_CHANGES: /* answered by list_window_merge() */
    case LIST_IDLE:
        break;
    }
    window_changed(window);
}

/* ---- requests of a person ---- */

void list_window_sort(struct list_window *window, const struct nb_order *order)
{
    const struct nb_row *row = list_window_current(window);

    window->rows.order = order;
    if (row && window->has_cursor)
        window->cursor_place = window_place_of(window, row);
    list_window_reset(window);
}

void list_window_reset(struct list_window *window)
{
    bool at_top = window->following || !window->has_cursor;

    window->superseded = true; /* the sticky rows go with the first answer */
    window_want(window, at_top ? LIST_LOAD_NEWEST : LIST_LOAD_AROUND, &window->cursor_place, window->line, true);
    window_changed(window);
}

void list_window_set_height(struct list_window *window, size_t height)
{
    if (height == window->height)
        return;
    window->height = height;
    if (window->line >= height)
        window->line = height > 0 ? height - 1 : 0;
    window_place(window);
    plan(window);
}

void list_window_look(struct list_window *window)
{
    window->due = true;
    window->failed = false;
    plan(window);
}

bool list_window_is_settled(const struct list_window *window)
{
    if (window->failed)
        return true;
    return window->loaded && !window->superseded && !window->jumping && window->wanted == LIST_LOAD_NONE &&
           window->pending_move == 0 && window->in_flight != LIST_FETCH_LOAD && window->in_flight != LIST_FETCH_ABOVE;
}

bool list_window_is_looking(const struct list_window *window)
{
    return window->dirty || window->due || window->in_flight == LIST_FETCH_REREAD ||
           window->in_flight == LIST_FETCH_CHANGES;
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
    window_changed(window);
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
    window_place(window);
    window_changed(window);
}

/* ---- for drawing ---- */

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

bool list_window_top_place(const struct list_window *window, struct nb_place *place)
{
    if (window->top >= window->rows.items.count)
        return false;
    *place = window_place_of(window, window->rows.items.data[window->top].row);
    return true;
}
