/* The request queue: order, priority of what is urgent, cancelling, timeouts, answers that come exactly once. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include <libpq-fe.h>

#include "base/base.h"
#include "base/clock.h"
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

/* The outcome of a request. */
struct answer {
    unsigned count;    /* of calls */
    unsigned disposed; /* of calls */
    unsigned place;    /* 1 for the first one that was answered */
    struct nb_error err;
    int64_t value;
    int64_t at;
};

static unsigned places;

static void take(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct answer *answer = arg;

    answer->count++;
    answer->place = ++places;
    answer->at = nb_monotonic_ms();
    if (err)
        answer->err = *err;
    else if (nb_result_rows(result) > 0)
        answer->value = nb_result_int(result, 0, 0);
}

static void count_disposal(void *arg)
{
    struct answer *answer = arg;

    assert_int_equal(answer->disposed, 0);
    answer->disposed++;
}

static struct nb_request *ask(struct answer *answer, const char *text, enum nb_priority priority)
{
    const struct nb_request_options options = {.priority = priority, .dispose = count_disposal};

    memset(answer, 0, sizeof(*answer));
    return nb_query_text(connection, text, NULL, &options, take, answer);
}

static void turn_once(void)
{
    struct nb_error err = {0};

    assert_int_equal(nb_loop_turn(loop, 100, &err), 0);
}

static void wait_for(const struct answer *answer)
{
    int64_t end = nb_monotonic_ms() + 10000;

    while (!answer->count && nb_monotonic_ms() < end)
        turn_once();
    assert_int_equal(answer->count, 1);
    assert_int_equal(answer->disposed, 1);
}

/* Runs the loop until the server executes what was sent. */
static void wait_until_running(const char *pattern)
{
    char *sql = nb_asprintf("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%s' "
                            "AND pid <> pg_backend_pid()",
                            pattern);

    turn_once();
    for (int i = 0; i < 200 && strcmp(cluster_sql(cluster, sql), "1") != 0; i++)
        turn_once();
    assert_string_equal(cluster_sql(cluster, sql), "1");
    nb_free(&sql);
}

static void urgent_ones_go_first_and_equal_ones_in_order(void **state)
{
    struct answer background, page_a, page_b, act_a, act_b;

    (void)state;
    places = 0;
    ask(&background, "SELECT 1", NB_PRIORITY_BACKGROUND);
    ask(&page_a, "SELECT 2", NB_PRIORITY_PAGE);
    ask(&act_a, "SELECT 3", NB_PRIORITY_ACT);
    ask(&page_b, "SELECT 4", NB_PRIORITY_PAGE);
    ask(&act_b, "SELECT 5", NB_PRIORITY_ACT);
    assert_int_equal(background.count + page_a.count + act_a.count, 0); /* no callback from inside the call */
    wait_for(&background);
    assert_int_equal(act_a.place, 1);
    assert_int_equal(act_b.place, 2);
    assert_int_equal(page_a.place, 3);
    assert_int_equal(page_b.place, 4);
    assert_int_equal(background.place, 5);
    assert_int_equal(act_b.value, 5);
}

static void background_makes_room_and_is_run_again(void **state)
{
    struct answer count, page;

    (void)state;
    assert_int_equal(nb_query_script_wait(connection, "CREATE TEMP SEQUENCE runs", NULL), 0);
    ask(&count,
        "SELECT nextval('runs') FROM (SELECT pg_sleep(CASE WHEN nextval('runs') = 1 THEN 60 ELSE 0 "
        "END)) AS s",
        NB_PRIORITY_BACKGROUND);
    wait_until_running("%nextval(''runs'')%");
    int64_t asked = nb_monotonic_ms();
    ask(&page, "SELECT 42", NB_PRIORITY_PAGE);
    wait_for(&page);
    assert_int_equal(page.value, 42);
    assert_in_range(page.at - asked, 0, 1000);
    assert_int_equal(count.count, 0);
    wait_for(&count);
    assert_int_equal(count.err.code, 0);
    assert_true(count.value >= 3); /* twice run */
}

static void nothing_but_background_is_interrupted(void **state)
{
    PGconn *holder = PQconnectdb(cluster_dsn(cluster, "postgres"));
    struct answer page, act;

    (void)state;
    places = 0;
    PQclear(PQexec(holder, "SELECT pg_advisory_lock(153)"));
    ask(&page, "SELECT 1 FROM pg_advisory_lock(153)", NB_PRIORITY_PAGE);
    wait_until_running("%pg_advisory_lock(153)%");
    ask(&act, "SELECT 2", NB_PRIORITY_ACT);
    turn_once();
    PQfinish(holder); /* only now can the page be answered */
    wait_for(&act);
    assert_int_equal(page.err.code, 0);
    assert_int_equal(page.place, 1);
}

static void cancelling_answers_at_once_and_frees_the_server(void **state)
{
    struct answer slow, next;

    (void)state;
    struct nb_request *request = ask(&slow, "SELECT 1 FROM pg_sleep(61)", NB_PRIORITY_PAGE);
    wait_until_running("%pg_sleep(61)%");
    int64_t cancelled = nb_monotonic_ms();
    nb_request_cancel(request);
    assert_int_equal(slow.count, 0); /* no callback from inside the call */
    ask(&next, "SELECT 7", NB_PRIORITY_PAGE);
    wait_for(&slow);
    assert_int_equal(slow.err.code, NB_ECANCELLED);
    assert_in_range(slow.at - cancelled, 0, 20);
    wait_for(&next);
    assert_int_equal(next.value, 7); /* the cancel has not reached the statement after it */
    assert_in_range(next.at - cancelled, 0, 1000);
}

/* A cancel that reaches the server before its statement has no effect, so it must be repeated. */
static void cancelling_before_the_statement_has_begun_works_too(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        struct answer slow, next;
        struct nb_request *request = ask(&slow, "SELECT 1 FROM pg_sleep(62)", NB_PRIORITY_PAGE);
        turn_once();
        nb_request_cancel(request);
        int64_t asked = nb_monotonic_ms();
        ask(&next, "SELECT 8", NB_PRIORITY_PAGE);
        wait_for(&next);
        assert_int_equal(next.value, 8);
        assert_in_range(next.at - asked, 0, 2000);
        assert_int_equal(slow.count, 1);
    }
}

static void stale_cancels_hit_no_later_statement(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct answer quick, next;
        struct nb_request *request = ask(&quick, "SELECT 1", NB_PRIORITY_PAGE);
        turn_once(); /* in flight, perhaps already answered */
        if (!quick.count)
            nb_request_cancel(request);
        ask(&next, "SELECT 2 FROM pg_sleep(0.002)", NB_PRIORITY_PAGE);
        wait_for(&next);
        assert_int_equal(next.err.code, 0);
        assert_int_equal(quick.count, 1);
    }
}

static void a_waiting_request_can_be_cancelled(void **state)
{
    struct answer first, second;

    (void)state;
    ask(&first, "SELECT 1 FROM pg_sleep(0.1)", NB_PRIORITY_PAGE);
    nb_request_cancel(ask(&second, "SELECT 2", NB_PRIORITY_PAGE));
    assert_int_equal(second.count, 0);
    wait_for(&second);
    assert_int_equal(second.err.code, NB_ECANCELLED);
    assert_int_equal(first.count, 0);
    wait_for(&first);
    assert_int_equal(first.err.code, 0);
}

static void an_abandoned_request_is_never_answered(void **state)
{
    struct answer waiting, running, next;

    (void)state;
    struct nb_request *r1 = ask(&running, "SELECT 1 FROM pg_sleep(63)", NB_PRIORITY_PAGE);
    struct nb_request *r2 = ask(&waiting, "SELECT 2", NB_PRIORITY_PAGE);
    wait_until_running("%pg_sleep(63)%");
    nb_request_abandon(&r1);
    nb_request_abandon(&r2);
    assert_null(r1);
    assert_int_equal(running.disposed, 1);
    assert_int_equal(waiting.disposed, 1);
    ask(&next, "SELECT 3", NB_PRIORITY_PAGE);
    wait_for(&next);
    assert_int_equal(running.count + waiting.count, 0);
}

static struct nb_request *own_request;

static void abandon_oneself(void *arg, struct nb_result *result, const struct nb_error *err)
{
    take(arg, result, err);
    nb_request_abandon(&own_request);
    nb_request_abandon(&own_request);
}

static void a_callback_may_abandon_its_own_request(void **state)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = count_disposal};
    struct answer answer = {0};

    (void)state;
    own_request = nb_query_text(connection, "SELECT 1", NULL, &options, abandon_oneself, &answer);
    wait_for(&answer);
}

static void ask_inside(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct nb_result *inner = NULL;

    (void)result;
    (void)err;
    assert_int_equal(nb_query_text_wait(connection, "SELECT 11", NULL, &inner, NULL), 0);
    *(int64_t *)arg = nb_result_int(inner, 0, 0);
    nb_result_free(&inner);
}

static void a_callback_may_ask_and_wait(void **state)
{
    struct answer after;
    int64_t inner = 0;

    (void)state;
    nb_query_text(connection, "SELECT 10", NULL, NULL, ask_inside, &inner);
    ask(&after, "SELECT 12", NB_PRIORITY_ACT);
    wait_for(&after);
    while (!inner)
        turn_once();
    assert_int_equal(inner, 11);
}

static void a_timeout_answers_and_stops_the_statement(void **state)
{
    const struct nb_request_options options = {
        .priority = NB_PRIORITY_PAGE, .timeout_ms = 100, .dispose = count_disposal};
    struct answer slow = {0}, next;
    int64_t asked = nb_monotonic_ms();

    (void)state;
    nb_query_text(connection, "SELECT 1 FROM pg_sleep(64)", NULL, &options, take, &slow);
    wait_for(&slow);
    assert_int_equal(slow.err.code, NB_EFAILED);
    assert_in_range(slow.at - asked, 90, 1000);
    ask(&next, "SELECT 2", NB_PRIORITY_PAGE);
    wait_for(&next);
    assert_int_equal(next.value, 2);
}

static void closing_answers_everything(void **state)
{
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "postgres")};
    struct nb_connection *other = NULL;
    struct answer running = {0}, waiting = {0};
    struct nb_error err = {0};
    const struct nb_request_options request = {.priority = NB_PRIORITY_PAGE, .dispose = count_disposal};

    (void)state;
    assert_int_equal(nb_connection_new(&other, loop, &options, &err), 0);
    assert_int_equal(nb_connection_wait_ready(other, &err), 0);
    nb_query_text(other, "SELECT 1 FROM pg_sleep(65)", NULL, &request, take, &running);
    nb_query_text(other, "SELECT 2", NULL, &request, take, &waiting);
    turn_once();
    nb_connection_free(&other);
    assert_int_equal(running.count, 1);
    assert_int_equal(waiting.count, 1);
    assert_int_equal(running.disposed + waiting.disposed, 2);
    assert_int_equal(waiting.err.code, NB_ECANCELLED);
    /* a sleeping backend would delay the cluster's stop */
    cluster_sql(cluster, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE "
                         "'%pg_sleep(65)%' AND pid <> "
                         "pg_backend_pid()");
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(urgent_ones_go_first_and_equal_ones_in_order),
               cmocka_unit_test(background_makes_room_and_is_run_again),
               cmocka_unit_test(nothing_but_background_is_interrupted),
               cmocka_unit_test(cancelling_answers_at_once_and_frees_the_server),
               cmocka_unit_test(cancelling_before_the_statement_has_begun_works_too),
               cmocka_unit_test(stale_cancels_hit_no_later_statement),
               cmocka_unit_test(a_waiting_request_can_be_cancelled),
               cmocka_unit_test(an_abandoned_request_is_never_answered),
               cmocka_unit_test(a_callback_may_abandon_its_own_request), cmocka_unit_test(a_callback_may_ask_and_wait),
               cmocka_unit_test(a_timeout_answers_and_stops_the_statement),
               cmocka_unit_test(closing_answers_everything))
