/*
 * notification.c - from a row of an inbox query to a struct nb_notification.
 */
#include "model/notification.h"

#include "model/columns.h"

/* Position and name of each column, in the order of queries/inbox_page_older.sql. */
#define NOTIFICATION_COLUMNS(_)                                                                                        \
    _(ID, "id")                                                                                                        \
    _(TENANT_ID, "tenant_id")                                                                                          \
    _(ACTOR_ID, "actor_id")                                                                                            \
    _(IS_ANNOUNCEMENT, "is_announcement")                                                                              \
    _(TYPE, "type")                                                                                                    \
    _(TITLE, "title")                                                                                                  \
    _(MESSAGE, "message")                                                                                              \
    _(LINK, "link")                                                                                                    \
    _(ACTIONS, "actions")                                                                                              \
    _(ACTION_TAKEN, "action_taken")                                                                                    \
    _(CHANNEL, "channel")                                                                                              \
    _(URGENCY, "urgency")                                                                                              \
    _(CREATED_AT, "created_at")                                                                                        \
    _(UPDATED_AT, "updated_at")                                                                                        \
    _(READ_AT, "read_at")                                                                                              \
    _(ARCHIVED_AT, "archived_at")                                                                                      \
    _(EXPIRES_AT, "expires_at")                                                                                        \
    _(ACTOR_NAME, "actor_name")                                                                                        \
    _(SILENT, "silent")                                                                                                \
    _(DATA, "data")

#define COLUMN_POSITION(id, name) COLUMN_##id,
#define COLUMN_NAME(id, name)     name,

enum { NOTIFICATION_COLUMNS(COLUMN_POSITION) };

const char *const nb_notification_columns[] = {NOTIFICATION_COLUMNS(COLUMN_NAME)};
const size_t nb_notification_column_count = NB_ARRAY_SIZE(nb_notification_columns);

static const char *const urgency_names[] = {"low", "normal", "high", "critical"};

const char nb_silent_reason[] = "yes: over the limit of notifications a minute";

const char *nb_urgency_name(enum nb_urgency urgency)
{
    return (size_t)urgency < NB_ARRAY_SIZE(urgency_names) ? urgency_names[urgency] : "normal";
}

int nb_urgency_parse(enum nb_urgency *out, const char *text, struct nb_error *err)
{
    for (size_t i = 0; text && i < NB_ARRAY_SIZE(urgency_names); i++) {
        if (strcmp(text, urgency_names[i]) == 0) {
            *out = (enum nb_urgency)i;
            return 0;
        }
    }
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "urgency: expected low, normal, high or critical");
}

enum nb_notification_status nb_notification_status(const struct nb_notification *notification)
{
    if (notification->archived_at != NB_TIME_NONE)
        return NB_STATUS_ARCHIVED;
    return notification->read_at != NB_TIME_NONE ? NB_STATUS_READ : NB_STATUS_UNREAD;
}

struct nb_row *nb_notification_decode(const struct nb_result *result, size_t index, struct nb_arena *arena)
{
    struct nb_notification *n = nb_arena_alloc(arena, sizeof(*n));
    struct nb_uuid id = nb_result_uuid(result, index, COLUMN_ID);

    n->row.key = nb_key_from_uuid(&id);
    n->tenant_id = nb_result_uuid(result, index, COLUMN_TENANT_ID);
    n->actor_id = nb_result_uuid(result, index, COLUMN_ACTOR_ID);
    n->is_announcement = nb_result_bool(result, index, COLUMN_IS_ANNOUNCEMENT);
    /* The database's domain admits no other word; normal is the safe reading of one that a newer
     * schema may know. */
    n->silent = nb_result_bool(result, index, COLUMN_SILENT);
    n->urgency = NB_URGENCY_NORMAL;
    (void)!nb_urgency_parse(&n->urgency, nb_result_text(result, index, COLUMN_URGENCY), NULL);
    n->created_at = nb_result_time(result, index, COLUMN_CREATED_AT);
    n->updated_at = nb_result_time(result, index, COLUMN_UPDATED_AT);
    n->read_at = nb_result_time(result, index, COLUMN_READ_AT);
    n->archived_at = nb_result_time(result, index, COLUMN_ARCHIVED_AT);
    n->deleted_at = NB_TIME_NONE;
    n->expires_at = nb_result_time(result, index, COLUMN_EXPIRES_AT);
    n->type = nb_result_text_in(result, index, COLUMN_TYPE, arena);
    n->title = nb_result_text_in(result, index, COLUMN_TITLE, arena);
    n->message = nb_result_text_in(result, index, COLUMN_MESSAGE, arena);
    n->link = nb_result_text_in(result, index, COLUMN_LINK, arena);
    n->channel = nb_result_text_in(result, index, COLUMN_CHANNEL, arena);
    n->actor_name = nb_result_text_in(result, index, COLUMN_ACTOR_NAME, arena);
    n->data = nb_result_text_in(result, index, COLUMN_DATA, arena);
    n->actions = nb_result_text_in(result, index, COLUMN_ACTIONS, arena);
    n->action_taken = nb_result_text_in(result, index, COLUMN_ACTION_TAKEN, arena);
    return &n->row;
}

struct nb_row *nb_notification_copy(const struct nb_row *row, struct nb_arena *arena)
{
    struct nb_notification *n = nb_arena_alloc(arena, sizeof(*n));

    *n = *(const struct nb_notification *)row;
    n->type = nb_arena_strdup(arena, n->type);
    n->title = nb_arena_strdup(arena, n->title);
    n->message = nb_arena_strdup(arena, n->message);
    n->link = nb_arena_strdup(arena, n->link);
    n->channel = nb_arena_strdup(arena, n->channel);
    n->actor_name = nb_arena_strdup(arena, n->actor_name);
    n->data = nb_arena_strdup(arena, n->data);
    n->actions = nb_arena_strdup(arena, n->actions);
    n->action_taken = nb_arena_strdup(arena, n->action_taken);
    return &n->row;
}
