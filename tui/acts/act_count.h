/*
 * act_count.h - the exact number of rows that an act concerns: of marked ranges, and of a count.
 */
#ifndef TUI_ACT_COUNT_H
#define TUI_ACT_COUNT_H

#include "tui/acts/act_run.h"

struct act_count;

/* The run's total is known; err is NULL, or says why it is not. */
typedef void act_counted(void *arg, const struct nb_error *err);

/* Counts the rows of run's ranges, or fetches those that its count means. The run must outlive the count. */
struct act_count *act_count_new(struct act_run *run, act_counted *done, void *arg);
void act_count_free(struct act_count **count);

#endif
