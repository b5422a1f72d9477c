/*
 * history.c - what was done to an event, and the people it can be given to.
 */
#include "events/events.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define PEOPLE_TEXT_MAX 256

struct history_call {
    nb_event_history_done *done;
    void *arg;
};

struct people_call {
    nb_people_done *done;
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
    }
    call->done(call->arg, actions, count, err);
    free(actions);
}

struct nb_request *nb_event_history(struct nb_connection *connection, const struct nb_key *key,
                                    nb_event_history_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct history_call *call = nb_calloc(1, sizeof(*call));

    nb_params_int(params, nb_key_to_int(key));
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_EVENT_HISTORY, params, &options, history_answered, call);
}

static void people_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct people_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_person *people = nb_calloc(count + 1, sizeof(*people));

    for (size_t i = 0; i < count; i++) {
        people[i].id = nb_result_uuid(result, i, 0);
        people[i].name = nb_result_text(result, i, 1);
        people[i].email = nb_result_text(result, i, 2);
    }
    call->done(call->arg, people, count, err);
    free(people);
}

static void bind_pattern(struct nb_params *params, const char *prefix, const char *text)
{
    struct nb_strbuf pattern;

    nb_strbuf_init(&pattern, 2 * PEOPLE_TEXT_MAX + 2);
    nb_strbuf_append(&pattern, prefix);
    for (size_t i = 0; i < PEOPLE_TEXT_MAX && text[i]; i++) {
        if (strchr("\\%_", text[i]))
            nb_strbuf_append_char(&pattern, '\\');
        nb_strbuf_append_char(&pattern, text[i]);
    }
    nb_strbuf_append_char(&pattern, '%');
    nb_params_text(params, pattern.data);
    nb_strbuf_clear(&pattern);
}

struct nb_request *nb_people_find(struct nb_connection *connection, const char *text, nb_people_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct people_call *call = nb_calloc(1, sizeof(*call));

    bind_pattern(params, "%", text ? text : "");
    bind_pattern(params, "", text ? text : "");
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_PEOPLE_FIND, params, &options, people_answered, call);
}
