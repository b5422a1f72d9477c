/*
 * wakes.c - asks when the next snooze ends, and what has woken.
 */
#include "events/events.h"

#include <stdlib.h>

struct wakes_call {
    nb_event_wakes_done *done;
    void *arg;
};

enum { COLUMN_KNOWN, COLUMN_AT, COLUMN_WAIT, COLUMN_TYPE, COLUMN_DESCRIPTION };

static void wakes_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct wakes_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_wakes wakes = {.at = NB_TIME_NONE, .wait_ms = -1};
    struct nb_woken *items = nb_calloc(count + 1, sizeof(*items));

    if (count > 0) {
        wakes.known = nb_result_bool(result, 0, COLUMN_KNOWN);
        wakes.at = nb_result_time(result, 0, COLUMN_AT);
        if (!nb_result_is_null(result, 0, COLUMN_WAIT))
            wakes.wait_ms = nb_result_int(result, 0, COLUMN_WAIT);
    }
    for (size_t i = 0; i < count && !nb_result_is_null(result, i, COLUMN_TYPE); i++)
        items[wakes.count++] =
            (struct nb_woken){nb_result_text(result, i, COLUMN_TYPE), nb_result_text(result, i, COLUMN_DESCRIPTION)};
    wakes.items = items;
    call->done(call->arg, err ? NULL : &wakes, err);
    free(items);
}

struct nb_request *nb_event_wakes(struct nb_connection *connection, int64_t since, nb_event_wakes_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_BACKGROUND, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct wakes_call *call = nb_calloc(1, sizeof(*call));

    nb_params_time(params, since);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_EVENTS_WAKES, params, &options, wakes_answered, call);
}
