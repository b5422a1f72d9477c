/*
 * marks.h - which rows are marked: single ones by their keys, ranges of places, and all that match.
 *
 * A range is never expanded here, nor is "all", the widest range: an act walks it in the database.
 */
#ifndef TUI_MARKS_H
#define TUI_MARKS_H

#include "tui/list/key_set.h"

/* Includes both ends; newest >= oldest. */
struct place_range {
    struct nb_place newest, oldest;
};

bool place_range_has(const struct place_range *range, const struct nb_place *place);

struct marks {
    struct key_set keys;
    NB_VEC(struct place_range) ranges;
    struct key_set except; /* keys inside a range that were unmarked */
    bool selecting;        /* V was pressed: selecting from `anchor` to the cursor */
    struct nb_place anchor;
    struct nb_place cursor;
};

void marks_clear(struct marks *marks);
bool marks_any(const struct marks *marks);
bool marks_has(const struct marks *marks, const struct nb_place *place);
/* The number of keys marked one by one, without those of ranges. */
size_t marks_count(const struct marks *marks);
bool marks_have_ranges(const struct marks *marks);
void marks_toggle(struct marks *marks, const struct nb_place *place);
void marks_add_range(struct marks *marks, const struct nb_place *one, const struct nb_place *other);
/* Marks everything that is not newer than newest. */
void marks_all(struct marks *marks, const struct nb_place *newest);
bool marks_is_all(const struct marks *marks);
void marks_begin_range(struct marks *marks, const struct nb_place *anchor);
void marks_follow(struct marks *marks, const struct nb_place *cursor);
/* Ends the selection and marks its rows. rows: the loaded ones, newest first. Where they include the whole range, their
 * keys are marked one by one; otherwise the range is marked as such. */
void marks_end_range(struct marks *marks, const struct nb_place *rows, size_t count);

#endif
