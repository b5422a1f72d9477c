/* The harness: a C test gets a server with the people in it and can stop it, and a failing statement is noticed. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

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

static void has_people(void **state)
{
    (void)state;
    assert_string_equal(cluster_sql(cluster, "SELECT name FROM nightbell.users WHERE id = '" CLUSTER_ADA "'"), "ada");
}

static void mints_tokens(void **state)
{
    const char *token = cluster_token(cluster, "bob", 60);

    (void)state;
    assert_non_null(strchr(token, '.'));
    assert_ptr_not_equal(strchr(token, '.'), strrchr(token, '.'));
}

static void restarts(void **state)
{
    (void)state;
    cluster_stop(cluster, "immediate");
    cluster_start(cluster);
    assert_string_equal(cluster_sql(cluster, "SELECT 1"), "1");
}

static void freezes(void **state)
{
    (void)state;
    cluster_freeze(cluster);
    cluster_thaw(cluster);
    assert_string_equal(cluster_sql(cluster, "SELECT 2"), "2");
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(has_people), cmocka_unit_test(mints_tokens),
               cmocka_unit_test(restarts), cmocka_unit_test(freezes))
