/*
 * acts.h - doing, undoing and redoing: the screen changes at the key press, the database follows, a refusal takes it back.
 *
 * What an act concerns is captured when the key is pressed. Acts run one after the other, each in chunks, so that a bulk act
 * blocks nobody; undo takes its turn among them.
 */
#ifndef TUI_ACTS_H
#define TUI_ACTS_H

#include "tui/acts/act_target.h"
#include "tui/modal/modal.h"

struct acts {
    struct host *host;
    struct modal *modal; /* where the questions are asked */
    struct act_base base;
    struct act_run *first, *last; /* the first one is running */
    struct undo undo;
    unsigned asking; /* questions on their way: what they are about is being counted */
    struct asked *asked;
};

void acts_init(struct acts *acts, struct host *host, struct modal *modal);
void acts_clear(struct acts *acts);
/* The second half of an act: its rows were captured at the key press (act_target.h), and what else it needs (a note, a
 * person, a time) is here. Asks first where it touches very many. */
void acts_begin_target(struct acts *acts, struct acts_target **target_take, const struct act *act);
/* On exactly one row, without asking and without a message: opening a notification reads it. */
void acts_begin_quietly(struct acts *acts, struct view *view, const struct act *act, const struct nb_key *key);
/* Everything unread that the filter shows, as it stands now: asks with the exact count. */
void acts_read_all(struct acts *acts, struct view *view);
void acts_undo(struct acts *acts, int count);
void acts_redo(struct acts *acts, int count);
bool acts_busy(const struct acts *acts);
/* A question is on its way: what is typed may be its answer. */
bool acts_is_asking(const struct acts *acts);
/* Something is being undone or redone: other rows will be here. */
bool acts_is_undoing(const struct acts *acts);
/* What a long act is at: false when none is running. total is 0 where it is not known. */
bool acts_progress(const struct acts *acts, const char **verb, int64_t *done, int64_t *total);

#endif
