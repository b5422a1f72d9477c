/*
 * check.c - bounds and tables of members.
 */
#include "produce/check.h"

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

enum member_kind { MEMBER_TEXT, MEMBER_TITLE, MEMBER_UUID, MEMBER_JSON, MEMBER_TIME, MEMBER_CHANNELS };

struct member {
    const char *name;
    enum member_kind kind;
    size_t max; /* bytes */
    bool required;
    bool nullable; /* required, but may be null, which means everybody */
};

static const struct member notify_members[] = {
    {"user", MEMBER_TEXT, NB_PERSON_MAX, true, true},
    {"type", MEMBER_TEXT, NB_TYPE_MAX, true},
    {"title", MEMBER_TITLE, 0, true},
    {"message", MEMBER_TEXT, NB_MESSAGE_MAX, true},
    {"tenant", MEMBER_UUID},
    {"data", MEMBER_JSON, NB_DATA_MAX},
    {"link", MEMBER_TEXT, NB_LINK_MAX},
    {"actions", MEMBER_JSON, PRODUCE_ACTIONS_MAX},
    {"actor", MEMBER_UUID},
    {"channels", MEMBER_CHANNELS},
    {"urgency", MEMBER_TEXT, NB_WORD_MAX},
    {"dedup_key", MEMBER_TEXT, NB_DEDUP_KEY_MAX},
    {"expires_at", MEMBER_TIME},
    {NULL},
};

static const struct member announce_members[] = {
    {"type", MEMBER_TEXT, NB_TYPE_MAX, true},
    {"title", MEMBER_TITLE, 0, true},
    {"message", MEMBER_TEXT, NB_MESSAGE_MAX, true},
    {"tenant", MEMBER_UUID},
    {"data", MEMBER_JSON, NB_DATA_MAX},
    {"link", MEMBER_TEXT, NB_LINK_MAX},
    {"actions", MEMBER_JSON, PRODUCE_ACTIONS_MAX},
    {"actor", MEMBER_UUID},
    {"urgency", MEMBER_TEXT, NB_WORD_MAX},
    {"dedup_key", MEMBER_TEXT, NB_DEDUP_KEY_MAX},
    {"expires_at", MEMBER_TIME},
    {NULL},
};

static const struct member raise_members[] = {
    {"event_type", MEMBER_TEXT, 4 * NB_EVENT_TYPE_MAX, true},
    {"severity", MEMBER_TEXT, NB_WORD_MAX, true},
    {"description", MEMBER_TEXT, NB_DESCRIPTION_MAX, true},
    {"details", MEMBER_JSON, NB_DETAILS_MAX},
    {"tenant", MEMBER_UUID},
    {"user", MEMBER_TEXT, NB_PERSON_MAX},
    {"fingerprint", MEMBER_TEXT, NB_FINGERPRINT_MAX},
    {"source", MEMBER_TEXT, NB_SOURCE_MAX},
    {"episode_at", MEMBER_TIME},
    {NULL},
};

static const struct member settle_members[] = {
    {"source", MEMBER_TEXT, NB_SOURCE_MAX, true},
    {"fingerprint", MEMBER_TEXT, NB_FINGERPRINT_MAX, true},
    {"episode_at", MEMBER_TIME},
    {"note", MEMBER_TEXT, NB_NOTE_MAX},
    {"tenant", MEMBER_UUID},
    {NULL},
};

static const struct member publish_members[] = {
    {"event_type", MEMBER_TEXT, 4 * NB_EVENT_TYPE_MAX, true},
    {"module", MEMBER_TEXT, 4 * NB_MODULE_MAX, true},
    {"context", MEMBER_JSON, NB_CONTEXT_MAX},
    {"idempotency_key", MEMBER_TEXT, NB_IDEMPOTENCY_KEY_MAX},
    {"occurred_at", MEMBER_TIME},
    {"tenant", MEMBER_UUID},
    {NULL},
};

static const struct member *const members_of[] = {
    [NB_PRODUCE_NOTIFY] = notify_members, [NB_PRODUCE_ANNOUNCE] = announce_members, [NB_PRODUCE_RAISE] = raise_members,
    [NB_PRODUCE_SETTLE] = settle_members, [NB_PRODUCE_PUBLISH] = publish_members,
};

int produce_check_text(const char *name, const char *text, size_t max_bytes, bool required, struct nb_error *err)
{
    if (!text)
        return required ? nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: is missing", name) : 0;
    if (required && text[0] == '\0')
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: must not be empty", name);
    if (strlen(text) > max_bytes)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", name, max_bytes);
    if (!nb_utf8_valid(text, strlen(text)))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: not valid UTF-8", name);
    return 0;
}

int produce_check_title(const char *title, struct nb_error *err)
{
    size_t characters = 0;
    int rc = produce_check_text("title", title, 4 * NB_TITLE_MAX, true, err);

    if (rc < 0)
        return rc;
    for (; *title; title++)
        characters += ((unsigned char)*title & 0xC0) != 0x80;
    if (characters > NB_TITLE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "title: longer than %d characters", NB_TITLE_MAX);
    return 0;
}

int produce_check_json(json_t **out, const char *name, const char *text, size_t length, struct nb_error *err)
{
    struct nb_error why = {0};
    int rc = nb_json_parse(out, text, length, &why);

    if (rc < 0 && err) {
        nb_error_set(err, rc, NB_DOMAIN_INPUT, "%s: %s", name, why.message);
        err->column = why.column;
    }
    return rc;
}

static int wrong_type(const struct member *member, const char *expected, struct nb_error *err)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected %s", member->name, expected);
}

static int check_channels(const struct member *member, const json_t *value, struct nb_error *err)
{
    const json_t *channel;
    size_t i;

    if (!json_is_array(value))
        return wrong_type(member, "a list of channels", err);
    json_array_foreach(value, i, channel)
    {
        if (!json_is_string(channel))
            return wrong_type(member, "a list of channels", err);
    }
    return 0;
}

static int check_size(const struct member *member, const json_t *value, struct nb_error *err)
{
    size_t size = json_dumpb(value, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);

    if (size > member->max)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", member->name, member->max);
    return 0;
}

static int check_string(const struct member *member, const char *text, struct nb_error *err)
{
    struct nb_uuid uuid;
    int64_t time;

    switch (member->kind) {
    case MEMBER_TITLE:
        return produce_check_title(text, err);
    case MEMBER_UUID:
        return nb_uuid_parse(&uuid, text, NULL) < 0 ? wrong_type(member, "a UUID of 36 characters", err) : 0;
    case MEMBER_TIME:
        return nb_time_parse(&time, text, NULL) < 0 ? wrong_type(member, "a time like 2026-11-01T14:30:00Z", err) : 0;
    default:
        return produce_check_text(member->name, text, member->max, member->required, err);
    }
}

static int check_member(const struct member *member, const json_t *value, struct nb_error *err)
{
    if (!value || json_is_null(value)) {
        if (!member->required || (member->nullable && value))
            return 0;
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: is missing", member->name);
    }
    if (member->kind == MEMBER_JSON)
        return check_size(member, value, err);
    if (member->kind == MEMBER_CHANNELS)
        return check_channels(member, value, err);
    if (!json_is_string(value))
        return wrong_type(member, "a string", err);
    return check_string(member, json_string_value(value), err);
}

int produce_check_item(enum nb_produce_kind kind, const json_t *item, struct nb_error *err)
{
    const char *names[NB_ARRAY_SIZE(notify_members) + 1] = {NULL};
    const struct member *members = members_of[kind];
    int rc;

    if (!json_is_object(item))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "expected a JSON object");
    for (size_t i = 0; members[i].name; i++)
        names[i] = members[i].name;
    if ((rc = nb_json_check_members(item, names, err)) < 0)
        return rc;
    for (size_t i = 0; members[i].name; i++) {
        if ((rc = check_member(&members[i], json_object_get(item, members[i].name), err)) < 0)
            return rc;
    }
    return 0;
}
