/*
 * act_send.h - how a chunk of an act reaches the database: one function for each call of the library.
 */
#ifndef TUI_ACT_SEND_H
#define TUI_ACT_SEND_H

struct act_run;

/* The next run->chunk keys. The answer is given to the run (act_run_step(), act_run_finish()). */
void act_send_inbox(struct act_run *run);
void act_send_event(struct act_run *run);
/* Everything that the run's filter and snapshot show; the database walks over it. */
void act_send_inbox_bulk(struct act_run *run);

#endif
