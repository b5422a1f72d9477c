/*
 * timers.h - the timers of a loop, in a heap: starting, stopping and firing cost O(log n).
 * Private to the loop and its test; others use loop.h.
 */
#ifndef NB_BASE_TIMERS_H
#define NB_BASE_TIMERS_H

#include "base/loop.h"
#include "base/vec.h"

struct nb_timers {
    NB_VEC(struct nb_timer *) heap; /* the started ones, by due time, then by order of start */
    NB_VEC(struct nb_timer *) all;
    uint64_t starts; /* so far */
};

struct nb_timer *nb_timers_add(struct nb_timers *timers, nb_loop_callback *fire, void *arg);
void nb_timers_start(struct nb_timer *timer, int64_t due_ms);
/* When the next one is due, in milliseconds of the monotonic clock; INT64_MAX: none is started. */
int64_t nb_timers_next(const struct nb_timers *timers);
/* Fires the due timers in order. A timer started by a callback waits for the next call, so a timer that restarts itself
 * without delay does not block the loop. */
void nb_timers_fire(struct nb_timers *timers, int64_t now_ms);
/* Frees every timer. */
void nb_timers_clear(struct nb_timers *timers);

#endif
