/*
 * waking.c - waits until the next snooze ends, then lets the screens read their events again, and rings for critical ones.
 */
#include "tui/console/waking.h"

#include "events/events.h"
#include "tui/console/console_state.h"

#define EVENTS        NB_SUBJECT_BIT(NB_SUBJECT_EVENTS)
#define LOOK_AFTER_MS 500              /* a burst of doorbells costs one question */
#define LONGEST_MS    (60 * 60 * 1000) /* asked again from time to time, as clocks are set */

static void on_wakes(void *arg, const struct nb_wakes *wakes, const struct nb_error *err)
{
    struct console *console = arg;
    struct waking *waking = &console->waking;

    waking->asking = NULL;
    if (err) /* the next doorbell asks again */
        return;
    if (!wakes->known) {
        link_doubt(&console->host);
        return;
    }
    waking->since = wakes->at;
    if (wakes->wait_ms >= 0)
        nb_timer_start(waking->wake, wakes->wait_ms < LONGEST_MS ? wakes->wait_ms : LONGEST_MS);
    else
        nb_timer_stop(waking->wake);
    attention_woken(console, wakes);
}

static void look(void *arg)
{
    struct console *console = arg;
    struct waking *waking = &console->waking;

    if (!host_is_operator(&console->host) || !link_is_ready(&console->host) || link_is_refused(&console->host))
        return;
    if (waking->asking)
        nb_request_abandon(&waking->asking);
    waking->asking = nb_event_wakes(console->host.connection, waking->since, on_wakes, console);
}

/* A filter may show the event from now on, or no longer: the rows are read again as a whole. */
static void on_wake(void *arg)
{
    struct console *console = arg;

    if (link_is_ready(&console->host)) /* when it is again, everything is read again anyway */
        host_rang(&console->host, EVENTS, true);
}

static void look_later(struct waking *waking)
{
    if (!nb_timer_active(waking->look))
        nb_timer_start(waking->look, LOOK_AFTER_MS);
}

static void on_rang(void *arg, unsigned subjects, bool resync)
{
    (void)resync;
    if (subjects & EVENTS)
        look_later(&((struct console *)arg)->waking);
}

static void on_identified(void *arg)
{
    look_later(&((struct console *)arg)->waking);
}

void waking_init(struct console *console)
{
    struct waking *waking = &console->waking;

    waking->since = NB_TIME_NONE;
    waking->look = nb_loop_add_timer(console->host.loop, look, console);
    waking->wake = nb_loop_add_timer(console->host.loop, on_wake, console);
    waking->observer = (struct host_observer){.rang = on_rang, .identified = on_identified, .arg = console};
    host_observe(&console->host, &waking->observer);
}

void waking_clear(struct console *console)
{
    struct waking *waking = &console->waking;

    if (waking->asking)
        nb_request_abandon(&waking->asking);
    nb_timer_remove(&waking->look);
    nb_timer_remove(&waking->wake);
}
