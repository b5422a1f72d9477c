/*
 * delivery.c - decodes a row of a deliveries query into a struct nb_delivery.
 */
#include "model/delivery.h"

/* Position and name of each column, in the order of queries/deliveries_page_older.sql. */
#define DELIVERY_COLUMNS(_)                                                                                            \
    _(ID, "id")                                                                                                        \
    _(TENANT_ID, "tenant_id")                                                                                          \
    _(USER_ID, "user_id")                                                                                              \
    _(NOTIFICATION_ID, "notification_id")                                                                              \
    _(APP_EVENT, "app_event")                                                                                          \
    _(RULE_ID, "rule_id")                                                                                              \
    _(TYPE, "type")                                                                                                    \
    _(CHANNEL, "channel")                                                                                              \
    _(URGENCY, "urgency")                                                                                              \
    _(TEMPLATE_CODE, "template_code")                                                                                  \
    _(LOCALE, "locale")                                                                                                \
    _(MISSING, "missing")                                                                                              \
    _(STATUS, "status")                                                                                                \
    _(HELD_FOR, "held_for")                                                                                            \
    _(HELD_SLOT, "held_slot")                                                                                          \
    _(ATTEMPTS, "attempts")                                                                                            \
    _(MAX_ATTEMPTS, "max_attempts")                                                                                    \
    _(NEXT_ATTEMPT_AT, "next_attempt_at")                                                                              \
    _(WORKER, "worker")                                                                                                \
    _(PROVIDER, "provider")                                                                                            \
    _(PROVIDER_MESSAGE_ID, "provider_message_id")                                                                      \
    _(ERROR, "error")                                                                                                  \
    _(DIGEST_ID, "digest_id")                                                                                          \
    _(FALLBACK_OF, "fallback_of")                                                                                      \
    _(FALLBACK_CHANNELS, "fallback_channels")                                                                          \
    _(CREATED_AT, "created_at")                                                                                        \
    _(QUEUED_AT, "queued_at")                                                                                          \
    _(SENDING_AT, "sending_at")                                                                                        \
    _(SENT_AT, "sent_at")                                                                                              \
    _(DELIVERED_AT, "delivered_at")                                                                                    \
    _(READ_AT, "read_at")                                                                                              \
    _(ENDED_AT, "ended_at")                                                                                            \
    _(STATE_AT, "state_at")                                                                                            \
    _(TENANT_NAME, "tenant_name")                                                                                      \
    _(USER_NAME, "user_name")                                                                                          \
    _(SUBJECT, "subject")                                                                                              \
    _(BODY, "body")                                                                                                    \
    _(ADDRESS, "address")                                                                                              \
    _(PAYLOAD, "payload")

#define COLUMN_POSITION(id, name) COLUMN_##id,
#define COLUMN_NAME(id, name)     name,

enum { DELIVERY_COLUMNS(COLUMN_POSITION) };

static const char *const columns[] = {DELIVERY_COLUMNS(COLUMN_NAME)};

static const char *const state_names[] = {
    [NB_DELIVERY_HELD] = "held",         [NB_DELIVERY_QUEUED] = "queued",       [NB_DELIVERY_SENDING] = "sending",
    [NB_DELIVERY_SENT] = "sent",         [NB_DELIVERY_DELIVERED] = "delivered", [NB_DELIVERY_READ] = "read",
    [NB_DELIVERY_BOUNCED] = "bounced",   [NB_DELIVERY_FAILED] = "failed",       [NB_DELIVERY_CANCELLED] = "cancelled",
    [NB_DELIVERY_DIGESTED] = "digested",
};

const char *nb_delivery_state_name(enum nb_delivery_state state)
{
    return state_names[state];
}

const char *nb_delivery_hold_name(const char *held_for)
{
    static const struct {
        const char *code, *words;
    } holds[] = {
        {"quiet_hours", "quiet hours"},
        {"do_not_disturb", "do not disturb"},
        {"held_for_digest", "the digest"},
        {"over_rate", "the rate limit"},
    };

    for (size_t i = 0; held_for && i < NB_ARRAY_SIZE(holds); i++)
        if (strcmp(held_for, holds[i].code) == 0)
            return holds[i].words;
    return held_for ? held_for : "something";
}

/* The database allows no other word; one of a newer schema is shown as failed, which is looked at. */
static enum nb_delivery_state parse_state(const char *word)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(state_names); i++)
        if (strcmp(word, state_names[i]) == 0)
            return (enum nb_delivery_state)i;
    return NB_DELIVERY_FAILED;
}

/* Empty texts (what an empty array becomes) are none. */
static const char *text_in(const struct nb_result *result, size_t index, int column, struct nb_arena *arena)
{
    const char *text = nb_result_text_in(result, index, column, arena);

    return text && *text ? text : NULL;
}

static void decode_times(struct nb_delivery *delivery, const struct nb_result *result, size_t index)
{
    delivery->held_until = nb_result_time(result, index, COLUMN_HELD_SLOT);
    delivery->next_attempt_at = nb_result_time(result, index, COLUMN_NEXT_ATTEMPT_AT);
    delivery->created_at = nb_result_time(result, index, COLUMN_CREATED_AT);
    delivery->queued_at = nb_result_time(result, index, COLUMN_QUEUED_AT);
    delivery->sending_at = nb_result_time(result, index, COLUMN_SENDING_AT);
    delivery->sent_at = nb_result_time(result, index, COLUMN_SENT_AT);
    delivery->delivered_at = nb_result_time(result, index, COLUMN_DELIVERED_AT);
    delivery->read_at = nb_result_time(result, index, COLUMN_READ_AT);
    delivery->ended_at = nb_result_time(result, index, COLUMN_ENDED_AT);
    delivery->state_at = nb_result_time(result, index, COLUMN_STATE_AT);
}

struct nb_row *nb_delivery_decode(const struct nb_result *result, size_t index, struct nb_arena *arena)
{
    struct nb_delivery *delivery = nb_arena_alloc(arena, sizeof(*delivery));
    struct nb_uuid id = nb_result_uuid(result, index, COLUMN_ID);

    delivery->row.key = nb_key_from_uuid(&id);
    delivery->tenant_id = nb_result_uuid(result, index, COLUMN_TENANT_ID);
    delivery->user_id = nb_result_uuid(result, index, COLUMN_USER_ID);
    delivery->notification_id = nb_result_uuid(result, index, COLUMN_NOTIFICATION_ID);
    delivery->digest_id = nb_result_uuid(result, index, COLUMN_DIGEST_ID);
    delivery->fallback_of = nb_result_uuid(result, index, COLUMN_FALLBACK_OF);
    delivery->app_event = nb_result_int(result, index, COLUMN_APP_EVENT);
    delivery->attempts = nb_result_int(result, index, COLUMN_ATTEMPTS);
    delivery->max_attempts = nb_result_int(result, index, COLUMN_MAX_ATTEMPTS);
    delivery->urgency = NB_URGENCY_NORMAL;
    (void)!nb_urgency_parse(&delivery->urgency, nb_result_text(result, index, COLUMN_URGENCY), NULL);
    delivery->state = parse_state(nb_result_text(result, index, COLUMN_STATUS));
    decode_times(delivery, result, index);
    delivery->type = nb_result_text_in(result, index, COLUMN_TYPE, arena);
    delivery->channel = nb_result_text_in(result, index, COLUMN_CHANNEL, arena);
    delivery->rule_id = text_in(result, index, COLUMN_RULE_ID, arena);
    delivery->template_code = text_in(result, index, COLUMN_TEMPLATE_CODE, arena);
    delivery->locale = text_in(result, index, COLUMN_LOCALE, arena);
    delivery->missing = text_in(result, index, COLUMN_MISSING, arena);
    delivery->held_for = text_in(result, index, COLUMN_HELD_FOR, arena);
    delivery->worker = text_in(result, index, COLUMN_WORKER, arena);
    delivery->provider = text_in(result, index, COLUMN_PROVIDER, arena);
    delivery->message_id = text_in(result, index, COLUMN_PROVIDER_MESSAGE_ID, arena);
    delivery->error = text_in(result, index, COLUMN_ERROR, arena);
    delivery->fallback_channels = text_in(result, index, COLUMN_FALLBACK_CHANNELS, arena);
    delivery->tenant_name = text_in(result, index, COLUMN_TENANT_NAME, arena);
    delivery->user_name = text_in(result, index, COLUMN_USER_NAME, arena);
    delivery->subject = text_in(result, index, COLUMN_SUBJECT, arena);
    delivery->body = text_in(result, index, COLUMN_BODY, arena);
    delivery->address = text_in(result, index, COLUMN_ADDRESS, arena);
    delivery->payload = text_in(result, index, COLUMN_PAYLOAD, arena);
    return &delivery->row;
}

struct nb_row *nb_delivery_copy(const struct nb_row *row, struct nb_arena *arena)
{
    struct nb_delivery *delivery = nb_arena_alloc(arena, sizeof(*delivery));
    const char **texts[] = {
        &delivery->type,        &delivery->channel,    &delivery->rule_id,  &delivery->template_code,
        &delivery->locale,      &delivery->missing,    &delivery->held_for, &delivery->worker,
        &delivery->provider,    &delivery->message_id, &delivery->error,    &delivery->fallback_channels,
        &delivery->tenant_name, &delivery->user_name,  &delivery->subject,  &delivery->body,
        &delivery->address,     &delivery->payload,
    };

    *delivery = *(const struct nb_delivery *)row;
    for (size_t i = 0; i < NB_ARRAY_SIZE(texts); i++)
        *texts[i] = nb_arena_strdup(arena, *texts[i]);
    return &delivery->row;
}

/* ---- words ---- */

static const struct nb_delivery *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_delivery, row);
}

static const char *urgency_word(const struct nb_row *row, int64_t now)
{
    (void)now;
    return nb_urgency_name(of(row)->urgency);
}

static const char *state_word(const struct nb_row *row, int64_t now)
{
    (void)now;
    return nb_delivery_state_name(of(row)->state);
}

static const char *type(const struct nb_row *row)
{
    return of(row)->type;
}

/* What it says is not the operator's to read: what it is about is its type, or why it failed. */
static const char *title(const struct nb_row *row)
{
    return of(row)->error ? of(row)->error : of(row)->type;
}

static const char *change(const struct nb_row *row, bool created)
{
    (void)created;
    return nb_delivery_state_name(of(row)->state);
}

/* ---- the subject ---- */

static const struct nb_word_choice is[] = {
    {"waiting", 1}, {"arrived", 1}, {"dead", 1}, {"late", 0}, {"retried", 0}, {NULL},
};
static const struct nb_word_choice has[] = {{"error"}, {"fallback"}, {"digest"}, {NULL}};
static const struct nb_word_choice states[] = {
    {"held"},    {"queued"}, {"sending"},   {"sent"},     {"delivered"}, {"read"},
    {"bounced"}, {"failed"}, {"cancelled"}, {"digested"}, {NULL},
};
static const struct nb_word_choice urgencies[] = {{"low"}, {"normal"}, {"high"}, {"critical"}, {NULL}};
static const struct nb_word_choice me[] = {{"me"}, {NULL}};

static const struct nb_word words[] = {
    {"is", NB_WORD_CHOICE, is, .example = "is:dead",
     .help = "given up; or is:waiting, is:arrived, is:retried, is:late (should have gone long ago)"},
    {"status", NB_WORD_SET, states, .example = "status:failed,bounced", .help = "the state that it is in"},
    {"channel", NB_WORD_PATTERN, .example = "channel:email", .help = "by which it goes, or a pattern", .listed = true},
    {"type", NB_WORD_PATTERN, .example = "type:BOOKING_*", .help = "a type, or a pattern", .listed = true},
    {"user", NB_WORD_NAME, me, .example = "user:ada", .help = "whom it is for; me", .listed = true},
    {"tenant", NB_WORD_NAME, .example = "tenant:acme", .help = "whose it is", .listed = true},
    {"urgency", NB_WORD_SCALE, urgencies, .example = "urgency>=high", .help = "and above; or urgency:low,normal"},
    {"provider", NB_WORD_PATTERN, nb_word_none, .example = "provider:smtp*",
     .help = "who took it on, or a pattern; none", .listed = true},
    {"error", NB_WORD_PATTERN, nb_word_none, .example = "error:refused",
     .help = "words of the last error; with * a pattern of the whole; none"},
    {"rule", NB_WORD_PATTERN, nb_word_none, .example = "rule:oncall*",
     .help = "the rule that asked for it, or a pattern; none"},
    {"has", NB_WORD_CHOICE, has, .example = "has:error",
     .help = "or has:fallback (is one), has:digest (went into one)"},
    {"older", NB_WORD_TIME, NULL, true, .example = "older:10m", .help = "in its state for longer than that"},
    {"since", NB_WORD_TIME, NULL, true, .example = "since:2h", .help = "of the last two hours"},
    {"before", NB_WORD_TIME, NULL, true, .example = "before:2026-11-01", .help = "before a time, or a span ago"},
    {NULL},
};

static const char *const bells[] = {"delivery", NULL};

#define MEMBER(kind, member)                                                                                           \
    {                                                                                                                  \
#member, NB_MEMBER_##kind, offsetof(struct nb_delivery, member), NULL                                          \
    }

static const struct nb_member members[] = {
    {"id", NB_MEMBER_KEY, 0, NULL},
    MEMBER(UUID, tenant_id),
    MEMBER(TEXT, tenant_name),
    MEMBER(TIME, created_at),
    {"status", NB_MEMBER_WORD, 0, state_word},
    MEMBER(TIME, state_at),
    MEMBER(TEXT, channel),
    MEMBER(TEXT, type),
    {"urgency", NB_MEMBER_WORD, 0, urgency_word},
    MEMBER(UUID, user_id),
    MEMBER(TEXT, user_name),
    MEMBER(NUMBER, attempts),
    MEMBER(NUMBER, max_attempts),
    MEMBER(TEXT, provider),
    {"provider_message_id", NB_MEMBER_TEXT, offsetof(struct nb_delivery, message_id), NULL},
    MEMBER(TEXT, error),
    MEMBER(TIME, next_attempt_at),
    MEMBER(TEXT, held_for),
    MEMBER(TIME, held_until),
    MEMBER(UUID, notification_id),
    MEMBER(TEXT, rule_id),
    MEMBER(TEXT, template_code),
    MEMBER(TEXT, locale),
    MEMBER(TEXT, missing),
    MEMBER(UUID, digest_id),
    MEMBER(UUID, fallback_of),
    MEMBER(TEXT, fallback_channels),
    MEMBER(TEXT, worker),
    MEMBER(TIME, queued_at),
    MEMBER(TIME, sending_at),
    MEMBER(TIME, sent_at),
    MEMBER(TIME, delivered_at),
    MEMBER(TIME, read_at),
    MEMBER(TIME, ended_at),
    MEMBER(TEXT, subject),
    MEMBER(TEXT, body),
    MEMBER(TEXT, address),
    {NULL, NB_MEMBER_TEXT, 0, NULL},
};

const struct nb_subject_info nb_delivery_subject = {
    .name = "deliveries",
    .noun = "delivery",
    .nouns = "deliveries",
    .a_noun = "a delivery",
    .operators_only = "deliveries are for operators",
    .has_short_ids = true,
    .row_size = sizeof(struct nb_delivery),
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .decode = nb_delivery_decode,
    .copy = nb_delivery_copy,
    .older = NB_SQL_DELIVERIES_PAGE_OLDER,
    .newer = NB_SQL_DELIVERIES_PAGE_NEWER,
    .keys = NB_SQL_DELIVERIES_KEYS,
    .count = NB_SQL_DELIVERIES_COUNT,
    .count_new = NB_SQL_DELIVERIES_COUNT_NEW,
    .count_range = NB_SQL_DELIVERIES_COUNT_RANGE,
    .rereads = true,
    .values = NB_SQL_DELIVERIES_VALUES,
    .ending = NB_SQL_DELIVERIES_ENDING,
    .orders = nb_order_newest,
    .words = words,
    .bells = bells,
    .members = members,
    .document = MEMBER(JSON, payload),
    .type = type,
    .title = title,
    .change = change,
};
