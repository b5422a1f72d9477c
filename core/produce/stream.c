/*
 * stream.c - writes NDJSON in batches, each a transaction. A line that is refused, here or by the database, stops no
 * other line; every line is answered once, in order.
 *
 * While the server works on one batch, the next one is read and checked here, and the commit of one is sent together
 * with the next (chain.h). A commit is sent only when the batch's transaction id is known: if the server goes away,
 * that id tells after reconnecting whether the batch was committed and only the answer was lost, or must be sent again
 * (resend.c). So no line is lost or doubled, whatever the dedup window.
 */
#include "produce/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "db/chain.h"
#include "produce/check.h"

#define BATCH_LINES  500
#define BATCH_BYTES  (1024 * 1024)
#define LINES_A_TURN 16 /* lines read between two looks at the connection while a batch is running */

struct nb_produce_stream {
    struct produce_target target;
    nb_produce_result *result;
    void *arg;
    size_t lines;
    struct batch *filling;
    struct batch *working;    /* sent, its transaction open; NULL: none */
    struct batch *committing; /* its commit sent */
    struct nb_chain *chain;   /* in flight, for these two */
    size_t commit_step, produce_step;
};

int nb_produce_stream_new(struct nb_produce_stream **out, struct nb_connection *connection, enum nb_produce_kind kind,
                          nb_produce_result *result, void *arg, struct nb_error *err)
{
    struct nb_produce_stream *stream = nb_calloc(1, sizeof(*stream));

    (void)err;
    stream->target.connection = connection;
    stream->target.kind = kind;
    stream->result = result;
    stream->arg = arg;
    stream->filling = batch_new();
    *out = stream;
    return 0;
}

void nb_produce_stream_free(struct nb_produce_stream **stream)
{
    if (!*stream)
        return;
    nb_chain_free(&(*stream)->chain);
    batch_free(&(*stream)->filling);
    batch_free(&(*stream)->working);
    batch_free(&(*stream)->committing);
    nb_free(stream);
}

static int check_line(enum nb_produce_kind kind, const char *line, size_t length, struct nb_error *err)
{
    json_auto_t *item = NULL;
    struct nb_error why = {0};
    int rc;

    if (length > NB_NDJSON_LINE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the line is longer than %d bytes", NB_NDJSON_LINE_MAX);
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

/* ---- two batches in flight ---- */

static void tell(const struct nb_produce_stream *stream, struct batch **batch)
{
    for (size_t i = 0; i < (*batch)->entries.count; i++) {
        const struct entry *entry = &(*batch)->entries.data[i];

        stream->result(stream->arg, entry->line, entry->id, entry->refused);
    }
    batch_free(batch);
}

/* The chain failed for a batch: finds out whether it was committed, and resends it if not. */
static int settle(struct nb_produce_stream *stream, struct batch **batch, bool maybe_committed, struct nb_error *err)
{
    int rc = produce_resend(&stream->target, *batch, maybe_committed, err);

    if (rc == 0)
        tell(stream, batch);
    return rc;
}

/* Waits for what is in flight. Afterwards no batch is committing, and the working one has its answers, or was settled
 * too. */
static int collect(struct nb_produce_stream *stream, struct nb_error *err)
{
    struct nb_error ignored;
    bool resent = false;
    int rc, lost;

    if (!stream->chain)
        return 0;
    lost = nb_chain_wait(stream->chain, &ignored);
    if (!nb_chain_is_done(stream->chain)) {
        if (err)
            *err = ignored;
        return lost;
    }
    if (stream->committing) {
        rc = nb_chain_result(stream->chain, stream->commit_step, NULL, &ignored);
        resent = rc < 0;
        if (rc == 0)
            tell(stream, &stream->committing);
        else if ((rc = settle(stream, &stream->committing, true, err)) < 0)
            return rc;
    }
    rc = 0;
    if (stream->working) {
        struct nb_result *result = NULL;

        rc = nb_chain_result(stream->chain, stream->produce_step, &result, &ignored);
        /* resending has ended the transaction that the working batch was in */
        if (resent || lost < 0 || rc < 0 || batch_take_answers(stream->working, result, &ignored) < 0)
            rc = settle(stream, &stream->working, false, err);
        nb_result_free(&result);
    }
    nb_chain_free(&stream->chain);
    return rc;
}

/* Sends the commit of the working batch and, where there is one, the next batch with it. */
static void send_on(struct nb_produce_stream *stream, struct batch *next)
{
    struct nb_chain *chain = nb_chain_new();

    if (stream->working) {
        stream->commit_step = nb_chain_add(chain, NB_SQL_TRANSACTION_COMMIT, NULL);
        nb_chain_sync(chain);
        nb_chain_add(chain, NB_SQL_RING, NULL);
        nb_chain_sync(chain);
    }
    stream->committing = stream->working;
    stream->working = next;
    if (next) {
        nb_chain_add(chain, NB_SQL_TRANSACTION_BEGIN, NULL);
        stream->produce_step = nb_chain_add(chain, NB_SQL_PRODUCE_MANY, batch_params(&stream->target, next));
        nb_chain_sync(chain);
    }
    stream->chain = chain;
    nb_chain_send(chain, stream->target.connection);
}

/* Sends the batch that was filled, once there is room for it. */
static int send_batch(struct nb_produce_stream *stream, struct nb_error *err)
{
    struct batch *full = stream->filling;
    int rc = collect(stream, err);

    if (rc < 0)
        return rc;
    if (full->sendable == 0) {
        /* it has refused lines only: they are answered after the working batch */
        if (stream->working) {
            send_on(stream, NULL);
            rc = collect(stream, err);
        }
        if (rc == 0)
            tell(stream, &stream->filling);
    } else {
        send_on(stream, full);
        stream->filling = NULL;
    }
    if (rc == 0)
        stream->filling = batch_new();
    return rc;
}

/* Advances what is in flight. Takes an answer at once, so that no transaction stays open until the next line comes. */
static int turn(struct nb_produce_stream *stream, struct nb_error *err)
{
    int rc;

    if (!stream->chain || stream->lines % LINES_A_TURN != 0)
        return 0;
    if ((rc = nb_loop_turn(nb_connection_loop(stream->target.connection), 0, err)) < 0 ||
        !nb_chain_is_done(stream->chain) || (rc = collect(stream, err)) < 0)
        return rc;
    if (stream->working)
        send_on(stream, NULL);
    return 0;
}

int nb_produce_stream_line(struct nb_produce_stream *stream, const char *line, size_t length, struct nb_error *err)
{
    struct nb_error refused = {0};
    struct batch *batch = stream->filling;

    stream->lines++;
    if (length > 0 && line[length - 1] == '\r')
        length--;
    if (check_line(stream->target.kind, line, length, &refused) < 0)
        batch_refuse(batch, stream->lines, &refused);
    else
        batch_add(batch, stream->lines, line, length);
    if (batch->entries.count < BATCH_LINES && batch->bytes < BATCH_BYTES)
        return turn(stream, err);
    return send_batch(stream, err);
}

int nb_produce_stream_flush(struct nb_produce_stream *stream, struct nb_error *err)
{
    int rc = stream->filling->entries.count > 0 ? send_batch(stream, err) : 0;

    if (rc == 0 && (rc = collect(stream, err)) == 0 && stream->working) {
        send_on(stream, NULL);
        rc = collect(stream, err);
    }
    return rc;
}
