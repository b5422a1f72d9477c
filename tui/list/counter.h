/*
 * counter.h - an exact count kept in the background: asked again when something may have changed, but never more often than
 * a tenth of the time, so that a count that is expensive is asked for less often.
 */
#ifndef TUI_COUNTER_H
#define TUI_COUNTER_H

#include "base/loop.h"
#include "page/page.h"

/* Begins the count; NULL: not now. */
typedef struct nb_request *counter_ask(void *arg, nb_count_done *done, void *done_arg);

struct counter {
    counter_ask *ask;
    void (*changed)(void *arg);
    void *arg;
    struct nb_request *request;
    struct nb_timer *timer;
    bool due;
    bool known;
    int64_t value;
    int64_t asked_ms, rest_until_ms;
};

void counter_init(struct counter *counter, struct nb_loop *loop, counter_ask *ask, void (*changed)(void *arg),
                  void *arg);
void counter_clear(struct counter *counter);
void counter_refresh(struct counter *counter); /* what is known stays until the new value is there */
/* So many more are known to be there: told at once; within a few seconds a count proves it. */
void counter_add(struct counter *counter, int64_t more);
void counter_hurry(struct counter *counter);  /* the same without the rest: a person waits for it */
void counter_forget(struct counter *counter); /* it counts something else from now on; asks anew */
void counter_stop(struct counter *counter);   /* known to be nothing to count: value 0 */

#endif
