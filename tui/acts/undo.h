/*
 * undo.h - what was done in this session, for `u` and ^R: two stacks, pure data. acts.c does the doing.
 */
#ifndef TUI_UNDO_H
#define TUI_UNDO_H

#include "base/vec.h"
#include "page/page.h"
#include "tui/list/overlay.h"

enum act_kind {
    ACT_READ,
    ACT_UNREAD,
    ACT_ARCHIVE,
    ACT_DELETE,
    ACT_ACKNOWLEDGE,
    ACT_RESOLVE,
    ACT_REOPEN,
    ACT_ASSIGN,
    ACT_SNOOZE,
    ACT_NOTE,
    ACT_RETRY,
    ACT_CANCEL,
    ACT_KIND_COUNT
};

/* An act, apart from the rows it concerns. */
struct act {
    enum act_kind kind;
    char *note;    /* resolve, note */
    bool has_user; /* assign: false takes the assignment away */
    struct nb_uuid user;
    char *user_name;
    int64_t time; /* the stamp of read, archived, deleted; until when it is snoozed */
};
void act_copy(struct act *to, const struct act *from);
void act_clear(struct act *act);

/* What takes the act, or its undo, back for one row. */
struct undo_item {
    struct nb_key key;
    int64_t previous; /* inbox: the time that was there before */
    char *state;      /* events: what nb_event_act() gave */
};

struct view;

/* An act that was done, or one that was undone: its items take back whichever was last. */
struct undo_entry {
    struct act act;
    struct view *view; /* where it was done */
    char *about;       /* the one row that it was done to: "#90 job_failure"; NULL: several */
    int64_t count;
    NB_VEC(struct undo_item) items; /* the rows that really changed */
    char *bulk_filter;              /* not NULL: everything this filter showed, found again by act.time */
    char *bulk_snapshot;
};

#define UNDO_DEPTH     200
#define UNDO_MAX_ITEMS 100000 /* rows remembered over all entries */

struct undo {
    NB_VEC(struct undo_entry *) done;
    NB_VEC(struct undo_entry *) undone;
    size_t items;
    char *
        final; /* what was done last, where nothing takes that back: "queued email to ada again"; NULL: something does */
};

struct undo_entry *undo_entry_new(const struct act *act);
/* Nothing in it could be taken back: an act that adds to the history only. */
bool undo_entry_is_empty(const struct undo_entry *entry);
/* The first items are dealt with, whatever came of them. */
void undo_entry_drop(struct undo_entry *entry, size_t items);
void undo_entry_free(struct undo_entry **entry);

void undo_clear(struct undo *undo);
/* A new act was done: what was undone before cannot be redone any more. The oldest entries go when there are too many. */
void undo_did(struct undo *undo, struct undo_entry *entry_take);
/* Something was done that nothing takes back; what was undone before can be redone no more. Takes the text. */
void undo_did_finally(struct undo *undo, char *past_take);
/* What was done last, where nothing takes it back, once: the caller says so and frees it. What was done before is next. NULL: it can be. */
char *undo_final(struct undo *undo);
/* The next entry to undo (redo), owned by the caller, or NULL. */
struct undo_entry *undo_next(struct undo *undo);
struct undo_entry *undo_next_redo(struct undo *undo);
/* The next one to be redone; the next one to be undone. */
void undo_undid(struct undo *undo, struct undo_entry *entry_take);
void undo_redid(struct undo *undo, struct undo_entry *entry_take);

#endif
