/*
 * events.c - acts on events. nightbell.event_act() in the database lets the first one win and writes the history.
 */
#include "events/events.h"

#include <stdlib.h>

struct act_call {
    nb_event_act_done *done;
    void *arg;
};

const char *nb_event_act_name(enum nb_event_act act)
{
    static const char *const names[] = {
        [NB_EVENT_ACKNOWLEDGE] = "acknowledge",
        [NB_EVENT_RESOLVE] = "resolve",
        [NB_EVENT_REOPEN] = "reopen",
        [NB_EVENT_ASSIGN] = "assign",
        [NB_EVENT_SNOOZE] = "snooze",
        [NB_EVENT_NOTE] = "note",
        [NB_EVENT_UNDO] = "undo",
    };

    return names[act];
}

static void act_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct act_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_event_outcome *outcomes = nb_calloc(count + 1, sizeof(*outcomes));

    for (size_t i = 0; i < count; i++) {
        outcomes[i].key = nb_key_from_int(nb_result_int(result, i, 0));
        outcomes[i].changed = nb_result_bool(result, i, 1);
        outcomes[i].reason = nb_result_text(result, i, 2);
        outcomes[i].previous = nb_result_text(result, i, 3);
        outcomes[i].version = nb_result_int(result, i, 4);
        outcomes[i].reason_time = nb_result_time(result, i, 5);
    }
    call->done(call->arg, outcomes, count, err);
    free(outcomes);
}

struct nb_request *nb_event_act(struct nb_connection *connection, const struct nb_event_act_request *request,
                                nb_event_act_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = free};
    struct nb_params *params = nb_params_new();
    int64_t *ids = nb_calloc(request->count + 1, sizeof(*ids));
    struct act_call *call = nb_calloc(1, sizeof(*call));

    for (size_t i = 0; i < request->count; i++)
        ids[i] = nb_key_to_int(&request->keys[i]);
    nb_params_text(params, nb_event_act_name(request->act));
    nb_params_int_array(params, ids, request->count);
    nb_params_text(params, request->note);
    nb_params_uuid(params, request->user);
    nb_params_time(params, request->until);
    if (request->act == NB_EVENT_UNDO)
        nb_params_text_array(params, request->states, request->count);
    else
        nb_params_null(params);
    free(ids);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_EVENT_ACT, params, &options, act_answered, call);
}
