/* The list's model while rows change: changes are merged, or the whole window is re-read. */
#include "tests/console/fake_rows.h"

/* A burst pushes the cursor out of reach: the rows around it are being fetched, and the newest row is not loaded. */
static void goes_to_the_newest_while_a_burst_is_read(void **state)
{
    struct fake *fake = begin_with(state, 1000);

    add(fake, 2000);
    list_window_look(&fake->window);
    answer(fake); /* too many changes */
    answer(fake); /* the newest page, without the cursor's row */
    answer(fake); /* the rows around it, one half */
    list_window_newest(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 3000);
    assert_int_equal(top(fake), 3000);
}

static void a_change_costs_no_page(void **state)
{
    struct fake *fake = begin_with(state, 1000);
    int fetches = fake->fetches;

    add(fake, 1);
    change(fake, 990, true, true);
    list_window_look(&fake->window);
    settle(fake);
    assert_int_equal(top(fake), 1001);
    assert_int_equal(cursor(fake), 1000);
    check_rows(fake);
    assert_int_equal(fake->fetches, fetches);
}

static void what_leaves_the_filter_stays_dimmed_and_what_enters_it_appears(void **state)
{
    struct fake *fake = begin_with(state, 1000);
    int fetches;

    change(fake, 995, true, false);
    list_window_reset(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 5), 994);
    fetches = fake->fetches;
    change(fake, 995, true, true);
    change(fake, 997, true, false); /* visible */
    change(fake, 970, true, false); /* not visible */
    change(fake, 999, false, true);
    list_window_look(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 1), 998);
    assert_true(list_window_item(&fake->window, 2)->sticky);
    assert_int_equal(at(fake, 2), 997);
    assert_int_equal(at(fake, 4), 995);
    for (size_t i = 0; i < list_window_count(&fake->window); i++)
        assert_int_not_equal(at(fake, i), 970);
    check_rows(fake);
    assert_int_equal(fake->fetches, fetches);
}

static void below_and_above_the_rows_at_hand_nothing_is_merged(void **state)
{
    struct fake *fake = begin_with(state, 5000);
    size_t count;

    list_window_oldest(&fake->window);
    settle(fake);
    count = list_window_count(&fake->window);
    add(fake, 3);
    change(fake, 4000, true, true);
    list_window_look(&fake->window);
    settle(fake);
    assert_int_equal(list_window_count(&fake->window), count);
    assert_int_equal(cursor(fake), 1);
    check_rows(fake);
}

static void too_much_is_read_as_a_whole(void **state)
{
    struct fake *fake = begin_with(state, 1000);
    int fetches = fake->fetches;

    add(fake, CHANGES_MOST + 1);
    list_window_look(&fake->window);
    settle(fake);
    assert_true(fake->fetches > fetches);
    check_rows(fake);
    assert_int_equal(cursor(fake), 1000);
}

static bool one_in(unsigned n)
{
    return rand() % (int)n == 0;
}

static void change_something(struct fake *fake)
{
    int64_t id = 1 + rand() % fake->last;

    if (one_in(2)) /* at a visible place */
        id = cursor(fake) > 20 ? cursor(fake) - 20 + rand() % 40 : id;
    id = id > fake->last ? fake->last : id;
    switch (rand() % 6) {
    case 0:
        if (fake->last < 19000)
            add(fake, one_in(20) ? 800 : 1 + rand() % 5);
        break;
    case 1:
        change(fake, id, false, fake->matches[id]);
        break;
    case 2: /* a late commit */
        change(fake, id, true, fake->matches[id]);
        break;
    case 3: /* raised again */
        raise_again(fake, id);
        if (one_in(4))
            fake->rank[id] = rand() % 1000; /* whatever moves it may move it anywhere */
        break;
    case 4: /* purged: leaves no trace, so everything is re-read */
        fake->exists[id] = false;
        list_window_reread(&fake->window);
        break;
    default:
        change(fake, id, fake->exists[id], one_in(2));
    }
    list_window_look(&fake->window);
}

static void press_something(struct fake *fake)
{
    struct nb_place place = place_of(fake, 1 + rand() % fake->last);

    switch (rand() % 10) {
    case 0:
        list_window_newest(&fake->window);
        break;
    case 1:
        list_window_oldest(&fake->window);
        break;
    case 2:
        list_window_goto(&fake->window, &place);
        break;
    case 3:
        list_window_page(&fake->window, rand() % 400 - 200);
        break;
    case 4:
        list_window_scroll(&fake->window, rand() % 9 - 4);
        break;
    case 5:
        list_window_set_height(&fake->window, 1 + (size_t)(rand() % 60));
        break;
    case 6:
        if (one_in(5))
            list_window_reset(&fake->window);
        break;
    default:
        list_window_move(&fake->window, rand() % 7 - 3);
    }
}

/* After any sequence of events, once all is answered, the rows shown are those that exist. */
static void any_order_of_events(struct fake *fake)
{
    srand(7);
    for (int i = 0; i < 20000; i++) {
        if (one_in(3))
            change_something(fake);
        if (one_in(3))
            press_something(fake);
        if (fake->ticket && one_in(30))
            refuse(fake);
        else if (one_in(2))
            answer(fake);
        assert_true(list_window_count(&fake->window) <= 1700);
        if (i % 50 == 0) {
            list_window_look(&fake->window); /* also after a failure */
            settle(fake);
            check_rows(fake);
        }
        if (i % 200 == 0) {
            list_window_reset(&fake->window);
            settle(fake);
            check_run(fake);
        }
    }
    assert_true(fake->merges > 1000);
}

static void any_order_of_changes_keys_answers_and_failures(void **state)
{
    any_order_of_events(begin_with(state, 3000));
}

static void any_order_of_events_where_rows_move(void **state)
{
    any_order_of_events(begin_with_order(state, 3000, &fake_order));
}

/* ---- rows that move ---- */

static void a_row_raised_again_comes_up_and_slides_in(void **state)
{
    struct fake *fake = begin_with_order(state, 100, &fake_order);
    int fetches = fake->fetches;

    list_window_move(&fake->window, 3);
    assert_int_equal(cursor(fake), 97);
    raise_again(fake, 42);
    list_window_look(&fake->window);
    settle(fake);
    assert_int_equal(at(fake, 0), 42);
    assert_int_equal(top(fake), 42);
    assert_int_equal(cursor(fake), 97);
    assert_int_equal(fake->fetches, fetches);
    check_rows(fake);
}

static void the_cursor_goes_with_its_row(void **state)
{
    struct fake *fake = begin_with_order(state, 100, &fake_order);

    list_window_move(&fake->window, 5);
    assert_int_equal(cursor(fake), 95);
    raise_again(fake, 95);
    list_window_look(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 95);
    assert_int_equal(at(fake, 0), 95);
    check_rows(fake);
}

/* Also out of the rows that are loaded; what a key means waits for it. */
static void the_cursor_goes_with_its_row_far_away(void **state)
{
    struct fake *fake = begin_with_order(state, 5000, &fake_order);

    list_window_oldest(&fake->window);
    settle(fake);
    list_window_move(&fake->window, -3);
    assert_int_equal(cursor(fake), 4);
    raise_again(fake, 4);
    list_window_look(&fake->window);
    answer(fake);
    assert_false(list_window_is_settled(&fake->window));
    settle(fake);
    assert_int_equal(cursor(fake), 4);
    assert_int_equal(at(fake, 0), 4);
    check_rows(fake);
}

/* Where everything is read again, nobody says which rows have moved. */
static void the_cursor_goes_with_its_row_through_a_reread(void **state)
{
    struct fake *fake = begin_with_order(state, 5000, &fake_order);

    list_window_oldest(&fake->window);
    settle(fake);
    list_window_move(&fake->window, -3);
    fake->rank[4] = 9999;
    list_window_reread(&fake->window);
    settle(fake);
    assert_int_equal(cursor(fake), 4);
    assert_int_equal(at(fake, 0), 4);
    check_rows(fake);
}

/* A row that moved while pages were read is not shown twice. */
static void a_row_that_moves_between_pages_stands_once(void **state)
{
    struct fake *fake = begin_with_order(state, 5000, &fake_order);

    list_window_oldest(&fake->window);
    settle(fake);
    fake->rank[6] = 9999;
    list_window_move(&fake->window, -4900);
    settle(fake);
    list_window_page(&fake->window, -4900);
    settle(fake);
    check_run(fake);
    assert_int_equal(at(fake, 0), 6);
}

static void another_order_keeps_the_cursor_on_its_row(void **state)
{
    struct fake *fake = begin_with(state, 5000);

    raise_again(fake, 3000);
    for (int64_t id = 1; id <= fake->last; id++)
        fake->rank[id] = (id * 7919) % 5000;
    list_window_move(&fake->window, 2000);
    settle(fake);
    assert_int_equal(cursor(fake), 3000);
    list_window_sort(&fake->window, &fake_order);
    settle(fake);
    assert_int_equal(cursor(fake), 3000);
    check_rows(fake);
    list_window_sort(&fake->window, NULL);
    settle(fake);
    assert_int_equal(cursor(fake), 3000);
    check_run(fake);
}

UNIT_MAIN(TEST(goes_to_the_newest_while_a_burst_is_read), TEST(a_change_costs_no_page),
          TEST(what_leaves_the_filter_stays_dimmed_and_what_enters_it_appears),
          TEST(below_and_above_the_rows_at_hand_nothing_is_merged), TEST(too_much_is_read_as_a_whole),
          TEST(any_order_of_changes_keys_answers_and_failures), TEST(any_order_of_events_where_rows_move),
          TEST(a_row_raised_again_comes_up_and_slides_in), TEST(the_cursor_goes_with_its_row),
          TEST(the_cursor_goes_with_its_row_far_away), TEST(the_cursor_goes_with_its_row_through_a_reread),
          TEST(a_row_that_moves_between_pages_stands_once), TEST(another_order_keeps_the_cursor_on_its_row))
