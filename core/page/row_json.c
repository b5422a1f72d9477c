/*
 * row_json.c - the members of a row, by the names of the database's columns.
 */
#include "page/row_json.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "model/event.h"
#include "model/notification.h"

static json_t *text_value(const char *text)
{
    json_t *value = text ? json_string(text) : json_null();
    struct nb_strbuf clean;

    if (value)
        return value;
    nb_strbuf_init(&clean, 1 << 20); /* not UTF-8: only a database of another encoding can do that */
    nb_text_sanitize(&clean, text, SIZE_MAX, NB_TEXT_BLOCK, false);
    value = json_string(clean.data);
    nb_strbuf_clear(&clean);
    return value;
}

static json_t *json_value(const char *text)
{
    json_t *value = NULL;

    if (!text)
        return json_null();
    return nb_json_parse(&value, text, strlen(text), NULL) == 0 ? value : text_value(text);
}

static json_t *time_value(int64_t time)
{
    char text[NB_TIME_TEXT_SIZE];

    return time == NB_TIME_NONE ? json_null() : json_string(nb_time_format_rfc3339(time, text));
}

static void set(json_t *object, const char *name, json_t *value)
{
    json_object_set_new(object, name, value);
}

static json_t *notification_json(const struct nb_notification *notification)
{
    char id[NB_UUID_TEXT_SIZE];
    struct nb_uuid uuid = nb_key_to_uuid(&notification->row.key);
    json_t *object = json_object();

    set(object, "id", json_string(nb_uuid_format(&uuid, id)));
    set(object, "created_at", time_value(notification->created_at));
    set(object, "type", text_value(notification->type));
    set(object, "urgency", json_string(nb_urgency_name(notification->urgency)));
    set(object, "title", text_value(notification->title));
    set(object, "message", text_value(notification->message));
    set(object, "data", json_value(notification->data));
    set(object, "link", text_value(notification->link));
    set(object, "actions", json_value(notification->actions));
    set(object, "action_taken", text_value(notification->action_taken));
    set(object, "channel", text_value(notification->channel));
    set(object, "actor_name", text_value(notification->actor_name));
    set(object, "is_announcement", json_boolean(notification->is_announcement));
    set(object, "silent", json_boolean(notification->silent));
    set(object, "read_at", time_value(notification->read_at));
    set(object, "archived_at", time_value(notification->archived_at));
    set(object, "expires_at", time_value(notification->expires_at));
    return object;
}

static json_t *event_json(const struct nb_event *event)
{
    json_t *object = json_object();

    set(object, "id", json_integer(nb_key_to_int(&event->row.key)));
    set(object, "created_at", time_value(event->created_at));
    set(object, "event_type", text_value(event->event_type));
    set(object, "severity", json_string(nb_severity_name(event->severity)));
    set(object, "description", text_value(event->description));
    set(object, "details", json_value(event->details));
    set(object, "tenant_name", text_value(event->tenant_name));
    set(object, "user_name", text_value(event->user_name));
    set(object, "source", text_value(event->source));
    set(object, "fingerprint", text_value(event->fingerprint));
    set(object, "occurrences", json_integer(event->occurrences));
    set(object, "last_seen_at", time_value(event->last_seen_at));
    set(object, "acknowledged_at", time_value(event->acknowledged_at));
    set(object, "acknowledged_by_name", text_value(event->acknowledged_by_name));
    set(object, "assigned_to_name", text_value(event->assigned_to_name));
    set(object, "snoozed_until", time_value(event->snoozed_until));
    set(object, "is_resolved", json_boolean(event->is_resolved));
    set(object, "resolved_at", time_value(event->resolved_at));
    set(object, "resolved_by_name", text_value(event->resolved_by_name));
    set(object, "resolution", text_value(event->resolution));
    return object;
}

json_t *nb_row_json(enum nb_subject subject, const struct nb_row *row)
{
    if (subject == NB_SUBJECT_INBOX)
        return notification_json(NB_CONTAINER_OF(row, struct nb_notification, row));
    return event_json(NB_CONTAINER_OF(row, struct nb_event, row));
}
