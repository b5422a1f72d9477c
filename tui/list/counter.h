/*
 * counter.h - an exact count, updated in the background. It is asked again when something may have changed, but
 * counting takes at most a tenth of the time: the slower a count, the less often it is asked.
 */
#ifndef TUI_COUNTER_H
#define TUI_COUNTER_H

#include "base/loop.h"
#include "page/page.h"

/* Starts the count; NULL: not possible now. */
typedef struct nb_request *counter_ask(void *arg, nb_count_done *done, void *done_arg);

struct counter {
    counter_ask *ask;
    void (*changed)(void *arg);
    void *arg;
    struct nb_request *request;
    struct nb_timer *timer;
    bool due;
    bool proving;        /* due only to prove what was added */
    int64_t unproven_ms; /* since when, then */
    bool known;
    int64_t value;
    int64_t asked_ms, rest_until_ms;
};

void counter_init(struct counter *counter, struct nb_loop *loop, counter_ask *ask, void (*changed)(void *arg),
                  void *arg);
void counter_clear(struct counter *counter);
void counter_refresh(struct counter *counter); /* the old value stays until the new one has come */
/* Adds rows that are known to be new: the value changes at once, and a count proves it a few seconds after the last of
 * them, or 15 after the first. */
void counter_add(struct counter *counter, int64_t more);
void counter_hurry(struct counter *counter);  /* counts again without a pause: a person waits for the value */
void counter_forget(struct counter *counter); /* counts something else now: the value is unknown */
void counter_stop(struct counter *counter);   /* nothing to count: the value is 0 */

#endif
