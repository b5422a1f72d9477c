/*
 * heartbeats.c - asks for the heartbeats, pauses and deletes them.
 */
#include "events/heartbeats.h"

#include <stdlib.h>

struct list_call {
    nb_heartbeats_done *done;
    void *arg;
};

struct heartbeat_call {
    nb_heartbeat_done *done;
    void *arg;
};

static struct nb_heartbeat read_row(const struct nb_result *result, size_t row, struct nb_arena *arena)
{
    const char *instance = nb_result_text_in(result, row, 1, arena);

    return (struct nb_heartbeat){
        .name = nb_result_text_in(result, row, 0, arena),
        .instance = instance ? instance : "",
        .state = nb_result_text_in(result, row, 2, arena),
        .since = nb_result_time(result, row, 3),
        .verdict = nb_result_text_in(result, row, 4, arena),
        .received = nb_result_text_in(result, row, 5, arena),
        .expected = nb_result_text_in(result, row, 6, arena),
        .has_exit_status = !nb_result_is_null(result, row, 7),
        .exit_status = nb_result_int(result, row, 7),
        .run_id = nb_result_text_in(result, row, 8, arena),
        .output = nb_result_text_in(result, row, 9, arena),
        .problem = nb_result_text_in(result, row, 10, arena),
        .description = nb_result_text_in(result, row, 11, arena),
        .schedule = nb_result_text_in(result, row, 12, arena),
        .received_at = nb_result_time(result, row, 13),
        .expected_at = nb_result_time(result, row, 14),
        .down_at = nb_result_time(result, row, 15),
    };
}

static void listed(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct list_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_arena *arena = err ? NULL : nb_arena_new();
    struct nb_heartbeat *rows = arena ? nb_arena_alloc(arena, (count + 1) * sizeof(*rows)) : NULL;

    for (size_t i = 0; i < count; i++)
        rows[i] = read_row(result, i, arena);
    call->done(call->arg, arena, rows, count, err);
}

struct nb_request *nb_heartbeats_list(struct nb_connection *connection, const char *tenant, size_t most,
                                      nb_heartbeats_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct list_call *call = nb_calloc(1, sizeof(*call));

    nb_params_text(params, tenant);
    nb_params_int(params, (int64_t)most);
    *call = (struct list_call){done, arg};
    return nb_query(connection, NB_SQL_HEARTBEATS_LIST, params, &options, listed, call);
}

static void acted(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct heartbeat_call *call = arg;

    call->done(call->arg, !err && nb_result_bool(result, 0, 0), err);
}

static struct nb_request *act(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
                              nb_heartbeat_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = free};
    struct heartbeat_call *call = nb_calloc(1, sizeof(*call));

    *call = (struct heartbeat_call){done, arg};
    return nb_query(connection, query, params_take, &options, acted, call);
}

struct nb_request *nb_heartbeat_switch(struct nb_connection *connection, const char *tenant, const char *name,
                                       bool active, nb_heartbeat_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, tenant);
    nb_params_text(params, name);
    nb_params_bool(params, active);
    return act(connection, NB_SQL_HEARTBEAT_SWITCH, params, done, arg);
}

struct nb_request *nb_heartbeat_delete(struct nb_connection *connection, const char *tenant, const char *name,
                                       nb_heartbeat_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, tenant);
    nb_params_text(params, name);
    return act(connection, NB_SQL_HEARTBEAT_DELETE, params, done, arg);
}
