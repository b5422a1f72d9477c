/*
 * notification.c - decodes a row of an inbox query into a struct nb_notification.
 */
#include "model/notification.h"

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

static const char *const columns[] = {NOTIFICATION_COLUMNS(COLUMN_NAME)};

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
    /* the domain in the database allows no other urgency; a word of a newer schema is shown as normal, the safe
     * choice */
    n->silent = nb_result_bool(result, index, COLUMN_SILENT);
    n->urgency = NB_URGENCY_NORMAL;
    (void)!nb_urgency_parse(&n->urgency, nb_result_text(result, index, COLUMN_URGENCY), NULL);
    n->created_at = nb_result_time(result, index, COLUMN_CREATED_AT);
    n->updated_at = nb_result_time(result, index, COLUMN_UPDATED_AT);
    n->read_at = nb_result_time(result, index, COLUMN_READ_AT);
    n->archived_at = nb_result_time(result, index, COLUMN_ARCHIVED_AT);
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

/* ---- words ---- */

const char *nb_notification_status_name(enum nb_notification_status status)
{
    static const char *const names[] = {
        [NB_STATUS_UNREAD] = "unread",
        [NB_STATUS_READ] = "read",
        [NB_STATUS_ARCHIVED] = "archived",
    };

    return names[status];
}

static const struct nb_notification *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_notification, row);
}

static const char *urgency_word(const struct nb_row *row, int64_t now)
{
    (void)now;
    return nb_urgency_name(of(row)->urgency);
}

static const char *status_word(const struct nb_row *row, int64_t now)
{
    (void)now;
    return nb_notification_status_name(nb_notification_status(of(row)));
}

static const char *type(const struct nb_row *row)
{
    return of(row)->type;
}

static const char *title(const struct nb_row *row)
{
    return of(row)->title;
}

static const char *link_of(const struct nb_row *row)
{
    return of(row)->link;
}

static const char *change(const struct nb_row *row, bool created)
{
    return created ? "new" : nb_notification_status_name(nb_notification_status(of(row)));
}

/* ---- the subject ---- */

static const struct nb_word_choice is[] = {
    {"unread", 1}, {"read", 1}, {"archived", 1}, {"announcement", 0}, {NULL},
};
static const struct nb_word_choice has[] = {{"link"}, {"data"}, {"actions"}, {NULL}};
static const struct nb_word_choice urgencies[] = {{"low"}, {"normal"}, {"high"}, {"critical"}, {NULL}};

static const struct nb_word words[] = {
    {"is", NB_WORD_CHOICE, is, .example = "is:unread",
     .help = "or is:read, is:announcement; is:archived shows those too"},
    {"urgency", NB_WORD_SCALE, urgencies, .example = "urgency>=high", .help = "and above; or urgency:low,normal"},
    {"type", NB_WORD_PATTERN, .example = "type:BOOKING_*", .help = "a type, or a pattern", .listed = true},
    {"channel", NB_WORD_PATTERN, .example = "channel:email", .help = "by which it is also sent, or a pattern",
     .listed = true},
    {"actor", NB_WORD_NAME, nb_word_me_or_none, .example = "actor:ada", .help = "whose deed it tells of; me, none",
     .listed = true},
    {"has", NB_WORD_CHOICE, has, .example = "has:link", .help = "or has:data, has:actions"},
    {"id", NB_WORD_PATTERN, .example = "id:1f0c9a7e", .help = "its UUID, or the end of it that lists show"},
    {"since", NB_WORD_TIME, NULL, true, .example = "since:2h", .help = "of the last two hours"},
    {"before", NB_WORD_TIME, NULL, true, .example = "before:2026-11-01", .help = "before a time, or a span ago"},
    {NULL},
};

static const char *const bells[] = {"notification", "announcement", NULL};

#define MEMBER(kind, member)                                                                                           \
    {                                                                                                                  \
#member, NB_MEMBER_##kind, offsetof(struct nb_notification, member), NULL                                      \
    }

static const struct nb_member members[] = {
    {"id", NB_MEMBER_KEY, 0, NULL},
    MEMBER(UUID, tenant_id),
    MEMBER(TIME, created_at),
    {"status", NB_MEMBER_WORD, 0, status_word},
    MEMBER(TEXT, type),
    {"urgency", NB_MEMBER_WORD, 0, urgency_word},
    MEMBER(TEXT, title),
    MEMBER(TEXT, message),
    MEMBER(TEXT, link),
    MEMBER(JSON, actions),
    MEMBER(TEXT, action_taken),
    MEMBER(TEXT, channel),
    MEMBER(UUID, actor_id),
    MEMBER(TEXT, actor_name),
    MEMBER(BOOL, is_announcement),
    MEMBER(BOOL, silent),
    {"is_read", NB_MEMBER_IS_SET, offsetof(struct nb_notification, read_at), NULL},
    MEMBER(TIME, updated_at),
    MEMBER(TIME, read_at),
    MEMBER(TIME, archived_at),
    MEMBER(TIME, expires_at),
    {NULL, NB_MEMBER_TEXT, 0, NULL},
};

const struct nb_subject_info nb_notification_subject = {
    .name = "inbox",
    .noun = "notification",
    .nouns = "notifications",
    .a_noun = "a notification",
    .has_short_ids = true,
    .row_size = sizeof(struct nb_notification),
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .decode = nb_notification_decode,
    .copy = nb_notification_copy,
    .older = NB_SQL_INBOX_PAGE_OLDER,
    .newer = NB_SQL_INBOX_PAGE_NEWER,
    .keys = NB_SQL_INBOX_KEYS,
    .count = NB_SQL_INBOX_COUNT,
    .count_new = NB_SQL_INBOX_COUNT_NEW,
    .count_range = NB_SQL_INBOX_COUNT_RANGE,
    .changes = NB_SQL_INBOX_CHANGES,
    .values = NB_SQL_INBOX_VALUES,
    .ending = NB_SQL_INBOX_ENDING,
    .orders = nb_order_newest,
    .words = words,
    .default_fragment = "default_visible",
    .unless_word = "is",
    .unless_choice = "archived",
    .bells = bells,
    .members = members,
    .document = MEMBER(JSON, data),
    .type = type,
    .title = title,
    .link = link_of,
    .change = change,
};
