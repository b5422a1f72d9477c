/* How often something is allowed: a few times at once, then at a steady rate, and a few at once again after a pause. */
#include "tests/lib/unit.h"

#include "base/ration.h"

static int taken(struct nb_ration *ration, int64_t from, int64_t to)
{
    int count = 0;

    for (int64_t now = from; now < to; now++)
        count += nb_ration_take(ration, now);
    return count;
}

static void allows_a_few_at_once_and_then_the_rate(void **state)
{
    struct nb_ration ration;

    (void)state;
    nb_ration_init(&ration, 3, 100, 1000);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(nb_ration_wait_ms(&ration, 1000), 0);
        assert_true(nb_ration_take(&ration, 1000));
    }
    assert_false(nb_ration_take(&ration, 1000));
    assert_int_equal(nb_ration_wait_ms(&ration, 1030), 70);
    assert_false(nb_ration_take(&ration, 1099));
    assert_true(nb_ration_take(&ration, 1100));
    assert_int_equal(taken(&ration, 1101, 2101), 10);
}

static void delays_nothing_that_is_not_too_often(void **state)
{
    struct nb_ration ration;

    (void)state;
    nb_ration_init(&ration, 3, 100, 0);
    for (int64_t now = 5; now < 10000; now += 100)
        assert_true(nb_ration_take(&ration, now + now % 7 * 9));
}

static void fills_up_to_no_more_than_the_few(void **state)
{
    struct nb_ration ration;

    (void)state;
    nb_ration_init(&ration, 3, 100, 0);
    assert_int_equal(taken(&ration, 0, 50), 3);
    assert_int_equal(taken(&ration, 1000000, 1000100), 3);
    assert_int_equal(nb_ration_wait_ms(&ration, 1000100), 0);
}

static void leaves_the_last_to_what_is_more_urgent(void **state)
{
    struct nb_ration ration;

    (void)state;
    nb_ration_init(&ration, 3, 100, 0);
    assert_true(nb_ration_take_above(&ration, 1, 0));
    assert_true(nb_ration_take_above(&ration, 1, 0));
    assert_false(nb_ration_take_above(&ration, 1, 0));
    assert_int_equal(nb_ration_wait_above_ms(&ration, 1, 30), 70);
    assert_true(nb_ration_take(&ration, 30));
    assert_int_equal(nb_ration_wait_above_ms(&ration, 1, 30), 170);
    assert_false(nb_ration_take_above(&ration, 1, 199));
    assert_true(nb_ration_take_above(&ration, 1, 200));
    assert_true(nb_ration_take(&ration, 200));
    assert_int_equal(taken(&ration, 201, 1201), 10);
}

UNIT_MAIN(cmocka_unit_test(allows_a_few_at_once_and_then_the_rate),
          cmocka_unit_test(delays_nothing_that_is_not_too_often), cmocka_unit_test(fills_up_to_no_more_than_the_few),
          cmocka_unit_test(leaves_the_last_to_what_is_more_urgent))
