/* Parameters and results of every type, hostile bytes, prepared statements, errors, on a real server. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include "base/base.h"
#include "base/strbuf.h"
#include "db/connection.h"

static struct cluster *cluster;
static struct nb_loop *loop;
static struct nb_connection *connection;

static int setup(void **state)
{
    struct nb_connection_options options = {.reconnect = false};
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

static struct nb_result *ask(const char *text, struct nb_params *params_take)
{
    struct nb_result *result = NULL;
    struct nb_error err = {0};

    if (nb_query_text_wait(connection, text, params_take, &result, &err) != 0)
        fail_msg("%s: %s", text, err.message);
    return result;
}

static void expect_failure(const char *text, int code, const char *sqlstate, const char *message)
{
    struct nb_result *result = NULL;
    struct nb_error err = {0};

    assert_int_equal(nb_query_text_wait(connection, text, NULL, &result, &err), code);
    assert_null(result);
    assert_int_equal(err.code, code);
    assert_string_equal(err.sqlstate, sqlstate);
    assert_string_equal(err.message, message);
}

static void reads_every_type(void **state)
{
    struct nb_uuid uuid;
    char text[NB_UUID_TEXT_SIZE];

    (void)state;
    struct nb_result *r = ask("SELECT 't'::text, 'v'::varchar, 'n'::name, 'c'::char(3), '{\"a\": 1}'::json, "
                              "'{\"b\":2}'::jsonb, 'u', true, (-2)::int2, (-4)::int4, (-8)::int8, 4000000000::oid, "
                              "'2026-11-01 14:30:05.123456+00'::timestamptz, "
                              "'01234567-89ab-7def-8123-456789abcdef'::uuid, '5'::xid8",
                              NULL);
    assert_int_equal(nb_result_rows(r), 1);
    assert_int_equal(nb_result_columns(r), 15);
    assert_string_equal(nb_result_column_name(r, 0), "text");
    assert_string_equal(nb_result_text(r, 0, 0), "t");
    assert_string_equal(nb_result_text(r, 0, 1), "v");
    assert_string_equal(nb_result_text(r, 0, 2), "n");
    assert_string_equal(nb_result_text(r, 0, 3), "c  ");
    assert_string_equal(nb_result_text(r, 0, 4), "{\"a\": 1}");
    assert_string_equal(nb_result_text(r, 0, 5), "{\"b\": 2}");
    assert_string_equal(nb_result_text(r, 0, 6), "u");
    assert_true(nb_result_bool(r, 0, 7));
    assert_int_equal(nb_result_int(r, 0, 8), -2);
    assert_int_equal(nb_result_int(r, 0, 9), -4);
    assert_int_equal(nb_result_int(r, 0, 10), -8);
    assert_int_equal(nb_result_int(r, 0, 11), 4000000000);
    assert_int_equal(nb_result_time(r, 0, 12), 1793543405123456);
    uuid = nb_result_uuid(r, 0, 13);
    assert_string_equal(nb_uuid_format(&uuid, text), "01234567-89ab-7def-8123-456789abcdef");
    assert_int_equal(nb_result_int(r, 0, 14), 5);
    nb_result_free(&r);
    assert_null(r);
}

static void reads_null_as_nothing(void **state)
{
    (void)state;
    struct nb_result *r = ask("SELECT NULL::text, NULL::boolean, NULL::int8, NULL::timestamptz, NULL::uuid", NULL);
    for (int column = 0; column < 5; column++)
        assert_true(nb_result_is_null(r, 0, column));
    struct nb_uuid uuid = nb_result_uuid(r, 0, 4);
    assert_null(nb_result_text(r, 0, 0));
    assert_false(nb_result_bool(r, 0, 1));
    assert_int_equal(nb_result_int(r, 0, 2), 0);
    assert_int_equal(nb_result_time(r, 0, 3), NB_TIME_NONE);
    assert_true(nb_uuid_is_nil(&uuid));
    nb_result_free(&r);
}

static void extreme_times_stay_in_order(void **state)
{
    (void)state;
    struct nb_result *r = ask("SELECT '-infinity'::timestamptz, '1969-12-31 23:59:59.999999+00'::timestamptz, "
                              "'294276-12-31'::timestamptz, 'infinity'::timestamptz",
                              NULL);
    assert_int_equal(nb_result_time(r, 0, 0), INT64_MIN + 1);
    assert_int_equal(nb_result_time(r, 0, 1), -1);
    assert_int_equal(nb_result_time(r, 0, 2), INT64_MAX);
    assert_int_equal(nb_result_time(r, 0, 3), INT64_MAX);
    nb_result_free(&r);
}

static void times_travel_unchanged(void **state)
{
    static const int64_t times[] = {0,
                                    -1,
                                    1,
                                    1793543405123456,
                                    INT64_C(253402300800000000) /* the year 10000 */,
                                    -INT64_C(62135596800000001) /* before the year 1 */,
                                    INT64_MAX};

    (void)state;
    (void)!nb_query_text_wait(connection, "SET timezone = 'Pacific/Chatham'", NULL, NULL, NULL);
    (void)!nb_query_text_wait(connection, "SET datestyle = 'German, MDY'", NULL, NULL, NULL);
    for (size_t i = 0; i < NB_ARRAY_SIZE(times); i++) {
        struct nb_params *params = nb_params_new();
        nb_params_time(params, times[i]);
        struct nb_result *r = ask("SELECT $1::timestamptz", params);
        assert_int_equal(nb_result_time(r, 0, 0), times[i]);
        nb_result_free(&r);
    }
    (void)!nb_query_text_wait(connection, "RESET ALL", NULL, NULL, NULL);
}

static void sends_every_type(void **state)
{
    struct nb_uuid uuid = nb_uuid_v7();
    struct nb_params *params = nb_params_new();

    (void)state;
    nb_params_text(params, "it's");
    nb_params_bool(params, true);
    nb_params_int(params, INT64_MIN);
    nb_params_uuid(params, &uuid);
    nb_params_time(params, 1793543405123456);
    nb_params_null(params);
    nb_params_text(params, NULL);
    nb_params_uuid(params, NULL);
    nb_params_time(params, NB_TIME_NONE);
    assert_int_equal(nb_params_count(params), 9);
    struct nb_result *r = ask("SELECT $1::text, $2::bool, $3::int8, $4::uuid, $5::timestamptz, $6::int, $7::text, "
                              "$8::uuid, $9::timestamptz",
                              params);
    struct nb_uuid back = nb_result_uuid(r, 0, 3);
    assert_string_equal(nb_result_text(r, 0, 0), "it's");
    assert_true(nb_result_bool(r, 0, 1));
    assert_true(nb_result_int(r, 0, 2) == INT64_MIN);
    assert_memory_equal(&uuid, &back, sizeof(uuid));
    assert_int_equal(nb_result_time(r, 0, 4), 1793543405123456);
    for (int column = 5; column < 9; column++)
        assert_true(nb_result_is_null(r, 0, column));
    nb_result_free(&r);
}

static void sends_arrays(void **state)
{
    const char *const texts[] = {"plain", "", "NULL", NULL, "a\"b\\c", "{x,y}", " blank ", "new\nline", "æøå 🙂"};
    const struct nb_uuid uuids[] = {nb_uuid_v7(), nb_uuid_v7()};
    const int64_t ints[] = {1, -2, INT64_MAX};
    const int64_t times[] = {0, NB_TIME_NONE, 1793543405123456};
    struct nb_params *params = nb_params_new();

    (void)state;
    nb_params_text_array(params, texts, NB_ARRAY_SIZE(texts));
    nb_params_uuid_array(params, uuids, 2);
    nb_params_int_array(params, ints, 3);
    nb_params_time_array(params, times, 3);
    nb_params_text_array(params, NULL, 0);
    struct nb_result *r = ask("SELECT t, (SELECT count(*) FROM unnest($5::text[])), ($2::uuid[])[2], ($3::int8[])[3], "
                              "($4::timestamptz[])[2], ($4::timestamptz[])[3] FROM unnest($1::text[]) AS t",
                              params);
    assert_int_equal(nb_result_rows(r), NB_ARRAY_SIZE(texts));
    for (size_t i = 0; i < NB_ARRAY_SIZE(texts); i++) {
        if (texts[i])
            assert_string_equal(nb_result_text(r, i, 0), texts[i]);
        else
            assert_true(nb_result_is_null(r, i, 0));
    }
    struct nb_uuid second = nb_result_uuid(r, 0, 2);
    assert_int_equal(nb_result_int(r, 0, 1), 0);
    assert_memory_equal(&second, &uuids[1], sizeof(second));
    assert_true(nb_result_int(r, 0, 3) == INT64_MAX);
    assert_int_equal(nb_result_time(r, 0, 4), NB_TIME_NONE);
    assert_int_equal(nb_result_time(r, 0, 5), times[2]);
    nb_result_free(&r);
}

static void a_parameter_takes_the_type_that_the_statement_gives_it(void **state)
{
    struct nb_params *params = nb_params_new();

    (void)state;
    nb_params_text(params, "{\"a\": [1, 2]}");
    nb_params_int(params, 1);
    nb_params_text(params, "10 minutes");
    struct nb_result *r = ask("SELECT ($1::jsonb -> 'a' ->> $2::int)::int, make_date(2026, 1, $2) IS NOT NULL, "
                              "extract(epoch FROM $3::interval)::int8",
                              params);
    assert_int_equal(nb_result_int(r, 0, 0), 2);
    assert_int_equal(nb_result_int(r, 0, 2), 600);
    nb_result_free(&r);
}

static void hostile_text_comes_back_as_it_was(void **state)
{
    static const char *const hostile[] = {
        "'; DROP TABLE nightbell.users; --",
        "\x1b]0;title\x07",
        "\xc2\x9b"
        "31m",
        "\xe2\x80\xae"
        "reversed",
        "$1 $2 %s %n",
        "\\x41\\101",
        "{\"a\":}",
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(hostile); i++) {
        struct nb_params *params = nb_params_new();
        nb_params_text(params, hostile[i]);
        nb_params_text_array(params, &hostile[i], 1);
        struct nb_result *r = ask("SELECT $1::text, ($2::text[])[1]", params);
        assert_string_equal(nb_result_text(r, 0, 0), hostile[i]);
        assert_string_equal(nb_result_text(r, 0, 1), hostile[i]);
        nb_result_free(&r);
    }
}

static void bytes_that_are_not_utf8_are_refused_by_the_server(void **state)
{
    struct nb_params *params = nb_params_new();
    struct nb_error err = {0};

    (void)state;
    nb_params_text(params, "\xff\xfe");
    assert_int_equal(nb_query_text_wait(connection, "SELECT $1::text", params, NULL, &err), NB_EINVALID);
    assert_string_equal(err.sqlstate, "22021");
}

static void large_values_travel(void **state)
{
    size_t size = 8 * 1024 * 1024;
    char *big = nb_malloc(size + 1);
    struct nb_params *params = nb_params_new();

    (void)state;
    memset(big, 'x', size);
    big[size] = '\0';
    nb_params_text(params, big);
    struct nb_result *r = ask("SELECT $1::text, length($1::text)::int", params);
    assert_int_equal(nb_result_int(r, 0, 1), size);
    assert_int_equal(strlen(nb_result_text(r, 0, 0)), size);
    nb_result_free(&r);
    nb_free(&big);
}

static void counts_affected_rows(void **state)
{
    (void)state;
    struct nb_result *r = ask("CREATE TEMP TABLE affected AS SELECT generate_series(1, 5) AS n", NULL);
    nb_result_free(&r);
    r = ask("UPDATE affected SET n = n + 1 WHERE n > 2", NULL);
    assert_int_equal(nb_result_affected(r), 3);
    nb_result_free(&r);
}

static void maps_errors_to_codes(void **state)
{
    (void)state;
    expect_failure("SELECT 1/0", NB_EINVALID, "22012", "division by zero");
    expect_failure("SELECT * FROM nowhere", NB_EFAILED, "42P01", "relation \"nowhere\" does not exist");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION 'gone.' USING ERRCODE = 'P0002'; END $$", NB_ENOTFOUND, "P0002",
                   "gone");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION 'first' USING ERRCODE = '40001'; END $$", NB_ECONFLICT, "40001",
                   "first");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '28000'; END $$", NB_EDENIED, "28000", "no");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '42501'; END $$", NB_EDENIED, "42501", "no");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION 'bad' USING ERRCODE = '23514', DETAIL = 'Because.'; END $$",
                   NB_EINVALID, "23514", "bad: Because");
    expect_failure("DO $$ BEGIN RAISE EXCEPTION E'two\\nlines'; END $$", NB_EFAILED, "P0001", "two");
}

static void passes_the_hint_on(void **state)
{
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_query_text_wait(connection, "DO $$ BEGIN RAISE EXCEPTION 'x' USING HINT = 'Do y.'; END $$",
                                        NULL, NULL, &err),
                     NB_EFAILED);
    assert_string_equal(err.hint, "Do y");
}

static void scripts_stop_at_the_first_error_and_name_its_line(void **state)
{
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_query_script_wait(connection, "CREATE TEMP TABLE a (n int);\nINSERT INTO a VALUES (1);", &err),
                     0);
    assert_int_equal(
        nb_query_script_wait(connection, "INSERT INTO a VALUES (2);\n\n-- ü\nSELECT nothing;\nSELECT 1;", &err),
        NB_EFAILED);
    assert_string_equal(err.message, "column \"nothing\" does not exist (line 4)");
    struct nb_result *r = ask("SELECT count(*) FROM a", NULL);
    assert_int_equal(nb_result_int(r, 0, 0), 1); /* a script is one transaction */
    nb_result_free(&r);
}

static int64_t prepared_count(void)
{
    struct nb_result *r = ask("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'nightbell%'", NULL);
    int64_t count = nb_result_int(r, 0, 0);

    nb_result_free(&r);
    return count;
}

static void prepares_what_is_run_twice_and_forgets_when_full(void **state)
{
    int64_t most = 0;

    (void)state;
    for (int i = 0; i < 200; i++) {
        char *text = nb_asprintf("SELECT %d + $1::int", i);
        for (int again = 0; again < 3; again++) {
            struct nb_params *params = nb_params_new();
            nb_params_int(params, 1);
            struct nb_result *r = ask(text, params);
            assert_int_equal(nb_result_int(r, 0, 0), i + 1);
            nb_result_free(&r);
        }
        nb_free(&text);
        int64_t count = prepared_count();
        most = count > most ? count : most;
    }
    assert_in_range(most, 10, 64);
}

static void survives_lost_prepared_statements(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct nb_result *r = ask("SELECT 'kept'::text", NULL);
        assert_string_equal(nb_result_text(r, 0, 0), "kept");
        nb_result_free(&r);
        if (i == 2)
            assert_int_equal(nb_query_script_wait(connection, "DEALLOCATE ALL", NULL), 0);
    }
}

static void survives_a_column_that_changes_its_type(void **state)
{
    (void)state;
    assert_int_equal(nb_query_script_wait(connection, "CREATE TEMP TABLE changing AS SELECT 1::int AS n", NULL), 0);
    for (int i = 0; i < 4; i++) {
        struct nb_result *r = ask("SELECT * FROM changing", NULL);
        assert_int_equal(nb_result_int(r, 0, 0), 1);
        nb_result_free(&r);
        if (i == 2)
            assert_int_equal(nb_query_script_wait(connection, "ALTER TABLE changing ALTER n TYPE bigint", NULL), 0);
    }
}

static void too_many_parameters_are_refused(void **state)
{
    struct nb_params *params = nb_params_new();
    struct nb_error err = {0};

    (void)state;
    for (int i = 0; i < 70000; i++)
        nb_params_null(params);
    assert_int_equal(nb_query_text_wait(connection, "SELECT 1", params, NULL, &err), NB_EFAILED);
    struct nb_result *r = ask("SELECT 1", NULL);
    nb_result_free(&r);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(reads_every_type), cmocka_unit_test(reads_null_as_nothing),
               cmocka_unit_test(extreme_times_stay_in_order), cmocka_unit_test(times_travel_unchanged),
               cmocka_unit_test(sends_every_type), cmocka_unit_test(sends_arrays),
               cmocka_unit_test(a_parameter_takes_the_type_that_the_statement_gives_it),
               cmocka_unit_test(hostile_text_comes_back_as_it_was),
               cmocka_unit_test(bytes_that_are_not_utf8_are_refused_by_the_server),
               cmocka_unit_test(large_values_travel), cmocka_unit_test(counts_affected_rows),
               cmocka_unit_test(maps_errors_to_codes), cmocka_unit_test(passes_the_hint_on),
               cmocka_unit_test(scripts_stop_at_the_first_error_and_name_its_line),
               cmocka_unit_test(prepares_what_is_run_twice_and_forgets_when_full),
               cmocka_unit_test(survives_lost_prepared_statements),
               cmocka_unit_test(survives_a_column_that_changes_its_type),
               cmocka_unit_test(too_many_parameters_are_refused))
