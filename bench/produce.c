/*
 * produce.c - measures batches of 100 through the library, each a durable transaction, against 100 pipelined INSERTs of
 * the same rows in a transaction.
 *
 * Environment:
 * - BENCH_PRODUCER_DSN: a producer's login
 * - BENCH_ADMIN_DSN: a superuser, for the table bench.floor
 * - BENCH_TENANT
 * - BENCH_USERS: how many
 * - BENCH_BATCHES, ROUNDS
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bench/sample.h"
#include "nightbell.h"

#define BATCH 100

static const char *const insert =
    "INSERT INTO bench.floor (id, tenant_id, user_id, type, title, message, data, link, channel, "
    "urgency) VALUES (nightbell.uuidv7(), $1, $2, 'WALLET_TOP_UP', 'Your wallet was topped up', "
    "$3, $4, 'https://wallet.example/transactions/1', 'in_app', 'normal')";

static unsigned long number;

static const char *need(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        sample_give_up("produce: %s is not set", name);
    return value;
}

/* What differs from row to row. */
struct row {
    char user[64], message[80], data[120];
};

static void make_row(struct row *row, unsigned long users)
{
    number++;
    snprintf(row->user, sizeof(row->user), "00000000-0000-4000-9000-%012lu", number * 7919 % users + 1);
    snprintf(row->message, sizeof(row->message), "There are twenty euros more in it: number %lu", number);
    snprintf(row->data, sizeof(row->data), "{\"transactionId\": \"%lu\", \"amount\": 20, \"currency\": \"EUR\"}",
             number);
}

static void answered(void *arg, size_t index, const char *id, const struct nb_error *err)
{
    (void)arg, (void)index, (void)id;
    if (err)
        sample_give_up("produce: %s", err->message);
}

static void send_batch(struct nb_client *client, const char *tenant, unsigned long users)
{
    struct nb_notify_input inputs[BATCH] = {0};
    struct row rows[BATCH];
    struct nb_error err = {0};

    for (size_t i = 0; i < BATCH; i++) {
        make_row(&rows[i], users);
        inputs[i].tenant = tenant;
        inputs[i].user = rows[i].user;
        inputs[i].type = "WALLET_TOP_UP";
        inputs[i].title = "Your wallet was topped up";
        inputs[i].message = rows[i].message;
        inputs[i].data = rows[i].data;
        inputs[i].link = "https://wallet.example/transactions/1";
    }
    if (nb_client_notify_many(client, inputs, BATCH, answered, NULL, &err) < 0)
        sample_give_up("produce: %s", err.message);
}

static void command(PGconn *pg, const char *text)
{
    if (!PQsendQueryParams(pg, text, 0, NULL, NULL, NULL, NULL, 0))
        sample_give_up("produce: %s", PQerrorMessage(pg));
}

static void insert_batch(PGconn *pg, const char *tenant, unsigned long users)
{
    PGresult *result;
    int syncs = 0;

    command(pg, "BEGIN");
    for (size_t i = 0; i < BATCH; i++) {
        struct row row;

        make_row(&row, users);
        const char *values[] = {tenant, row.user, row.message, row.data};
        if (!PQsendQueryPrepared(pg, "insert", 4, values, NULL, NULL, 0))
            sample_give_up("produce: %s", PQerrorMessage(pg));
    }
    command(pg, "COMMIT");
    if (!PQpipelineSync(pg))
        sample_give_up("produce: %s", PQerrorMessage(pg));
    while (!syncs) {
        result = PQgetResult(pg);
        if (result && PQresultStatus(result) == PGRES_FATAL_ERROR)
            sample_give_up("produce: %s", PQresultErrorMessage(result));
        syncs = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
}

int main(void)
{
    struct nb_client_options options = {.dsn = need("BENCH_PRODUCER_DSN")};
    const char *tenant = need("BENCH_TENANT");
    unsigned long users = strtoul(need("BENCH_USERS"), NULL, 10);
    int batches = (int)strtol(need("BENCH_BATCHES"), NULL, 10);
    int rounds = (int)strtol(need("ROUNDS"), NULL, 10);
    struct nb_client *client = NULL;
    struct nb_error err = {0};
    PGconn *pg = PQconnectdb(need("BENCH_ADMIN_DSN"));

    if (nb_client_open(&client, &options, &err) < 0)
        sample_give_up("produce: %s", err.message);
    PQclear(PQprepare(pg, "insert", insert, 0, NULL));
    if (PQstatus(pg) != CONNECTION_OK || !PQenterPipelineMode(pg))
        sample_give_up("produce: %s", PQerrorMessage(pg));
    send_batch(client, tenant, users);
    insert_batch(pg, tenant, users);
    for (int round = 0; round < rounds; round++) {
        double begin = sample_clock_ms(), middle;

        for (int i = 0; i < batches; i++)
            send_batch(client, tenant, users);
        middle = sample_clock_ms();
        for (int i = 0; i < batches; i++)
            insert_batch(pg, tenant, users);
        sample_print("batch_100", 'a', batches * BATCH * 1000.0 / (middle - begin));
        sample_print("batch_100", 'b', batches * BATCH * 1000.0 / (sample_clock_ms() - middle));
    }
    nb_client_close(&client);
    PQfinish(pg);
    return 0;
}
