/*
 * waking.h - snoozes that end. The database rings no doorbell then: the console looks by itself.
 */
#ifndef TUI_WAKING_H
#define TUI_WAKING_H

#include "tui/host/host.h"

struct console;

struct waking {
    struct nb_request *asking;
    struct nb_timer *look; /* until it is asked when the next snooze ends */
    struct nb_timer *wake; /* until that one ends */
    int64_t since;         /* of the last answer, by the database's clock: what has woken later has not been told */
    struct host_observer observer;
};

/* From now on, when a snooze ends, the console is told that events have changed, and rings for critical ones. */
void waking_init(struct console *console);
void waking_clear(struct console *console);

#endif
