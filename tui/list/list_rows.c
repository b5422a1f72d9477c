/*
 * list_rows.c - merges pages and sticky rows by place.
 */
#include "tui/list/list_rows.h"

#include <stdlib.h>

void list_rows_init(struct list_rows *rows, list_row_copy *copy)
{
    *rows = (struct list_rows){.copy = copy};
}

static void clear_pages(struct list_rows *rows)
{
    for (size_t i = 0; i < rows->pages.count; i++)
        nb_page_free(&rows->pages.data[i]);
    rows->pages.count = 0;
}

void list_rows_unstick_all(struct list_rows *rows)
{
    for (size_t i = 0; i < rows->sticky.count; i++)
        nb_arena_free(&rows->sticky.data[i].arena);
    rows->sticky.count = 0;
}

void list_rows_clear(struct list_rows *rows)
{
    clear_pages(rows);
    list_rows_unstick_all(rows);
    nb_vec_clear(&rows->pages);
    nb_vec_clear(&rows->sticky);
    key_set_clear(&rows->hidden);
    key_set_clear(&rows->in_pages);
    nb_vec_clear(&rows->items);
}

struct nb_place list_rows_place(const struct list_rows *rows, const struct nb_row *row)
{
    return nb_place_of(rows->order, row);
}

/* Of the row and the place, which comes first: below 0 the row, above 0 the place. */
static int compare_row(const struct list_rows *rows, const struct nb_row *row, const struct nb_place *place)
{
    struct nb_place at = list_rows_place(rows, row);

    return -nb_place_compare(&at, place);
}

bool list_rows_ends(const struct list_rows *rows, struct nb_place *first, struct nb_place *last)
{
    bool found = false;

    for (size_t i = 0; i < rows->pages.count; i++) {
        const struct nb_page *page = rows->pages.data[i];

        if (page->count == 0)
            continue;
        if (!found)
            *first = list_rows_place(rows, page->rows[0]);
        *last = list_rows_place(rows, page->rows[page->count - 1]);
        found = true;
    }
    return found;
}

/* A sticky row is shown when its place lies within the run of pages. */
bool list_rows_cover(const struct list_rows *rows, const struct nb_place *place)
{
    struct nb_place first, last;

    if (!list_rows_ends(rows, &first, &last))
        return rows->newest || rows->oldest;
    return (rows->newest || nb_place_compare(place, &first) <= 0) &&
           (rows->oldest || nb_place_compare(place, &last) >= 0);
}

static void push_item(struct list_rows *rows, const struct nb_row *row, bool sticky)
{
    struct list_item item = {.row = row, .sticky = sticky};

    if (!key_set_has(&rows->hidden, &row->key))
        nb_vec_push(&rows->items, item);
}

/* Adds the sticky rows before `place` (all that are left for NULL); skips those that a page has. */
static size_t push_sticky_until(struct list_rows *rows, size_t next, const struct nb_place *place)
{
    for (; next < rows->sticky.count; next++) {
        const struct list_sticky *sticky = &rows->sticky.data[next];

        if (place && nb_place_compare(&sticky->place, place) < 0)
            break;
        if (!key_set_has(&rows->in_pages, &sticky->row->key) && list_rows_cover(rows, &sticky->place))
            push_item(rows, sticky->row, true);
    }
    return next;
}

static void collect_keys(struct list_rows *rows)
{
    NB_VEC(struct nb_key) keys = {0};

    for (size_t p = 0; p < rows->pages.count; p++)
        for (size_t i = 0; i < rows->pages.data[p]->count; i++)
            nb_vec_push(&keys, rows->pages.data[p]->rows[i]->key);
    rows->in_pages.keys.count = 0;
    key_set_add_many(&rows->in_pages, keys.data, keys.count);
    nb_vec_clear(&keys);
}

static void rebuild(struct list_rows *rows)
{
    size_t next_sticky = 0;

    rows->items.count = 0;
    collect_keys(rows);
    for (size_t p = 0; p < rows->pages.count; p++) {
        struct nb_page *page = rows->pages.data[p];

        for (size_t i = 0; i < page->count; i++) {
            struct nb_place place = list_rows_place(rows, page->rows[i]);

            next_sticky = push_sticky_until(rows, next_sticky, &place);
            push_item(rows, page->rows[i], false);
        }
    }
    push_sticky_until(rows, next_sticky, NULL);
}

/* ---- sticky rows ---- */

/* The index of the sticky row with this key; SIZE_MAX: there is none. */
static size_t find_sticky(const struct list_rows *rows, const struct nb_key *key)
{
    for (size_t i = 0; i < rows->sticky.count; i++)
        if (nb_key_compare(&rows->sticky.data[i].row->key, key) == 0)
            return i;
    return SIZE_MAX;
}

static void insert_sticky(struct list_rows *rows, struct list_sticky sticky)
{
    size_t low = 0, high = rows->sticky.count;

    sticky.place = list_rows_place(rows, sticky.row);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (nb_place_compare(&rows->sticky.data[middle].place, &sticky.place) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    nb_vec_insert(&rows->sticky, low, sticky);
}

static void drop_sticky(struct list_rows *rows, size_t index)
{
    nb_arena_free(&rows->sticky.data[index].arena);
    nb_vec_remove(&rows->sticky, index);
}

/* Adds a copy of row to the sticky ones. When there are too many, drops the last one. */
static void add_sticky(struct list_rows *rows, const struct nb_row *row)
{
    struct list_sticky sticky = {.arena = NULL};

    if (find_sticky(rows, &row->key) != SIZE_MAX)
        return;
    sticky.arena = nb_arena_new();
    sticky.row = rows->copy(row, sticky.arena);
    insert_sticky(rows, sticky);
    if (rows->sticky.count > LIST_STICKY_MAX)
        drop_sticky(rows, rows->sticky.count - 1);
}

/* The sticky row as it is now, which may be at another place. */
static void renew_sticky(struct list_rows *rows, size_t index, const struct nb_row *row)
{
    struct list_sticky sticky = {.arena = nb_arena_new()};

    sticky.row = rows->copy(row, sticky.arena);
    drop_sticky(rows, index);
    insert_sticky(rows, sticky);
}

/* ---- pages ---- */

/* A row that moved while the pages were read stands in two of them: only the one that was read last is right. */
static void drop_repeated(struct list_rows *rows, const struct nb_page *last_read)
{
    struct key_set keys = {0};

    if (!rows->order || !rows->order->rank)
        return;
    for (size_t i = 0; i < last_read->count; i++)
        key_set_add(&keys, &last_read->rows[i]->key);
    for (size_t p = 0; p < rows->pages.count; p++) {
        struct nb_page *page = rows->pages.data[p];
        size_t kept = 0;

        for (size_t i = 0; page != last_read && i < page->count; i++)
            if (!key_set_has(&keys, &page->rows[i]->key))
                page->rows[kept++] = page->rows[i];
        if (page != last_read)
            page->count = kept;
    }
    key_set_clear(&keys);
}

void list_rows_replace(struct list_rows *rows, struct nb_page *newer_take, struct nb_page *older_take, size_t keep_from,
                       size_t keep_to)
{
    struct nb_page *taken[] = {newer_take, older_take};
    NB_VEC(struct nb_page *) old = {0};

    for (size_t i = 0; i < rows->pages.count; i++)
        nb_vec_push(&old, rows->pages.data[i]);
    rows->pages.count = 0;
    for (size_t i = 0; i < NB_ARRAY_SIZE(taken); i++)
        if (taken[i])
            nb_vec_push(&rows->pages, taken[i]);
    if (newer_take)
        drop_repeated(rows, newer_take);
    collect_keys(rows);
    for (size_t i = keep_from; i < keep_to && i < rows->items.count; i++) {
        const struct list_item *item = &rows->items.data[i];
        struct nb_place place = list_rows_place(rows, item->row);

        if (!item->sticky && list_rows_cover(rows, &place) && !key_set_has(&rows->in_pages, &item->row->key))
            add_sticky(rows, item->row);
    }
    for (size_t i = 0; i < old.count; i++)
        nb_page_free(&old.data[i]);
    nb_vec_clear(&old);
    rebuild(rows);
}

/* ---- merging changes ---- */

/* The changes in the order of their keys, and of their places, the last one first in both. */
struct merging {
    const struct nb_change *changes;
    size_t count;
    struct placed {
        struct nb_place place;
        const struct nb_change *change;
    } * placed;
};

static int last_first(const void *a, const void *b)
{
    return nb_place_compare(&((const struct placed *)a)->place, &((const struct placed *)b)->place);
}

static const struct nb_change *change_of(const struct merging *merging, const struct nb_key *key)
{
    size_t low = 0, high = merging->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = nb_key_compare(&merging->changes[middle].row->key, key);

        if (order == 0)
            return &merging->changes[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The index of the first of the placed changes that stands at this place or before it. */
static size_t placed_from(const struct merging *merging, size_t count, const struct nb_place *place)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (nb_place_compare(&merging->placed[middle].place, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void merge_sticky(struct list_rows *rows, const struct merging *merging)
{
    for (size_t i = 0; i < merging->count && rows->sticky.count > 0; i++) {
        const struct nb_change *change = &merging->changes[i];
        size_t index = find_sticky(rows, &change->row->key);

        if (index != SIZE_MAX && change->gone)
            drop_sticky(rows, index);
        else if (index != SIZE_MAX)
            renew_sticky(rows, index, change->row);
    }
}

/* Whether a change is of one of the page's rows. */
static bool concerns(const struct merging *merging, const struct nb_page *page)
{
    for (size_t i = 0; i < page->count; i++)
        if (change_of(merging, &page->rows[i]->key))
            return true;
    return false;
}

/* Takes what changed out of the page, and puts the changes from `low` on, before `high`, in where they stand now. */
static void merge_page(const struct list_rows *rows, struct nb_page *page, const struct merging *merging, size_t low,
                       size_t high)
{
    struct nb_row **merged;
    size_t kept = 0, old = 0;

    if (low == high && !concerns(merging, page))
        return;
    merged = nb_arena_alloc(page->arena, (page->count + high - low + 1) * sizeof(merged[0]));
    while (old < page->count || high > low) {
        if (old < page->count && change_of(merging, &page->rows[old]->key)) {
            old++;
            continue;
        }
        if (old < page->count &&
            (high == low || compare_row(rows, page->rows[old], &merging->placed[high - 1].place) < 0)) {
            merged[kept++] = page->rows[old++];
            continue;
        }
        high--;
        if (merging->placed[high].change->matches)
            merged[kept++] = rows->copy(merging->placed[high].change->row, page->arena);
    }
    page->rows = merged;
    page->count = kept;
}

/* From the newest page on, each page takes the changes down to its last row. The last page also takes those below it,
 * if the list ends there. */
static void merge_pages(struct list_rows *rows, const struct merging *merging)
{
    struct nb_place first, last;
    bool any = list_rows_ends(rows, &first, &last);
    size_t high = merging->count;

    if (!rows->newest)
        while (high > 0 && (!any || nb_place_compare(&merging->placed[high - 1].place, &first) > 0))
            high--;
    for (size_t p = 0; p < rows->pages.count; p++) {
        struct nb_page *page = rows->pages.data[p];
        size_t low = high;

        if (p + 1 == rows->pages.count && rows->oldest) {
            low = 0;
        } else if (page->count > 0) {
            last = list_rows_place(rows, page->rows[page->count - 1]);
            low = placed_from(merging, high, &last);
        }
        merge_page(rows, page, merging, low, high);
        high = low;
    }
}

void list_rows_merge(struct list_rows *rows, const struct nb_change *changes, size_t count, size_t keep_from,
                     size_t keep_to)
{
    struct merging merging = {.changes = changes, .count = count};

    merging.placed = nb_calloc(count + 1, sizeof(*merging.placed));
    for (size_t i = 0; i < count; i++)
        merging.placed[i] = (struct placed){list_rows_place(rows, changes[i].row), &changes[i]};
    qsort(merging.placed, count, sizeof(*merging.placed), last_first);
    for (size_t i = keep_from; i < keep_to && i < rows->items.count; i++) {
        const struct list_item *item = &rows->items.data[i];
        const struct nb_change *change = item->sticky ? NULL : change_of(&merging, &item->row->key);

        if (change && !change->matches && !change->gone)
            add_sticky(rows, change->row);
    }
    merge_sticky(rows, &merging);
    merge_pages(rows, &merging);
    free(merging.placed);
    for (size_t p = rows->pages.count; p-- > 0 && rows->pages.count > 1;) {
        if (rows->pages.data[p]->count > 0)
            continue;
        nb_page_free(&rows->pages.data[p]);
        nb_vec_remove(&rows->pages, p);
    }
    rebuild(rows);
}

void list_rows_extend(struct list_rows *rows, struct nb_page *page_take, enum nb_direction direction)
{
    if (direction == NB_OLDER) {
        nb_vec_push(&rows->pages, page_take);
        rows->oldest = !page_take->more;
    } else {
        nb_vec_insert(&rows->pages, 0, page_take);
        rows->newest = !page_take->more;
    }
    drop_repeated(rows, page_take);
    rebuild(rows);
}

void list_rows_trim(struct list_rows *rows, size_t from, size_t to, size_t capacity)
{
    struct nb_place newest_kept, oldest_kept;
    bool dropped = false;

    if (rows->items.count == 0 || from >= rows->items.count || to == 0)
        return;
    newest_kept = list_rows_place(rows, rows->items.data[from].row);
    oldest_kept = list_rows_place(rows, rows->items.data[(to < rows->items.count ? to : rows->items.count) - 1].row);
    while (rows->pages.count > 1 && rows->items.count > capacity) {
        struct nb_page *first = rows->pages.data[0];
        struct nb_page *last = *nb_vec_last(&rows->pages);

        if (first->count == 0 || compare_row(rows, first->rows[first->count - 1], &newest_kept) < 0) {
            nb_page_free(&rows->pages.data[0]);
            nb_vec_remove(&rows->pages, 0);
            rows->newest = false;
        } else if (last->count == 0 || compare_row(rows, last->rows[0], &oldest_kept) > 0) {
            nb_page_free(nb_vec_last(&rows->pages));
            rows->pages.count--;
            rows->oldest = false;
        } else {
            break;
        }
        dropped = true;
        rebuild(rows);
    }
    if (dropped)
        rebuild(rows);
}

/* ---- one row ---- */

/* The index of the first item that stands at this place or behind it. */
static size_t item_from(const struct list_rows *rows, const struct nb_place *place)
{
    size_t low = 0, high = rows->items.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_row(rows, rows->items.data[middle].row, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool item_is(const struct list_rows *rows, size_t index, const struct nb_key *key)
{
    return index < rows->items.count && nb_key_compare(&rows->items.data[index].row->key, key) == 0;
}

size_t list_rows_find(const struct list_rows *rows, const struct nb_place *place)
{
    size_t index = item_from(rows, place);

    if (rows->items.count == 0)
        return SIZE_MAX;
    if (item_is(rows, index, &place->key))
        return index;
    for (size_t i = 0; rows->order && rows->order->rank && i < rows->items.count; i++) /* it may have moved */
        if (item_is(rows, i, &place->key))
            return i;
    return index < rows->items.count ? index : rows->items.count - 1;
}

const struct nb_row *list_rows_get(const struct list_rows *rows, const struct nb_key *key)
{
    struct nb_place place = {.key = *key};
    size_t sticky, index;

    if (!key_set_has(&rows->in_pages, key)) {
        sticky = find_sticky(rows, key);
        if (sticky == SIZE_MAX)
            return NULL;
        place = rows->sticky.data[sticky].place;
    }
    index = list_rows_find(rows, &place);
    return index != SIZE_MAX && item_is(rows, index, key) ? rows->items.data[index].row : NULL;
}

void list_rows_stick(struct list_rows *rows, const struct nb_key *key)
{
    const struct nb_row *row = list_rows_get(rows, key);

    if (row)
        add_sticky(rows, row);
}

void list_rows_hide(struct list_rows *rows, const struct nb_key *keys, size_t count)
{
    key_set_add_many(&rows->hidden, keys, count);
    rebuild(rows);
}

void list_rows_unhide(struct list_rows *rows, const struct nb_key *keys, size_t count)
{
    key_set_remove_many(&rows->hidden, keys, count);
    rebuild(rows);
}

struct nb_key *list_rows_sticky_keys(const struct list_rows *rows, size_t *count)
{
    NB_VEC(struct nb_key) keys = {0};

    for (size_t i = 0; i < rows->sticky.count; i++) {
        const struct list_sticky *sticky = &rows->sticky.data[i];

        if (list_rows_cover(rows, &sticky->place) && !key_set_has(&rows->in_pages, &sticky->row->key))
            nb_vec_push(&keys, sticky->row->key);
    }
    *count = keys.count;
    return keys.data;
}

void list_rows_refresh_sticky(struct list_rows *rows, const struct nb_key *asked, size_t asked_count,
                              const struct nb_page *page)
{
    for (size_t i = 0; i < asked_count; i++) {
        const struct nb_row *fresh = NULL;
        size_t index = find_sticky(rows, &asked[i]);

        if (index == SIZE_MAX)
            continue;
        for (size_t j = 0; j < page->count && !fresh; j++)
            if (nb_key_compare(&page->rows[j]->key, &asked[i]) == 0)
                fresh = page->rows[j];
        if (fresh)
            renew_sticky(rows, index, fresh);
        else
            drop_sticky(rows, index);
    }
    rebuild(rows);
}
