/*
 * stream.c - NDJSON in batches. A line that is refused here or by the database keeps no other line
 * out; every line is answered once, in order.
 *
 * A batch whose answer was lost (the server went away behind its commit, perhaps) is sent once more
 * after reconnecting: what had been committed is recognised by the dedup window and answered with
 * its first id.
 */
#include "produce/produce.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "base/vec.h"
#include "produce/check.h"

#define BATCH_LINES 500
#define BATCH_BYTES (1024 * 1024)

/* A line that waits for its answer: text for the database, or the error that it was refused with.
 */
struct entry {
    size_t line;
    char *text;
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

static int check_line(enum nb_produce_kind kind, const char *line, size_t length,
                      struct nb_error *err)
{
    json_auto_t *item = NULL;
    int rc;

    if (length > NB_NDJSON_LINE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is longer than %d bytes",
                            NB_NDJSON_LINE_MAX);
    if (memchr(line, '\0', length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line contains a NUL byte");
    if (!nb_utf8_valid(line, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is not valid UTF-8");
    if ((rc = nb_json_parse(&item, line, length, err)) < 0)
        return rc;
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
        entry.refused = nb_malloc(sizeof(refused));
        *entry.refused = refused;
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
                                      const char *const *texts, size_t count)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, kind_names[stream->kind]);
    nb_params_text_array(params, texts, count);
    return params;
}

static int send_batch(struct nb_result **out, const struct nb_produce_stream *stream,
                      const char *const *texts, size_t count, struct nb_error *err)
{
    int rc = nb_query_wait(stream->connection, NB_SQL_PRODUCE_MANY,
                           batch_params(stream, texts, count), out, err);

    if (rc != NB_EUNREACHABLE)
        return rc;
    nb_connection_retry_now(stream->connection);
    if ((rc = nb_connection_wait_ready(stream->connection, err)) < 0)
        return rc;
    return nb_query_wait(stream->connection, NB_SQL_PRODUCE_MANY,
                         batch_params(stream, texts, count), out, err);
}

/* The result holds one row for each text, in order (its ordinals count from 1). */
static void answer_entries(struct nb_produce_stream *stream, const struct nb_result *result)
{
    size_t row = 0, rows = result ? nb_result_rows(result) : 0;

    for (size_t i = 0; i < stream->entries.count; i++) {
        const struct entry *entry = &stream->entries.data[i];
        struct nb_error err = {0};

        if (entry->refused) {
            stream->result(stream->arg, entry->line, NULL, entry->refused);
        } else if (row >= rows) {
            nb_error_set(&err, NB_EFAILED, NB_DOMAIN_DATABASE,
                         "the database gave no answer for this line");
            stream->result(stream->arg, entry->line, NULL, &err);
        } else if (nb_result_is_null(result, row, 2)) {
            stream->result(stream->arg, entry->line, nb_result_text(result, row++, 1), NULL);
        } else {
            nb_error_set_sqlstate(&err, nb_result_text(result, row, 2),
                                  nb_result_text(result, row, 3), NULL);
            stream->result(stream->arg, entry->line, NULL, &err);
            row++;
        }
    }
}

int nb_produce_stream_flush(struct nb_produce_stream *stream, struct nb_error *err)
{
    const char **texts = nb_calloc(stream->entries.count + 1, sizeof(*texts));
    struct nb_result *result = NULL;
    size_t count = 0;
    int rc = 0;

    for (size_t i = 0; i < stream->entries.count; i++) {
        if (stream->entries.data[i].text)
            texts[count++] = stream->entries.data[i].text;
    }
    if (count == 0 || (rc = send_batch(&result, stream, texts, count, err)) == 0) {
        answer_entries(stream, result);
        forget_entries(stream);
    }
    nb_result_free(&result);
    free(texts);
    return rc;
}
