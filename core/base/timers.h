/*
 * timers.h - the timers of a loop, in a heap: starting, stopping and firing one costs the logarithm of how many are started.
 * loop.h is what others use; only the loop and its test know this one.
 */
#ifndef NB_BASE_TIMERS_H
#define NB_BASE_TIMERS_H

#include "base/loop.h"
#include "base/vec.h"

struct nb_timers {
    NB_VEC(struct nb_timer *) heap; /* those that are started, by due time, then by the order of their starts */
    NB_VEC(struct nb_timer *) all;
    uint64_t starts; /* so far */
};

struct nb_timer *nb_timers_add(struct nb_timers *timers, nb_loop_callback *fire, void *arg);
void nb_timers_start(struct nb_timer *timer, int64_t due_ms);
/* When the next one is due, on the monotonic clock; INT64_MAX: none is started. */
int64_t nb_timers_next(const struct nb_timers *timers);
/* Fires what is due, in order. A timer that a callback starts waits for the next call, so that one which starts itself
 * anew without a delay lets the loop go on. */
void nb_timers_fire(struct nb_timers *timers, int64_t now_ms);
/* Frees every timer. */
void nb_timers_clear(struct nb_timers *timers);

#endif
