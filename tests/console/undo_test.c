/* Undo stacks, marks and overlays: what acts leave behind, and what they show over the rows. */
#include "tests/lib/unit.h"
#include "tui/list/marks.h"
#include "tui/list/overlay.h"
#include "tui/acts/undo.h"

static struct nb_key key(int64_t id)
{
    return nb_key_from_int(id);
}

static struct undo_entry *entry(int64_t count, size_t items)
{
    struct act act = {.kind = ACT_RESOLVE, .note = (char *)"fixed"};
    struct undo_entry *made = undo_entry_new(&act);

    made->count = count;
    for (size_t i = 0; i < items; i++) {
        struct undo_item item = {.key = key((int64_t)i), .state = nb_strdup("{}")};

        nb_vec_push(&made->items, item);
    }
    return made;
}

static void says_once_what_is_final(void **state)
{
    struct undo undo = {0};
    struct undo_entry *next;
    char *past;

    (void)state;
    undo_did(&undo, entry(1, 1));
    undo_undid(&undo, undo_next(&undo));
    undo_did(&undo, entry(2, 1));
    undo_did_finally(&undo, nb_strdup("queued"));
    assert_null(undo_next_redo(&undo)); /* as after any act */
    past = undo_final(&undo);
    assert_string_equal(past, "queued");
    free(past);
    assert_null(undo_final(&undo));
    next = undo_next(&undo);
    assert_int_equal(next->count, 2);
    undo_entry_free(&next);
    undo_did_finally(&undo, nb_strdup("queued"));
    undo_did(&undo, entry(3, 1)); /* which is the last one then */
    assert_null(undo_final(&undo));
    undo_did_finally(&undo, nb_strdup("queued"));
    undo_clear(&undo);
}

static void undoes_and_redoes_in_order(void **state)
{
    struct undo undo = {0};
    struct undo_entry *taken;

    (void)state;
    assert_null(undo_next(&undo));
    undo_did(&undo, entry(1, 1));
    undo_did(&undo, entry(2, 2));
    taken = undo_next(&undo);
    assert_int_equal(taken->count, 2);
    assert_string_equal(taken->act.note, "fixed");
    undo_undid(&undo, taken);
    taken = undo_next_redo(&undo);
    assert_int_equal(taken->count, 2);
    undo_redid(&undo, taken);
    taken = undo_next(&undo);
    undo_undid(&undo, taken);
    undo_did(&undo, entry(3, 3));
    assert_null(undo_next_redo(&undo));
    taken = undo_next(&undo);
    assert_int_equal(taken->count, 3);
    undo_entry_free(&taken);
    undo_clear(&undo);
}

static void remembers_a_bounded_number(void **state)
{
    struct undo undo = {0};

    (void)state;
    for (int i = 0; i < UNDO_DEPTH + 50; i++)
        undo_did(&undo, entry(i, 1));
    assert_int_equal(undo.done.count, UNDO_DEPTH);
    undo_did(&undo, entry(1, UNDO_MAX_ITEMS));
    assert_int_equal(undo.done.count, 1);
    undo_clear(&undo);
}

static struct nb_place place(int64_t rank, int64_t id)
{
    return (struct nb_place){rank, key(id)};
}

static void marks_keys_ranges_and_all(void **state)
{
    struct marks marks = {0};
    struct nb_place five = place(0, 5), nine = place(0, 9), seven = place(0, 7), top = place(0, 100),
                    late = place(0, 101);
    struct nb_place rows[] = {place(0, 10), nine, seven, five, place(0, 2)};

    (void)state;
    marks_toggle(&marks, &five);
    assert_true(marks_has(&marks, &five));
    marks_toggle(&marks, &five);
    assert_false(marks_any(&marks));
    marks_begin_range(&marks, &five);
    marks_follow(&marks, &nine);
    assert_true(marks_has(&marks, &seven));
    marks_end_range(&marks, rows, 5);
    assert_int_equal(marks_count(&marks), 3);
    assert_false(marks_have_ranges(&marks));
    marks_begin_range(&marks, &five);
    marks_follow(&marks, &top);
    marks_end_range(&marks, rows, 5);
    assert_true(marks_have_ranges(&marks));
    marks_all(&marks, &top);
    assert_true(marks_is_all(&marks));
    assert_true(marks_has(&marks, &five));
    assert_false(marks_has(&marks, &late));
    marks_toggle(&marks, &five);
    assert_false(marks_has(&marks, &five));
    assert_false(marks_is_all(&marks));
    marks_clear(&marks);
}

/* In an order of its own a range is of places: a row that was in it and moved away is not marked, one that was marked by
 * itself still is. */
static void marks_of_rows_that_move(void **state)
{
    struct marks marks = {0};
    struct nb_place two = place(30, 2), nine = place(20, 9), four = place(10, 4), four_moved = place(40, 4),
                    two_moved = place(50, 2);

    (void)state;
    marks_toggle(&marks, &two);
    marks_add_range(&marks, &four, &nine);
    assert_true(marks_has(&marks, &two_moved));
    assert_true(marks_has(&marks, &four));
    assert_false(marks_has(&marks, &four_moved));
    marks_clear(&marks);
}

static void count_patch(void *arg, const struct row_patch *patch)
{
    int *sum = arg;

    *sum = *sum * 10 + (int)patch->kind;
}

static void overlays_lie_over_rows_until_a_later_look(void **state)
{
    struct overlays overlays = {0};
    struct row_patch resolved = {.kind = PATCH_RESOLVED, .user_name = (char *)"bob"};
    struct row_patch assigned = {.kind = PATCH_ASSIGNED};
    struct nb_key one = key(1), two = key(2);
    int sum = 0;

    (void)state;
    key_set_add(&overlays_add(&overlays, &resolved)->keys, &one);
    key_set_add(&overlays_add(&overlays, &assigned)->keys, &one);
    assert_true(overlays_apply(&overlays, &one, count_patch, &sum));
    assert_int_equal(sum, PATCH_RESOLVED * 10 + PATCH_ASSIGNED);
    assert_false(overlays_apply(&overlays, &two, count_patch, &sum));
    overlays_settle(&overlays, 1, 7);
    overlays_drop_settled(&overlays, 7);
    assert_int_equal(overlays.list.count, 2);
    overlays_drop_settled(&overlays, 8);
    assert_int_equal(overlays.list.count, 1);
    overlays_remove(&overlays, 2);
    sum = 0;
    assert_false(overlays_apply(&overlays, &one, count_patch, &sum));
    overlays_clear(&overlays);
}

UNIT_MAIN(cmocka_unit_test(undoes_and_redoes_in_order), cmocka_unit_test(says_once_what_is_final),
          cmocka_unit_test(remembers_a_bounded_number), cmocka_unit_test(marks_keys_ranges_and_all),
          cmocka_unit_test(marks_of_rows_that_move), cmocka_unit_test(overlays_lie_over_rows_until_a_later_look))
