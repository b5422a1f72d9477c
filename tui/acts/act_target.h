/*
 * act_target.h - what an act concerns, captured when its key is pressed; what else it needs (a note, a person, a time) is
 * asked for then.
 */
#ifndef TUI_ACT_TARGET_H
#define TUI_ACT_TARGET_H

#include "tui/acts/act_run.h"

struct acts_target;

/* The marked rows, else as many as count says from the current one on (0: that one alone). NULL, and a message: nothing is
 * here, or a count makes no sense. */
struct acts_target *acts_capture(const struct act_base *base, struct view *view, int count);
/* "#90 job_failure", "3 events", "all marked events". The caller frees it. */
char *acts_target_name(const struct acts_target *target);
struct view *acts_target_view(const struct acts_target *target);
/* It is this row alone, and not as a marked one. */
bool acts_target_is(const struct acts_target *target, const struct nb_key *key);
void acts_target_free(struct acts_target **target);
/* The act that it waits for; its own act is still empty. */
struct act_run *acts_target_take(struct acts_target **target_take);
/* Fills in run->about, where it is one row that is on the screen. */
void act_run_name(struct act_run *run);
/* What a question about it says: "#90 job_failure", "3 events: #90 job_failure, #91 slow_query, #95 slow_query", "1,500 events: …" with
 * the first few that are on screen. The caller frees it. */
char *act_run_names(const struct act_run *run);

#endif
