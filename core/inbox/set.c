/*
 * set.c - sets or clears a time of rows that are listed one by one.
 */
#include "inbox/inbox.h"

#include <stdlib.h>

#include "inbox/field.h"

struct set_call {
    nb_inbox_set_done *done;
    void *arg;
};

const char *inbox_field_name(enum nb_inbox_field field)
{
    static const char *const names[] = {
        [NB_INBOX_READ] = "read", [NB_INBOX_ARCHIVED] = "archived", [NB_INBOX_DELETED] = "deleted"};

    return names[field];
}

static void set_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct set_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_inbox_change *changes = nb_calloc(count + 1, sizeof(*changes));

    for (size_t i = 0; i < count; i++) {
        struct nb_uuid id = nb_result_uuid(result, i, 0);

        changes[i].key = nb_key_from_uuid(&id);
        changes[i].previous = nb_result_time(result, i, 1);
    }
    call->done(call->arg, changes, count, err);
    free(changes);
}

struct nb_request *nb_inbox_set(struct nb_connection *connection, enum nb_inbox_field field, const struct nb_key *keys,
                                size_t count, const int64_t *times, size_t times_count, nb_inbox_set_done *done,
                                void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_ACT, .dispose = free};
    struct nb_params *params = nb_params_new();
    struct nb_uuid *ids = nb_calloc(count + 1, sizeof(*ids));
    struct set_call *call = nb_calloc(1, sizeof(*call));

    for (size_t i = 0; i < count; i++)
        ids[i] = nb_key_to_uuid(&keys[i]);
    nb_params_text(params, inbox_field_name(field));
    nb_params_uuid_array(params, ids, count);
    nb_params_time_array(params, times, times_count);
    free(ids);
    call->done = done;
    call->arg = arg;
    return nb_query(connection, NB_SQL_INBOX_SET_STATE, params, &options, set_answered, call);
}
