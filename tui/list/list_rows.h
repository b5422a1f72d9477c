/*
 * list_rows.h - the rows that a list holds: a contiguous run of keyset pages, newest first, with the sticky rows merged in.
 *
 * Sticky rows are those that stay where they are although they no longer match: what the reader has just read or resolved,
 * and what somebody else changed while it was on screen. Hidden rows are those whose deletion is on its way.
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
    bool sticky; /* no page has it any more */
};

struct list_sticky {
    struct nb_key key;
    struct nb_row *row;
    struct nb_arena *arena;
};

struct list_rows {
    list_row_copy *copy;
    NB_VEC(struct nb_page *) pages;    /* newest first */
    NB_VEC(struct list_sticky) sticky; /* newest first */
    struct key_set hidden;
    NB_VEC(struct list_item) items; /* what is shown; rebuilt after every change */
    bool newest;                    /* nothing newer exists beyond the run */
    bool oldest;
};

void list_rows_init(struct list_rows *rows, list_row_copy *copy);
void list_rows_clear(struct list_rows *rows);
/* Replaces the run. Rows in [keep_from, keep_to) of items that the new pages lack, though they cover their place, become
 * sticky, so that nothing disappears under a reader's eyes before it is known what became of it. NULL pages are skipped. */
void list_rows_replace(struct list_rows *rows, struct nb_page *newer_take, struct nb_page *older_take, size_t keep_from,
                       size_t keep_to);
/* Puts changes, oldest first, into the pages that cover their places. Those of rows in [keep_from, keep_to) of items that do
 * not match any more become sticky, as above; what is gone goes. The changes stay the caller's. */
void list_rows_merge(struct list_rows *rows, const struct nb_change *changes, size_t count, size_t keep_from,
                     size_t keep_to);
/* Adds a page at one end; takes it. */
void list_rows_extend(struct list_rows *rows, struct nb_page *page_take, enum nb_direction direction);
/* Drops whole pages beyond items [from, to), as long as more than `capacity` rows would stay otherwise. */
void list_rows_trim(struct list_rows *rows, size_t from, size_t to, size_t capacity);

void list_rows_stick(struct list_rows *rows, const struct nb_key *key);
void list_rows_unstick_all(struct list_rows *rows);
void list_rows_hide(struct list_rows *rows, const struct nb_key *keys, size_t count);
void list_rows_unhide(struct list_rows *rows, const struct nb_key *keys, size_t count);
/* The keys of sticky rows inside the run that no page has: those to ask for again. Owned by the caller. */
struct nb_key *list_rows_sticky_keys(const struct list_rows *rows, size_t *count);
/* The answer for keys asked: new content, or nothing (the row is gone, and leaves the list). */
void list_rows_refresh_sticky(struct list_rows *rows, const struct nb_key *asked, size_t asked_count,
                              const struct nb_page *page);

/* The index of the item with key, or else of the next older one, or else the last. SIZE_MAX when empty. */
size_t list_rows_find(const struct list_rows *rows, const struct nb_key *key);
/* Exactly this row, or NULL. */
const struct nb_row *list_rows_get(const struct list_rows *rows, const struct nb_key *key);
/* Whether the run has the place of this key: a row that the filter shows is in it then. */
bool list_rows_cover(const struct list_rows *rows, const struct nb_key *key);
/* The keys at the ends of the run of pages (sticky rows apart); false when there is no page row. */
bool list_rows_ends(const struct list_rows *rows, struct nb_key *first, struct nb_key *last);

#endif
