/* The list's model over a source that delays, overtakes, fails and changes under it: where the cursor is, what is shown. */
#include "tests/lib/unit.h"
#include "tui/list/list_window.h"

struct fake_row {
    struct nb_row row;
    int64_t id;
};

/* A table of ids, newest first on demand; `matches` says whether the filter shows a row. */
struct fake {
    struct list_window window;
    bool exists[20001];
    bool matches[20001];
    int64_t last;
    unsigned ticket; /* of the fetch that waits for its answer; 0: none */
    struct list_fetch fetch;
    struct nb_key keys[1000];
    size_t key_count;
    bool by_keys;
    int fetches, cancels, looks;
};

static struct nb_row *copy_row(const struct nb_row *row, struct nb_arena *arena)
{
    struct fake_row *copy = nb_arena_alloc(arena, sizeof(*copy));

    *copy = *(const struct fake_row *)row;
    return &copy->row;
}

static void on_fetch(void *arg, unsigned ticket, const struct list_fetch *fetch)
{
    struct fake *fake = arg;

    fake->ticket = ticket;
    fake->fetch = *fetch;
    fake->by_keys = false;
    fake->fetches++;
}

static void on_fetch_keys(void *arg, unsigned ticket, const struct nb_key *keys, size_t count)
{
    struct fake *fake = arg;

    fake->ticket = ticket;
    memcpy(fake->keys, keys, count * sizeof(*keys));
    fake->key_count = count;
    fake->by_keys = true;
    fake->fetches++;
}

static void on_cancel(void *arg)
{
    ((struct fake *)arg)->cancels++;
}

static void on_changed(void *arg)
{
    (void)arg;
}

static void add_row(struct nb_page *page, int64_t id, bool front)
{
    struct fake_row *row = nb_arena_alloc(page->arena, sizeof(*row));

    row->row.key = nb_key_from_int(id);
    row->id = id;
    if (front) {
        memmove(page->rows + 1, page->rows, page->count * sizeof(*page->rows));
        page->rows[0] = &row->row;
    } else {
        page->rows[page->count] = &row->row;
    }
    page->count++;
}

static struct nb_page *make_page(struct fake *fake)
{
    struct nb_page *page = nb_calloc(1, sizeof(*page));
    char look[32];

    page->arena = nb_arena_new();
    page->rows = nb_arena_alloc(page->arena, 1001 * sizeof(*page->rows));
    fake->looks++;
    snprintf(look, sizeof(look), "%d:%d:", fake->looks, fake->looks);
    page->snapshot = nb_strdup(look);
    return page;
}

static struct nb_page *select_page(struct fake *fake)
{
    const struct list_fetch *fetch = &fake->fetch;
    bool older = fetch->direction == NB_OLDER;
    struct nb_page *page = make_page(fake);
    int64_t id = fetch->has_from ? nb_key_to_int(&fetch->from) : older ? fake->last : 1;

    if (fetch->has_from && !fetch->inclusive)
        id += older ? -1 : 1;
    for (; id >= 1 && id <= fake->last; id += older ? -1 : 1) {
        if (!fake->exists[id] || !fake->matches[id])
            continue;
        if (page->count == fetch->limit) {
            page->more = true;
            break;
        }
        add_row(page, id, !older);
    }
    return page;
}

static struct nb_page *select_keys(struct fake *fake)
{
    struct nb_page *page = make_page(fake);

    for (size_t i = 0; i < fake->key_count; i++)
        if (fake->exists[nb_key_to_int(&fake->keys[i])])
            add_row(page, nb_key_to_int(&fake->keys[i]), false);
    return page;
}

/* Answers the fetch that waits; false when none does. */
static bool answer(struct fake *fake)
{
    unsigned ticket = fake->ticket;

    if (ticket == 0)
        return false;
    fake->ticket = 0;
    list_window_answer(&fake->window, ticket, fake->by_keys ? select_keys(fake) : select_page(fake), NULL);
    return true;
}

static void settle(struct fake *fake)
{
    int turns = 0;

    while (answer(fake))
        assert_true(++turns < 300);
}

static void refuse(struct fake *fake)
{
    struct nb_error err;
    unsigned ticket = fake->ticket;

    nb_error_set(&err, NB_EUNREACHABLE, NB_DOMAIN_DATABASE, "gone");
    fake->ticket = 0;
    list_window_answer(&fake->window, ticket, NULL, &err);
}

static void add(struct fake *fake, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        fake->last++;
        fake->exists[fake->last] = fake->matches[fake->last] = true;
    }
}

static int setup(void **state)
{
    struct fake *fake = nb_calloc(1, sizeof(*fake));
    struct list_source source = {.fetch = on_fetch,
                                 .fetch_keys = on_fetch_keys,
                                 .cancel = on_cancel,
                                 .changed = on_changed,
                                 .copy = copy_row,
                                 .arg = fake};

    list_window_init(&fake->window, &source);
    *state = fake;
    return 0;
}

static int teardown(void **state)
{
    struct fake *fake = *state;

    list_window_clear(&fake->window);
    free(fake);
    return 0;
}

static struct fake *begin_with(void **state, int64_t rows)
{
    struct fake *fake = *state;

    add(fake, rows);
    list_window_set_height(&fake->window, 10);
    list_window_reread(&fake->window);
    settle(fake);
    return fake;
}

static int64_t at(const struct fake *fake, size_t index)
{
    return nb_key_to_int(&list_window_item(&fake->window, index)->row->key);
}

static int64_t cursor(const struct fake *fake)
{
    const struct nb_row *row = list_window_current(&fake->window);

    return row ? nb_key_to_int(&row->key) : 0;
}

static int64_t top(const struct fake *fake)
{
    struct nb_key key;

    return list_window_top_key(&fake->window, &key) ? nb_key_to_int(&key) : 0;
}

/* The rows shown are exactly those that match within the run, in order, each once. */
static void check_run(const struct fake *fake)
{
    size_t count = list_window_count(&fake->window);

    for (size_t i = 1; i < count; i++) {
        int64_t newer = at(fake, i - 1), older = at(fake, i);

        assert_true(newer > older);
        for (int64_t id = older + 1; id < newer; id++)
            assert_false(fake->exists[id] && fake->matches[id]);
    }
}

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
    struct nb_key key = nb_key_from_int(4321);

    list_window_goto(&fake->window, &key);
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

static bool one_in(unsigned n)
{
    return rand() % (int)n == 0;
}

static void change_something(struct fake *fake)
{
    switch (rand() % 4) {
    case 0:
        if (fake->last < 19000)
            add(fake, one_in(20) ? 800 : 1 + rand() % 5);
        break;
    case 1:
        fake->exists[1 + rand() % fake->last] = false;
        break;
    case 2:
        fake->exists[1 + rand() % fake->last] = true;
        break;
    default:
        fake->matches[1 + rand() % fake->last] = one_in(2);
    }
    list_window_reread(&fake->window);
}

static void press_something(struct fake *fake)
{
    struct nb_key key = nb_key_from_int(1 + rand() % fake->last);

    switch (rand() % 10) {
    case 0:
        list_window_newest(&fake->window);
        break;
    case 1:
        list_window_oldest(&fake->window);
        break;
    case 2:
        list_window_goto(&fake->window, &key);
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

/* Whatever happens in whatever order: once all is answered, the rows shown are the rows that exist. */
static void any_order_of_changes_keys_answers_and_failures(void **state)
{
    struct fake *fake = begin_with(state, 3000);

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
        if (i % 200 == 0) {
            list_window_reread(&fake->window);
            settle(fake);
            list_window_reset(&fake->window);
            settle(fake);
            check_run(fake);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
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
          TEST(goes_to_a_row_far_away), TEST(height_changes_keep_the_cursor_in_view),
          TEST(any_order_of_changes_keys_answers_and_failures))
