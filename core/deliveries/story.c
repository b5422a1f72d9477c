/*
 * story.c - reads what happened to a delivery.
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
