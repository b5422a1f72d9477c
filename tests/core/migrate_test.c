/* Creating, upgrading and reporting on the schema: as a superuser and as a database's owner with CREATEROLE, with and
 * without existing roles. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include "base/base.h"
#include "schema/migrate.h"

static struct cluster *cluster;
static struct nb_loop *loop;

static int setup(void **state)
{
    struct nb_error err;

    (void)state;
    cluster = cluster_new();
    return nb_loop_new(&loop, &err);
}

static int teardown(void **state)
{
    (void)state;
    nb_loop_free(&loop);
    cluster_free(&cluster, 0);
    return 0;
}

/* A connection to a database of the cluster, ready for db init. */
static struct nb_connection *connect_to(const char *database, const char *login)
{
    char *dsn = nb_asprintf("%s dbname=%s", cluster_dsn(cluster, login), database);
    struct nb_connection_options options = {.dsn = dsn, .skip_version_check = true};
    struct nb_connection *connection = NULL;
    struct nb_error err = {0};

    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), 0);
    if (nb_connection_wait_ready(connection, &err) != 0)
        fail_msg("%s", err.message);
    nb_free(&dsn);
    return connection;
}

static void migrate(struct nb_connection *connection)
{
    struct nb_error err = {0};

    if (nb_migrate(connection, NULL, NULL, &err) != 0)
        fail_msg("%s (%s)", err.message, err.hint);
}

static void expect_current(struct nb_connection *connection)
{
    struct nb_schema_status status;
    struct nb_error err = {0};

    if (nb_schema_status(&status, connection, &err) != 0)
        fail_msg("%s", err.message);
    assert_int_equal(status.installed, status.embedded);
    assert_true(status.definitions_current);
    assert_string_equal(status.tables_without_forced_row_security, "");
    assert_string_equal(status.functions_without_pinned_path, "");
    assert_string_equal(status.columns_with_statistics, "");
    assert_string_equal(status.grants_to_public, "");
    nb_schema_status_clear(&status);
}

static void database_without_schema_says_so(void **state)
{
    struct nb_schema_status status;
    struct nb_error err = {0};

    (void)state;
    cluster_sql(cluster, "CREATE DATABASE empty");
    struct nb_connection *connection = connect_to("empty", "postgres");
    assert_int_equal(nb_schema_status(&status, connection, &err), 0);
    assert_int_equal(status.installed, 0);
    assert_true(status.embedded > 0);
    nb_schema_status_clear(&status);
    nb_connection_free(&connection);

    char *dsn = nb_asprintf("%s dbname=empty", cluster_dsn(cluster, "postgres"));
    struct nb_connection_options options = {.dsn = dsn};
    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), 0);
    assert_int_equal(nb_connection_wait_ready(connection, &err), NB_EVERSION);
    assert_string_equal(err.message, "no nightbell schema in this database");
    assert_string_equal(err.hint, "run: nightbell db init");
    nb_connection_free(&connection);
    nb_free(&dsn);
}

static void superuser_creates_it_again_and_again(void **state)
{
    (void)state;
    cluster_sql(cluster, "CREATE DATABASE fresh");
    struct nb_connection *connection = connect_to("fresh", "postgres");
    migrate(connection);
    expect_current(connection);
    migrate(connection);
    expect_current(connection);
    nb_connection_free(&connection);
}

static void owner_who_is_a_member_creates_it(void **state)
{
    (void)state;
    cluster_sql(cluster, "CREATE ROLE maintainer LOGIN");
    cluster_sql(cluster, "GRANT nightbell_owner TO maintainer");
    cluster_sql(cluster, "CREATE DATABASE owned OWNER maintainer");
    struct nb_connection *connection = connect_to("owned", "maintainer");
    migrate(connection);
    migrate(connection);
    nb_connection_free(&connection);
    connection = connect_to("owned", "postgres");
    expect_current(connection);
    nb_connection_free(&connection);
}

static void stranger_is_told_what_is_needed(void **state)
{
    struct nb_error err = {0};

    (void)state;
    cluster_sql(cluster, "CREATE ROLE stranger LOGIN");
    cluster_sql(cluster, "CREATE DATABASE refused");
    struct nb_connection *connection = connect_to("refused", "stranger");
    assert_int_equal(nb_migrate(connection, NULL, NULL, &err), NB_EDENIED);
    assert_true(strlen(err.message) > 0);
    nb_connection_free(&connection);
}

static void in_database(const char *database, const char *sql)
{
    struct nb_connection *connection = connect_to(database, "postgres");
    struct nb_error err = {0};

    if (nb_query_text_wait(connection, sql, NULL, NULL, &err) != 0)
        fail_msg("%s", err.message);
    nb_connection_free(&connection);
}

/* Runs sql in the database "fresh", which the previous test has made. */
static void in_fresh(const char *sql)
{
    in_database("fresh", sql);
}

static void lost_definitions_come_back(void **state)
{
    (void)state;
    in_fresh("DROP FUNCTION nightbell.severity_rank CASCADE");
    in_fresh("UPDATE nightbell.definitions SET checksum = 'of an older program'");
    struct nb_connection *connection = connect_to("fresh", "postgres");
    migrate(connection);
    expect_current(connection);
    nb_connection_free(&connection);
    in_fresh("SELECT nightbell.severity_rank('low')");
}

static void changed_migration_is_refused(void **state)
{
    struct nb_error err = {0};

    (void)state;
    in_fresh("UPDATE nightbell.migrations SET checksum = 'x' || checksum WHERE version = 1");
    struct nb_connection *connection = connect_to("fresh", "postgres");
    assert_int_equal(nb_migrate(connection, NULL, NULL, &err), NB_EVERSION);
    assert_non_null(strstr(err.message, "0001_tables"));
    nb_connection_free(&connection);
    in_fresh("UPDATE nightbell.migrations SET checksum = substr(checksum, 2) WHERE version = 1");
}

static void newer_schema_is_refused(void **state)
{
    struct nb_connection_options options = {0};
    struct nb_connection *connection = NULL;
    struct nb_error err = {0};

    (void)state;
    in_fresh("INSERT INTO nightbell.migrations (version, name, checksum) VALUES (9999, "
             "'9999_future', '')");
    connection = connect_to("fresh", "postgres");
    assert_int_equal(nb_migrate(connection, NULL, NULL, &err), NB_EVERSION);
    assert_non_null(strstr(err.message, "9999"));
    assert_non_null(strstr(err.hint, "newer"));
    nb_connection_free(&connection);

    char *dsn = nb_asprintf("%s dbname=fresh", cluster_dsn(cluster, "postgres"));
    options.dsn = dsn;
    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), 0);
    assert_int_equal(nb_connection_wait_ready(connection, &err), NB_EVERSION);
    nb_connection_free(&connection);
    nb_free(&dsn);
    in_fresh("DELETE FROM nightbell.migrations WHERE version = 9999");
}

/* Must be the last test: it drops what the others need. Since PostgreSQL 16 the creator of a role may grant it, but not
 * act as it. */
static void owner_with_createrole_makes_the_roles(void **state)
{
    static const char *const steps[] = {
        "DROP DATABASE nightbell",
        "DROP DATABASE fresh",
        "DROP DATABASE owned",
        "DROP ROLE nightbell_owner, nightbell_client, nightbell_producer, nightbell_worker, nightbell_admin",
        "CREATE ROLE founder LOGIN CREATEROLE",
        "CREATE DATABASE founded OWNER founder"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(steps); i++)
        in_database("postgres", steps[i]);
    struct nb_connection *connection = connect_to("founded", "founder");
    migrate(connection);
    migrate(connection);
    nb_connection_free(&connection);
    connection = connect_to("founded", "postgres");
    expect_current(connection);
    nb_connection_free(&connection);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(database_without_schema_says_so),
               cmocka_unit_test(superuser_creates_it_again_and_again),
               cmocka_unit_test(owner_who_is_a_member_creates_it), cmocka_unit_test(stranger_is_told_what_is_needed),
               cmocka_unit_test(lost_definitions_come_back), cmocka_unit_test(changed_migration_is_refused),
               cmocka_unit_test(newer_schema_is_refused), cmocka_unit_test(owner_with_createrole_makes_the_roles))
