/*
 * attention.h - what reaches a person who looks elsewhere: bell, flash, desktop notification, the window's title.
 */
#ifndef TUI_ATTENTION_H
#define TUI_ATTENTION_H

#include "events/events.h"
#include "feed/follow.h"
#include "tui/host/host.h"

struct console;

struct attention {
    struct nb_follow *follow; /* of open critical events; NULL: nobody has looked yet */
    size_t count;             /* that came since the last look and are not told yet */
    char *type, *description; /* of the latest of them */
    bool woken;               /* that one was snoozed */
    struct nb_timer *flash;   /* until the screen is as it was */
    bool title_due;           /* the window's title says other counts than there are */
    struct host_observer observer;
};

/* From now on, when events may have arrived, it looks for critical ones since the last time, and rings for them. */
void attention_init(struct console *console);
void attention_clear(struct console *console);
/* Rings for critical events whose snooze has ended. */
void attention_woken(struct console *console, const struct nb_wakes *wakes);
/* The counts have changed: they are in the window's title, which is sent with the next frame. */
void attention_counts(struct console *console);
void attention_title(struct console *console);

#endif
