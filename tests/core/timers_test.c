/* The heap of timers: compared with a slow reference that checks every timer, and changed from inside callbacks. */
#include "tests/lib/unit.h"

#include "base/timers.h"

static struct nb_timers timers;

static int setup(void **state)
{
    (void)state;
    timers = (struct nb_timers){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_timers_clear(&timers);
    return 0;
}

static uint64_t seed = 88172645463325252u;

static uint64_t random_below(uint64_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed % limit;
}

/* ---- compared with the reference ---- */

#define COUNT 5000

struct entry {
    struct nb_timer *timer; /* NULL: removed */
    bool started;
    int64_t due;
    uint64_t start; /* the number of its last start */
};

static struct entry entries[COUNT];
static size_t fired[COUNT];
static size_t fired_count;

static void note(void *arg)
{
    assert_true(fired_count < COUNT);
    fired[fired_count++] = (size_t)((struct entry *)arg - entries);
}

/* The entry that is due next, found by checking all of them; COUNT: none. */
static size_t slow_next(void)
{
    size_t next = COUNT;

    for (size_t i = 0; i < COUNT; i++) {
        const struct entry *entry = &entries[i];

        if (entry->started && (next == COUNT || entry->due < entries[next].due ||
                               (entry->due == entries[next].due && entry->start < entries[next].start)))
            next = i;
    }
    return next;
}

static void change_one(struct entry *entry, int64_t now, uint64_t starts)
{
    uint64_t what = random_below(10);

    if (!entry->timer) {
        entry->timer = nb_timers_add(&timers, note, entry);
        assert_false(nb_timer_active(entry->timer));
    } else if (what == 0) {
        nb_timer_remove(&entry->timer);
        assert_null(entry->timer);
        entry->started = false;
    } else if (what <= 2) {
        nb_timer_stop(entry->timer);
        entry->started = false;
    } else {
        entry->due = now + (int64_t)random_below(2000); /* few different times, so that many are due together */
        entry->start = starts;
        entry->started = true;
        nb_timers_start(entry->timer, entry->due);
    }
    if (entry->timer)
        assert_int_equal(nb_timer_active(entry->timer), entry->started);
}

static void agrees_with_looking_at_every_timer(void **state)
{
    int64_t now = 0;
    size_t total = 0;

    (void)state;
    for (uint64_t step = 1; step <= 200000; step++) {
        change_one(&entries[random_below(COUNT)], now, step);
        if (step % 1000 != 0)
            continue;
        size_t next = slow_next();
        assert_int_equal(nb_timers_next(&timers), next < COUNT ? entries[next].due : INT64_MAX);
        now += (int64_t)random_below(300);
        fired_count = 0;
        nb_timers_fire(&timers, now);
        total += fired_count;
        for (size_t i = 0; i < fired_count; i++) {
            assert_int_equal(fired[i], slow_next());
            assert_true(entries[fired[i]].due <= now);
            assert_false(nb_timer_active(entries[fired[i]].timer));
            entries[fired[i]].started = false;
        }
        next = slow_next();
        assert_int_equal(nb_timers_next(&timers), next < COUNT ? entries[next].due : INT64_MAX);
        assert_true(next == COUNT || entries[next].due > now);
    }
    assert_true(total > 10000);
}

/* ---- from inside callbacks ---- */

#define CROWD 1000

static struct nb_timer *crowd[CROWD];
static unsigned calls;

static void count(void *arg)
{
    (void)arg;
    calls++;
}

static void remove_all(void *arg)
{
    (void)arg;
    calls++;
    for (size_t i = 0; i < CROWD; i++)
        nb_timer_remove(&crowd[i]);
}

static void stop_next(void *arg)
{
    size_t i = (size_t)((struct nb_timer **)arg - crowd);

    calls++;
    nb_timer_stop(crowd[(i + 1) % CROWD]);
}

static void start_itself(void *arg)
{
    calls++;
    nb_timers_start(*(struct nb_timer **)arg, 10);
}

static void gather(nb_loop_callback *callback)
{
    calls = 0;
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = nb_timers_add(&timers, callback, &crowd[i]);
        nb_timers_start(crowd[i], 10);
    }
}

static void one_callback_may_remove_all(void **state)
{
    (void)state;
    gather(remove_all);
    nb_timers_fire(&timers, 10);
    assert_int_equal(calls, 1);
    assert_int_equal(nb_timers_next(&timers), INT64_MAX);
}

static void a_timer_that_a_callback_stops_does_not_fire(void **state)
{
    (void)state;
    gather(stop_next);
    nb_timers_fire(&timers, 9);
    assert_int_equal(calls, 0);
    nb_timers_fire(&timers, 10); /* in the order of their starts, so every second one */
    assert_int_equal(calls, CROWD / 2);
    nb_timers_fire(&timers, 1000);
    assert_int_equal(calls, CROWD / 2);
}

static void what_a_callback_starts_waits_for_the_next_call(void **state)
{
    struct nb_timer *last;

    (void)state;
    gather(start_itself);
    last = nb_timers_add(&timers, count, NULL);
    nb_timers_start(last, 10);
    nb_timers_fire(&timers, 10);
    assert_int_equal(calls, CROWD + 1); /* the last one was called too */
    assert_true(nb_timer_active(crowd[0]));
    assert_false(nb_timer_active(last));
    nb_timers_fire(&timers, 10);
    assert_int_equal(calls, 2 * CROWD + 1);
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(agrees_with_looking_at_every_timer, setup, teardown),
          cmocka_unit_test_setup_teardown(one_callback_may_remove_all, setup, teardown),
          cmocka_unit_test_setup_teardown(a_timer_that_a_callback_stops_does_not_fire, setup, teardown),
          cmocka_unit_test_setup_teardown(what_a_callback_starts_waits_for_the_next_call, setup, teardown))
