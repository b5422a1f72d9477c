/*
 * rows_json.c - notifications and events as JSON objects, for --json, watch and export alike.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/rows/rows.h"
#include "page/page.h"

#define ROWS_DOCUMENT_LIMIT (8 * 1024 * 1024)

static void set_text(json_t *object, const char *name, const char *text)
{
    json_t *value = text ? json_string(text) : json_null();
    if (!value) { /* not UTF-8: only a database with another encoding can do that */
        struct nb_strbuf clean;
        nb_strbuf_init(&clean, ROWS_DOCUMENT_LIMIT);
        nb_text_sanitize(&clean, text, SIZE_MAX, NB_TEXT_BLOCK, false);
        value = json_string(clean.data);
        nb_strbuf_clear(&clean);
    }
    json_object_set_new(object, name, value);
}

static void set_time(json_t *object, const char *name, int64_t time)
{
    char text[NB_TIME_TEXT_SIZE];
    json_object_set_new(object, name,
                        time == NB_TIME_NONE ? json_null() : json_string(nb_time_format_rfc3339(time, text)));
}

static void set_uuid(json_t *object, const char *name, const struct nb_uuid *uuid)
{
    char text[NB_UUID_TEXT_SIZE];
    json_object_set_new(object, name, nb_uuid_is_nil(uuid) ? json_null() : json_string(nb_uuid_format(uuid, text)));
}

static void set_json(json_t *object, const char *name, const char *text)
{
    json_t *value = NULL;
    if (text && nb_json_parse(&value, text, strlen(text), NULL) != NB_OK)
        value = json_string(text);
    json_object_set_new(object, name, value ? value : json_null());
}

static json_t *notification_members(const struct nb_notification *notification)
{
    char id[NB_KEY_TEXT_SIZE];
    json_t *object = json_object();
    set_text(object, "id", nb_key_format(&notification->row.key, NB_SUBJECT_INBOX, id));
    set_uuid(object, "tenant_id", &notification->tenant_id);
    set_time(object, "created_at", notification->created_at);
    set_text(object, "status", rows_notification_status(notification));
    set_text(object, "type", notification->type);
    set_text(object, "urgency", nb_urgency_name(notification->urgency));
    set_text(object, "title", notification->title);
    set_text(object, "message", notification->message);
    set_text(object, "link", notification->link);
    set_json(object, "actions", notification->actions);
    set_text(object, "action_taken", notification->action_taken);
    set_text(object, "channel", notification->channel);
    set_uuid(object, "actor_id", &notification->actor_id);
    set_text(object, "actor_name", notification->actor_name);
    json_object_set_new(object, "is_announcement", json_boolean(notification->is_announcement));
    json_object_set_new(object, "silent", json_boolean(notification->silent));
    json_object_set_new(object, "is_read", json_boolean(notification->read_at != NB_TIME_NONE));
    set_time(object, "updated_at", notification->updated_at);
    set_time(object, "read_at", notification->read_at);
    set_time(object, "archived_at", notification->archived_at);
    set_time(object, "expires_at", notification->expires_at);
    return object;
}

static json_t *event_members(const struct nb_event *event)
{
    json_t *object = json_object();
    json_object_set_new(object, "id", json_integer(nb_key_to_int(&event->row.key)));
    set_time(object, "created_at", event->created_at);
    set_text(object, "event_type", event->event_type);
    set_text(object, "severity", nb_severity_name(event->severity));
    set_text(object, "state", rows_event_state(event, nb_now()));
    set_text(object, "description", event->description);
    set_uuid(object, "tenant_id", &event->tenant_id);
    set_text(object, "tenant_name", event->tenant_name);
    set_uuid(object, "user_id", &event->user_id);
    set_text(object, "user_name", event->user_name);
    json_object_set_new(object, "is_resolved", json_boolean(event->is_resolved));
    set_time(object, "resolved_at", event->resolved_at);
    set_uuid(object, "resolved_by", &event->resolved_by);
    set_text(object, "resolved_by_name", event->resolved_by_name);
    set_text(object, "resolution", event->resolution);
    set_text(object, "fingerprint", event->fingerprint);
    json_object_set_new(object, "occurrences", json_integer(event->occurrences));
    set_time(object, "last_seen_at", event->last_seen_at);
    set_text(object, "source", event->source);
    set_time(object, "acknowledged_at", event->acknowledged_at);
    set_uuid(object, "acknowledged_by", &event->acknowledged_by);
    set_text(object, "acknowledged_by_name", event->acknowledged_by_name);
    set_uuid(object, "assigned_to", &event->assigned_to);
    set_text(object, "assigned_to_name", event->assigned_to_name);
    set_time(object, "snoozed_until", event->snoozed_until);
    json_object_set_new(object, "version", json_integer(event->version));
    return object;
}

json_t *rows_members(enum nb_subject subject, const struct nb_row *row)
{
    return subject == NB_SUBJECT_INBOX ? notification_members((const struct nb_notification *)row)
                                       : event_members((const struct nb_event *)row);
}

const char *rows_document_name(enum nb_subject subject)
{
    return subject == NB_SUBJECT_INBOX ? "data" : "details";
}

char *rows_document(enum nb_subject subject, const struct nb_row *row)
{
    const char *text = subject == NB_SUBJECT_INBOX ? ((const struct nb_notification *)row)->data
                                                   : ((const struct nb_event *)row)->details;
    if (!text)
        return nb_strdup("null");
    struct nb_strbuf compact;
    nb_strbuf_init(&compact, ROWS_DOCUMENT_LIMIT);
    bool in_string = false;
    for (; *text; text++) {
        if (!in_string && strchr(" \t\r\n", *text))
            continue;
        nb_strbuf_append_char(&compact, *text);
        if (in_string && *text == '\\' && text[1])
            nb_strbuf_append_char(&compact, *++text);
        else if (*text == '"')
            in_string = !in_string;
    }
    return nb_strbuf_take(&compact);
}

void rows_print_json(struct output *output, enum nb_subject subject, const struct nb_row *row, json_t *extra_take,
                     bool full)
{
    json_t *members = rows_members(subject, row);
    json_t *object = members;
    if (extra_take) {
        object = extra_take;
        json_object_update(object, members);
        json_decref(members);
    }
    if (full) {
        char *document = rows_document(subject, row);
        output_json_with_document_take(output, object, rows_document_name(subject), document);
        free(document);
    } else {
        output_json_take(output, object);
    }
}
