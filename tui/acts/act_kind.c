/*
 * act_kind.c - one line an act.
 */
#include "tui/acts/act_kind.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/number.h"

static const struct act_kind_info infos[ACT_KIND_COUNT] = {
    [ACT_READ] = {NB_SUBJECT_INBOX, "mark read", "marked", " read", PATCH_READ, false, true, .field = NB_INBOX_READ},
    [ACT_UNREAD] = {NB_SUBJECT_INBOX, "mark unread", "marked", " unread", PATCH_READ, true, true,
                    .field = NB_INBOX_READ},
    [ACT_ARCHIVE] = {NB_SUBJECT_INBOX, "archive", "archived", "", PATCH_ARCHIVED, false, true,
                     .field = NB_INBOX_ARCHIVED},
    [ACT_DELETE] = {NB_SUBJECT_INBOX, "delete", "deleted", "", PATCH_DELETED, false, true, .field = NB_INBOX_DELETED},
    [ACT_ACKNOWLEDGE] = {NB_SUBJECT_EVENTS, "acknowledge", "acknowledged", "", PATCH_ACKNOWLEDGED, false, true,
                         .event_act = NB_EVENT_ACKNOWLEDGE},
    [ACT_RESOLVE] = {NB_SUBJECT_EVENTS, "resolve", "resolved", "", PATCH_RESOLVED, false, true,
                     .event_act = NB_EVENT_RESOLVE},
    [ACT_REOPEN] = {NB_SUBJECT_EVENTS, "reopen", "reopened", "", PATCH_RESOLVED, true, false,
                    .event_act = NB_EVENT_REOPEN},
    [ACT_ASSIGN] = {NB_SUBJECT_EVENTS, "assign", "assigned", "", PATCH_ASSIGNED, false, false,
                    .event_act = NB_EVENT_ASSIGN},
    [ACT_SNOOZE] = {NB_SUBJECT_EVENTS, "snooze", "snoozed", "", PATCH_SNOOZED, false, true,
                    .event_act = NB_EVENT_SNOOZE},
    [ACT_NOTE] = {NB_SUBJECT_EVENTS, "note", "added a note to", "", PATCH_NOTHING, false, false,
                  .event_act = NB_EVENT_NOTE},
};

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

char *act_past(const struct act *act, int64_t count)
{
    const struct act_kind_info *info = &infos[act->kind];
    bool inbox = info->subject == NB_SUBJECT_INBOX;
    const char *noun = inbox ? (count == 1 ? "notification" : "notifications") : (count == 1 ? "event" : "events");
    char number[NB_NUMBER_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    char *tail = NULL, *text;

    if (act->kind == ACT_ASSIGN)
        tail = act->has_user ? nb_asprintf(" to %s", act->user_name) : nb_strdup(" to nobody");
    else if (act->kind == ACT_SNOOZE)
        tail = nb_asprintf(" until %s", nb_time_format_short(act->time, nb_now(), when));
    text = nb_asprintf("%s %s %s%s", info->past, nb_number_format(count, number), noun, tail ? tail : info->suffix);
    free(tail);
    return text;
}
