/*
 * changes.c - what became visible since the last look. Ids are in order of creation, not of commit, so "ids above the
 * last one" would miss late commits: this asks for rows whose transaction was not visible to the last look.
 */
#include "page/page_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* The members of a look's text. */
struct look {
    unsigned session;
    int64_t at;
    const char *snapshot; /* borrowed from the text */
};

char *page_look_format(unsigned session, int64_t at, const char *snapshot)
{
    return nb_asprintf("%u %" PRId64 " %s", session, at, snapshot);
}

static struct look look_parse(const char *text)
{
    struct look look = {0};
    char *rest;

    look.session = (unsigned)strtoul(text, &rest, 10);
    look.at = strtoll(rest, &rest, 10);
    look.snapshot = rest + (*rest == ' ');
    return look;
}

struct changes_call {
    enum nb_subject subject;
    size_t limit;
    unsigned session;
    char *until; /* NULL: this is the first part of the answer */
    nb_changes_done *done;
    void *arg;
};

void nb_changes_free(struct nb_changes **changes)
{
    if (!*changes)
        return;
    nb_arena_free(&(*changes)->arena);
    free((*changes)->snapshot);
    free((*changes)->look);
    nb_free(changes);
}

static void decode_rows(struct nb_changes *changes, const struct changes_call *call, const struct nb_result *result)
{
    const struct nb_subject_info *subject = nb_subject_info(call->subject);
    size_t rows = nb_result_rows(result);

    changes->items = nb_arena_alloc(changes->arena, (rows + 1) * sizeof(changes->items[0]));
    for (size_t i = 0; i < rows && !nb_result_is_null(result, i, 0); i++) {
        if (i == call->limit) {
            changes->more = true;
            break;
        }
        changes->items[changes->count++] = (struct nb_change){
            .row = subject->decode(result, i, changes->arena),
            .created = nb_result_bool(result, i, (int)subject->column_count),
            .matches = nb_result_bool(result, i, (int)subject->column_count + 1),
            .gone = nb_result_bool(result, i, (int)subject->column_count + 2),
        };
    }
}

static void changes_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct changes_call *call = arg;
    struct nb_changes *changes = NULL;
    bool first_look = result && nb_result_columns(result) == 2;

    if (!err) {
        int snapshot_column = nb_result_columns(result) - 1;

        changes = nb_calloc(1, sizeof(*changes));
        changes->arena = nb_arena_new();
        changes->known = first_look || nb_result_bool(result, 0, snapshot_column - 2);
        if (!first_look)
            decode_rows(changes, call, result);
        changes->snapshot = nb_strdup(nb_result_text(result, 0, snapshot_column));
        changes->look = call->until ? nb_strdup(call->until)
                                    : page_look_format(call->session, nb_result_time(result, 0, snapshot_column - 1),
                                                       changes->snapshot);
    }
    call->done(call->arg, changes, err);
}

static void changes_call_free(void *arg)
{
    struct changes_call *call = arg;

    free(call->until);
    free(call);
}

struct nb_request *nb_page_changes(struct nb_connection *connection, const struct nb_changes_request *request,
                                   enum nb_priority priority, nb_changes_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = priority, .dispose = changes_call_free};
    struct changes_call *call = nb_calloc(1, sizeof(*call));
    struct nb_key after = request->after ? *request->after : nb_place_last.key;
    struct nb_params *params;
    struct look look;
    bool ready = nb_connection_state(connection) == NB_CONNECTION_READY; /* else it may be a new session by then */

    call->subject = request->subject;
    call->limit = request->limit;
    call->session = nb_connection_generation(connection);
    call->until = nb_strdup(request->until);
    call->done = done;
    call->arg = arg;
    if (!request->look)
        return nb_query(connection, NB_SQL_SNAPSHOT, NULL, &options, changes_answered, call);
    look = look_parse(request->look);
    params = nb_params_new();
    nb_params_text(params, look.snapshot);
    nb_params_text(params, request->until ? look_parse(request->until).snapshot : NULL);
    page_bind_key(params, request->subject, &after);
    nb_params_int(params, (int64_t)request->limit + 1);
    nb_params_bool(params, request->full);
    nb_params_time(params, look.session == call->session && ready ? NB_TIME_NONE : look.at);
    nb_params_bool(params, request->all);
    if (nb_subject_info(request->subject)->wakes) {
        nb_params_time(params, look.at);
        nb_params_time(params, request->until ? look_parse(request->until).at : NB_TIME_NONE);
    }
    return page_query(connection, request->subject, nb_subject_info(request->subject)->changes, request->filter, NULL,
                      params, &options, changes_answered, call);
}
