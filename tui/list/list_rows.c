/*
 * list_rows.c - merges pages and sticky rows by key.
 */
#include "tui/list/list_rows.h"

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
    nb_vec_clear(&rows->items);
}

bool list_rows_ends(const struct list_rows *rows, struct nb_key *first, struct nb_key *last)
{
    bool found = false;

    for (size_t i = 0; i < rows->pages.count; i++) {
        const struct nb_page *page = rows->pages.data[i];

        if (page->count == 0)
            continue;
        if (!found)
            *first = page->rows[0]->key;
        *last = page->rows[page->count - 1]->key;
        found = true;
    }
    return found;
}

/* A sticky row is shown when its place lies within the run of pages. */
bool list_rows_cover(const struct list_rows *rows, const struct nb_key *key)
{
    struct nb_key first, last;

    if (!list_rows_ends(rows, &first, &last))
        return rows->newest || rows->oldest;
    return (rows->newest || nb_key_compare(key, &first) <= 0) && (rows->oldest || nb_key_compare(key, &last) >= 0);
}

static void push_item(struct list_rows *rows, const struct nb_row *row, bool sticky)
{
    struct list_item item = {.row = row, .sticky = sticky};

    if (!key_set_has(&rows->hidden, &row->key))
        nb_vec_push(&rows->items, item);
}

/* Adds the sticky rows newer than `key` (all that are left for NULL); skips the one equal to it, because its page has
 * it. */
static size_t push_sticky_until(struct list_rows *rows, size_t next, const struct nb_key *key)
{
    while (next < rows->sticky.count) {
        const struct list_sticky *sticky = &rows->sticky.data[next];
        int order = key == NULL ? 1 : nb_key_compare(&sticky->key, key);

        if (order < 0)
            break;
        if (order > 0 && list_rows_cover(rows, &sticky->key))
            push_item(rows, sticky->row, true);
        next++;
    }
    return next;
}

static void rebuild(struct list_rows *rows)
{
    size_t next_sticky = 0;

    rows->items.count = 0;
    for (size_t p = 0; p < rows->pages.count; p++) {
        struct nb_page *page = rows->pages.data[p];

        for (size_t i = 0; i < page->count; i++) {
            next_sticky = push_sticky_until(rows, next_sticky, &page->rows[i]->key);
            push_item(rows, page->rows[i], false);
        }
    }
    push_sticky_until(rows, next_sticky, NULL);
}

static size_t sticky_position(const struct list_rows *rows, const struct nb_key *key, bool *found)
{
    size_t low = 0, high = rows->sticky.count;

    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = nb_key_compare(&rows->sticky.data[middle].key, key);

        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void drop_sticky(struct list_rows *rows, size_t index)
{
    nb_arena_free(&rows->sticky.data[index].arena);
    nb_vec_remove(&rows->sticky, index);
}

/* Adds a copy of row to the sticky ones. When there are too many, drops the one with the oldest key. */
static void add_sticky(struct list_rows *rows, const struct nb_row *row)
{
    bool found;
    size_t position = sticky_position(rows, &row->key, &found);
    struct list_sticky sticky = {.key = row->key};

    if (found)
        return;
    sticky.arena = nb_arena_new();
    sticky.row = rows->copy(row, sticky.arena);
    nb_vec_insert(&rows->sticky, position, sticky);
    if (rows->sticky.count > LIST_STICKY_MAX)
        drop_sticky(rows, rows->sticky.count - 1);
}

static bool pages_have(const struct list_rows *rows, const struct nb_key *key)
{
    for (size_t p = 0; p < rows->pages.count; p++) {
        const struct nb_page *page = rows->pages.data[p];
        size_t low = 0, high = page->count;

        while (low < high) {
            size_t middle = low + (high - low) / 2;
            int order = nb_key_compare(&page->rows[middle]->key, key);

            if (order == 0)
                return true;
            if (order > 0)
                low = middle + 1;
            else
                high = middle;
        }
    }
    return false;
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
    for (size_t i = keep_from; i < keep_to && i < rows->items.count; i++) {
        const struct list_item *item = &rows->items.data[i];

        if (!item->sticky && list_rows_cover(rows, &item->row->key) && !pages_have(rows, &item->row->key))
            add_sticky(rows, item->row);
    }
    for (size_t i = 0; i < old.count; i++)
        nb_page_free(&old.data[i]);
    nb_vec_clear(&old);
    rebuild(rows);
}

/* ---- merging changes ---- */

/* The index of the first change whose key is at least this one. */
static size_t changes_from(const struct nb_change *changes, size_t count, const struct nb_key *key)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (nb_key_compare(&changes[middle].row->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct nb_change *change_of(const struct nb_change *changes, size_t count, const struct nb_key *key)
{
    size_t index = changes_from(changes, count, key);

    return index < count && nb_key_compare(&changes[index].row->key, key) == 0 ? &changes[index] : NULL;
}

static void merge_sticky(struct list_rows *rows, const struct nb_change *changes, size_t count)
{
    for (size_t i = rows->sticky.count; i-- > 0;) {
        struct list_sticky *sticky = &rows->sticky.data[i];
        const struct nb_change *change = change_of(changes, count, &sticky->key);

        if (change && change->gone) {
            drop_sticky(rows, i);
        } else if (change) {
            nb_arena_free(&sticky->arena);
            sticky->arena = nb_arena_new();
            sticky->row = rows->copy(change->row, sticky->arena);
        }
    }
}

/* Merges changes whose places are in this page. */
static void merge_page(const struct list_rows *rows, struct nb_page *page, const struct nb_change *changes,
                       size_t count)
{
    struct nb_row **merged;
    size_t kept = 0, next = count, old = 0;

    if (count == 0)
        return;
    merged = nb_arena_alloc(page->arena, (page->count + count + 1) * sizeof(merged[0]));
    while (old < page->count || next > 0) {
        int order = old == page->count ? 1
                    : next == 0        ? -1
                                       : nb_key_compare(&changes[next - 1].row->key, &page->rows[old]->key);

        if (order < 0) {
            merged[kept++] = page->rows[old++];
            continue;
        }
        next--;
        if (order == 0)
            old++;
        if (changes[next].matches)
            merged[kept++] = rows->copy(changes[next].row, page->arena);
    }
    page->rows = merged;
    page->count = kept;
}

/* From the newest page on, each page takes the changes down to its last row. The last page also takes those below it,
 * if the list ends there. */
static void merge_pages(struct list_rows *rows, const struct nb_change *changes, size_t count)
{
    struct nb_key first, last;
    bool any = list_rows_ends(rows, &first, &last);
    size_t high = count;

    if (!rows->newest)
        while (high > 0 && (!any || nb_key_compare(&changes[high - 1].row->key, &first) > 0))
            high--;
    for (size_t p = 0; p < rows->pages.count; p++) {
        struct nb_page *page = rows->pages.data[p];
        size_t low = high;

        if (p + 1 == rows->pages.count && rows->oldest)
            low = 0;
        else if (page->count > 0)
            low = changes_from(changes, high, &page->rows[page->count - 1]->key);
        merge_page(rows, page, changes + low, high - low);
        high = low;
    }
}

void list_rows_merge(struct list_rows *rows, const struct nb_change *changes, size_t count, size_t keep_from,
                     size_t keep_to)
{
    for (size_t i = keep_from; i < keep_to && i < rows->items.count; i++) {
        const struct list_item *item = &rows->items.data[i];
        const struct nb_change *change = item->sticky ? NULL : change_of(changes, count, &item->row->key);

        if (change && !change->matches && !change->gone)
            add_sticky(rows, change->row);
    }
    merge_sticky(rows, changes, count);
    merge_pages(rows, changes, count);
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
    rebuild(rows);
}

void list_rows_trim(struct list_rows *rows, size_t from, size_t to, size_t capacity)
{
    struct nb_key newest_kept, oldest_kept;
    bool dropped = false;

    if (rows->items.count == 0 || from >= rows->items.count || to == 0)
        return;
    newest_kept = rows->items.data[from].row->key;
    oldest_kept = rows->items.data[(to < rows->items.count ? to : rows->items.count) - 1].row->key;
    while (rows->pages.count > 1 && rows->items.count > capacity) {
        struct nb_page *first = rows->pages.data[0];
        struct nb_page *last = *nb_vec_last(&rows->pages);

        if (first->count == 0 || nb_key_compare(&first->rows[first->count - 1]->key, &newest_kept) > 0) {
            nb_page_free(&rows->pages.data[0]);
            nb_vec_remove(&rows->pages, 0);
            rows->newest = false;
        } else if (last->count == 0 || nb_key_compare(&last->rows[0]->key, &oldest_kept) < 0) {
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

const struct nb_row *list_rows_get(const struct list_rows *rows, const struct nb_key *key)
{
    size_t index = list_rows_find(rows, key);

    if (index == SIZE_MAX || nb_key_compare(&rows->items.data[index].row->key, key) != 0)
        return NULL;
    return rows->items.data[index].row;
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
        const struct nb_key *key = &rows->sticky.data[i].key;

        if (list_rows_cover(rows, key) && !pages_have(rows, key))
            nb_vec_push(&keys, *key);
    }
    *count = keys.count;
    return keys.data;
}

void list_rows_refresh_sticky(struct list_rows *rows, const struct nb_key *asked, size_t asked_count,
                              const struct nb_page *page)
{
    for (size_t i = 0; i < asked_count; i++) {
        const struct nb_row *fresh = NULL;
        bool found;
        size_t position = sticky_position(rows, &asked[i], &found);
        struct list_sticky *sticky;

        if (!found)
            continue;
        for (size_t j = 0; j < page->count && !fresh; j++)
            if (nb_key_compare(&page->rows[j]->key, &asked[i]) == 0)
                fresh = page->rows[j];
        if (!fresh) {
            drop_sticky(rows, position);
            continue;
        }
        sticky = &rows->sticky.data[position];
        nb_arena_free(&sticky->arena);
        sticky->arena = nb_arena_new();
        sticky->row = rows->copy(fresh, sticky->arena);
    }
    rebuild(rows);
}

size_t list_rows_find(const struct list_rows *rows, const struct nb_key *key)
{
    size_t low = 0, high = rows->items.count;

    if (rows->items.count == 0)
        return SIZE_MAX;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (nb_key_compare(&rows->items.data[middle].row->key, key) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < rows->items.count ? low : rows->items.count - 1;
}
