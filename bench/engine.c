/*
 * engine.c - measures from publish() to the notification that a running worker has stored and rung for, against two bare
 * commits with a NOTIFY each: what nothing that goes through a queue can do without.
 *
 *   engine COUNT ROUNDS       one after the other, each with a pause, so that the worker sleeps when the next one comes.
 *                             Prints publish_p50 and publish_p99 in milliseconds
 *   engine COUNT ROUNDS RATE  the same while another session publishes RATE app events a second (bench_load). Prints
 *                             publish_busy_p50 and publish_busy_p99, without a floor
 *
 * Environment:
 * - BENCH_PRODUCER_DSN: a producer's login
 * - BENCH_ADMIN_DSN: a superuser, for the floor
 * - NIGHTBELL_DSN, BENCH_TOKEN: the person whom the rule of the app event bench_publish means
 * - BENCH_TENANT
 */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "bench/sample.h"

#define PATIENCE_MS 60000 /* at 80 % of what a worker does, others can be before us */
#define PAUSE_US    20000
#define WARM_UP     20
#define LOAD_STEP   10 /* milliseconds */

struct bench {
    PGconn *producer; /* publishes */
    PGconn *person;   /* hears */
    PGconn *first;    /* of the floor: commits and notifies */
    PGconn *second;   /* hears that, commits and notifies: it stands for the worker */
    PGconn *third;    /* hears that */
    PGconn *load;     /* publishes at a rate, for the worker to be busy */
    double load_rate; /* a second; 0: none */
    double load_began;
    long load_sent;
};

static const char *need(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        sample_give_up("engine: %s is not set", name);
    return value;
}

static void command(PGconn *connection, const char *text, int count, const char *const *values)
{
    PGresult *result = PQexecParams(connection, text, count, NULL, values, NULL, NULL, 0);

    if (PQresultStatus(result) != PGRES_TUPLES_OK && PQresultStatus(result) != PGRES_COMMAND_OK)
        sample_give_up("engine: %s", PQresultErrorMessage(result));
    PQclear(result);
}

static PGconn *connect_to(const char *dsn)
{
    PGconn *connection = PQconnectdb(dsn);

    if (PQstatus(connection) != CONNECTION_OK)
        sample_give_up("engine: %s", PQerrorMessage(connection));
    return connection;
}

static PGconn *listen_as_person(void)
{
    PGconn *person = connect_to(need("NIGHTBELL_DSN"));
    const char *token = need("BENCH_TOKEN");
    PGresult *result;

    command(person, "SELECT set_config('nightbell.token', $1, false)", 1, &token);
    result = PQexec(person, "SELECT channel FROM nightbell.my_channels() WHERE kind = 'notification'");
    if (PQntuples(result) == 0)
        sample_give_up("engine: the person has no channel: %s", PQerrorMessage(person));
    for (int i = 0; i < PQntuples(result); i++) {
        char *text = nb_asprintf("LISTEN \"%s\"", PQgetvalue(result, i, 0));

        command(person, text, 0, NULL);
        free(text);
    }
    PQclear(result);
    return person;
}

/* Publishes what is due by the rate, in one statement and without waiting for its answer. */
static void publish_load(struct bench *bench)
{
    long due = (long)((sample_clock_ms() - bench->load_began) * bench->load_rate / 1000) - bench->load_sent;
    char *text;
    PGresult *result;

    if (bench->load_rate <= 0 || due <= 0)
        return;
    if (!PQconsumeInput(bench->load))
        sample_give_up("engine: %s", PQerrorMessage(bench->load));
    if (PQisBusy(bench->load))
        return;
    while ((result = PQgetResult(bench->load))) {
        if (PQresultStatus(result) == PGRES_FATAL_ERROR)
            sample_give_up("engine: %s", PQresultErrorMessage(result));
        PQclear(result);
    }
    text = nb_asprintf("SELECT count(nightbell.publish('%s', 'bench_load', 'bench', jsonb_build_object('number', n))) "
                       "FROM generate_series(1, %ld) AS n",
                       need("BENCH_TENANT"), due);
    if (!PQsendQuery(bench->load, text))
        sample_give_up("engine: %s", PQerrorMessage(bench->load));
    free(text);
    bench->load_sent += due;
}

static void await_bell(struct bench *bench, PGconn *connection, const char *whose)
{
    double begin = sample_clock_ms();

    for (;;) {
        PGnotify *bell = PQnotifies(connection);
        struct pollfd fd = {.fd = PQsocket(connection), .events = POLLIN};

        if (bell) {
            while (bell) {
                PQfreemem(bell);
                bell = PQnotifies(connection);
            }
            return;
        }
        if (sample_clock_ms() - begin > PATIENCE_MS)
            sample_give_up("engine: no bell for %s", whose);
        publish_load(bench);
        if (poll(&fd, 1, bench->load_rate > 0 ? LOAD_STEP : 100) < 0 && errno != EINTR)
            sample_give_up("engine: poll: %s", strerror(errno));
        if (!PQconsumeInput(connection))
            sample_give_up("engine: %s", PQerrorMessage(connection));
    }
}

static double publish_once(struct bench *bench)
{
    static unsigned long number;
    char *context = nb_asprintf("{\"number\": \"%lu of %d\"}", ++number, (int)getpid());
    const char *values[] = {need("BENCH_TENANT"), context};
    double begin = sample_clock_ms();

    command(bench->producer, "SELECT nightbell.publish($1::uuid, 'bench_publish', 'bench', $2::jsonb)", 2, values);
    await_bell(bench, bench->person, "the person");
    free(context);
    return sample_clock_ms() - begin;
}

static double floor_once(struct bench *bench)
{
    double begin = sample_clock_ms();

    command(bench->first,
            "WITH stored AS (INSERT INTO bench.queue (context) VALUES ('{}') RETURNING id) "
            "SELECT pg_notify('bench_first', '') FROM stored",
            0, NULL);
    await_bell(bench, bench->second, "the second session");
    command(bench->second,
            "WITH stored AS (INSERT INTO bench.queue (context) VALUES ('{}') RETURNING id) "
            "SELECT pg_notify('bench_second', '') FROM stored",
            0, NULL);
    await_bell(bench, bench->third, "the third session");
    return sample_clock_ms() - begin;
}

static void pause_for(struct bench *bench)
{
    for (int i = 0; i < PAUSE_US; i += LOAD_STEP * 1000) {
        publish_load(bench);
        usleep(LOAD_STEP * 1000);
    }
}

static void measure(struct bench *bench, char side, double (*once)(struct bench *), size_t count)
{
    bool is_busy = bench->load_rate > 0;
    double *times = nb_calloc(count, sizeof(*times));

    bench->load_began = sample_clock_ms();
    bench->load_sent = 0;
    for (size_t i = 0; i < count; i++) {
        pause_for(bench);
        times[i] = once(bench);
    }
    sample_print(is_busy ? "publish_busy_p50" : "publish_p50", side, sample_percentile(times, count, 0.5));
    sample_print(is_busy ? "publish_busy_p99" : "publish_p99", side, sample_percentile(times, count, 0.99));
    free(times);
}

static void connect_all(struct bench *bench)
{
    bench->producer = connect_to(need("BENCH_PRODUCER_DSN"));
    bench->load = connect_to(need("BENCH_PRODUCER_DSN"));
    bench->person = listen_as_person();
    bench->first = connect_to(need("BENCH_ADMIN_DSN"));
    bench->second = connect_to(need("BENCH_ADMIN_DSN"));
    bench->third = connect_to(need("BENCH_ADMIN_DSN"));
    command(bench->second, "LISTEN bench_first", 0, NULL);
    command(bench->third, "LISTEN bench_second", 0, NULL);
}

static void disconnect_all(struct bench *bench)
{
    PQfinish(bench->producer);
    PQfinish(bench->load);
    PQfinish(bench->person);
    PQfinish(bench->first);
    PQfinish(bench->second);
    PQfinish(bench->third);
}

int main(int argc, char **argv)
{
    struct bench bench = {0};
    size_t count = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0;
    int rounds = argc >= 3 ? (int)strtol(argv[2], NULL, 10) : 0;
    double rate = argc == 4 ? strtod(argv[3], NULL) : 0;

    if (count == 0 || rounds == 0 || argc > 4)
        sample_give_up("usage: engine COUNT ROUNDS [RATE]");
    connect_all(&bench);
    for (int i = 0; i < WARM_UP; i++) {
        (void)publish_once(&bench);
        (void)floor_once(&bench);
    }
    bench.load_rate = rate;
    for (int round = 0; round < rounds; round++) {
        measure(&bench, 'a', publish_once, count);
        if (rate <= 0)
            measure(&bench, 'b', floor_once, count);
    }
    disconnect_all(&bench);
    return 0;
}
