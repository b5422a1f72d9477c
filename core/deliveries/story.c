/*
 * story.c - reads what happened to a delivery, and to those that came of an event or a notification.
 */
#include "deliveries/deliveries.h"

struct nb_request *nb_delivery_story(struct nb_connection *connection, const struct nb_key *key,
                                     nb_event_history_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();
    struct nb_uuid id = nb_key_to_uuid(key);

    nb_params_uuid(params, &id);
    return nb_history_query(connection, NB_SQL_DELIVERY_STORY, params, done, arg);
}

static struct nb_request *about(struct nb_connection *connection, const char *kind, enum nb_subject subject,
                                const struct nb_key *key, nb_event_history_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();
    char id[NB_KEY_TEXT_SIZE];

    nb_params_text(params, kind);
    nb_params_text(params, nb_key_format(key, subject, id));
    return nb_history_query(connection, NB_SQL_DELIVERIES_ABOUT, params, done, arg);
}

struct nb_request *nb_deliveries_of_event(struct nb_connection *connection, const struct nb_key *key,
                                          nb_event_history_done *done, void *arg)
{
    return about(connection, "event", NB_SUBJECT_EVENTS, key, done, arg);
}

struct nb_request *nb_deliveries_of_notification(struct nb_connection *connection, const struct nb_key *key,
                                                 nb_event_history_done *done, void *arg)
{
    return about(connection, "notification", NB_SUBJECT_INBOX, key, done, arg);
}
