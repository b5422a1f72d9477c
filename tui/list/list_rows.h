/*
 * list_rows.h - the rows of a list: a contiguous run of keyset pages, newest first, with the sticky rows merged in.
 * "Newest first" stands for the order of the list, whatever that is. A row that changes may move to another place in it, so
 * rows are told apart by their keys, and put in order by their places.
 *
 * Sticky rows stay in place although they no longer match: what the reader has just read or resolved, and what somebody
 * else changed while it was on screen. Hidden rows are those being deleted.
 */
#ifndef TUI_LIST_ROWS_H
#define TUI_LIST_ROWS_H

#include "base/vec.h"
#include "page/page.h"
#include "tui/list/key_set.h"

#define LIST_STICKY_MAX 1000

typedef struct nb_row *list_row_copy(const struct nb_row *row, struct nb_arena *arena);

struct list_item {
    const struct nb_row *row;
    bool sticky; /* no page contains it any more */
};

struct list_sticky {
    struct nb_place place;
    struct nb_row *row;
    struct nb_arena *arena;
};

struct list_rows {
    list_row_copy *copy;
    const struct nb_order *order;      /* NULL: by key alone */
    NB_VEC(struct nb_page *) pages;    /* newest first */
    NB_VEC(struct list_sticky) sticky; /* newest first */
    struct key_set hidden;
    struct key_set in_pages;        /* the keys of the pages' rows */
    NB_VEC(struct list_item) items; /* the visible list; rebuilt after every change */
    bool newest;                    /* the run begins with the newest row of all */
    bool oldest;
};

void list_rows_init(struct list_rows *rows, list_row_copy *copy);
void list_rows_clear(struct list_rows *rows);
/* Replaces the run. Rows in [keep_from, keep_to) of items that the new pages lack, although they cover their places,
 * become sticky, so that no row disappears while the reader looks at it. NULL pages are skipped. */
void list_rows_replace(struct list_rows *rows, struct nb_page *newer_take, struct nb_page *older_take, size_t keep_from,
                       size_t keep_to);
/* Merges changes, oldest first by key, into the pages that cover their places. Rows in [keep_from, keep_to) of items that no
 * longer match become sticky, as above; deleted rows are removed. The caller keeps the changes. */
void list_rows_merge(struct list_rows *rows, const struct nb_change *changes, size_t count, size_t keep_from,
                     size_t keep_to);
/* Adds a page at one end of the run; takes it. */
void list_rows_extend(struct list_rows *rows, struct nb_page *page_take, enum nb_direction direction);
/* Drops whole pages outside items [from, to) while more than `capacity` rows are left. */
void list_rows_trim(struct list_rows *rows, size_t from, size_t to, size_t capacity);

void list_rows_stick(struct list_rows *rows, const struct nb_key *key);
void list_rows_unstick_all(struct list_rows *rows);
void list_rows_hide(struct list_rows *rows, const struct nb_key *keys, size_t count);
void list_rows_unhide(struct list_rows *rows, const struct nb_key *keys, size_t count);
/* The keys of sticky rows inside the run that no page contains: their rows must be fetched again. The caller frees the
 * array. */
struct nb_key *list_rows_sticky_keys(const struct list_rows *rows, size_t *count);
/* Takes the answer for these keys. A row that is missing from it was deleted, and leaves the list. */
void list_rows_refresh_sticky(struct list_rows *rows, const struct nb_key *asked, size_t asked_count,
                              const struct nb_page *page);

struct nb_place list_rows_place(const struct list_rows *rows, const struct nb_row *row);
/* The index of the item with the place's key, or else of the next older one than the place, or of the last one. SIZE_MAX when
 * the list is empty. */
size_t list_rows_find(const struct list_rows *rows, const struct nb_place *place);
/* The row with exactly this key, or NULL. */
const struct nb_row *list_rows_get(const struct list_rows *rows, const struct nb_key *key);
/* Whether the run covers this place: if the filter matches a row that stands there, the run contains it. */
bool list_rows_cover(const struct list_rows *rows, const struct nb_place *place);
/* The first and last place of the pages, without sticky rows; false when the pages have no row. */
bool list_rows_ends(const struct list_rows *rows, struct nb_place *first, struct nb_place *last);

#endif
