/*
 * act.c - acts on deliveries: nightbell.delivery_retry() and delivery_cancel() decide what can be done.
 */
#include "deliveries/deliveries.h"

#include <stdlib.h>

struct act_call {
    nb_delivery_act_done *done;
    void *arg;
};

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct act_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_delivery_outcome *outcomes = nb_calloc(count + 1, sizeof(*outcomes));

    for (size_t i = 0; i < count; i++) {
        struct nb_uuid id = nb_result_uuid(result, i, 0);

        outcomes[i].key = nb_key_from_uuid(&id);
        outcomes[i].done = nb_result_bool(result, i, 1);
        outcomes[i].problem = nb_result_text(result, i, 2);
        outcomes[i].is_there = nb_result_bool(result, i, 3);
    }
    call->done(call->arg, outcomes, count, err);
    free(outcomes);
}

struct nb_request *nb_delivery_act(struct nb_connection *connection, enum nb_delivery_act act,
                                   const struct nb_key *keys, size_t count, nb_delivery_act_done *done, void *arg)
{
    static const enum nb_sql queries[] = {
        [NB_DELIVERY_RETRY] = NB_SQL_DELIVERY_RETRY,
        [NB_DELIVERY_CANCEL] = NB_SQL_DELIVERY_CANCEL,
    };
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct nb_uuid *ids = nb_calloc(count + 1, sizeof(*ids));
    struct act_call *call = nb_calloc(1, sizeof(*call));

    for (size_t i = 0; i < count; i++)
        ids[i] = nb_key_to_uuid(&keys[i]);
    nb_params_uuid_array(params, ids, count);
    free(ids);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, queries[act], params, &options, answered, call);
}
