/*
 * acts.h - doing, undoing and redoing: the screen changes at the key press, the database follows, a refusal takes it back.
 *
 * What an act concerns is captured when the key is pressed. Acts run one after the other, each in chunks, so that a bulk act
 * blocks nobody; undo takes its turn among them.
 */
#ifndef TUI_ACTS_H
#define TUI_ACTS_H

#include "base/strbuf.h"
#include "tui/acts/undo.h"
#include "tui/view/view.h"

struct act_run;

struct acts {
    struct act_run *first, *last; /* the first one is running */
    struct nb_request *request;
    struct nb_inbox_bulk *bulk;
};

void acts_clear(struct console *console);
/* On the marked rows, else on the current one. Asks first where it touches very many. */
void acts_begin(struct console *console, struct view *view, const struct act *act);
/* The same in two halves: the rows are captured at the key press, the rest (a note, a person, a time) is asked for then. */
struct acts_target;
struct acts_target *acts_capture(struct console *console, struct view *view); /* NULL, and a message: nothing is here */
int64_t acts_target_count(const struct acts_target *target);                  /* 0: not known */
void acts_target_free(struct acts_target **target);
void acts_begin_target(struct console *console, struct acts_target **target_take, const struct act *act);
/* On exactly one row, without asking and without a message: opening a notification reads it. */
void acts_begin_quietly(struct console *console, struct view *view, const struct act *act, const struct nb_key *key);
/* Everything unread that the filter shows, as it stands now: asks with the exact count. */
void acts_read_all(struct console *console, struct view *view);
void acts_undo(struct console *console, int count);
void acts_redo(struct console *console, int count);
bool acts_busy(const struct console *console);
/* What a long act is at: false when none is running. total is 0 where it is not known. */
bool acts_progress(const struct console *console, const char **verb, int64_t *done, int64_t *total);

#endif
