/*
 * values.c - asks what the words of a filter can stand for.
 */
#include "page/values.h"

#include <stdlib.h>

struct values_call {
    nb_values_done *done;
    void *arg;
};

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct values_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_value *values = nb_calloc(count + 1, sizeof(*values));

    for (size_t i = 0; i < count; i++)
        values[i] = (struct nb_value){nb_result_text(result, i, 0), nb_result_text(result, i, 1)};
    call->done(call->arg, values, count, err);
    free(values);
}

struct nb_request *nb_values_find(struct nb_connection *connection, enum nb_subject subject, const struct nb_word *word,
                                  const char *start, enum nb_priority priority, nb_values_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = priority, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct values_call *call = nb_calloc(1, sizeof(*call));

    *call = (struct values_call){.done = done, .arg = arg};
    nb_params_text(params, word ? word->name : NULL);
    nb_params_text(params, start);
    return nb_query(connection, nb_subject_info(subject)->values, params, &options, answered, call);
}
