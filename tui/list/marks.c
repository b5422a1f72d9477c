/*
 * marks.c - keys, ranges and exceptions.
 */
#include "tui/list/marks.h"

const struct nb_key marks_oldest_key = {{0}};
const struct nb_key marks_newest_key = {
    {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

void marks_clear(struct marks *marks)
{
    key_set_clear(&marks->keys);
    key_set_clear(&marks->except);
    nb_vec_clear(&marks->ranges);
    marks->selecting = false;
}

static struct key_range make_range(const struct nb_key *one, const struct nb_key *other)
{
    bool first_is_newer = nb_key_compare(one, other) >= 0;

    return (struct key_range){.newest = first_is_newer ? *one : *other, .oldest = first_is_newer ? *other : *one};
}

static bool range_has(const struct key_range *range, const struct nb_key *key)
{
    return nb_key_compare(key, &range->newest) <= 0 && nb_key_compare(key, &range->oldest) >= 0;
}

static bool ranges_have(const struct marks *marks, const struct nb_key *key)
{
    for (size_t i = 0; i < marks->ranges.count; i++)
        if (range_has(&marks->ranges.data[i], key))
            return true;
    return false;
}

bool marks_any(const struct marks *marks)
{
    return marks->keys.keys.count > 0 || marks->ranges.count > 0 || marks->selecting;
}

bool marks_has(const struct marks *marks, const struct nb_key *key)
{
    if (marks->selecting) {
        struct key_range range = make_range(&marks->anchor, &marks->cursor);

        if (range_has(&range, key))
            return true;
    }
    if (key_set_has(&marks->keys, key))
        return true;
    return ranges_have(marks, key) && !key_set_has(&marks->except, key);
}

size_t marks_count(const struct marks *marks)
{
    return marks->keys.keys.count;
}

bool marks_have_ranges(const struct marks *marks)
{
    return marks->ranges.count > 0;
}

void marks_toggle(struct marks *marks, const struct nb_key *key)
{
    bool in_range = ranges_have(marks, key);

    if (marks_has(marks, key)) {
        key_set_remove(&marks->keys, key);
        if (in_range)
            key_set_add(&marks->except, key);
    } else if (in_range) {
        key_set_remove(&marks->except, key);
    } else {
        key_set_add(&marks->keys, key);
    }
}

void marks_add_range(struct marks *marks, const struct nb_key *one, const struct nb_key *other)
{
    struct key_range range = make_range(one, other);

    nb_vec_push(&marks->ranges, range);
}

void marks_all(struct marks *marks, const struct nb_key *newest)
{
    marks_clear(marks);
    marks_add_range(marks, newest, &marks_oldest_key);
}

bool marks_is_all(const struct marks *marks)
{
    return marks->ranges.count == 1 && marks->except.keys.count == 0 &&
           nb_key_compare(&marks->ranges.data[0].oldest, &marks_oldest_key) == 0;
}

void marks_begin_range(struct marks *marks, const struct nb_key *anchor)
{
    marks->selecting = true;
    marks->anchor = marks->cursor = *anchor;
}

void marks_follow(struct marks *marks, const struct nb_key *cursor)
{
    if (marks->selecting)
        marks->cursor = *cursor;
}

void marks_end_range(struct marks *marks, const struct nb_key *rows, size_t count)
{
    struct key_range range = make_range(&marks->anchor, &marks->cursor);

    if (!marks->selecting)
        return;
    marks->selecting = false;
    if (count == 0 ||
        !(nb_key_compare(&rows[0], &range.newest) >= 0 && nb_key_compare(&rows[count - 1], &range.oldest) <= 0)) {
        nb_vec_push(&marks->ranges, range);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (range_has(&range, &rows[i])) {
            key_set_add(&marks->keys, &rows[i]);
            key_set_remove(&marks->except, &rows[i]);
        }
    }
}
