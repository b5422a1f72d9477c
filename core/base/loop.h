/*
 * loop.h - one poll(2) loop: sources, timers, signals, and a hook before it sleeps.
 *
 * Each turn asks every source which descriptor it waits for, because libpq changes its socket while it connects; no
 * descriptor is ever registered. Callbacks may add and remove sources, timers and signals, their own included.
 */
#ifndef NB_BASE_LOOP_H
#define NB_BASE_LOOP_H

#include "base/error.h"

struct nb_loop;
struct nb_source;
struct nb_timer;
struct nb_signal;

/* What a source waits for in this turn. fd -1: nothing; events: POLLIN and POLLOUT, as for poll. */
struct nb_interest {
    int fd;
    short events;
};

typedef void nb_source_prepare(void *arg, struct nb_interest *interest);
typedef void nb_source_ready(void *arg, short revents);
typedef void nb_loop_callback(void *arg);
typedef void nb_signal_callback(void *arg, int signo);

NB_MUSTCHECK int nb_loop_new(struct nb_loop **out, struct nb_error *err);
void nb_loop_free(struct nb_loop **loop);

struct nb_source *nb_loop_add_source(struct nb_loop *loop, nb_source_prepare *prepare, nb_source_ready *ready,
                                     void *arg);
void nb_source_remove(struct nb_source **source);

/* A new timer is stopped. It fires once after each nb_timer_start(); starting a running timer moves its time. */
struct nb_timer *nb_loop_add_timer(struct nb_loop *loop, nb_loop_callback *fire, void *arg);
void nb_timer_start(struct nb_timer *timer, int64_t delay_ms);
void nb_timer_stop(struct nb_timer *timer);
bool nb_timer_active(const struct nb_timer *timer);
int64_t nb_timer_remaining_ms(const struct nb_timer *timer); /* 0 when due or stopped */
void nb_timer_remove(struct nb_timer **timer);

/* Delivers a signal inside the loop (through a self-pipe). Removing it restores the former disposition. */
NB_MUSTCHECK int nb_loop_add_signal(struct nb_signal **out, struct nb_loop *loop, int signo,
                                    nb_signal_callback *callback, void *arg, struct nb_error *err);
void nb_signal_remove(struct nb_signal **signal);

/* hook is called once each turn just before poll, even when poll will not sleep. Dirty screens are painted there. */
void nb_loop_set_before_sleep(struct nb_loop *loop, nb_loop_callback *hook, void *arg);

/* One turn: hook, prepare, poll (at most max_wait_ms; -1: no limit), dispatch, timers. Callbacks may turn the loop. */
NB_MUSTCHECK int nb_loop_turn(struct nb_loop *loop, int64_t max_wait_ms, struct nb_error *err);
/* For a program with a loop of its own: calls visit for each descriptor that the next turn would wait for, and returns
 * how many milliseconds it would wait at most (-1: no limit). */
typedef void nb_loop_visit(void *arg, const struct nb_interest *interest);
int nb_loop_interests(struct nb_loop *loop, nb_loop_visit *visit, void *arg);
/* Turns until nb_loop_stop(). */
NB_MUSTCHECK int nb_loop_run(struct nb_loop *loop, struct nb_error *err);
void nb_loop_stop(struct nb_loop *loop);

#endif
