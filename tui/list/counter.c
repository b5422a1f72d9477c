/*
 * counter.c - sends one count at a time and pauses between them.
 */
#include "tui/list/counter.h"

#include "base/clock.h"

#define REST_FACTOR   9
#define REST_LEAST_MS 100
#define REST_MOST_MS  10000
#define RETRY_MS      1000
#define PROVE_MS      3000  /* after the last change … */
#define PROVE_MOST_MS 15000 /* … but no later than this after the first */

static void ask_when_rested(struct counter *counter);

static void on_answer(void *arg, int64_t count, const struct nb_error *err)
{
    struct counter *counter = arg;
    int64_t now = nb_monotonic_ms();
    int64_t cost = now - counter->asked_ms;
    int64_t rest = cost * REST_FACTOR;

    counter->request = NULL;
    rest = rest < REST_LEAST_MS ? REST_LEAST_MS : rest > REST_MOST_MS ? REST_MOST_MS : rest;
    counter->rest_until_ms = now + rest;
    if (err) {
        /* cancelled for something more urgent, or connection or token are lost: the next bell or the timer asks again */
        counter->due = true;
        counter->rest_until_ms = now + RETRY_MS;
        if (err->code != NB_EUNREACHABLE && err->code != NB_EDENIED)
            ask_when_rested(counter);
        return;
    }
    if (!counter->known || counter->value != count) {
        counter->known = true;
        counter->value = count;
        counter->changed(counter->arg);
    }
    ask_when_rested(counter);
}

static void ask_when_rested(struct counter *counter)
{
    int64_t now = nb_monotonic_ms();

    if (!counter->due || counter->request)
        return;
    if (now < counter->rest_until_ms) {
        nb_timer_start(counter->timer, counter->rest_until_ms - now);
        return;
    }
    counter->asked_ms = now;
    counter->request = counter->ask(counter->arg, on_answer, counter);
    counter->due = counter->request == NULL;
}

static void on_timer(void *arg)
{
    ask_when_rested(arg);
}

void counter_init(struct counter *counter, struct nb_loop *loop, counter_ask *ask, void (*changed)(void *arg),
                  void *arg)
{
    *counter = (struct counter){.ask = ask, .changed = changed, .arg = arg};
    counter->timer = nb_loop_add_timer(loop, on_timer, counter);
}

void counter_clear(struct counter *counter)
{
    if (counter->request)
        nb_request_abandon(&counter->request);
    nb_timer_remove(&counter->timer);
}

void counter_refresh(struct counter *counter)
{
    counter->due = true;
    counter->proving = false;
    ask_when_rested(counter);
}

/* A running count, or one about to start, may miss these rows, so count again. */
void counter_add(struct counter *counter, int64_t more)
{
    int64_t now = nb_monotonic_ms();

    if (!counter->known || counter->request) {
        counter_refresh(counter);
        return;
    }
    if (!counter->due) {
        counter->due = counter->proving = true;
        counter->unproven_ms = now;
    }
    if (counter->proving && counter->rest_until_ms < now + PROVE_MS &&
        now - counter->unproven_ms < PROVE_MOST_MS - PROVE_MS)
        counter->rest_until_ms = now + PROVE_MS;
    counter->value += more;
    counter->changed(counter->arg);
    ask_when_rested(counter);
}

void counter_hurry(struct counter *counter)
{
    counter->rest_until_ms = 0;
    counter_refresh(counter);
}

void counter_forget(struct counter *counter)
{
    counter->known = false;
    counter->rest_until_ms = 0;
    if (counter->request)
        nb_request_abandon(&counter->request);
    counter_refresh(counter);
}

void counter_stop(struct counter *counter)
{
    if (counter->request)
        nb_request_abandon(&counter->request);
    nb_timer_stop(counter->timer);
    counter->due = false;
    counter->known = true;
    counter->value = 0;
}
