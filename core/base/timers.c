/*
 * timers.c - a binary heap of timers. Each timer knows its index in the heap, so stopping it needs no search.
 *
 * A timer is not touched after its callback was called, so the callback may free it.
 */
#include "base/timers.h"

#include <assert.h>

#include "base/clock.h"

#define STOPPED SIZE_MAX

struct nb_timer {
    struct nb_timers *timers;
    nb_loop_callback *fire;
    void *arg;
    int64_t due;
    uint64_t started; /* the number of its last start */
    size_t place;     /* in the heap, or STOPPED */
    size_t number;    /* in `all` */
};

static bool before(const struct nb_timer *a, const struct nb_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->started < b->started;
}

static void put(struct nb_timers *timers, size_t place, struct nb_timer *timer)
{
    timers->heap.data[place] = timer;
    timer->place = place;
}

/* Both start at a free place of the heap and put the timer where it belongs. */
static void sift_up(struct nb_timers *timers, size_t place, struct nb_timer *timer)
{
    while (place > 0 && before(timer, timers->heap.data[(place - 1) / 2])) {
        put(timers, place, timers->heap.data[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(timers, place, timer);
}

static void sift_down(struct nb_timers *timers, size_t place, struct nb_timer *timer)
{
    size_t count = timers->heap.count;

    for (size_t child; (child = 2 * place + 1) < count; place = child) {
        if (child + 1 < count && before(timers->heap.data[child + 1], timers->heap.data[child]))
            child++;
        if (!before(timers->heap.data[child], timer))
            break;
        put(timers, place, timers->heap.data[child]);
    }
    put(timers, place, timer);
}

void nb_timer_stop(struct nb_timer *timer)
{
    struct nb_timers *timers = timer->timers;
    size_t place = timer->place;
    struct nb_timer *last;

    if (place == STOPPED)
        return;
    timer->place = STOPPED;
    last = *nb_vec_last(&timers->heap);
    timers->heap.count--;
    if (last == timer)
        return;
    if (place > 0 && before(last, timers->heap.data[(place - 1) / 2]))
        sift_up(timers, place, last);
    else
        sift_down(timers, place, last);
}

struct nb_timer *nb_timers_add(struct nb_timers *timers, nb_loop_callback *fire, void *arg)
{
    struct nb_timer *timer = nb_calloc(1, sizeof(*timer));

    *timer =
        (struct nb_timer){.timers = timers, .fire = fire, .arg = arg, .place = STOPPED, .number = timers->all.count};
    nb_vec_push(&timers->all, timer);
    return timer;
}

void nb_timers_start(struct nb_timer *timer, int64_t due_ms)
{
    struct nb_timers *timers = timer->timers;

    nb_timer_stop(timer);
    timer->due = due_ms;
    timer->started = ++timers->starts;
    nb_vec_push(&timers->heap, timer);
    sift_up(timers, timers->heap.count - 1, timer);
}

void nb_timer_start(struct nb_timer *timer, int64_t delay_ms)
{
    nb_timers_start(timer, nb_monotonic_ms() + (delay_ms > 0 ? delay_ms : 0));
}

bool nb_timer_active(const struct nb_timer *timer)
{
    return timer->place != STOPPED;
}

int64_t nb_timer_remaining_ms(const struct nb_timer *timer)
{
    int64_t left = nb_timer_active(timer) ? timer->due - nb_monotonic_ms() : 0;

    return left > 0 ? left : 0;
}

void nb_timer_remove(struct nb_timer **out)
{
    struct nb_timer *timer = *out, *last;
    struct nb_timers *timers;

    if (!timer)
        return;
    nb_timer_stop(timer);
    timers = timer->timers;
    last = *nb_vec_last(&timers->all);
    timers->all.data[timer->number] = last;
    last->number = timer->number;
    timers->all.count--;
    nb_free(out);
}

int64_t nb_timers_next(const struct nb_timers *timers)
{
    return timers->heap.count > 0 ? timers->heap.data[0]->due : INT64_MAX;
}

/* A timer started by a callback is due now at the earliest and has a higher start number, so it sorts behind all that
 * were due before. */
void nb_timers_fire(struct nb_timers *timers, int64_t now_ms)
{
    uint64_t starts = timers->starts;

    while (timers->heap.count > 0) {
        struct nb_timer *timer = timers->heap.data[0];

        if (timer->due > now_ms || timer->started > starts)
            return;
        nb_timer_stop(timer);
        timer->fire(timer->arg);
    }
}

void nb_timers_clear(struct nb_timers *timers)
{
    for (size_t i = 0; i < timers->all.count; i++)
        free(timers->all.data[i]);
    nb_vec_clear(&timers->all);
    nb_vec_clear(&timers->heap);
}
