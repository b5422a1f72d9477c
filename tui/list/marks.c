/*
 * marks.c - keys, ranges and exceptions.
 */
#include "tui/list/marks.h"

void marks_clear(struct marks *marks)
{
    key_set_clear(&marks->keys);
    key_set_clear(&marks->except);
    nb_vec_clear(&marks->ranges);
    marks->selecting = false;
}

static struct place_range make_range(const struct nb_place *one, const struct nb_place *other)
{
    bool first_is_newer = nb_place_compare(one, other) >= 0;

    return (struct place_range){.newest = first_is_newer ? *one : *other, .oldest = first_is_newer ? *other : *one};
}

bool place_range_has(const struct place_range *range, const struct nb_place *place)
{
    return nb_place_compare(place, &range->newest) <= 0 && nb_place_compare(place, &range->oldest) >= 0;
}

static bool ranges_have(const struct marks *marks, const struct nb_place *place)
{
    for (size_t i = 0; i < marks->ranges.count; i++)
        if (place_range_has(&marks->ranges.data[i], place))
            return true;
    return false;
}

bool marks_any(const struct marks *marks)
{
    return marks->keys.keys.count > 0 || marks->ranges.count > 0 || marks->selecting;
}

bool marks_has(const struct marks *marks, const struct nb_place *place)
{
    if (marks->selecting) {
        struct place_range range = make_range(&marks->anchor, &marks->cursor);

        if (place_range_has(&range, place))
            return true;
    }
    if (key_set_has(&marks->keys, &place->key))
        return true;
    return ranges_have(marks, place) && !key_set_has(&marks->except, &place->key);
}

size_t marks_count(const struct marks *marks)
{
    return marks->keys.keys.count;
}

bool marks_have_ranges(const struct marks *marks)
{
    return marks->ranges.count > 0;
}

void marks_toggle(struct marks *marks, const struct nb_place *place)
{
    const struct nb_key *key = &place->key;
    bool in_range = ranges_have(marks, place);

    if (marks_has(marks, place)) {
        key_set_remove(&marks->keys, key);
        if (in_range)
            key_set_add(&marks->except, key);
    } else if (in_range) {
        key_set_remove(&marks->except, key);
    } else {
        key_set_add(&marks->keys, key);
    }
}

void marks_add_range(struct marks *marks, const struct nb_place *one, const struct nb_place *other)
{
    struct place_range range = make_range(one, other);

    nb_vec_push(&marks->ranges, range);
}

void marks_all(struct marks *marks, const struct nb_place *newest)
{
    marks_clear(marks);
    marks_add_range(marks, newest, &nb_place_last);
}

bool marks_is_all(const struct marks *marks)
{
    return marks->ranges.count == 1 && marks->except.keys.count == 0 &&
           nb_place_compare(&marks->ranges.data[0].oldest, &nb_place_last) == 0;
}

void marks_begin_range(struct marks *marks, const struct nb_place *anchor)
{
    marks->selecting = true;
    marks->anchor = marks->cursor = *anchor;
}

void marks_follow(struct marks *marks, const struct nb_place *cursor)
{
    if (marks->selecting)
        marks->cursor = *cursor;
}

void marks_end_range(struct marks *marks, const struct nb_place *rows, size_t count)
{
    struct place_range range = make_range(&marks->anchor, &marks->cursor);

    if (!marks->selecting)
        return;
    marks->selecting = false;
    if (count == 0 ||
        !(nb_place_compare(&rows[0], &range.newest) >= 0 && nb_place_compare(&rows[count - 1], &range.oldest) <= 0)) {
        nb_vec_push(&marks->ranges, range);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (place_range_has(&range, &rows[i])) {
            key_set_add(&marks->keys, &rows[i].key);
            key_set_remove(&marks->except, &rows[i].key);
        }
    }
}
