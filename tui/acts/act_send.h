/*
 * act_send.h - how a chunk of an act reaches the database: one function for each subject's call of the library.
 */
#ifndef TUI_ACT_SEND_H
#define TUI_ACT_SEND_H

struct act_run;

/* The next run->chunk keys, by the call for the act's subject. The answer is given to run->answered(). */
void act_send_chunk(struct act_run *run);
/* Everything that the run's filter and snapshot show; the database walks over it. */
void act_send_inbox_bulk(struct act_run *run);

#endif
