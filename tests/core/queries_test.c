/* Every file of core/sql/queries and core/sql/server is a statement that the migrated database accepts. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include <libpq-fe.h>

#include "db/server_query.h"

static struct cluster *cluster;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cluster_free(&cluster, 0);
    return 0;
}

static unsigned cannot_be_prepared(PGconn *pg, const struct nb_sql_text *queries, size_t count)
{
    unsigned failed = 0;

    for (size_t i = 0; i < count; i++) {
        PGresult *result = PQprepare(pg, queries[i].name, queries[i].text, 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            print_message("# %s.sql: %s", queries[i].name, PQerrorMessage(pg));
            failed++;
        }
        PQclear(result);
    }
    return failed;
}

static void every_query_can_be_prepared(void **state)
{
    PGconn *pg = PQconnectdb(cluster_dsn(cluster, "postgres"));

    (void)state;
    assert_int_equal(PQstatus(pg), CONNECTION_OK);
    assert_int_equal(cannot_be_prepared(pg, nb_sql_queries, NB_SQL_COUNT), 0);
    assert_int_equal(cannot_be_prepared(pg, nb_server_queries, NB_SERVER_SQL_COUNT), 0);
    PQfinish(pg);
}

/* The first comment of a file is for people; a statement that still has it was not embedded correctly. */
static void check_texts(const struct nb_sql_text *queries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_not_equal(strncmp(queries[i].text, "--", 2), 0);
        if (i > 0)
            assert_true(strcmp(queries[i - 1].name, queries[i].name) < 0);
    }
}

static void names_are_unique_and_texts_begin_with_sql(void **state)
{
    (void)state;
    check_texts(nb_sql_queries, NB_SQL_COUNT);
    check_texts(nb_server_queries, NB_SERVER_SQL_COUNT);
}

static void the_client_knows_the_last_migration(void **state)
{
    const char *last = nb_sql_migrations[nb_sql_migration_count - 1].name;

    (void)state;
    assert_int_equal(strtol(last, NULL, 10), nb_sql_schema_version);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(every_query_can_be_prepared),
               cmocka_unit_test(names_are_unique_and_texts_begin_with_sql),
               cmocka_unit_test(the_client_knows_the_last_migration))
