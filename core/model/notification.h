/*
 * notification.h - one row of the inbox (view nightbell.inbox): a notification to a person, or an announcement with the
 * reader's own receipt. Text is as stored and untrusted: sanitise it where it is shown.
 */
#ifndef NB_MODEL_NOTIFICATION_H
#define NB_MODEL_NOTIFICATION_H

#include "model/subject.h"

enum nb_urgency { NB_URGENCY_LOW, NB_URGENCY_NORMAL, NB_URGENCY_HIGH, NB_URGENCY_CRITICAL };
enum nb_notification_status { NB_STATUS_UNREAD, NB_STATUS_READ, NB_STATUS_ARCHIVED };

struct nb_notification {
    struct nb_row row; /* key: the id */
    struct nb_uuid tenant_id;
    struct nb_uuid actor_id; /* nil: none */
    bool is_announcement;
    bool silent; /* over its recipient's limit for the minute: shown, but without a sound */
    enum nb_urgency urgency;
    int64_t created_at;
    int64_t updated_at;
    int64_t read_at;     /* NB_TIME_NONE: unread */
    int64_t archived_at; /* NB_TIME_NONE: not archived */
    int64_t expires_at;  /* NB_TIME_NONE: never */
    const char *type;
    const char *title;
    const char *message;
    const char *link;         /* NULL: none */
    const char *channel;      /* in_app, email … */
    const char *actor_name;   /* NULL: none or unknown */
    const char *data;         /* JSON text as jsonb_pretty() formats it; NULL: none; lists do not fetch it */
    const char *actions;      /* JSON text; NULL: none */
    const char *action_taken; /* NULL: none */
};

enum nb_notification_status nb_notification_status(const struct nb_notification *notification);
const char *nb_notification_status_name(enum nb_notification_status status); /* "unread" "read" "archived" */
/* The sentence that tells people why a notification is silent. */
extern const char nb_silent_reason[];
const char *nb_urgency_name(enum nb_urgency urgency);
NB_MUSTCHECK int nb_urgency_parse(enum nb_urgency *out, const char *text, struct nb_error *err);
/* Decodes row `index` of an inbox query into arena memory. The columns are those of queries/inbox_page_older.sql. */
struct nb_row *nb_notification_decode(const struct nb_result *result, size_t index, struct nb_arena *arena);
/* A deep copy. */
struct nb_row *nb_notification_copy(const struct nb_row *row, struct nb_arena *arena);

#endif
