/*
 * act_run.h - one act on its way: which rows are left, what came of those that are done.
 */
#ifndef TUI_ACT_RUN_H
#define TUI_ACT_RUN_H

#include "inbox/inbox.h"
#include "tui/acts/undo.h"
#include "tui/view/view.h"

#define ACT_CHUNK 500 /* rows a statement */

enum run_mode { RUN_DO, RUN_UNDO, RUN_REDO };

struct act_run;

/* What a run works with, and who is told when it has come to its end: done then owns it. */
struct act_base {
    struct host *host;
    struct undo *undo;
    void (*done)(void *arg, struct act_run *run);
    void *arg;
};

struct act_run {
    struct act_run *next; /* in the queue of acts.c */
    const struct act_base *base;
    struct view *view; /* undo and redo learn it from their entry when they begin */
    enum run_mode mode;
    struct act act;
    struct undo_entry *entry;  /* being filled */
    struct undo_entry *source; /* undo, redo: what is taken back */
    bool quiet;
    char *about;   /* the only row: "#90 job_failure"; NULL: several */
    bool one;      /* it was the row under the cursor alone */
    size_t wanted; /* rows from the cursor on, by a count; those that are not here yet are fetched before it begins */

    NB_VEC(struct nb_key) keys;
    size_t next_key;
    size_t chunk; /* keys in flight */
    bool walks;   /* ranges are walked after the keys are done */
    NB_VEC(struct place_range) ranges;
    size_t range;
    bool range_begun;
    struct nb_place walked_to;
    struct key_set except;
    struct nb_filter *filter;
    bool bulk; /* the database does it by filter and snapshot */
    char *snapshot;

    struct nb_request *request;
    struct nb_inbox_bulk *bulk_request;
    void (*answered)(struct act_run *run,
                     const struct nb_error *err); /* act_send.c calls it: a chunk is answered, or all */

    unsigned overlay; /* 0: none */
    bool hides;
    struct key_set hidden;
    int64_t done, refused, total;
    char *reason; /* of the first refusal */
};

/* Copies act. view NULL: undo and redo, which take the latest entry when their turn comes. */
struct act_run *act_run_new(const struct act_base *base, struct view *view, const struct act *act, enum run_mode mode);
void act_run_free(struct act_run **run);
bool act_run_walks_over(const struct act_run *run, const struct nb_place *place);
void act_run_start(struct act_run *run);

#endif
