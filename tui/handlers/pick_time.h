/*
 * pick_time.h - asks until when, in a picker: a time that is typed is taken as typed, the items are short cuts. Each shows the
 * time at which it ends before it is chosen.
 */
#ifndef TUI_PICK_TIME_H
#define TUI_PICK_TIME_H

#include "tui/console/console_state.h"

struct time_short_cut {
    const char *text, *label;
};

struct time_question {
    const char *title;
    const char *verb;                        /* what Enter does, for the hint bar */
    const struct time_short_cut *short_cuts; /* ends with a NULL text */
    const char *none;                        /* what the word none does ("awake now"); NULL: it is no answer */
    void (*chosen)(void *arg, int64_t time); /* NB_TIME_NONE: none */
    void (*release)(void *arg);
    void *arg;
};

/* Opens the picker. question is copied, except for its title, which is read before this returns. */
void pick_time(struct console *console, const struct time_question *question);
/* The time that is typed; "none", where it is an answer, is NB_TIME_NONE. */
NB_MUSTCHECK int pick_time_read(int64_t *time, const char *text, const char *none, int64_t now, struct nb_error *err);

#endif
