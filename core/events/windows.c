/*
 * windows.c - asks for the windows, makes and ends them.
 */
#include "events/windows.h"

#include <stdlib.h>
#include <string.h>

bool nb_window_is_over(const struct nb_window *window)
{
    return strcmp(window->state, "over") == 0 || strcmp(window->state, "ended") == 0;
}

struct list_call {
    nb_windows_done *done;
    void *arg;
};

struct window_call {
    nb_window_done *done;
    void *arg;
    char *name; /* of the one that is ended; NULL: one is made */
};

static void listed(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct list_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_arena *arena = err ? NULL : nb_arena_new();
    struct nb_window *windows = arena ? nb_arena_alloc(arena, (count + 1) * sizeof(*windows)) : NULL;

    for (size_t i = 0; i < count; i++)
        windows[i] = (struct nb_window){
            .name = nb_result_text_in(result, i, 0, arena),
            .state = nb_result_text_in(result, i, 1, arena),
            .behaviour = nb_result_text_in(result, i, 2, arena),
            .matches = nb_result_text_in(result, i, 3, arena),
            .starts_at = nb_result_time(result, i, 4),
            .ends_at = nb_result_time(result, i, 5),
            .time_zone = nb_result_text_in(result, i, 6, arena),
            .local_starts = nb_result_text_in(result, i, 7, arena),
            .held = nb_result_int(result, i, 8),
            .reason = nb_result_text_in(result, i, 9, arena),
            .created_by = nb_result_text_in(result, i, 10, arena),
            .problem = nb_result_text_in(result, i, 11, arena),
        };
    call->done(call->arg, arena, windows, count, err);
}

struct nb_request *nb_windows_list(struct nb_connection *connection, const char *tenant, size_t most,
                                   nb_windows_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct list_call *call = nb_calloc(1, sizeof(*call));

    nb_params_text(params, tenant);
    nb_params_int(params, (int64_t)most);
    *call = (struct list_call){done, arg};
    return nb_query(connection, NB_SQL_WINDOWS_LIST, params, &options, listed, call);
}

static void call_free(void *arg)
{
    struct window_call *call = arg;

    free(call->name);
    free(call);
}

static void acted(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct window_call *call = arg;
    const char *name = NULL;

    if (!err && call->name)
        name = nb_result_bool(result, 0, 0) ? call->name : NULL;
    else if (!err)
        name = nb_result_text(result, 0, 0);
    call->done(call->arg, name, err);
}

static struct nb_request *act(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
                              struct window_call call)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = call_free};
    struct window_call *copy = nb_calloc(1, sizeof(*copy));

    *copy = call;
    return nb_query(connection, query, params_take, &options, acted, copy);
}

struct nb_request *nb_window_start(struct nb_connection *connection, const struct nb_window_wish *wish,
                                   nb_window_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, wish->tenant);
    nb_params_text(params, "notices");
    nb_params_text(params, wish->event_type);
    nb_params_text(params, wish->source);
    nb_params_null(params); /* any severity */
    nb_params_int(params, wish->length);
    nb_params_text(params, wish->reason);
    return act(connection, NB_SQL_WINDOW_START, params, (struct window_call){.done = done, .arg = arg});
}

struct nb_request *nb_window_end(struct nb_connection *connection, const char *tenant, const char *name,
                                 nb_window_done *done, void *arg)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, tenant);
    nb_params_text(params, name);
    return act(connection, NB_SQL_WINDOW_END, params,
               (struct window_call){.done = done, .arg = arg, .name = nb_strdup(name)});
}
