/* Every file of core/sql/queries is a statement that the migrated database takes. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include <libpq-fe.h>

#include "db/sql.h"

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

static void every_query_can_be_prepared(void **state)
{
    PGconn *pg = PQconnectdb(cluster_dsn(cluster, "postgres"));
    unsigned failed = 0;

    (void)state;
    assert_int_equal(PQstatus(pg), CONNECTION_OK);
    for (size_t i = 0; i < NB_SQL_COUNT; i++) {
        PGresult *result = PQprepare(pg, nb_sql_queries[i].name, nb_sql_queries[i].text, 0, NULL);
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            print_message("# %s.sql: %s", nb_sql_queries[i].name, PQerrorMessage(pg));
            failed++;
        }
        PQclear(result);
    }
    PQfinish(pg);
    assert_int_equal(failed, 0);
}

/* The header comment is for people; a statement that still carries one was not embedded as queries
 * are. */
static void names_are_unique_and_texts_begin_with_sql(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_SQL_COUNT; i++) {
        assert_int_not_equal(strncmp(nb_sql_queries[i].text, "--", 2), 0);
        if (i > 0)
            assert_true(strcmp(nb_sql_queries[i - 1].name, nb_sql_queries[i].name) < 0);
    }
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(every_query_can_be_prepared),
               cmocka_unit_test(names_are_unique_and_texts_begin_with_sql))
