/*
 * act_kind.h - what each act is called, what it makes of a row, and of what subject: tables.
 */
#ifndef TUI_ACT_KIND_H
#define TUI_ACT_KIND_H

#include "deliveries/deliveries.h"
#include "events/events.h"
#include "inbox/inbox.h"
#include "tui/acts/undo.h"

struct act_kind_info {
    const char *verb;          /* "resolve" */
    const char *past, *suffix; /* "marked" 3 notifications " read" */
    enum patch_kind patch;
    bool clears;     /* it takes a time away (unread, reopen) */
    bool undo_shows; /* its undo can be drawn before the database has answered */
    enum nb_subject subject;
    enum nb_inbox_field field;
    enum nb_event_act event_act;
    enum nb_delivery_act delivery_act;
    bool asks; /* also for one row: it cannot be undone */
};

const struct act_kind_info *act_kind_info(enum act_kind kind);
/* What it makes of a row, drawn at once. The strings are borrowed from act and from user_name. */
struct row_patch act_patch(const struct act *act, const struct nb_uuid *user, const char *user_name);
struct row_patch act_undo_patch(const struct act *act);
/* "resolved 3 events", "resolved #90 job_failure"; about: the only row; NULL: several. The caller frees it. */
char *act_past(const struct act *act, int64_t count, const char *about);

#endif
