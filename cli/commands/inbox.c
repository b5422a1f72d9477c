/*
 * inbox.c - `nightbell inbox`: list, show, count, and the acts of readers.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/frame/groups.h"
#include "cli/rows/ids.h"
#include "cli/rows/lists.h"
#include "cli/rows/rows.h"
#include "cli/frame/session.h"
#include "inbox/inbox.h"

static int run_list(struct command_call *call, struct nb_error *err)
{
    return lists_list(call, NB_SUBJECT_INBOX, err);
}

static int run_count(struct command_call *call, struct nb_error *err)
{
    return lists_count(call, NB_SUBJECT_INBOX, err);
}

static int run_show(struct command_call *call, struct nb_error *err)
{
    struct ids ids = {0};
    struct nb_connection *connection = NULL;
    struct nb_page *page = NULL;
    struct ids_outcome outcome = {0};
    int rc = ids_read(&ids, call, NB_SUBJECT_INBOX, 1, err);
    if (rc == NB_OK)
        rc = session_begin_for(&connection, call, NB_SUBJECT_INBOX, err);
    if (rc == NB_OK)
        rc = ids_find(&ids, call, connection, NB_SUBJECT_INBOX, err);
    for (size_t i = 0; rc == NB_OK && i < ids.count && !output_closed(call->output); i++) {
        if ((rc = fetch_keys(&page, call, connection, NB_SUBJECT_INBOX, &ids.keys[i], 1, err)) != NB_OK)
            break;
        if (page->count == 0)
            ids_fail_unknown(&outcome, call, NB_SUBJECT_INBOX, &ids.keys[i]);
        else if (output_is_json(call->output))
            rows_print_json(call->output, NB_SUBJECT_INBOX, page->rows[0], NULL);
        else
            rows_show(call->output, NB_SUBJECT_INBOX, page->rows[0], NULL, 0);
        outcome.succeeded += page->count;
        nb_page_free(&page);
    }
    ids_clear(&ids);
    return rc == NB_OK ? ids_result(&outcome, err) : rc;
}

/* ---- acts on rows ---- */

struct state_act {
    enum nb_inbox_field field;
    bool clear;
    const char *done;    /* "3 notifications read" */
    const char *already; /* "already read" */
};

struct setting {
    const struct state_act *act;
    struct command_call *call;
    struct nb_connection *connection;
    struct ids_outcome outcome;
    size_t changed;
    bool answered;
    NB_VEC(struct nb_key) answer; /* the rows of one chunk that really changed */
    struct nb_error err;
};

static void set_done(void *arg, const struct nb_inbox_change *changes, size_t count, const struct nb_error *err)
{
    struct setting *setting = arg;
    setting->answered = true;
    for (size_t i = 0; i < count; i++)
        nb_vec_push(&setting->answer, changes[i].key);
    if (err)
        setting->err = *err;
}

static bool contains(const struct nb_key *keys, size_t count, const struct nb_key *key)
{
    for (size_t i = 0; i < count; i++)
        if (nb_key_compare(&keys[i], key) == 0)
            return true;
    return false;
}

static bool page_contains(const struct nb_page *page, const struct nb_key *key)
{
    for (size_t i = 0; i < page->count; i++)
        if (nb_key_compare(&page->rows[i]->key, key) == 0)
            return true;
    return false;
}

static void report_row(struct setting *setting, const struct nb_key *key, bool changed)
{
    struct output *output = setting->call->output;
    char id[NB_KEY_TEXT_SIZE];
    setting->outcome.succeeded++;
    setting->changed += changed;
    nb_key_format(key, NB_SUBJECT_INBOX, id);
    if (output_is_json(output))
        output_json_take(output, json_pack("{s:s,s:b}", "id", id, "changed", (int)changed));
    else if (!changed)
        output_note(output, "%s: %s", id, setting->act->already);
}

/* Sets one chunk in one transaction. A row that did not change was already in that state, or is not there. */
static int set_chunk(struct setting *setting, const struct nb_key *keys, size_t count, struct nb_error *err)
{
    int64_t time = setting->act->clear ? NB_TIME_NONE : nb_now();
    struct nb_page *page = NULL;
    setting->answered = false;
    setting->answer.count = 0;
    nb_inbox_set(setting->connection, setting->act->field, keys, count, &time, 1, set_done, setting);
    int rc = fetch_wait(&setting->answered, setting->connection, err);
    if (rc == NB_OK && setting->err.code != NB_OK) {
        *err = setting->err;
        return setting->err.code;
    }
    if (rc == NB_OK)
        rc = fetch_keys(&page, setting->call, setting->connection, NB_SUBJECT_INBOX, keys, count, err);
    for (size_t i = 0; rc == NB_OK && i < count; i++) {
        bool changed = contains(setting->answer.data, setting->answer.count, &keys[i]);
        if (changed || page_contains(page, &keys[i]))
            report_row(setting, &keys[i], changed);
        else
            ids_fail_unknown(&setting->outcome, setting->call, NB_SUBJECT_INBOX, &keys[i]);
    }
    nb_page_free(&page);
    return rc;
}

static int set_state(struct command_call *call, const struct state_act *act, struct nb_error *err)
{
    struct setting setting = {.act = act, .call = call};
    struct ids ids = {0};
    int rc = ids_open(&ids, &setting.connection, call, NB_SUBJECT_INBOX, call->argument_count, err);
    for (size_t i = 0; rc == NB_OK && i < ids.count; i += FETCH_KEYS_MAX) {
        size_t count = ids.count - i < FETCH_KEYS_MAX ? ids.count - i : FETCH_KEYS_MAX;
        rc = set_chunk(&setting, &ids.keys[i], count, err);
        if (ids.count > FETCH_KEYS_MAX)
            output_progress(call->output, act->done, (int64_t)(i + count), (int64_t)ids.count);
    }
    output_progress_end(call->output);
    if (rc == NB_OK && setting.changed > 0)
        output_note(call->output, "%zu notification%s %s", setting.changed, setting.changed == 1 ? "" : "s", act->done);
    nb_vec_clear(&setting.answer);
    ids_clear(&ids);
    return rc == NB_OK ? ids_result(&setting.outcome, err) : rc;
}

static int run_read(struct command_call *call, struct nb_error *err)
{
    static const struct state_act act = {NB_INBOX_READ, false, "read", "already read"};
    return set_state(call, &act, err);
}

static int run_unread(struct command_call *call, struct nb_error *err)
{
    static const struct state_act act = {NB_INBOX_READ, true, "unread again", "is unread"};
    return set_state(call, &act, err);
}

static int run_archive(struct command_call *call, struct nb_error *err)
{
    static const struct state_act act = {NB_INBOX_ARCHIVED, false, "archived", "already archived"};
    return set_state(call, &act, err);
}

static int run_delete(struct command_call *call, struct nb_error *err)
{
    static const struct state_act act = {NB_INBOX_DELETED, false, "deleted", "already deleted"};
    return set_state(call, &act, err);
}

/* ---- read-all ---- */

struct bulk {
    struct command_call *call;
    int64_t changed;
    int64_t total; /* -1: unknown */
    bool finished;
    struct nb_error err;
};

static void bulk_progress(void *arg, int64_t changed, bool finished, const struct nb_error *err)
{
    struct bulk *bulk = arg;
    bulk->changed = changed;
    bulk->finished = finished || err;
    if (err)
        bulk->err = *err;
    output_progress(bulk->call->output, "reading all", changed, bulk->total);
}

static int run_read_all(struct command_call *call, struct nb_error *err)
{
    struct bulk bulk = {.call = call, .total = -1};
    struct nb_filter *filter = NULL;
    struct nb_connection *connection = NULL;
    int rc = fetch_filter(&filter, call, NB_SUBJECT_INBOX, 0, err);
    if (rc == NB_OK)
        rc = session_connect_for(&connection, call, NB_SUBJECT_INBOX, err);
    if (rc == NB_OK) {
        struct nb_inbox_bulk_options options = {.field = NB_INBOX_READ, .filter = filter, .stamp = nb_now()};
        nb_inbox_bulk(connection, &options, bulk_progress, &bulk);
        rc = fetch_wait(&bulk.finished, connection, err);
    }
    output_progress_end(call->output);
    if (rc == NB_OK && bulk.err.code != NB_OK) {
        rc = bulk.err.code;
        *err = bulk.err;
    }
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:I}", "changed", (json_int_t)bulk.changed));
    else if (rc == NB_OK)
        output_note(call->output, "%" PRId64 " notification%s read", bulk.changed, bulk.changed == 1 ? "" : "s");
    nb_filter_free(&filter);
    return rc;
}

#define SHORT_IDS                                                                                                      \
    "ID is the whole id, or as much of its end as no other notification in your inbox has, of six characters or "      \
    "more: lists on a terminal show eight."

static const char several_description[] =
    SHORT_IDS "\n\"-\" reads ids from standard input: one a line, or the lines of nightbell inbox list "
              "--json.\n"
              "Each id that is not in your inbox is reported; the others are done, and the exit code is 1 "
              "then (3 when none was there).";

static const struct command inbox_commands[] = {
    {.name = "list",
     .arguments = "[FILTER]",
     .synopsis = "[FILTER] [--limit N] [--before CURSOR]",
     .summary = "list your notifications, newest first",
     .description = lists_description,
     .options = lists_options,
     .is_default = true,
     .run = run_list},
    {.name = "show",
     .arguments = "ID",
     .summary = "show one notification in full (this does not mark it read)",
     .description = SHORT_IDS,
     .run = run_show},
    {.name = "read",
     .arguments = "ID...",
     .summary = "mark as read",
     .description = several_description,
     .run = run_read},
    {.name = "unread",
     .arguments = "ID...",
     .summary = "mark as unread again",
     .description = several_description,
     .run = run_unread},
    {.name = "archive",
     .arguments = "ID...",
     .summary = "put away: out of the list, kept under is:archived",
     .description = several_description,
     .run = run_archive},
    {.name = "delete",
     .arguments = "ID...",
     .summary = "delete for yourself",
     .description = several_description,
     .run = run_delete},
    {.name = "read-all",
     .arguments = "[FILTER]",
     .summary = "mark everything that matches as read",
     .description = "Takes exactly what is there when it begins; what arrives meanwhile stays "
                    "unread. It asks nothing.",
     .run = run_read_all},
    {.name = "count", .arguments = "[FILTER]", .summary = "print how many match (is:unread …)", .run = run_count},
    {NULL},
};

const struct command_group inbox_group = {
    .name = "inbox",
    .summary = "your notifications",
    .commands = inbox_commands,
};
