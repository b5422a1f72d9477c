/*
 * deliveries.c - `nightbell deliveries`: what leaves by outside channels, for operators: list, count, show, send
 * again, cancel.
 */
#include "deliveries/deliveries.h"

#include <stdlib.h>

#include "cli/frame/command.h"
#include "cli/frame/groups.h"
#include "cli/frame/session.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "cli/rows/lists.h"
#include "cli/rows/story.h"
#include "page/ids.h"

static int run_list(struct command_call *call, struct nb_error *err)
{
    return lists_list(call, NB_SUBJECT_DELIVERIES, err);
}

static int run_count(struct command_call *call, struct nb_error *err)
{
    return lists_count(call, NB_SUBJECT_DELIVERIES, err);
}

static int run_show(struct command_call *call, struct nb_error *err)
{
    return story_show(call, NB_SUBJECT_DELIVERIES, nb_delivery_story, err);
}

/* ---- acts ---- */

struct acting {
    struct command_call *call;
    enum nb_delivery_act act;
    const char *done_word; /* "3 deliveries queued again" */
    struct ids_outcome outcome;
    size_t done;
    bool answered;
    struct nb_error err;
};

static void report_outcome(struct acting *acting, const struct nb_delivery_outcome *outcome)
{
    struct output *output = acting->call->output;
    char id[NB_KEY_TEXT_SIZE];
    struct nb_error err = {0};

    nb_key_format(&outcome->key, NB_SUBJECT_DELIVERIES, id);
    if (!outcome->is_there) {
        ids_fail_unknown(&acting->outcome, acting->call, NB_SUBJECT_DELIVERIES, &outcome->key);
        return;
    }
    if (output_is_json(output))
        output_json_take(
            output, json_pack("{s:s,s:b,s:s?}", "id", id, "done", (int)outcome->done, "problem", outcome->problem));
    acting->done += outcome->done;
    acting->outcome.succeeded += outcome->done;
    if (outcome->done)
        return;
    nb_error_set(&err, NB_ECONFLICT, NB_DOMAIN_NONE, "delivery %s: %s", id, outcome->problem);
    nb_error_hint(&err, "nightbell deliveries show %s tells its story", id);
    ids_fail(&acting->outcome, acting->call, &err);
}

static void act_done(void *arg, const struct nb_delivery_outcome *outcomes, size_t count, const struct nb_error *err)
{
    struct acting *acting = arg;

    acting->answered = true;
    if (err)
        acting->err = *err;
    for (size_t i = 0; i < count; i++)
        report_outcome(acting, &outcomes[i]);
}

static int act_on(struct acting *acting, struct nb_connection *connection, const struct nb_key *keys, size_t count,
                  struct nb_error *err)
{
    int rc;

    acting->answered = false;
    nb_delivery_act(connection, acting->act, keys, count, act_done, acting);
    rc = fetch_wait(&acting->answered, connection, err);
    if (rc == NB_OK && acting->err.code != NB_OK) {
        rc = acting->err.code;
        *err = acting->err;
    }
    return rc;
}

static int finish(struct acting *acting, int rc, struct nb_error *err)
{
    output_progress_end(acting->call->output);
    if (rc == NB_OK && acting->done > 0)
        output_note(acting->call->output, "%zu deliver%s %s", acting->done, acting->done == 1 ? "y" : "ies",
                    acting->done_word);
    return rc == NB_OK ? ids_result(&acting->outcome, err) : rc;
}

static int act_on_ids(struct acting *acting, struct nb_error *err)
{
    struct command_call *call = acting->call;
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    int rc = ids_open(&ids, &connection, call, NB_SUBJECT_DELIVERIES, call->argument_count, err);

    for (size_t i = 0; rc == NB_OK && i < ids.count; i += FETCH_KEYS_MAX)
        rc = act_on(acting, connection, &ids.keys[i], ids.count - i < FETCH_KEYS_MAX ? ids.count - i : FETCH_KEYS_MAX,
                    err);
    ids_clear(&ids);
    return finish(acting, rc, err);
}

static int run_retry(struct command_call *call, struct nb_error *err)
{
    struct acting acting = {.call = call, .act = NB_DELIVERY_RETRY, .done_word = "queued again"};

    return act_on_ids(&acting, err);
}

static int run_cancel(struct command_call *call, struct nb_error *err)
{
    struct acting acting = {.call = call, .act = NB_DELIVERY_CANCEL, .done_word = "cancelled"};

    return act_on_ids(&acting, err);
}

/* The dead letters among what the filter of the call shows. */
static int dead_filter(struct nb_filter **out, const struct command_call *call, struct nb_error *err)
{
    struct nb_filter *given = NULL;
    char *text;
    int rc = fetch_filter(&given, call, NB_SUBJECT_DELIVERIES, 0, err);

    if (rc != NB_OK)
        return rc;
    text = nb_asprintf("%s is:dead", nb_filter_text(given));
    rc = nb_filter_parse(out, NB_SUBJECT_DELIVERIES, text, err);
    free(text);
    nb_filter_free(&given);
    return rc;
}

static int retry_page(struct acting *acting, struct nb_connection *connection, const struct nb_page *page,
                      struct nb_error *err)
{
    struct nb_key *keys = nb_calloc(page->count + 1, sizeof(*keys));
    int rc = NB_OK;

    for (size_t i = 0; i < page->count; i++)
        keys[i] = page->rows[i]->key;
    if (page->count > 0)
        rc = act_on(acting, connection, keys, page->count, err);
    free(keys);
    return rc;
}

/* Page by page, the newest first: what is queued again has left the filter, and the place goes on behind it. */
static int run_retry_all(struct command_call *call, struct nb_error *err)
{
    struct acting acting = {.call = call, .act = NB_DELIVERY_RETRY, .done_word = "queued again"};
    struct nb_page_request request = {.subject = NB_SUBJECT_DELIVERIES, .limit = FETCH_KEYS_MAX};
    struct nb_connection *connection = NULL;
    struct nb_filter *filter = NULL;
    struct nb_page *page = NULL;
    struct nb_place last;
    int64_t total = 0;
    bool more = true;
    int rc = dead_filter(&filter, call, err);

    request.filter = filter;
    if (rc == NB_OK)
        rc = session_connect_for(&connection, call, NB_SUBJECT_DELIVERIES, err);
    if (rc == NB_OK)
        rc = fetch_count(&total, call, connection, NB_SUBJECT_DELIVERIES, filter, err);
    while (rc == NB_OK && more && (rc = fetch_page(&page, call, connection, &request, err)) == NB_OK) {
        rc = retry_page(&acting, connection, page, err);
        more = page->more && page->count > 0;
        if (page->count > 0)
            last = nb_place_of(NULL, page->rows[page->count - 1]);
        request.from = &last;
        output_progress(call->output, "queueing again", (int64_t)acting.done, total);
        nb_page_free(&page);
    }
    nb_filter_free(&filter);
    if (rc == NB_OK && total == 0)
        output_note(call->output, "no dead letter matches");
    return finish(&acting, rc, err);
}

static const char acts_description[] =
    "ID is the whole id, or as much of its end as no other delivery has, of six characters or more.\n"
    "\"-\" reads ids from standard input: one a line, or the lines of nightbell deliveries list --json.\n"
    "What cannot be done is reported with the reason; the others are done, and the exit code is 1 then. Nothing of it "
    "can be undone.";

static const struct command deliveries_commands[] = {
    {.name = "list",
     .arguments = "[FILTER]",
     .synopsis = "[FILTER] [--limit N] [--before CURSOR]",
     .summary = "list deliveries, newest first",
     .description = lists_description,
     .options = lists_options,
     .is_default = true,
     .run = run_list},
    {.name = "show",
     .arguments = "ID",
     .summary = "show one delivery in full: its states, what it fell back from and to, the digest it went into",
     .description =
         "Its text and its address are shown to the person whom it is for. nightbell why ID tells what was decided "
         "about it.",
     .run = run_show},
    {.name = "retry",
     .arguments = "ID...",
     .summary = "send dead letters again, with tries anew; what waits for its next try goes now",
     .description = acts_description,
     .run = run_retry},
    {.name = "retry-all",
     .arguments = "[FILTER]",
     .summary = "send all dead letters again that match",
     .description = "FILTER is as for list; of what it shows only what was given up is sent again. It asks nothing.",
     .run = run_retry_all},
    {.name = "cancel",
     .arguments = "ID...",
     .summary = "call back what has not left yet; what is being sent as far as that can be done",
     .description = acts_description,
     .run = run_cancel},
    {.name = "count", .arguments = "[FILTER]", .summary = "print how many match (is:dead …)", .run = run_count},
    {NULL},
};

const struct command_group deliveries_group = {
    .name = "deliveries",
    .summary = "what leaves by e-mail, SMS, push and other channels, for operators",
    .commands = deliveries_commands,
};
