/*
 * inbox.c - the Inbox: its columns, its detail, what an act makes of a notification.
 */
#include <jansson.h>

#include "base/clock.h"
#include "deliveries/deliveries.h"
#include "base/text.h"
#include "base/json.h"
#include "model/notification.h"
#include "tui/view/view.h"
#include "tui/views/views.h"

#define LABEL_COLUMNS 40 /* of a title, in messages and questions */

static const struct nb_notification *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_notification, row);
}

/* ---- columns ---- */

static const struct {
    const char *word;
    enum role role;
} urgencies[] = {
    [NB_URGENCY_LOW] = {"low", ROLE_URGENCY_LOW},
    [NB_URGENCY_NORMAL] = {"", ROLE_URGENCY_NORMAL},
    [NB_URGENCY_HIGH] = {"HIGH", ROLE_URGENCY_HIGH},
    [NB_URGENCY_CRITICAL] = {"CRIT", ROLE_URGENCY_URGENT},
};

static bool is_unread(const struct nb_notification *notification)
{
    return notification->read_at == NB_TIME_NONE && notification->archived_at == NB_TIME_NONE;
}

static void cell_state(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    const struct nb_notification *notification = of(row);
    enum glyph glyph = is_unread(notification) ? GLYPH_UNREAD : GLYPH_READ;

    if (notification->archived_at != NB_TIME_NONE)
        glyph = GLYPH_DOWN_ARROW;
    nb_strbuf_append(&out->text, glyph_text(glyph, context->ascii));
    out->look.role = is_unread(notification) ? ROLE_ROW_UNREAD : ROLE_ROW;
}

static void cell_urgency(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, urgencies[of(row)->urgency].word);
    out->look.role = urgencies[of(row)->urgency].role;
}

static void cell_age(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    char age[NB_TIME_TEXT_SIZE];

    nb_strbuf_append(&out->text, view_age(of(row)->created_at, context, age));
    out->look.role = ROLE_TIME;
}

static void cell_type(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->type);
    out->look.role = ROLE_TYPE;
}

static void cell_title(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    const struct nb_notification *notification = of(row);

    if (notification->is_announcement)
        nb_strbuf_appendf(&out->text, "%s ", glyph_text(GLYPH_ANNOUNCEMENT, context->ascii));
    nb_strbuf_append(&out->text, notification->title);
    out->look.role = is_unread(notification) ? ROLE_TITLE_UNREAD : ROLE_TITLE;
}

static void cell_actor(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->actor_name ? of(row)->actor_name : "");
    out->look.role = ROLE_ACTOR;
}

static void cell_link(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    nb_strbuf_append(&out->text, of(row)->link ? glyph_text(GLYPH_LINK, context->ascii) : "");
    out->look.role = ROLE_DETAIL_LINK;
}

static const struct column columns[] = {
    {"state", "", {1, 1, 0}, false, cell_state},       {"urgency", "urgency", {4, 4, 2}, false, cell_urgency},
    {"age", "age", {4, 4, 1}, true, cell_age},         {"type", "type", {12, 23, 5}, false, cell_type},
    {"title", "title", {24, 0, 0}, false, cell_title}, {"actor", "from", {5, 12, 6}, false, cell_actor},
    {"link", "", {1, 1, 4}, false, cell_link},
};

/* ---- what acts make of a row ---- */

static void patch(struct nb_row *row, const struct row_patch *change)
{
    struct nb_notification *notification = NB_CONTAINER_OF(row, struct nb_notification, row);

    switch (change->kind) {
    case PATCH_READ:
        /* mark read never moves a time that is set */
        if (change->time == NB_TIME_NONE || notification->read_at == NB_TIME_NONE)
            notification->read_at = change->time;
        break;
    case PATCH_ARCHIVED:
        notification->archived_at = change->time;
        break;
    default:
        break;
    }
}

/* Its title, in quotes: nothing shorter names it. */
static void label(struct nb_strbuf *out, const struct nb_row *row, bool ascii)
{
    nb_strbuf_append_char(out, '"');
    nb_text_append_cut(out, of(row)->title, LABEL_COLUMNS, false, ascii);
    nb_strbuf_append_char(out, '"');
}

static bool is_done(const struct nb_row *row)
{
    return !is_unread(of(row));
}

static bool is_opened(const struct nb_row *row)
{
    return of(row)->read_at != NB_TIME_NONE;
}

static const char *actions_of(const struct nb_row *row)
{
    return of(row)->actions;
}

/* ---- detail ---- */

static void add_actions(struct detail_text *text, const struct nb_notification *notification)
{
    json_auto_t *actions = NULL;
    size_t index;
    json_t *action;

    if (!notification->actions ||
        nb_json_parse(&actions, notification->actions, strlen(notification->actions), NULL) < 0)
        return;
    json_array_foreach(actions, index, action)
    {
        const char *id = json_string_value(json_object_get(action, "id"));
        const char *label = json_string_value(json_object_get(action, "label"));
        bool taken = id && notification->action_taken && strcmp(id, notification->action_taken) == 0;

        if (label)
            detail_text_fieldf(text, index == 0 ? "actions" : "", LOOK(ROLE_DETAIL_ACTION, 0), "[ %s ]%s", label,
                               taken ? "  taken" : "");
    }
}

static void add_times(struct detail_text *text, const struct nb_notification *notification)
{
    const struct {
        const char *label;
        int64_t time;
    } times[] = {
        {"received", notification->created_at},
        {"read", notification->read_at},
        {"archived", notification->archived_at},
        {"expires", notification->expires_at},
    };
    char when[NB_TIME_TEXT_SIZE], zone[NB_TIME_TEXT_SIZE];

    for (size_t i = 0; i < NB_ARRAY_SIZE(times); i++)
        if (times[i].time != NB_TIME_NONE) /* the zone is said once: all times are in it */
            detail_text_fieldf(text, times[i].label, LOOK(ROLE_DETAIL_VALUE, 0), "%s%s%s",
                               nb_time_format_local(times[i].time, when), i == 0 ? " " : "",
                               i == 0 ? nb_time_zone_name(times[i].time, zone) : "");
}

static void detail(struct detail_text *text, const struct nb_row *row, const struct row_context *context)
{
    const struct nb_notification *notification = of(row);
    char id[NB_UUID_TEXT_SIZE];
    struct nb_uuid uuid = nb_key_to_uuid(&row->key);

    (void)context;
    detail_text_paragraph(text, LOOK(ROLE_DETAIL_TITLE, 0), notification->title, 0);
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), notification->message, 0);
    detail_text_blank(text);
    detail_text_field(text, "link", LOOK(ROLE_DETAIL_LINK, 0), notification->link);
    add_actions(text, notification);
    detail_text_field(text, "type", LOOK(ROLE_TYPE, 0), notification->type);
    detail_text_field(text, "urgency", LOOK((uint8_t)urgencies[notification->urgency].role, 0),
                      nb_urgency_name(notification->urgency));
    detail_text_field(text, "from", LOOK(ROLE_ACTOR, 0), notification->actor_name);
    detail_text_field(text, "to", LOOK(ROLE_DETAIL_VALUE, 0), notification->is_announcement ? "everybody" : NULL);
    detail_text_field(text, "channel", LOOK(ROLE_DETAIL_VALUE, 0), notification->channel);
    detail_text_field(text, "silent", LOOK(ROLE_DETAIL_VALUE, 0), notification->silent ? nb_silent_reason : NULL);
    add_times(text, notification);
    detail_text_field(text, "id", LOOK(ROLE_DETAIL_VALUE, 0), nb_uuid_format(&uuid, id));
}

static const char *document_of(const struct nb_row *row)
{
    return of(row)->data;
}

static bool same(const struct nb_row *a, const struct nb_row *b)
{
    return of(a)->updated_at == of(b)->updated_at;
}

static bool counts_as_unread(const struct nb_row *row)
{
    return is_unread(of(row));
}

static const struct tab_figure figures[] = {
    {"is:unread", counts_as_unread, GLYPH_COUNT, ROLE_TAB_COUNT, .before = " (", .after = ")"},
};

static const struct legend legend[] = {
    {GLYPH_UNREAD, "unread"},       {GLYPH_READ, "read; dimmed"},
    {GLYPH_DOWN_ARROW, "archived"}, {GLYPH_ANNOUNCEMENT, "an announcement, for everybody in the tenant"},
    {GLYPH_LINK, "has a link"},     {GLYPH_COUNT, NULL},
};

static const struct view_kind kind = {
    .subject = NB_SUBJECT_INBOX,
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .figures = figures,
    .figure_count = NB_ARRAY_SIZE(figures),
    .patch = patch,
    .same = same,
    .label = label,
    .is_done = is_done,
    .detail = detail,
    .document = document_of,
    .is_opened = is_opened,
    .actions = actions_of,
    .take_action = nb_inbox_take_action,
    .deliveries = nb_deliveries_of_notification,
    .decided_as = "notification",
    .sort_option = OPTION_COUNT,
    .legend = legend,
    .wanted = "is:unread",
    .empty = "nothing has come yet: what programs notify you of appears here by itself",
    .all_done = "everything is read",
};

const struct screen_kind screen_inbox = {
    .context = CONTEXT_INBOX,
    .list = &kind,
    .ops = &view_ops,
};
