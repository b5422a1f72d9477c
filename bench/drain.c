/*
 * drain.c - the floor of draining a queue of deliveries: jobs are claimed SKIP LOCKED and finished, a hundred at a time, each batch
 * two durable statements. As simple as it can be: one table, no trigger, no record of tries, one answer for all of a batch.
 *
 *   drain WORKERS    empties bench.jobs with so many processes and prints how many jobs a second
 *
 * Environment:
 * - BENCH_ADMIN_DSN: a superuser
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "bench/sample.h"

#define WORKERS_MAX 16

static const char claim[] =
    "UPDATE bench.jobs SET status = 'sending', attempts = attempts + 1, lease_until = now() + interval '2 minutes' "
    "WHERE id = ANY (ARRAY(SELECT id FROM bench.jobs WHERE status = 'queued' AND due_at <= now() "
    "ORDER BY due_at LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED)) RETURNING id, payload";
static const char finish[] =
    "UPDATE bench.jobs SET status = 'sent', sent_at = now(), lease_until = NULL WHERE id = ANY ($1::bigint[])";

static PGconn *connect_prepared(void)
{
    PGconn *connection = PQconnectdb(getenv("BENCH_ADMIN_DSN"));

    PQclear(PQprepare(connection, "claim", claim, 0, NULL));
    PQclear(PQprepare(connection, "finish", finish, 0, NULL));
    if (PQstatus(connection) != CONNECTION_OK)
        sample_give_up("drain: %s", PQerrorMessage(connection));
    return connection;
}

static PGresult *run(PGconn *connection, const char *name, int count, const char *const *values)
{
    PGresult *result = PQexecPrepared(connection, name, count, values, NULL, NULL, 0);

    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        sample_give_up("drain: %s", PQresultErrorMessage(result));
    return result;
}

static long drain(PGconn *connection)
{
    struct nb_strbuf ids;
    const char *values[1];
    long count = 0;
    int rows;

    nb_strbuf_init(&ids, 64 * 1024);
    do {
        PGresult *claimed = run(connection, "claim", 0, NULL);

        rows = PQntuples(claimed);
        nb_strbuf_reset(&ids);
        for (int row = 0; row < rows; row++)
            nb_strbuf_appendf(&ids, "%c%s", row > 0 ? ',' : '{', PQgetvalue(claimed, row, 0));
        nb_strbuf_append_char(&ids, '}');
        PQclear(claimed);
        values[0] = ids.data;
        if (rows > 0)
            PQclear(run(connection, "finish", 1, values));
        count += rows;
    } while (rows > 0);
    nb_strbuf_clear(&ids);
    return count;
}

/* Says that it is connected, waits for the word, drains, and says how many. */
__attribute__((noreturn)) static void work(int in, int out)
{
    PGconn *connection = connect_prepared();
    long count = 0;
    char word;

    if (write(out, &count, sizeof(count)) != sizeof(count) || read(in, &word, 1) != 1)
        _exit(1);
    count = drain(connection);
    if (write(out, &count, sizeof(count)) != sizeof(count))
        _exit(1);
    PQfinish(connection);
    _exit(0);
}

static long hear(int in)
{
    long count;

    if (read(in, &count, sizeof(count)) != sizeof(count))
        sample_give_up("drain: a process ended early");
    return count;
}

int main(int argc, char **argv)
{
    int workers = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0, start[2], told[2];
    char word[WORKERS_MAX] = {0};
    long count = 0;
    double begin;

    if (workers < 1 || workers > WORKERS_MAX || !getenv("BENCH_ADMIN_DSN"))
        sample_give_up("drain: WORKERS, with BENCH_ADMIN_DSN set");
    if (pipe(start) != 0 || pipe(told) != 0)
        sample_give_up("drain: no pipe");
    for (int i = 0; i < workers; i++)
        if (fork() == 0)
            work(start[0], told[1]);
    close(told[1]);
    for (int i = 0; i < workers; i++)
        hear(told[0]);
    begin = sample_clock_ms();
    if (write(start[1], word, (size_t)workers) != workers)
        sample_give_up("drain: no pipe");
    for (int i = 0; i < workers; i++)
        count += hear(told[0]);
    printf("%.1f\n", (double)count * 1000.0 / (sample_clock_ms() - begin));
    while (wait(NULL) > 0)
        ;
    return 0;
}
