/*
 * attention.h - what reaches a person who looks elsewhere: bell, flash, desktop notification, the window's title.
 */
#ifndef TUI_ATTENTION_H
#define TUI_ATTENTION_H

#include "page/page.h"
#include "tui/host/host.h"

struct console;

struct attention {
    char *look; /* the pg_snapshot up to which critical events have been told; NULL: none taken yet */
    struct nb_request *request;
    bool due;
    struct nb_filter *filter; /* open critical events */
    struct nb_timer *flash;   /* until the screen is as it was */
    struct host_observer observer;
};

/* From now on, when events may have arrived, it looks for critical ones since the last time, and rings for them. */
void attention_init(struct console *console);
void attention_clear(struct console *console);
/* The counts have changed: they are in the window's title. */
void attention_counts(struct console *console);

#endif
