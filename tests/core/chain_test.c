/* Statements sent together: their answers, what a failure leaves out, an abandoned chain, a connection that is lost in
 * the middle. */
#include <stdlib.h>

#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include "base/base.h"
#include "db/chain.h"
#include "db/connection.h"
#include "db/statements.h"

static struct cluster *cluster;
static struct nb_loop *loop;
static struct nb_connection *connection;

static int setup(void **state)
{
    struct nb_connection_options options = {.reconnect = true};
    struct nb_error err = {0};

    (void)state;
    cluster = cluster_new();
    options.dsn = cluster_dsn(cluster, "postgres");
    if (nb_loop_new(&loop, &err) == 0 && nb_connection_new(&connection, loop, &options, &err) == 0 &&
        nb_connection_wait_ready(connection, &err) == 0)
        return 0;
    print_message("# %s\n", err.message);
    return -1;
}

static int teardown(void **state)
{
    (void)state;
    nb_connection_free(&connection);
    nb_loop_free(&loop);
    cluster_free(&cluster, 0);
    return 0;
}

/* A statement with a parameter. */
static size_t add_status(struct nb_chain *chain, const char *transaction)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, transaction);
    return nb_chain_add(chain, NB_SQL_TRANSACTION_STATUS, params);
}

/* A statement that fails. */
static size_t add_failing(struct nb_chain *chain)
{
    struct nb_params *params = nb_params_new();

    nb_params_text(params, "shout");
    nb_params_text_array(params, NULL, 0);
    return nb_chain_add(chain, NB_SQL_PRODUCE_MANY, params);
}

static int code_of(struct nb_chain *chain, size_t step)
{
    struct nb_error err = {0};

    return nb_chain_result(chain, step, NULL, &err);
}

/* Runs several times, so that the statements get prepared. */
static void answers_each_statement(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct nb_chain *chain = nb_chain_new();
        struct nb_result *result = NULL;
        struct nb_error err = {0};
        size_t begin, snapshot, status, commit;

        begin = nb_chain_add(chain, NB_SQL_TRANSACTION_BEGIN, NULL);
        snapshot = nb_chain_add(chain, NB_SQL_SNAPSHOT, NULL);
        nb_chain_sync(chain);
        status = add_status(chain, "3");
        commit = nb_chain_add(chain, NB_SQL_TRANSACTION_COMMIT, NULL);
        nb_chain_sync(chain);
        nb_chain_send(chain, connection);
        assert_false(nb_chain_is_done(chain));
        assert_int_equal(nb_chain_wait(chain, &err), 0);
        assert_int_equal(nb_chain_result(chain, snapshot, &result, &err), 0);
        assert_int_equal(nb_result_rows(result), 1);
        nb_result_free(&result);
        assert_int_equal(code_of(chain, begin) | code_of(chain, status) | code_of(chain, commit), 0);
        nb_chain_free(&chain);
    }
}

static void a_failure_leaves_out_what_is_behind_it_up_to_the_sync(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct nb_chain *chain = nb_chain_new();
        struct nb_error err = {0};
        size_t bad = add_failing(chain), skipped = add_status(chain, "3"), next;

        nb_chain_sync(chain);
        next = add_status(chain, "3");
        nb_chain_sync(chain);
        nb_chain_send(chain, connection);
        assert_int_equal(nb_chain_wait(chain, &err), 0);
        assert_int_equal(nb_chain_result(chain, bad, NULL, &err), NB_EINVALID);
        assert_non_null(strstr(err.message, "notify, announce, raise"));
        assert_int_equal(code_of(chain, skipped), NB_EFAILED);
        assert_int_equal(code_of(chain, next), 0);
        nb_chain_free(&chain);
    }
}

/* What was to be prepared behind the failure is not there, and is prepared by the next chain instead. */
static void a_failure_loses_no_preparation(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct nb_chain *chain = nb_chain_new();
        struct nb_params *id = nb_params_new();
        struct nb_error err = {0};
        bool fails = i == 1;
        size_t step;

        nb_params_text(id, fails ? "no uuid" : "00000000-0000-4000-8000-000000000001");
        nb_chain_add_text(chain, "SELECT $1::uuid", id);
        step = nb_chain_add_text(chain, "SELECT 'behind it'::text", NULL);
        nb_chain_sync(chain);
        nb_chain_send(chain, connection);
        assert_int_equal(nb_chain_wait(chain, &err), 0);
        assert_int_equal(code_of(chain, step), fails ? NB_EFAILED : 0);
        nb_chain_free(&chain);
    }
}

/* A failed transaction refuses the DEALLOCATE that makes room among the prepared statements: its ROLLBACK goes without. */
static void a_rollback_goes_through_when_all_places_are_taken(void **state)
{
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "postgres")};
    struct nb_connection *fresh = NULL;
    struct nb_chain *chain = nb_chain_new();
    struct nb_error err = {0};
    size_t failing;

    (void)state;
    assert_int_equal(nb_connection_new(&fresh, loop, &options, &err), 0);
    assert_int_equal(nb_connection_wait_ready(fresh, &err), 0);
    for (int i = 0; i < NB_STATEMENTS_MAX - 3; i++) {
        char *text = nb_asprintf("SELECT %d", i);

        nb_chain_add_text(chain, text, NULL);
        free(text);
    }
    nb_chain_sync(chain);
    nb_chain_add(chain, NB_SQL_TRANSACTION_BEGIN, NULL);
    failing = add_failing(chain);
    nb_chain_add(chain, NB_SQL_TRANSACTION_COMMIT, NULL);
    nb_chain_sync(chain);
    nb_chain_send(chain, fresh);
    assert_int_equal(nb_chain_wait(chain, &err), 0);
    assert_int_equal(code_of(chain, failing), NB_EINVALID);
    nb_chain_free(&chain);
    assert_int_equal(nb_query_wait(fresh, NB_SQL_TRANSACTION_ROLLBACK, NULL, NULL, &err), 0);
    nb_connection_free(&fresh);
}

/* It may free the chain. */
static void done_with(void *arg)
{
    struct nb_chain **chain = arg;

    assert_true(nb_chain_is_done(*chain));
    nb_chain_free(chain);
}

static void says_when_it_is_done(void **state)
{
    struct nb_chain *chain = nb_chain_new(), *forgotten = nb_chain_new();
    struct nb_error err = {0};

    (void)state;
    nb_chain_add(forgotten, NB_SQL_SNAPSHOT, NULL);
    nb_chain_sync(forgotten);
    nb_chain_set_done(forgotten, done_with, &forgotten);
    nb_chain_send(forgotten, connection);
    nb_chain_free(&forgotten);
    nb_chain_add(chain, NB_SQL_SNAPSHOT, NULL);
    nb_chain_sync(chain);
    nb_chain_set_done(chain, done_with, &chain);
    nb_chain_send(chain, connection);
    while (chain)
        assert_int_equal(nb_loop_turn(loop, -1, &err), 0);
}

/* A pooler that moves the session to another server loses them like this. */
static void goes_again_when_prepared_statements_got_lost(void **state)
{
    struct nb_chain *chain = nb_chain_new();
    struct nb_error err = {0};
    size_t step = nb_chain_add(chain, NB_SQL_SNAPSHOT, NULL);

    (void)state;
    nb_chain_sync(chain);
    for (int i = 0; i < 3; i++) {
        nb_chain_send(chain, connection);
        assert_int_equal(nb_chain_wait(chain, &err), 0);
        assert_int_equal(code_of(chain, step), 0);
        assert_false(nb_chain_was_unprepared(chain, step));
    }
    assert_int_equal(nb_query_script_wait(connection, "DEALLOCATE ALL", &err), 0);
    nb_chain_send(chain, connection);
    assert_int_equal(nb_chain_wait(chain, &err), 0);
    assert_true(nb_chain_was_unprepared(chain, step));
    nb_chain_send(chain, connection);
    assert_int_equal(nb_chain_wait(chain, &err), 0);
    assert_int_equal(code_of(chain, step), 0);
    nb_chain_free(&chain);
}

/* Requests before and after a chain are not mixed up with it. */
static void stands_in_the_queue(void **state)
{
    struct nb_chain *first = nb_chain_new(), *second = nb_chain_new();
    struct nb_result *result = NULL;
    struct nb_error err = {0};

    (void)state;
    nb_chain_add(first, NB_SQL_SNAPSHOT, NULL);
    nb_chain_sync(first);
    nb_chain_add(second, NB_SQL_SNAPSHOT, NULL);
    nb_chain_sync(second);
    nb_chain_send(first, connection);
    nb_chain_send(second, connection);
    assert_int_equal(nb_query_text_wait(connection, "SELECT 7::bigint", NULL, &result, &err), 0);
    assert_int_equal(nb_result_int(result, 0, 0), 7);
    nb_result_free(&result);
    assert_true(nb_chain_is_done(first) && nb_chain_is_done(second));
    nb_chain_free(&first);
    nb_chain_free(&second);
}

static void may_be_forgotten_while_it_is_under_way(void **state)
{
    struct nb_result *result = NULL;
    struct nb_error err = {0};

    (void)state;
    for (int turns = 0; turns < 2; turns++) {
        struct nb_chain *chain = nb_chain_new();

        nb_chain_add(chain, NB_SQL_SNAPSHOT, NULL);
        nb_chain_sync(chain);
        nb_chain_send(chain, connection);
        if (turns > 0)
            assert_int_equal(nb_loop_turn(loop, 0, &err), 0);
        nb_chain_free(&chain);
        assert_null(chain);
    }
    assert_int_equal(nb_query_text_wait(connection, "SELECT 8::bigint", NULL, &result, &err), 0);
    assert_int_equal(nb_result_int(result, 0, 0), 8);
    nb_result_free(&result);
}

static void says_so_when_the_connection_is_lost(void **state)
{
    struct nb_chain *chain = nb_chain_new();
    struct nb_error err = {0};
    char *kill = nb_asprintf("SELECT pg_terminate_backend(%d)", nb_connection_backend_pid(connection));
    size_t step = nb_chain_add(chain, NB_SQL_SNAPSHOT, NULL);

    (void)state;
    nb_chain_sync(chain);
    cluster_sql(cluster, kill);
    nb_chain_send(chain, connection);
    assert_int_equal(nb_chain_wait(chain, &err), NB_EUNREACHABLE);
    assert_int_equal(nb_chain_result(chain, step, NULL, &err), NB_EUNREACHABLE);
    nb_chain_free(&chain);
    assert_int_equal(nb_connection_wait_ready(connection, &err), 0);
    nb_free(&kill);
    answers_each_statement(NULL);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(answers_each_statement),
               cmocka_unit_test(a_failure_leaves_out_what_is_behind_it_up_to_the_sync),
               cmocka_unit_test(a_failure_loses_no_preparation),
               cmocka_unit_test(a_rollback_goes_through_when_all_places_are_taken),
               cmocka_unit_test(says_when_it_is_done), cmocka_unit_test(goes_again_when_prepared_statements_got_lost),
               cmocka_unit_test(stands_in_the_queue), cmocka_unit_test(may_be_forgotten_while_it_is_under_way),
               cmocka_unit_test(says_so_when_the_connection_is_lost))
