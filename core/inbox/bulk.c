/*
 * bulk.c - acts on everything that matches a filter, in chunks that are each a short transaction.
 *
 * The snapshot (pg_snapshot) taken when the key was pressed decides which rows are included, whatever commits while the
 * act runs. All rows get the same time, by which the undo finds them again.
 */
#include "inbox/inbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "inbox/field.h"

#define CHUNK_DEFAULT 500
#define CHUNK_MIN     50
#define CHUNK_MAX     4000
/* A chunk locks its rows until it commits, so it should take about this long on a server of any speed. */
#define CHUNK_TOO_LONG_MS  40
#define CHUNK_TOO_SHORT_MS 15
#define QUERY_MAX          (1024 * 1024)

struct nb_inbox_bulk {
    struct nb_connection *connection;
    enum nb_inbox_field field;
    struct nb_filter *filter;
    char *snapshot; /* NULL until it has been taken */
    int64_t stamp;
    bool undo;
    size_t chunk;
    bool adapts; /* fits the chunk's size to the time that chunks take */
    int64_t chunk_began;
    struct nb_key below;
    int64_t changed;
    bool cancelled;
    nb_inbox_bulk_progress *progress; /* NULL: abandoned */
    void *arg;
};

static void next_chunk(struct nb_inbox_bulk *bulk);

static void tell(struct nb_inbox_bulk *bulk, bool finished, const struct nb_error *err)
{
    if (bulk->progress)
        bulk->progress(bulk->arg, bulk->changed, finished, err);
}

static void bulk_end(struct nb_inbox_bulk *bulk, const struct nb_error *err)
{
    tell(bulk, true, err);
    nb_filter_free(&bulk->filter);
    free(bulk->snapshot);
    free(bulk);
}

static void bulk_cancelled(struct nb_inbox_bulk *bulk)
{
    struct nb_error err;

    nb_error_set(&err, NB_ECANCELLED, NB_DOMAIN_NONE, "stopped after %lld rows", (long long)bulk->changed);
    bulk_end(bulk, &err);
}

static void adapt_chunk(struct nb_inbox_bulk *bulk)
{
    int64_t took = nb_monotonic_ms() - bulk->chunk_began;

    if (took > CHUNK_TOO_LONG_MS && bulk->chunk > CHUNK_MIN)
        bulk->chunk /= 2;
    else if (took < CHUNK_TOO_SHORT_MS && bulk->chunk < CHUNK_MAX)
        bulk->chunk *= 2;
}

static void chunk_answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_inbox_bulk *bulk = arg;
    struct nb_uuid last;

    if (err) {
        bulk_end(bulk, err);
        return;
    }
    last = nb_result_uuid(result, 0, 0);
    bulk->changed += nb_result_int(result, 0, 2);
    if (nb_result_int(result, 0, 1) < (int64_t)bulk->chunk) {
        bulk_end(bulk, NULL);
        return;
    }
    bulk->below = nb_key_from_uuid(&last);
    if (bulk->adapts)
        adapt_chunk(bulk);
    tell(bulk, false, NULL);
    next_chunk(bulk);
}

static void look_taken(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_inbox_bulk *bulk = arg;

    if (err) {
        bulk_end(bulk, err);
        return;
    }
    if (!bulk->snapshot)
        bulk->snapshot = nb_strdup(nb_result_text(result, 0, 0));
    next_chunk(bulk);
}

static void next_chunk(struct nb_inbox_bulk *bulk)
{
    /* the priority of pages, so that chunks and the pages a person asks for take turns */
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE};
    enum nb_sql query = bulk->undo ? NB_SQL_INBOX_BULK_UNDO : NB_SQL_INBOX_BULK_SET;
    struct nb_uuid below = nb_key_to_uuid(&bulk->below);
    struct nb_params *params;
    struct nb_strbuf text;
    struct nb_error err;

    if (bulk->cancelled) {
        bulk_cancelled(bulk);
        return;
    }
    bulk->chunk_began = nb_monotonic_ms();
    params = nb_params_new();
    nb_params_text(params, inbox_field_name(bulk->field));
    nb_params_time(params, bulk->stamp);
    if (!bulk->undo)
        nb_params_text(params, bulk->snapshot);
    nb_params_uuid(params, &below);
    nb_params_int(params, (int64_t)bulk->chunk);
    nb_strbuf_init(&text, QUERY_MAX);
    if (nb_filter_compose(&text, params, NB_SUBJECT_INBOX, bulk->filter, NULL, query, &err) < 0)
        nb_fatal(err.message);
    nb_query_text(bulk->connection, text.data, params, &options, chunk_answered, bulk);
    nb_strbuf_clear(&text);
}

struct nb_inbox_bulk *nb_inbox_bulk(struct nb_connection *connection, const struct nb_inbox_bulk_options *options,
                                    nb_inbox_bulk_progress *progress, void *arg)
{
    const struct nb_request_options look = {.priority = NB_PRIORITY_ACT};
    struct nb_inbox_bulk *bulk = nb_calloc(1, sizeof(*bulk));

    bulk->connection = connection;
    bulk->field = options->field;
    bulk->stamp = options->stamp;
    bulk->undo = options->undo;
    bulk->chunk = options->chunk ? options->chunk : CHUNK_DEFAULT;
    bulk->adapts = options->chunk == 0;
    bulk->snapshot = nb_strdup(options->snapshot);
    bulk->progress = progress;
    bulk->arg = arg;
    memset(bulk->below.bytes, 0xff, sizeof(bulk->below.bytes));
    bulk->filter = nb_filter_copy(options->filter); /* the caller may free its own before the act is done */
    nb_query(connection, NB_SQL_INBOX_BULK_BEGIN, NULL, &look, look_taken, bulk);
    return bulk;
}

void nb_inbox_bulk_cancel(struct nb_inbox_bulk *bulk)
{
    bulk->cancelled = true;
}

void nb_inbox_bulk_abandon(struct nb_inbox_bulk **bulk)
{
    if (!*bulk)
        return;
    (*bulk)->progress = NULL;
    nb_inbox_bulk_cancel(*bulk);
    *bulk = NULL;
}
