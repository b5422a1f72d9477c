/*
 * resend.c - sends a batch step by step when the pipelined way has failed: the server went away, or it refuses the
 * batch.
 */
#include "produce/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define STATUS_PATIENCE_MS 10000
#define STATUS_AGAIN_MS    50

static const char *const kind_names[] = {
    [NB_PRODUCE_NOTIFY] = "notify", [NB_PRODUCE_ANNOUNCE] = "announce", [NB_PRODUCE_RAISE] = "raise",
    [NB_PRODUCE_SETTLE] = "settle", [NB_PRODUCE_PUBLISH] = "publish",
};

struct batch *batch_new(void)
{
    return nb_calloc(1, sizeof(struct batch));
}

void batch_free(struct batch **batch)
{
    if (!*batch)
        return;
    for (size_t i = 0; i < (*batch)->entries.count; i++) {
        free((*batch)->entries.data[i].text);
        free((*batch)->entries.data[i].id);
        free((*batch)->entries.data[i].refused);
    }
    nb_vec_clear(&(*batch)->entries);
    free((*batch)->transaction);
    nb_free(batch);
}

void batch_add(struct batch *batch, size_t line, const char *text, size_t length)
{
    struct entry entry = {.line = line, .text = nb_strndup(text, length)};

    nb_vec_push(&batch->entries, entry);
    batch->sendable++;
    batch->bytes += length;
}

static void refuse(struct entry *entry, const struct nb_error *err)
{
    free(entry->refused);
    entry->refused = nb_malloc(sizeof(*entry->refused));
    *entry->refused = *err;
}

void batch_refuse(struct batch *batch, size_t line, const struct nb_error *err)
{
    struct entry entry = {.line = line};

    refuse(&entry, err);
    nb_vec_push(&batch->entries, entry);
}

/* Parameters for the sendable lines from `first` up to, not including, `end`. */
static struct nb_params *range_params(const struct produce_target *target, const struct batch *batch, size_t first,
                                      size_t end)
{
    struct nb_params *params = nb_params_new();
    const char **texts = nb_calloc(end - first + 1, sizeof(*texts));
    size_t count = 0;

    for (size_t i = first; i < end; i++) {
        if (batch->entries.data[i].text)
            texts[count++] = batch->entries.data[i].text;
    }
    nb_params_text(params, kind_names[target->kind]);
    nb_params_text_array(params, texts, count);
    free(texts);
    return params;
}

struct nb_params *batch_params(const struct produce_target *target, const struct batch *batch)
{
    return range_params(target, batch, 0, batch->entries.count);
}

/* Stores the outcome of each line of a range. */
static int take_answers(struct batch *batch, size_t first, size_t end, const struct nb_result *result,
                        struct nb_error *err)
{
    size_t row = 0, wanted = 0;

    for (size_t i = first; i < end; i++)
        wanted += batch->entries.data[i].text != NULL;
    if (nb_result_rows(result) != wanted)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "the database answered %zu of %zu lines",
                            nb_result_rows(result), wanted);
    free(batch->transaction);
    batch->transaction = nb_strdup(nb_result_text(result, 0, 4));
    for (size_t i = first; i < end; i++) {
        struct entry *entry = &batch->entries.data[i];
        struct nb_error refused = {0};

        if (!entry->text)
            continue;
        nb_free(&entry->id);
        nb_free(&entry->refused);
        if (nb_result_is_null(result, row, 2)) {
            entry->id = nb_strdup(nb_result_text(result, row, 1));
        } else {
            nb_error_set_sqlstate(&refused, nb_result_text(result, row, 2), nb_result_text(result, row, 3), NULL);
            refuse(entry, &refused);
        }
        row++;
    }
    return 0;
}

int batch_take_answers(struct batch *batch, const struct nb_result *result, struct nb_error *err)
{
    return take_answers(batch, 0, batch->entries.count, result, err);
}

/* ---- step by step ---- */

static int reconnect(const struct produce_target *target, struct nb_error *err)
{
    nb_connection_retry_now(target->connection);
    return nb_connection_wait_ready(target->connection, err);
}

/* 1 when the transaction was committed, 0 when it was not. It may still be running in the lost session, so this waits
 * for it. */
static int was_committed(const struct produce_target *target, const char *transaction, struct nb_error *err)
{
    int64_t deadline = nb_monotonic_ms() + STATUS_PATIENCE_MS;
    int rc;

    do {
        struct nb_params *params = nb_params_new();
        struct nb_result *result = NULL;
        const char *status;
        bool committed, running;

        nb_params_text(params, transaction);
        if ((rc = nb_query_wait(target->connection, NB_SQL_TRANSACTION_STATUS, params, &result, err)) < 0)
            return rc;
        status = nb_result_text(result, 0, 0);
        committed = status && strcmp(status, "committed") == 0;
        running = status && strcmp(status, "in progress") == 0;
        nb_result_free(&result);
        if (!running)
            return committed;
        rc = nb_loop_turn(nb_connection_loop(target->connection), STATUS_AGAIN_MS, err);
    } while (rc == 0 && nb_monotonic_ms() < deadline);
    return rc < 0 ? rc : nb_error_set(err, NB_EFAILED, NB_DOMAIN_DATABASE, "a transaction is neither done nor undone");
}

/* Runs a range of the batch in a transaction, without committing it. */
static int begin_range(const struct produce_target *target, struct batch *batch, size_t first, size_t end,
                       struct nb_error *err)
{
    struct nb_connection *connection = target->connection;
    struct nb_result *result = NULL;
    int rc;

    if ((rc = nb_query_wait(connection, NB_SQL_TRANSACTION_BEGIN, NULL, NULL, err)) < 0)
        return rc;
    rc = nb_query_wait(connection, NB_SQL_PRODUCE_MANY, range_params(target, batch, first, end), &result, err);
    if (rc == 0)
        rc = take_answers(batch, first, end, result, err);
    if (rc < 0 && rc != NB_EUNREACHABLE)
        (void)!nb_query_wait(connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, NULL);
    nb_result_free(&result);
    return rc;
}

/* Sends a range and commits. NB_EUNREACHABLE means that none of it was stored. */
static int store_range(const struct produce_target *target, struct batch *batch, size_t first, size_t end,
                       struct nb_error *err)
{
    int committed, rc = begin_range(target, batch, first, end, err);
    struct nb_error lost;

    if (rc < 0)
        return rc;
    rc = nb_query_wait(target->connection, NB_SQL_TRANSACTION_COMMIT, NULL, NULL, &lost);
    if (rc == 0) /* without the bell, readers see the rows some seconds later; that is no reason to fail */
        (void)!nb_query_wait(target->connection, NB_SQL_RING, NULL, NULL, NULL);
    if (rc < 0 && rc != NB_EUNREACHABLE && err)
        *err = lost;
    if (rc != NB_EUNREACHABLE)
        return rc;
    if ((rc = reconnect(target, err)) < 0)
        return rc;
    committed = was_committed(target, batch->transaction, err);
    if (committed == 0 && err)
        *err = lost;
    return committed == 1 ? 0 : committed == 0 ? NB_EUNREACHABLE : committed;
}

/* Sends a range, and once more when the server went away. */
static int send_range(const struct produce_target *target, struct batch *batch, size_t first, size_t end,
                      struct nb_error *err)
{
    int rc = store_range(target, batch, first, end, err);

    if (rc == NB_EUNREACHABLE && (rc = reconnect(target, err)) == 0)
        rc = store_range(target, batch, first, end, err);
    return rc;
}

/* Whether the error is about the content, so that a smaller batch may succeed. */
static bool is_about_content(int rc)
{
    return rc != NB_EUNREACHABLE && rc != NB_EDENIED && rc != NB_ECANCELLED && rc != NB_EVERSION;
}

/* Where the database refuses the whole batch (it cannot store a number, say), sends each line by itself; the line that
 * was the reason gets the error. */
static int send_whole(const struct produce_target *target, struct batch *batch, struct nb_error *err)
{
    int rc = send_range(target, batch, 0, batch->entries.count, err);

    if (rc == 0 || !is_about_content(rc))
        return rc;
    for (size_t i = 0; i < batch->entries.count; i++) {
        struct entry *entry = &batch->entries.data[i];
        struct nb_error refused = {0};

        if (!entry->text || (rc = send_range(target, batch, i, i + 1, &refused)) == 0)
            continue;
        if (!is_about_content(rc)) {
            if (err)
                *err = refused;
            return rc;
        }
        nb_free(&entry->id);
        refuse(entry, &refused);
    }
    return 0;
}

int produce_resend(const struct produce_target *target, struct batch *batch, bool maybe_committed, struct nb_error *err)
{
    int rc, committed = 0;

    if (nb_connection_state(target->connection) != NB_CONNECTION_READY) {
        if ((rc = reconnect(target, err)) < 0)
            return rc;
    } else {
        /* ends a transaction that the chain left open; where there is none the server only warns */
        (void)!nb_query_wait(target->connection, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, NULL);
    }
    if (maybe_committed && (committed = was_committed(target, batch->transaction, err)) < 0)
        return committed;
    return committed ? 0 : send_whole(target, batch, err);
}
