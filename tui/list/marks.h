/*
 * marks.h - which rows are marked: single keys, ranges of keys, and all that match.
 *
 * A range, and "all" as the widest of them, is never expanded here: an act walks it in the database.
 */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include "tui/list/key_set.h"

/* Both ends included; newest >= oldest. */
struct key_range {
    struct nb_key newest, oldest;
};

struct marks {
    struct key_set keys;
    NB_VEC(struct key_range) ranges;
    struct key_set except; /* unmarked again inside a range */
    bool selecting;        /* V: from `anchor` to the cursor */
    struct nb_key anchor;
    struct nb_key cursor;
};

extern const struct nb_key marks_oldest_key; /* older than any row */
extern const struct nb_key marks_newest_key; /* newer than any row */

void marks_clear(struct marks *marks);
bool marks_any(const struct marks *marks);
bool marks_has(const struct marks *marks, const struct nb_key *key);
/* How many keys are marked one by one; ranges are not in it. */
size_t marks_count(const struct marks *marks);
bool marks_have_ranges(const struct marks *marks);
void marks_toggle(struct marks *marks, const struct nb_key *key);
void marks_add_range(struct marks *marks, const struct nb_key *one, const struct nb_key *other);
/* Everything not newer than newest. */
void marks_all(struct marks *marks, const struct nb_key *newest);
bool marks_is_all(const struct marks *marks);
void marks_begin_range(struct marks *marks, const struct nb_key *anchor);
void marks_follow(struct marks *marks, const struct nb_key *cursor);
/* The range becomes marks. rows: the rows at hand, newest first; where they reach from end to end their keys are marked one
 * by one, else the range stays a range. */
void marks_end_range(struct marks *marks, const struct nb_key *rows, size_t count);

#endif
