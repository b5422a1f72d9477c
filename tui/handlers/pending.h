/*
 * pending.h - an act that asks for something first (a note, a person, a time): what it concerns is captured when its key
 * is pressed, before the answer is typed.
 */
#ifndef TUI_PENDING_H
#define TUI_PENDING_H

#include "tui/console/console_state.h"

struct pending {
    struct console *console;
    struct acts_target *target;
    struct act act;
    struct nb_request *request; /* what is being looked up for it; NULL: nothing */
};

/* The view that is shown, when its rows are what such an act is done with; else NULL. The open detail is a list of one. */
struct view *pending_view(struct console *console, enum act_kind kind);
/* count: as in acts_capture(). NULL, and a message: there is nothing to act on, or nothing may be written. */
struct pending *pending_capture(struct console *console, enum act_kind kind, int count);
/* For modal_calls.release. */
void pending_free(void *arg);
/* Begins the act, and moves on where the option advance says so. The pending is still to be freed. */
void pending_go(struct pending *pending);
/* "resolve 3 events", "resolve #90 job_failure" for the verb "resolve". The caller frees it. */
char *pending_title(const struct pending *pending, const char *verb);

#endif
