/*
 * history.c - reads the history of an event, or of whatever else has one.
 */
#include "events/events.h"

#include <stdlib.h>

struct history_call {
    nb_event_history_done *done;
    void *arg;
};

static void history_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct history_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_event_action *actions = nb_calloc(count + 1, sizeof(*actions));

    for (size_t i = 0; i < count; i++) {
        actions[i].at = nb_result_time(result, i, 0);
        actions[i].actor_name = nb_result_text(result, i, 1);
        actions[i].action = nb_result_text(result, i, 2);
        actions[i].note = nb_result_text(result, i, 3);
        actions[i].note_time = nb_result_time(result, i, 4);
    }
    call->done(call->arg, actions, count, err);
    free(actions);
}

struct nb_request *nb_history_query(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
                                    nb_event_history_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct history_call *call = nb_calloc(1, sizeof(*call));

    call->done = done;
    call->arg = arg;
    return nb_query(connection, query, params_take, &options, history_answered, call);
}

struct nb_request *nb_event_history(struct nb_connection *connection, const struct nb_key *key,
                                    nb_event_history_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_int(params, nb_key_to_int(key));
    return nb_history_query(connection, NB_SQL_EVENT_HISTORY, params, done, arg);
}
