/*
 * page.c - measures the inbox's page query by itself: the cost of row security, and of depth.
 *
 *   page first     connects, asks for one page, ends: the floor of "exec to first full screen"
 *   page depth     a page at the newest, deep down in both directions, and at the oldest
 *   page security  the page through view, policies and token; and the same rows from the bare tables by a login that
 *                  bypasses row security
 *
 * Environment:
 * - BENCH_DSN: a client's login
 * - BENCH_TOKEN
 * - BENCH_BYPASS_DSN: a login with BYPASSRLS
 * - BENCH_QUERIES: the directory of the SQL
 * - BENCH_BARE: the bare query
 * - BENCH_TENANT, BENCH_USER, ROUNDS
 */
#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "bench/sample.h"

#define NEWEST "ffffffff-ffff-ffff-ffff-ffffffffffff"
#define OLDEST "00000000-0000-0000-0000-000000000000"

static int rounds;
static int pages = 200; /* in each round, for each side */

static const char *need(const char *name)
{
    const char *value = getenv(name);

    if (!value)
        sample_give_up("page: %s is not set", name);
    return value;
}

static PGresult *check(PGconn *connection, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        sample_give_up("page: %s", PQerrorMessage(connection));
    return result;
}

/* The text of a query file without the marker for a filter. */
static char *read_query(const char *directory, const char *name)
{
    char *path = nb_asprintf("%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    char *text = nb_calloc(1, 65536), *mark;

    if (!file || fread(text, 1, 65535, file) == 0)
        sample_give_up("page: cannot read %s", path);
    fclose(file);
    while ((mark = strstr(text, "/*filter*/")))
        memset(mark, ' ', strlen("/*filter*/"));
    free(path);
    return text;
}

/* Opens a session like the library. token "": the PostgreSQL login only. */
static PGconn *connect_to(const char *dsn, const char *token)
{
    PGconn *connection = PQconnectdb(dsn);
    char *start = read_query(need("BENCH_QUERIES"), "session_start.sql");
    char process[16];
    const char *values[] = {token, process};

    if (PQstatus(connection) != CONNECTION_OK)
        sample_give_up("page: %s", PQerrorMessage(connection));
    snprintf(process, sizeof(process), "%d", PQbackendPID(connection));
    PQclear(check(connection, PQexecParams(connection, start, 2, NULL, values, NULL, NULL, 1)));
    free(start);
    return connection;
}

static PGresult *page(PGconn *connection, const char *statement, const char *key)
{
    const char *values[] = {key, "50", "false"};

    return check(connection, PQexecPrepared(connection, statement, 3, values, NULL, NULL, 1));
}

static void prepare(PGconn *connection, const char *name, const char *text)
{
    PQclear(check(connection, PQprepare(connection, name, text, 0, NULL)));
    for (int i = 0; i < 10; i++) /* so that the plan is the generic one */
        PQclear(page(connection, name, NEWEST));
}

/* The median time of a page in milliseconds. */
static double time_pages(PGconn *connection, const char *statement, const char *key)
{
    double times[200];

    for (int i = 0; i < pages; i++) {
        double start = sample_clock_ms();
        PGresult *result = page(connection, statement, key);

        times[i] = sample_clock_ms() - start;
        if (PQntuples(result) < 50)
            sample_give_up("page: only %d rows at %s", PQntuples(result), key);
        PQclear(result);
    }
    return sample_percentile(times, (size_t)pages, 0.5);
}

/* Runs two statements alternately, a few times each, so that other load of the machine affects both. Gives their
 * medians in ms. */
#define IN_TURN 10
struct side {
    PGconn *connection;
    const char *statement;
    int parameters;
    double times[200], median;
};

static void time_in_turn(struct side *a, struct side *b)
{
    const char *values[] = {NEWEST, "50", "false"};
    struct side *sides[] = {a, b};

    for (int done = 0; done < pages; done += IN_TURN) {
        for (int i = 0; i < 2 * IN_TURN; i++) {
            struct side *side = sides[i / IN_TURN];
            double start = sample_clock_ms();
            PGresult *result = check(side->connection, PQexecPrepared(side->connection, side->statement,
                                                                      side->parameters, values, NULL, NULL, 1));

            side->times[done + i % IN_TURN] = sample_clock_ms() - start;
            PQclear(result);
        }
    }
    a->median = sample_percentile(a->times, (size_t)pages, 0.5);
    b->median = sample_percentile(b->times, (size_t)pages, 0.5);
}

static void first(void)
{
    PGconn *connection = connect_to(need("BENCH_DSN"), need("BENCH_TOKEN"));
    char *text = read_query(need("BENCH_QUERIES"), "inbox_page_older.sql");
    const char *values[] = {NEWEST, "50", "false"};

    PQclear(check(connection, PQexecParams(connection, text, 3, NULL, values, NULL, NULL, 1)));
    PQfinish(connection);
    free(text);
}

static void depth(void)
{
    PGconn *connection = connect_to(need("BENCH_DSN"), need("BENCH_TOKEN"));
    char *older = read_query(need("BENCH_QUERIES"), "inbox_page_older.sql");
    char *newer = read_query(need("BENCH_QUERIES"), "inbox_page_newer.sql");
    const char *deep = need("BENCH_DEEP_KEY");

    prepare(connection, "older", older);
    PQclear(check(connection, PQprepare(connection, "newer", newer, 0, NULL)));
    for (int i = 0; i < 10; i++)
        PQclear(page(connection, "newer", OLDEST));
    for (int round = 0; round < rounds; round++) {
        double newest = time_pages(connection, "older", NEWEST);

        sample_print("page_older_deep", 'a', time_pages(connection, "older", deep));
        sample_print("page_older_deep", 'b', newest);
        sample_print("page_newer_deep", 'a', time_pages(connection, "newer", deep));
        sample_print("page_newer_deep", 'b', newest);
        sample_print("jump_to_oldest", 'a', time_pages(connection, "newer", OLDEST));
        sample_print("jump_to_oldest", 'b', time_pages(connection, "older", NEWEST));
    }
    free(older);
    free(newer);
    PQfinish(connection);
}

static void security(void)
{
    PGconn *client = connect_to(need("BENCH_DSN"), need("BENCH_TOKEN"));
    PGconn *bypassing = connect_to(need("BENCH_BYPASS_DSN"), "");
    char *text = read_query(need("BENCH_QUERIES"), "inbox_page_older.sql");
    char *bare = read_query(need("BENCH_BARE"), "page_bare.sql");

    prepare(client, "older", text);
    prepare(bypassing, "older", bare);
    PQclear(check(client, PQprepare(client, "who", "SELECT (nightbell.claims()).user_id", 0, NULL)));
    PQclear(check(client, PQprepare(client, "nobody", "SELECT NULL::uuid", 0, NULL)));
    for (int round = 0; round < rounds; round++) {
        struct side with = {client, "older", 3, {0}, 0}, without = {bypassing, "older", 3, {0}, 0};
        struct side who = {client, "who", 0, {0}, 0}, nobody = {client, "nobody", 0, {0}, 0};

        time_in_turn(&with, &without);
        sample_print("row_security", 'a', with.median);
        sample_print("row_security", 'b', without.median);
        time_in_turn(&who, &nobody);
        sample_print("token_check", 'a', who.median * 1e3);
        sample_print("token_check", 'b', nobody.median * 1e3);
    }
    free(text);
    free(bare);
    PQfinish(client);
    PQfinish(bypassing);
}

int main(int argc, char *argv[])
{
    static const struct {
        const char *name;
        void (*run)(void);
    } figures[] = {{"first", first}, {"depth", depth}, {"security", security}};

    rounds = (int)strtol(getenv("ROUNDS") ? getenv("ROUNDS") : "5", NULL, 10);
    for (size_t i = 0; argc == 2 && i < NB_ARRAY_SIZE(figures); i++) {
        if (strcmp(argv[1], figures[i].name) == 0) {
            figures[i].run();
            return 0;
        }
    }
    sample_give_up("usage: page first|depth|security");
}
