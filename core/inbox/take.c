/*
 * take.c - takes one of the actions that a notification offers.
 */
#include "inbox/inbox.h"

#include <stdlib.h>

struct take_call {
    nb_inbox_take_done *done;
    void *arg;
};

static void take_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct take_call *call = arg;

    call->done(call->arg, !err && nb_result_bool(result, 0, 0), err);
}

struct nb_request *nb_inbox_take_action(struct nb_connection *connection, const struct nb_key *key, const char *action,
                                        nb_inbox_take_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = free};
    struct take_call *call = nb_calloc(1, sizeof(*call));
    struct nb_params *params = nb_params_new();
    struct nb_uuid id = nb_key_to_uuid(key);

    nb_params_uuid(params, &id);
    nb_params_text(params, action);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_INBOX_TAKE_ACTION, params, &options, take_answered, call);
}
