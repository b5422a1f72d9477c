/*
 * story.c - shows rows with what happened to them.
 */
#include "cli/rows/story.h"

#include <stdlib.h>

#include "base/clock.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "cli/rows/rows.h"

struct showing {
    struct command_call *call;
    enum nb_subject subject;
    const struct nb_row *row;
    bool done;
    struct nb_error err;
};

static json_t *history_json(const struct nb_event_action *actions, size_t count)
{
    json_t *array = json_array();
    char at[NB_TIME_TEXT_SIZE];
    for (size_t i = 0; i < count; i++) {
        char *note = nb_time_sentence(actions[i].note, actions[i].note_time, nb_time_format_rfc3339);
        json_array_append_new(array,
                              json_pack("{s:s,s:s?,s:s,s:s?}", "at", nb_time_format_rfc3339(actions[i].at, at), "actor",
                                        actions[i].actor_name, "action", actions[i].action, "note", note));
        free(note);
    }
    return array;
}

static void print_with_history(void *arg, const struct nb_event_action *actions, size_t count,
                               const struct nb_error *err)
{
    struct showing *showing = arg;
    showing->done = true;
    if (err)
        showing->err = *err;
    else if (output_is_json(showing->call->output))
        rows_print_json(showing->call->output, showing->subject, showing->row,
                        json_pack("{s:o}", "history", history_json(actions, count)));
    else
        rows_show(showing->call->output, showing->subject, showing->row, actions, count);
}

int story_show(struct command_call *call, enum nb_subject subject, story_fetch *fetch, struct nb_error *err)
{
    struct showing showing = {.call = call, .subject = subject};
    struct ids_outcome outcome = {0};
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    struct nb_page *page = NULL;
    int rc = ids_read(&ids, call, subject, 1, err);
    if (rc == NB_OK)
        rc = session_begin_for(&connection, call, subject, err);
    if (rc == NB_OK)
        rc = ids_find(&ids, call, connection, subject, err);
    for (size_t i = 0; rc == NB_OK && i < ids.count && !output_closed(call->output); i++) {
        nb_page_free(&page);
        if ((rc = fetch_keys(&page, call, connection, subject, &ids.keys[i], 1, err)) != NB_OK)
            break;
        if (page->count == 0) {
            ids_fail_unknown(&outcome, call, subject, &ids.keys[i]);
            continue;
        }
        outcome.succeeded++;
        showing.row = page->rows[0];
        showing.done = false;
        fetch(connection, &ids.keys[i], print_with_history, &showing);
        rc = fetch_wait(&showing.done, connection, err);
        if (rc == NB_OK && showing.err.code != NB_OK) {
            rc = showing.err.code;
            *err = showing.err;
        }
    }
    nb_page_free(&page);
    ids_clear(&ids);
    return rc == NB_OK ? ids_result(&outcome, err) : rc;
}
