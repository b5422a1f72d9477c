/* The list's model with a source that is slow, is overtaken or fails: the cursor's position, and the rows shown. */
#include "tests/console/fake_rows.h"

static void loads_the_newest_page_first(void **state)
{
    struct fake *fake = begin_with(state, 5000);

    assert_int_equal(list_window_state(&fake->window), LIST_READY);
    assert_int_equal(cursor(fake), 5000);
    assert_int_equal(top(fake), 5000);
    assert_true(list_window_count(&fake->window) < 200);
    check_run(fake);
}

static void is_loading_until_answered_and_empty_when_there_is_nothing(void **state)
{
    struct fake *fake = *state;

    list_window_set_height(&fake->window, 10);
    assert_int_equal(list_window_state(&fake->window), LIST_LOADING);
    list_window_move(&fake->window, 1);
    settle(fake);
    assert_int_equal(list_window_state(&fake->window), LIST_READY);
    assert_int_equal(list_window_count(&fake->window), 0);
    assert_null(list_window_current(&fake->window));
    add(fake, 1);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 1);
}

static void prefetches_before_the_edge_and_stays_bounded(void **state)
{
    struct fake *fake = begin_with(state, 5000);
    size_t most = 0;

    for (int i = 0; i < 4999; i++) {
        list_window_move(&fake->window, 1);
        assert_int_equal(cursor(fake), 5000 - i - 1);
        answer(fake);
        if (list_window_count(&fake->window) > most)
            most = list_window_count(&fake->window);
    }
    assert_true(most < 600);
    for (int i = 0; i < 4999; i++) {
        list_window_move(&fake->window, -1);
        assert_int_equal(cursor(fake), i + 2);
        answer(fake);
    }
    check_run(fake);
}

static void a_move_past_the_rows_at_hand_goes_on_when_they_come(void **state)
{
    struct fake *fake = begin_with(state, 5000);

    list_window_move(&fake->window, 3000);
    settle(fake);
    assert_int_equal(cursor(fake), 2000);
    list_window_page(&fake->window, -1500);
    settle(fake);
    assert_int_equal(cursor(fake), 3500);
    list_window_move(&fake->window, 100000);
    settle(fake);
    assert_int_equal(cursor(fake), 1);
}

static void jumps_to_either_end_in_one_fetch(void **state)
{
    struct fake *fake = begin_with(state, 20000);
    int before = fake->fetches;

    list_window_oldest(&fake->window);
    assert_true(answer(fake));
    assert_int_equal(fake->fetches - before, 1 + (fake->ticket != 0));
    assert_int_equal(cursor(fake), 1);
    assert_int_equal(top(fake), 10);
    list_window_newest(&fake->window);
    assert_true(answer(fake));
    assert_int_equal(cursor(fake), 20000);
    settle(fake);
    check_run(fake);
}

static void moves_typed_behind_a_jump_follow_it(void **state)
{
    struct fake *fake = begin_with(state, 20000);

    list_window_oldest(&fake->window);
    list_window_move(&fake->window, -1);
    list_window_move(&fake->window, -2);
    settle(fake);
    assert_int_equal(cursor(fake), 4);
}

static void at_the_top_arrivals_slide_in_above_the_cursor(void **state)
{
    struct fake *fake = begin_with(state, 100);

    list_window_move(&fake->window, 2);
    add(fake, 3);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(top(fake), 103);
    assert_int_equal(cursor(fake), 98);
    add(fake, 9);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 98);
    assert_int_equal(top(fake), 107);
    assert_false(fake->window.following);
}

static void scrolled_away_nothing_moves(void **state)
{
    struct fake *fake = begin_with(state, 1000);
    char look[32];

    list_window_page(&fake->window, 300);
    settle(fake);
    assert_int_equal(cursor(fake), 700);
    snprintf(look, sizeof(look), "%s", fake->window.look);
    int64_t first = top(fake);
    add(fake, 400);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 700);
    assert_int_equal(top(fake), first);
    assert_string_equal(fake->window.look, look);
    list_window_newest(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 1400);
    assert_string_not_equal(fake->window.look, look);
}

static void a_burst_that_pushes_the_cursor_out_of_reach_does_not_move_it(void **state)
{
    struct fake *fake = begin_with(state, 1000);

    list_window_move(&fake->window, 3);
    add(fake, 9000);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 997);
    check_run(fake);
}

static void a_late_commit_appears_in_its_place(void **state)
{
    struct fake *fake = *state;

    add(fake, 50);
    fake->exists[45] = false;
    list_window_set_height(&fake->window, 10);
    settle(fake);
    list_window_move(&fake->window, 7);
    assert_int_equal(cursor(fake), 42);
    fake->exists[45] = true;
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 42);
    assert_int_equal(at(fake, 5), 45);
}

static void a_cursor_whose_row_is_gone_goes_to_the_next_older_or_the_last(void **state)
{
    struct fake *fake = begin_with(state, 30);

    list_window_move(&fake->window, 5);
    assert_int_equal(cursor(fake), 25);
    fake->exists[25] = fake->exists[24] = false;
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 23);
    list_window_oldest(&fake->window);
    settle(fake);
    fake->exists[1] = false;
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 2);
    memset(fake->exists, 0, sizeof(fake->exists));
    list_window_reread(&fake->window);
    settle(fake);
    assert_null(list_window_current(&fake->window));
}

static void visible_rows_that_stop_matching_stay_until_the_filter_is_applied_again(void **state)
{
    struct fake *fake = begin_with(state, 100);

    fake->matches[97] = false;
    fake->exists[95] = false;
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 3), 97);
    assert_true(list_window_item(&fake->window, 3)->sticky);
    assert_int_equal(at(fake, 5), 94);
    list_window_reset(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 3), 96);
}

static void rows_acted_on_stay_also_when_scrolled_away_and_back(void **state)
{
    struct fake *fake = begin_with(state, 3000);
    struct nb_key key = nb_key_from_int(2999);

    list_window_stick(&fake->window, &key, 1);
    fake->matches[2999] = false;
    list_window_oldest(&fake->window);
    settle(fake);
    list_window_newest(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 1), 2999);
    assert_true(list_window_item(&fake->window, 1)->sticky);
}

static void hidden_rows_leave_at_once_and_come_back(void **state)
{
    struct fake *fake = begin_with(state, 100);
    struct nb_key keys[] = {nb_key_from_int(100), nb_key_from_int(99)};

    list_window_hide(&fake->window, keys, 2, true);
    assert_int_equal(cursor(fake), 98);
    list_window_hide(&fake->window, keys, 2, false);
    assert_int_equal(at(fake, 0), 100);
    assert_int_equal(cursor(fake), 98);
}

static void one_reread_is_in_flight_and_one_pending(void **state)
{
    struct fake *fake = begin_with(state, 100);
    int before = fake->fetches;

    for (int i = 0; i < 50; i++)
        list_window_reread(&fake->window);
    assert_int_equal(fake->fetches - before, 1);
    settle(fake);
    assert_int_equal(fake->fetches - before, 2);
}

static void an_overtaken_answer_is_dropped(void **state)
{
    struct fake *fake = begin_with(state, 1000);
    unsigned overtaken;

    list_window_reread(&fake->window);
    overtaken = fake->ticket;
    struct nb_page *late = select_page(fake);
    list_window_oldest(&fake->window);
    assert_int_equal(fake->cancels, 1);
    list_window_answer(&fake->window, overtaken, late, NULL);
    settle(fake);
    assert_int_equal(cursor(fake), 1);
    check_run(fake);
}

static void frozen_nothing_is_read_again(void **state)
{
    struct fake *fake = begin_with(state, 100);

    list_window_freeze(&fake->window, true);
    add(fake, 5);
    fake->exists[99] = false;
    list_window_reread(&fake->window);
    assert_int_equal(fake->ticket, 0);
    assert_int_equal(top(fake), 100);
    assert_int_equal(at(fake, 1), 99);
    list_window_freeze(&fake->window, false);
    settle(fake);
    assert_int_equal(top(fake), 105);
    assert_int_equal(cursor(fake), 100);
}

static void a_failure_keeps_the_rows_and_is_tried_again(void **state)
{
    struct fake *fake = begin_with(state, 100);

    list_window_reread(&fake->window);
    refuse(fake);
    assert_int_equal(list_window_state(&fake->window), LIST_FAILED);
    assert_string_equal(fake->window.error.message, "gone");
    assert_int_equal(top(fake), 100);
    list_window_move(&fake->window, 1);
    assert_int_equal(cursor(fake), 99);
    add(fake, 1);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(list_window_state(&fake->window), LIST_READY);
    assert_int_equal(top(fake), 101);
}

static void a_failed_first_load_is_tried_again(void **state)
{
    struct fake *fake = *state;

    add(fake, 10);
    list_window_set_height(&fake->window, 10);
    refuse(fake);
    assert_int_equal(list_window_state(&fake->window), LIST_FAILED);
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 10);
}

static void another_filter_keeps_the_cursor_on_its_row(void **state)
{
    struct fake *fake = begin_with(state, 1000);

    list_window_page(&fake->window, 500);
    settle(fake);
    for (int64_t id = 1; id <= 1000; id++)
        fake->matches[id] = id % 10 == 0;
    list_window_reset(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 500);
    check_run(fake);
    for (int64_t id = 1; id <= 1000; id++)
        fake->matches[id] = id % 7 == 0;
    list_window_reset(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 497);
}

static void goes_to_a_row_far_away(void **state)
{
    struct fake *fake = begin_with(state, 10000);
    struct nb_place place = place_of(fake, 4321);

    list_window_goto(&fake->window, &place);
    settle(fake);
    assert_int_equal(cursor(fake), 4321);
    assert_int_equal(top(fake), 4326);
    check_run(fake);
}

static void height_changes_keep_the_cursor_in_view(void **state)
{
    struct fake *fake = begin_with(state, 1000);

    list_window_page(&fake->window, 100);
    list_window_set_height(&fake->window, 3);
    settle(fake);
    assert_int_equal(cursor(fake), 900);
    assert_in_range(cursor(fake), top(fake) - 2, top(fake));
    list_window_set_height(&fake->window, 80);
    settle(fake);
    assert_int_equal(cursor(fake), 900);
    assert_in_range(cursor(fake), top(fake) - 79, top(fake));
}

UNIT_MAIN(TEST(loads_the_newest_page_first), TEST(is_loading_until_answered_and_empty_when_there_is_nothing),
          TEST(prefetches_before_the_edge_and_stays_bounded), TEST(a_move_past_the_rows_at_hand_goes_on_when_they_come),
          TEST(jumps_to_either_end_in_one_fetch), TEST(moves_typed_behind_a_jump_follow_it),
          TEST(at_the_top_arrivals_slide_in_above_the_cursor), TEST(scrolled_away_nothing_moves),
          TEST(a_burst_that_pushes_the_cursor_out_of_reach_does_not_move_it), TEST(a_late_commit_appears_in_its_place),
          TEST(a_cursor_whose_row_is_gone_goes_to_the_next_older_or_the_last),
          TEST(visible_rows_that_stop_matching_stay_until_the_filter_is_applied_again),
          TEST(rows_acted_on_stay_also_when_scrolled_away_and_back), TEST(hidden_rows_leave_at_once_and_come_back),
          TEST(one_reread_is_in_flight_and_one_pending), TEST(an_overtaken_answer_is_dropped),
          TEST(frozen_nothing_is_read_again), TEST(a_failure_keeps_the_rows_and_is_tried_again),
          TEST(a_failed_first_load_is_tried_again), TEST(another_filter_keeps_the_cursor_on_its_row),
          TEST(goes_to_a_row_far_away), TEST(height_changes_keep_the_cursor_in_view))
