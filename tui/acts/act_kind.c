/*
 * act_kind.c - one line an act.
 */
#include "tui/acts/act_kind.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"

#define ON_INBOX(clears, undo_shows, which)  clears, undo_shows, .subject = NB_SUBJECT_INBOX, .field = which
#define ON_EVENTS(clears, undo_shows, which) clears, undo_shows, .subject = NB_SUBJECT_EVENTS, .event_act = which

#define ON_DELIVERIES(which) false, false, .subject = NB_SUBJECT_DELIVERIES, .delivery_act = which

/* clang-format off: a table */
static const struct act_kind_info infos[ACT_KIND_COUNT] = {
    [ACT_READ] = {"mark read", "marked", " read", PATCH_READ, ON_INBOX(false, true, NB_INBOX_READ)},
    [ACT_UNREAD] = {"mark unread", "marked", " unread", PATCH_READ, ON_INBOX(true, true, NB_INBOX_READ)},
    [ACT_ARCHIVE] = {"archive", "archived", "", PATCH_ARCHIVED, ON_INBOX(false, true, NB_INBOX_ARCHIVED)},
    [ACT_DELETE] = {"delete", "deleted", "", PATCH_DELETED, ON_INBOX(false, true, NB_INBOX_DELETED)},
    [ACT_ACKNOWLEDGE] = {"acknowledge", "acknowledged", "", PATCH_ACKNOWLEDGED,
                         ON_EVENTS(false, true, NB_EVENT_ACKNOWLEDGE)},
    [ACT_RESOLVE] = {"resolve", "resolved", "", PATCH_RESOLVED, ON_EVENTS(false, true, NB_EVENT_RESOLVE)},
    [ACT_REOPEN] = {"reopen", "reopened", "", PATCH_RESOLVED, ON_EVENTS(true, false, NB_EVENT_REOPEN)},
    [ACT_ASSIGN] = {"assign", "assigned", "", PATCH_ASSIGNED, ON_EVENTS(false, false, NB_EVENT_ASSIGN)},
    [ACT_SNOOZE] = {"snooze", "snoozed", "", PATCH_SNOOZED, ON_EVENTS(false, true, NB_EVENT_SNOOZE)},
    [ACT_NOTE] = {"note", "added a note to", "", PATCH_NOTHING, ON_EVENTS(false, false, NB_EVENT_NOTE)},
    [ACT_RETRY] = {"retry", "queued", " again", PATCH_QUEUED, ON_DELIVERIES(NB_DELIVERY_RETRY)},
    [ACT_CANCEL] = {"cancel", "cancelled", "", PATCH_CANCELLED, ON_DELIVERIES(NB_DELIVERY_CANCEL), .asks = true},
};
/* clang-format on */

const struct act_kind_info *act_kind_info(enum act_kind kind)
{
    return &infos[kind];
}

struct row_patch act_patch(const struct act *act, const struct nb_uuid *user, const char *user_name)
{
    const struct act_kind_info *info = &infos[act->kind];
    struct row_patch patch = {.kind = info->patch, .time = info->clears ? NB_TIME_NONE : act->time};

    if (info->clears)
        return patch;
    if (act->kind == ACT_ASSIGN) {
        patch.user = act->user;
        patch.user_name = act->user_name;
    } else if (act->kind == ACT_ACKNOWLEDGE || act->kind == ACT_RESOLVE) {
        patch.time = nb_now();
        patch.user = *user;
        patch.user_name = (char *)user_name;
        patch.text = act->note;
    }
    return patch;
}

struct row_patch act_undo_patch(const struct act *act)
{
    const struct act_kind_info *info = &infos[act->kind];

    if (!info->undo_shows)
        return (struct row_patch){.kind = PATCH_NOTHING};
    return (struct row_patch){.kind = info->patch, .time = info->clears ? act->time : NB_TIME_NONE};
}

char *act_past(const struct act *act, int64_t count, const char *about)
{
    const struct act_kind_info *info = &infos[act->kind];
    const struct nb_subject_info *subject = nb_subject_info(info->subject);
    char number[NB_NUMBER_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    char *tail = NULL, *text, *rows;

    if (about)
        rows = nb_strdup(about);
    else
        rows = nb_asprintf("%s %s", nb_number_format(count, number), count == 1 ? subject->noun : subject->nouns);
    if (act->kind == ACT_ASSIGN)
        tail = act->has_user ? nb_asprintf(" to %s", act->user_name) : nb_strdup(" to nobody");
    else if (act->kind == ACT_SNOOZE && act->time != NB_TIME_NONE)
        tail = nb_asprintf(" until %s", nb_time_format_until(act->time, nb_now(), when));
    text = nb_asprintf("%s %s%s", act->kind == ACT_SNOOZE && !tail ? "ended the snooze of" : info->past, rows,
                       tail ? tail : info->suffix);
    free(tail);
    free(rows);
    return text;
}
