/*
 * stream.c - NDJSON in batches, each a transaction. A line that is refused here or by the database
 * keeps no other line out; every line is answered once, in order.
 *
 * When the server goes away, the batch is sent once more after reconnecting, unless it turns out
 * that its commit had been done and only the answer was lost: the batch's transaction id tells.
 */
#include "produce/produce.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "base/vec.h"
#include "produce/check.h"

#define BATCH_LINES        500
#define BATCH_BYTES        (1024 * 1024)
#define STATUS_PATIENCE_MS 10000
#define STATUS_AGAIN_MS    50

/* A line that waits for its answer: text for the database, or the error that it was refused with.
 */
struct entry {
    size_t line;
    char *text;
    char *id;
    struct nb_error *refused;
};

struct nb_produce_stream {
    struct nb_connection *connection;
    enum nb_produce_kind kind;
    nb_produce_result *result;
    void *arg;
    size_t lines;
    size_t bytes; /* of the texts in entries */
    NB_VEC(struct entry) entries;
};

static const char *const kind_names[] = {[NB_PRODUCE_NOTIFY] = "notify",
                                         [NB_PRODUCE_ANNOUNCE] = "announce",
                                         [NB_PRODUCE_RAISE] = "raise"};

int nb_produce_stream_new(struct nb_produce_stream **out, struct nb_connection *connection,
                          enum nb_produce_kind kind, nb_produce_result *result, void *arg,
                          struct nb_error *err)
{
    struct nb_produce_stream *stream = nb_calloc(1, sizeof(*stream));

    (void)err;
    stream->connection = connection;
    stream->kind = kind;
    stream->result = result;
    stream->arg = arg;
    *out = stream;
    return 0;
}

static void forget_entries(struct nb_produce_stream *stream)
{
    for (size_t i = 0; i < stream->entries.count; i++) {
        free(stream->entries.data[i].text);
        free(stream->entries.data[i].id);
        free(stream->entries.data[i].refused);
    }
    stream->entries.count = 0;
    stream->bytes = 0;
}

void nb_produce_stream_free(struct nb_produce_stream **stream)
{
    if (!*stream)
        return;
    forget_entries(*stream);
    nb_vec_clear(&(*stream)->entries);
    nb_free(stream);
}

static void refuse(struct entry *entry, const struct nb_error *err)
{
    entry->refused = nb_malloc(sizeof(*entry->refused));
    *entry->refused = *err;
}

static int check_line(enum nb_produce_kind kind, const char *line, size_t length,
                      struct nb_error *err)
{
    json_auto_t *item = NULL;
    struct nb_error why = {0};
    int rc;

    if (length > NB_NDJSON_LINE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is longer than %d bytes",
                            NB_NDJSON_LINE_MAX);
    if (memchr(line, '\0', length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line contains a NUL byte");
    if (!nb_utf8_valid(line, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is not valid UTF-8");
    if ((rc = nb_json_parse(&item, line, length, &why)) < 0) {
        nb_error_set(err, rc, NB_DOMAIN_INPUT, "column %u: %s", why.column, why.message);
        if (err)
            err->column = why.column;
        return rc;
    }
    return produce_check_item(kind, item, err);
}

int nb_produce_stream_line(struct nb_produce_stream *stream, const char *line, size_t length,
                           struct nb_error *err)
{
    struct entry entry = {.line = ++stream->lines};
    struct nb_error refused = {0};

    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (check_line(stream->kind, line, length, &refused) < 0) {
        refuse(&entry, &refused);
    } else {
        entry.text = nb_strndup(line, length);
        stream->bytes += length;
    }
    nb_vec_push(&stream->entries, entry);
    if (stream->entries.count < BATCH_LINES && stream->bytes < BATCH_BYTES)
        return 0;
    return nb_produce_stream_flush(stream, err);
}

static struct nb_params *batch_params(const struct nb_produce_stream *stream,
                                      struct entry *const *entries, size_t count)
{
    struct nb_params *params = nb_params_new();
    const char **texts = nb_calloc(count, sizeof(*texts));

    for (size_t i = 0; i < count; i++)
        texts[i] = entries[i]->text;
    nb_params_text(params, kind_names[stream->kind]);
    nb_params_text_array(params, texts, count);
    free(texts);
    return params;
}

/* The batch in a transaction, up to but not including its commit. */
static int begin_batch(struct nb_result **out, const struct nb_produce_stream *stream,
                       struct entry *const *entries, size_t count, struct nb_error *err)
{
    struct nb_connection *connection = stream->connection;
    int rc;

    if ((rc = nb_query_wait(connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err)) < 0)
        return rc;
    rc = nb_query_wait(connection, NB_SQL_PRODUCE_MANY, batch_params(stream, entries, count), out,
                       err);
    if (rc == 0 && nb_result_rows(*out) != count)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE,
                          "the database answered %zu of %zu lines", nb_result_rows(*out), count);
    if (rc < 0 && rc != NB_EUNREACHABLE)
        (void)!nb_query_wait(connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, NULL);
    return rc;
}

static int reconnect(const struct nb_produce_stream *stream, struct nb_error *err)
{
    nb_connection_retry_now(stream->connection);
    return nb_connection_wait_ready(stream->connection, err);
}

/* 1 when the transaction was committed, 0 when it was not. The lost session may still be at it for
 * a moment. */
static int was_committed(const struct nb_produce_stream *stream, const char *transaction,
                         struct nb_error *err)
{
    int64_t deadline = nb_monotonic_ms() + STATUS_PATIENCE_MS;
    int rc;

    do {
        struct nb_params *params = nb_params_new();
        struct nb_result *result = NULL;
        const char *status;
        bool committed, running;

        nb_params_text(params, transaction);
        if ((rc = nb_query_wait(stream->connection, NB_SQL_TRANSACTION_STATUS, params, &result,
                                err)) < 0)
            return rc;
        status = nb_result_text(result, 0, 0);
        committed = status && strcmp(status, "committed") == 0;
        running = status && strcmp(status, "in progress") == 0;
        nb_result_free(&result);
        if (!running)
            return committed;
        rc = nb_loop_turn(nb_connection_loop(stream->connection), STATUS_AGAIN_MS, err);
    } while (rc == 0 && nb_monotonic_ms() < deadline);
    return rc < 0 ? rc
                  : nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE,
                                 "a transaction is neither done nor undone");
}

/* Sends some entries and commits. NB_EUNREACHABLE means that nothing of it was stored. */
static int store_batch(struct nb_result **out, const struct nb_produce_stream *stream,
                       struct entry *const *entries, size_t count, struct nb_error *err)
{
    int committed, rc = begin_batch(out, stream, entries, count, err);
    struct nb_error lost;

    if (rc < 0)
        return rc;
    rc = nb_query_wait(stream->connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, &lost);
    if (rc < 0 && rc != NB_EUNREACHABLE && err)
        *err = lost;
    if (rc != NB_EUNREACHABLE)
        return rc;
    if ((rc = reconnect(stream, err)) < 0)
        return rc;
    committed = was_committed(stream, nb_result_text(*out, 0, 4), err);
    if (committed == 0 && err)
        *err = lost;
    return committed == 1 ? 0 : committed == 0 ? NB_EUNREACHABLE : committed;
}

/* Sends some entries, once more when the server went away, and notes what became of each. */
static int send_entries(const struct nb_produce_stream *stream, struct entry *const *entries,
                        size_t count, struct nb_error *err)
{
    struct nb_result *result = NULL;
    int rc = store_batch(&result, stream, entries, count, err);

    if (rc == NB_EUNREACHABLE) {
        nb_result_free(&result);
        if ((rc = reconnect(stream, err)) == 0)
            rc = store_batch(&result, stream, entries, count, err);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        struct nb_error refused = {0};

        if (nb_result_is_null(result, i, 2)) {
            entries[i]->id = nb_strdup(nb_result_text(result, i, 1));
        } else {
            nb_error_set_sqlstate(&refused, nb_result_text(result, i, 2),
                                  nb_result_text(result, i, 3), NULL);
            refuse(entries[i], &refused);
        }
    }
    nb_result_free(&result);
    return rc;
}

/* Whether an error is about what was sent, so that sending less may help. */
static bool is_about_content(int rc)
{
    return rc != NB_EUNREACHABLE && rc != NB_EDENIED && rc != NB_ECANCELLED && rc != NB_EVERSION;
}

/* Where the database refuses the batch as such (a number that it cannot hold, say), each line is
 * sent by itself, and the one that was the reason gets the error. */
static int send_batch(const struct nb_produce_stream *stream, struct entry *const *entries,
                      size_t count, struct nb_error *err)
{
    int rc = send_entries(stream, entries, count, err);

    if (rc == 0 || !is_about_content(rc))
        return rc;
    for (size_t i = 0; i < count; i++) {
        struct nb_error refused = {0};

        if ((rc = send_entries(stream, &entries[i], 1, &refused)) == 0)
            continue;
        if (!is_about_content(rc)) {
            if (err)
                *err = refused;
            return rc;
        }
        refuse(entries[i], &refused);
    }
    return 0;
}

int nb_produce_stream_flush(struct nb_produce_stream *stream, struct nb_error *err)
{
    struct entry **batch = nb_calloc(stream->entries.count + 1, sizeof(*batch));
    size_t count = 0;
    int rc = 0;

    for (size_t i = 0; i < stream->entries.count; i++) {
        if (stream->entries.data[i].text)
            batch[count++] = &stream->entries.data[i];
    }
    if (count > 0)
        rc = send_batch(stream, batch, count, err);
    for (size_t i = 0; rc == 0 && i < stream->entries.count; i++) {
        const struct entry *entry = &stream->entries.data[i];

        stream->result(stream->arg, entry->line, entry->id, entry->refused);
    }
    if (rc == 0)
        forget_entries(stream);
    free(batch);
    return rc;
}
