/*
 * marks.h - which rows are marked: single keys, ranges of keys, and all that match.
 *
 * A range is never expanded here, nor is "all", the widest range: an act walks it in the database.
 */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include "tui/list/key_set.h"

/* Includes both ends; newest >= oldest. */
struct key_range {
    struct nb_key newest, oldest;
};

struct marks {
    struct key_set keys;
    NB_VEC(struct key_range) ranges;
    struct key_set except; /* keys inside a range that were unmarked */
    bool selecting;        /* V was pressed: selecting from `anchor` to the cursor */
    struct nb_key anchor;
    struct nb_key cursor;
};

extern const struct nb_key marks_oldest_key; /* older than any row */
extern const struct nb_key marks_newest_key; /* newer than any row */

void marks_clear(struct marks *marks);
bool marks_any(const struct marks *marks);
bool marks_has(const struct marks *marks, const struct nb_key *key);
/* The number of keys marked one by one, without those of ranges. */
size_t marks_count(const struct marks *marks);
bool marks_have_ranges(const struct marks *marks);
void marks_toggle(struct marks *marks, const struct nb_key *key);
void marks_add_range(struct marks *marks, const struct nb_key *one, const struct nb_key *other);
/* Marks everything that is not newer than newest. */
void marks_all(struct marks *marks, const struct nb_key *newest);
bool marks_is_all(const struct marks *marks);
void marks_begin_range(struct marks *marks, const struct nb_key *anchor);
void marks_follow(struct marks *marks, const struct nb_key *cursor);
/* Ends the selection and marks its rows. rows: the loaded ones, newest first. Where they include the whole range, their
 * keys are marked one by one; otherwise the range is marked as such. */
void marks_end_range(struct marks *marks, const struct nb_key *rows, size_t count);

#endif
