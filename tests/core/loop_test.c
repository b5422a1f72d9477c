/* The loop: order, removal from inside a callback, nested turns, signals. */
#include "tests/lib/unit.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/loop.h"

static struct nb_loop *loop;

static int setup(void **state)
{
    (void)state;
    return nb_loop_new(&loop, NULL);
}

static int teardown(void **state)
{
    (void)state;
    nb_loop_free(&loop);
    return 0;
}

static void turn(int64_t wait)
{
    struct nb_error err = {0};

    if (nb_loop_turn(loop, wait, &err) != 0)
        fail_msg("%s", err.message);
}

/* ---- timers ---- */

struct firing {
    struct nb_timer *timer;
    unsigned count;
    int again_ms; /* -1: not again */
    char name;
};

static char order[64];

static void fire(void *arg)
{
    struct firing *firing = arg;
    size_t length = strlen(order);

    firing->count++;
    order[length] = firing->name;
    order[length + 1] = '\0';
    if (firing->again_ms >= 0)
        nb_timer_start(firing->timer, firing->again_ms);
}

static void add(struct firing *firing, char name, int again_ms)
{
    *firing = (struct firing){.name = name, .again_ms = again_ms};
    firing->timer = nb_loop_add_timer(loop, fire, firing);
}

static void timers_fire_once_in_order_of_time(void **state)
{
    struct firing a, b, c;

    (void)state;
    order[0] = '\0';
    add(&a, 'a', -1);
    add(&b, 'b', -1);
    add(&c, 'c', -1);
    assert_false(nb_timer_active(a.timer));
    nb_timer_start(a.timer, 30);
    nb_timer_start(b.timer, 10);
    nb_timer_start(c.timer, 20);
    assert_in_range(nb_timer_remaining_ms(a.timer), 25, 30);
    while (a.count == 0)
        turn(-1);
    assert_string_equal(order, "bca");
    assert_int_equal(nb_timer_remaining_ms(a.timer), 0);
    turn(30);
    assert_string_equal(order, "bca");
    nb_timer_remove(&a.timer);
    nb_timer_remove(&b.timer);
    nb_timer_remove(&c.timer);
    nb_timer_remove(&c.timer);
}

static void a_timer_that_starts_itself_anew_fires_once_a_turn(void **state)
{
    struct firing a;

    (void)state;
    add(&a, 'a', 0);
    nb_timer_start(a.timer, 0);
    turn(0);
    assert_int_equal(a.count, 1);
    turn(-1);
    assert_int_equal(a.count, 2);
    nb_timer_stop(a.timer);
    turn(0);
    assert_int_equal(a.count, 2);
    nb_timer_remove(&a.timer);
}

static void turns_wait_no_longer_than_they_may(void **state)
{
    struct firing a;
    int64_t before = nb_monotonic_ms();

    (void)state;
    turn(20);
    assert_in_range(nb_monotonic_ms() - before, 19, 200);
    add(&a, 'a', -1);
    nb_timer_start(a.timer, 10);
    before = nb_monotonic_ms();
    turn(10000);
    assert_in_range(nb_monotonic_ms() - before, 9, 200);
    nb_timer_remove(&a.timer);
}

struct pair {
    struct nb_timer *timers[2];
    unsigned fired;
};

static void remove_both(void *arg)
{
    struct pair *pair = arg;

    pair->fired++;
    nb_timer_remove(&pair->timers[0]);
    nb_timer_remove(&pair->timers[1]);
}

static void timers_may_be_removed_by_timers(void **state)
{
    struct pair pair = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        pair.timers[i] = nb_loop_add_timer(loop, remove_both, &pair);
        nb_timer_start(pair.timers[i], 0);
    }
    turn(0);
    assert_int_equal(pair.fired, 1);
}

/* ---- sources ---- */

struct reader {
    struct nb_source *source;
    struct reader *victim; /* removed when this one is ready */
    int fds[2];
    unsigned ready;
    bool wants;
    bool nests;
};

static void prepare(void *arg, struct nb_interest *interest)
{
    struct reader *reader = arg;

    if (!reader->wants)
        return;
    interest->fd = reader->fds[0];
    interest->events = POLLIN;
}

static void on_ready(void *arg, short revents)
{
    struct reader *reader = arg;
    char byte;

    assert_true(revents & (POLLIN | POLLHUP));
    reader->ready++;
    assert_int_equal(read(reader->fds[0], &byte, 1), 1);
    if (reader->victim)
        nb_source_remove(&reader->victim->source);
    if (reader->nests) {
        reader->nests = false;
        turn(0);
    }
}

static void add_reader(struct reader *reader)
{
    *reader = (struct reader){.wants = true};
    assert_int_equal(pipe(reader->fds), 0);
    reader->source = nb_loop_add_source(loop, prepare, on_ready, reader);
}

static void ring(const struct reader *reader)
{
    assert_int_equal(write(reader->fds[1], "x", 1), 1);
}

static void remove_reader(struct reader *reader)
{
    nb_source_remove(&reader->source);
    close(reader->fds[0]);
    close(reader->fds[1]);
}

static void sources_are_asked_anew_each_turn(void **state)
{
    struct reader a;

    (void)state;
    add_reader(&a);
    ring(&a);
    a.wants = false;
    turn(0);
    assert_int_equal(a.ready, 0);
    a.wants = true;
    turn(0);
    assert_int_equal(a.ready, 1);
    remove_reader(&a);
}

static void sources_may_remove_each_other_and_themselves(void **state)
{
    struct reader a, b;

    (void)state;
    add_reader(&a);
    add_reader(&b);
    a.victim = &b;
    b.victim = &a;
    ring(&a);
    ring(&b);
    turn(0);
    assert_int_equal(a.ready + b.ready, 1);
    remove_reader(&a);
    remove_reader(&b);
    add_reader(&a);
    a.victim = &a;
    ring(&a);
    turn(0);
    turn(0);
    assert_int_equal(a.ready, 1);
    assert_null(a.source);
    remove_reader(&a);
}

static void turns_may_nest(void **state)
{
    struct reader a, b;

    (void)state;
    add_reader(&a);
    add_reader(&b);
    a.nests = true;
    a.victim = &b; /* removed while two turns are running */
    ring(&a);
    ring(&a);
    ring(&b);
    turn(0);
    assert_int_equal(a.ready, 2);
    assert_int_equal(b.ready, 0);
    remove_reader(&a);
    remove_reader(&b);
}

/* ---- hook, run, stop ---- */

static unsigned hooked;

static void count_hook(void *arg)
{
    struct reader *reader = arg;

    hooked++;
    reader->wants = true; /* what the hook asks for is polled in the same turn */
}

static void the_hook_comes_before_each_sleep(void **state)
{
    struct reader a;

    (void)state;
    add_reader(&a);
    a.wants = false;
    ring(&a);
    nb_loop_set_before_sleep(loop, count_hook, &a);
    turn(0);
    nb_loop_set_before_sleep(loop, NULL, NULL);
    assert_int_equal(hooked, 1);
    assert_int_equal(a.ready, 1);
    remove_reader(&a);
}

static void stop(void *arg)
{
    nb_loop_stop(arg);
}

static void run_ends_with_stop(void **state)
{
    struct nb_timer *timer = nb_loop_add_timer(loop, stop, loop);

    (void)state;
    nb_timer_start(timer, 5);
    assert_int_equal(nb_loop_run(loop, NULL), 0);
    nb_timer_remove(&timer);
}

/* ---- signals ---- */

static unsigned signals;

static void on_signal(void *arg, int signo)
{
    (void)arg;
    assert_int_equal(signo, SIGUSR1);
    signals++;
}

static void signals_are_delivered_inside_the_loop(void **state)
{
    struct nb_signal *signal = NULL, *second = NULL;
    struct nb_error err;

    (void)state;
    assert_int_equal(nb_loop_add_signal(&signal, loop, SIGUSR1, on_signal, NULL, &err), 0);
    assert_int_equal(nb_loop_add_signal(&second, loop, SIGUSR1, on_signal, NULL, &err), NB_EUSAGE);
    raise(SIGUSR1);
    raise(SIGUSR1);
    assert_int_equal(signals, 0);
    turn(1000);
    assert_int_equal(signals, 1); /* coalesced */
    for (int i = 0; i < 100000; i++)
        raise(SIGUSR1); /* more than the pipe holds */
    turn(1000);
    assert_int_equal(signals, 2);
    nb_signal_remove(&signal);
    struct sigaction now;
    sigaction(SIGUSR1, NULL, &now);
    assert_ptr_equal(now.sa_handler, SIG_DFL);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(timers_fire_once_in_order_of_time),
               cmocka_unit_test(a_timer_that_starts_itself_anew_fires_once_a_turn),
               cmocka_unit_test(turns_wait_no_longer_than_they_may), cmocka_unit_test(timers_may_be_removed_by_timers),
               cmocka_unit_test(sources_are_asked_anew_each_turn),
               cmocka_unit_test(sources_may_remove_each_other_and_themselves), cmocka_unit_test(turns_may_nest),
               cmocka_unit_test(the_hook_comes_before_each_sleep), cmocka_unit_test(run_ends_with_stop),
               cmocka_unit_test(signals_are_delivered_inside_the_loop))
