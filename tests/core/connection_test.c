/* The life of a session: set-up, tokens, notifications, and all the ways to lose it. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include "base/base.h"
#include "base/clock.h"
#include "db/connection.h"

#define PATIENCE_MS 15000

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

/* ---- helpers ---- */

struct watcher {
    struct nb_connection_observer observer;
    unsigned entered[NB_CONNECTION_FAILED + 1]; /* how often each state was entered */
    struct nb_error err;
    char channel[64];
    char payload[64];
};

static void see_state(void *arg, enum nb_connection_state state, const struct nb_error *err)
{
    struct watcher *watcher = arg;

    watcher->entered[state]++;
    assert_true((err != NULL) == (state == NB_CONNECTION_WAITING || state == NB_CONNECTION_FAILED));
    if (err)
        watcher->err = *err;
}

static void see_notification(void *arg, const char *channel, const char *payload)
{
    struct watcher *watcher = arg;

    snprintf(watcher->channel, sizeof(watcher->channel), "%s", channel);
    snprintf(watcher->payload, sizeof(watcher->payload), "%s", payload);
}

static struct nb_connection *make(const struct nb_connection_options *options, struct watcher *watcher)
{
    struct nb_connection *connection = NULL;
    struct nb_error err = {0};

    if (nb_connection_new(&connection, loop, options, &err) != 0)
        fail_msg("%s", err.message);
    memset(watcher, 0, sizeof(*watcher));
    watcher->observer =
        (struct nb_connection_observer){.state_changed = see_state, .notified = see_notification, .arg = watcher};
    nb_connection_observe(connection, &watcher->observer);
    return connection;
}

static void turn_once(void)
{
    struct nb_error err = {0};

    assert_int_equal(nb_loop_turn(loop, 50, &err), 0);
}

static void wait_for_state(struct nb_connection *connection, enum nb_connection_state state)
{
    int64_t end = nb_monotonic_ms() + PATIENCE_MS;

    while (nb_connection_state(connection) != state && nb_monotonic_ms() < end)
        turn_once();
    assert_int_equal(nb_connection_state(connection), state);
}

static struct nb_connection *make_ready(struct watcher *watcher, bool reconnect)
{
    struct nb_connection_options options = {
        .dsn = cluster_dsn(cluster, "postgres"), .reconnect = reconnect, .application_name = "connection test"};
    struct nb_connection *connection = make(&options, watcher);
    struct nb_error err = {0};

    if (nb_connection_wait_ready(connection, &err) != 0)
        fail_msg("%s", err.message);
    return connection;
}

struct answer {
    unsigned count;
    struct nb_error err;
    int64_t value;
};

static void take(void *arg, struct nb_result *result, const struct nb_error *err)
{
    struct answer *answer = arg;

    answer->count++;
    if (err)
        answer->err = *err;
    else
        answer->value = nb_result_int(result, 0, 0);
}

static void wait_for_answer(const struct answer *answer)
{
    int64_t end = nb_monotonic_ms() + PATIENCE_MS;

    while (!answer->count && nb_monotonic_ms() < end)
        turn_once();
    assert_int_equal(answer->count, 1);
}

static char *ask_text(struct nb_connection *connection, const char *sql)
{
    struct nb_result *result = NULL;
    struct nb_error err = {0};

    if (nb_query_text_wait(connection, sql, NULL, &result, &err) != 0)
        fail_msg("%s", err.message);
    char *text = nb_strdup(nb_result_text(result, 0, 0));
    nb_result_free(&result);
    return text;
}

static void kill_backend(struct nb_connection *connection)
{
    char *sql = nb_asprintf("SELECT pg_terminate_backend(%d)", nb_connection_backend_pid(connection));

    cluster_sql(cluster, sql);
    nb_free(&sql);
}

/* ---- set-up ---- */

static void session_is_set_up(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, false);

    (void)state;
    assert_int_equal(watcher.entered[NB_CONNECTION_CONNECTING], 1);
    assert_int_equal(watcher.entered[NB_CONNECTION_SETUP], 1);
    assert_int_equal(watcher.entered[NB_CONNECTION_READY], 1);
    assert_int_equal(nb_connection_generation(connection), 1);
    assert_non_null(strstr(nb_connection_target(connection), "database nightbell"));
    char *text = ask_text(connection, "SELECT current_setting('application_name') || ' ' || "
                                      "current_setting('client_encoding') || ' ' || pg_backend_pid()");
    char *wanted = nb_asprintf("connection test UTF8 %d", nb_connection_backend_pid(connection));
    assert_string_equal(text, wanted);
    nb_free(&text);
    nb_free(&wanted);
    nb_connection_free(&connection);
    assert_null(connection);
}

static void token_is_set_replaced_and_set_again(void **state)
{
    struct watcher watcher;
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "nightbell_console"),
                                            .token = cluster_token(cluster, "bob", 600),
                                            .reconnect = true};
    struct nb_connection *connection = make(&options, &watcher);

    (void)state;
    nb_connection_start(connection);
    wait_for_state(connection, NB_CONNECTION_READY);
    char *name = ask_text(connection, "SELECT user_name FROM nightbell.whoami()");
    assert_string_equal(name, "bob");
    nb_free(&name);
    nb_connection_set_token(connection, cluster_token(cluster, "ada", 600));
    name = ask_text(connection, "SELECT user_name FROM nightbell.whoami()");
    assert_string_equal(name, "ada");
    nb_free(&name);
    kill_backend(connection);
    wait_for_state(connection, NB_CONNECTION_WAITING);
    wait_for_state(connection, NB_CONNECTION_READY);
    name = ask_text(connection, "SELECT user_name FROM nightbell.whoami()");
    assert_string_equal(name, "ada");
    nb_free(&name);
    nb_connection_free(&connection);
}

static void the_token_is_not_in_the_statement_text(void **state)
{
    struct watcher watcher;
    const char *token = cluster_token(cluster, "bob", 600);
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "nightbell_console"), .token = token};
    struct nb_connection *connection = make(&options, &watcher);

    (void)state;
    assert_int_equal(nb_connection_wait_ready(connection, NULL), 0);
    char *sql = nb_asprintf("SELECT query FROM pg_stat_activity WHERE pid = %d", nb_connection_backend_pid(connection));
    const char *query = cluster_sql(cluster, sql);
    assert_non_null(strstr(query, "set_config"));
    assert_null(strstr(query, token));
    nb_free(&sql);
    nb_connection_free(&connection);
}

static void notifications_arrive(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, false);

    (void)state;
    assert_int_equal(nb_query_script_wait(connection, "LISTEN doors", NULL), 0);
    cluster_sql(cluster, "SELECT pg_notify('doors', 'ring')");
    for (int i = 0; i < 200 && !watcher.channel[0]; i++)
        turn_once();
    assert_string_equal(watcher.channel, "doors");
    assert_string_equal(watcher.payload, "ring");
    nb_connection_unobserve(connection, &watcher.observer);
    nb_connection_free(&connection);
}

/* The server sends a session's own bell with the answer of the statement, and then nothing more. The second time the
 * statement is prepared in front of it, so the bell stands behind two results. */
static void a_notification_behind_an_answer_arrives(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, false);

    (void)state;
    assert_int_equal(nb_query_script_wait(connection, "LISTEN doors", NULL), 0);
    for (int round = 0; round < 3; round++) {
        watcher.channel[0] = '\0';
        assert_int_equal(nb_query_text_wait(connection, "SELECT pg_notify('doors', 'own')", NULL, NULL, NULL), 0);
        for (int i = 0; i < 200 && !watcher.channel[0]; i++)
            turn_once();
        assert_string_equal(watcher.channel, "doors");
    }
    nb_connection_unobserve(connection, &watcher.observer);
    nb_connection_free(&connection);
}

/* ---- failing to connect ---- */

static void expect_failure(const char *dsn, int code, const char *part)
{
    struct watcher watcher;
    struct nb_connection_options options = {.dsn = dsn, .connect_timeout_ms = 3000};
    struct nb_connection *connection = make(&options, &watcher);
    struct nb_error err = {0};

    assert_int_equal(nb_connection_wait_ready(connection, &err), code);
    if (!strstr(err.message, part))
        fail_msg("\"%s\" is not in: %s", part, err.message);
    assert_null(strchr(err.message, '\n'));
    assert_int_equal(watcher.entered[NB_CONNECTION_FAILED], 1);
    nb_connection_free(&connection);
}

static void says_why_it_cannot_connect(void **state)
{
    char *dsn = nb_asprintf("%s dbname=nowhere", cluster_dsn(cluster, "postgres"));

    (void)state;
    expect_failure("host=/nowhere dbname=x", NB_EUNREACHABLE, "/nowhere");
    expect_failure("host=127.0.0.1 port=1 dbname=x", NB_EUNREACHABLE, "127.0.0.1");
    expect_failure(dsn, NB_EUNREACHABLE, "database \"nowhere\" does not exist");
    nb_free(&dsn);
    dsn = nb_asprintf("%s user=nobody_here", cluster_dsn(cluster, "postgres"));
    expect_failure(dsn, NB_EDENIED, "role \"nobody_here\" does not exist");
    nb_free(&dsn);
}

/* ---- what goes ahead ---- */

/* It is asked before the connection begins; the database of that name has no schema when refused. */
static void expect_ahead(bool reconnect, bool refused)
{
    struct watcher watcher;
    char *dsn = nb_asprintf("%s%s", cluster_dsn(cluster, "postgres"), refused ? " dbname=postgres" : "");
    struct nb_connection_options options = {.dsn = dsn, .reconnect = reconnect, .reads_ahead = true};
    struct nb_connection *connection = make(&options, &watcher);
    const struct nb_request_options reads = {.only_reads = true};
    struct answer ahead = {0};

    nb_connection_start(connection);
    nb_query_text(connection, "SELECT 7", NULL, &reads, take, &ahead);
    wait_for_state(connection, NB_CONNECTION_SETUP);
    assert_true(nb_connection_takes_reads(connection));
    wait_for_answer(&ahead);
    if (refused) {
        assert_int_equal(ahead.err.code, NB_EVERSION);
        assert_string_equal(ahead.err.message, "no nightbell schema in this database");
        assert_int_equal(ahead.value, 0); /* the server has answered 7 */
        assert_int_equal(watcher.entered[NB_CONNECTION_READY], 0);
        assert_int_equal(watcher.entered[NB_CONNECTION_FAILED], 1);
    } else {
        assert_int_equal(ahead.err.code, 0);
        assert_int_equal(ahead.value, 7);
        assert_int_equal(watcher.entered[NB_CONNECTION_READY], 1);
    }
    nb_connection_free(&connection);
    nb_free(&dsn);
}

static void reads_go_ahead_and_are_dropped_with_a_refused_session(void **state)
{
    (void)state;
    expect_ahead(false, false);
    expect_ahead(true, false);
    expect_ahead(false, true);
    expect_ahead(true, true);
}

/* A name server that does not answer must not block the loop. */
static void host_names_are_looked_up_aside(void **state)
{
    struct watcher watcher;
    struct nb_connection_options options = {.dsn = "host=nowhere.invalid,also.invalid dbname=x",
                                            .connect_timeout_ms = 1000};
    struct nb_connection *connection = make(&options, &watcher);
    int64_t longest = 0;

    (void)state;
    nb_connection_start(connection);
    while (nb_connection_state(connection) != NB_CONNECTION_FAILED) {
        int64_t before = nb_monotonic_ms();
        assert_int_equal(nb_loop_turn(loop, 10, NULL), 0);
        int64_t took = nb_monotonic_ms() - before;
        longest = took > longest ? took : longest;
    }
    assert_in_range(longest, 0, 900);
    assert_int_equal(watcher.err.code, NB_EUNREACHABLE);
    nb_connection_free(&connection);
    expect_failure("host=localhost port=1 dbname=x", NB_EUNREACHABLE, "refused");
    expect_failure("postgresql://127.0.0.1:1,localhost:2/x", NB_EUNREACHABLE, "refused");
}

static void malformed_strings_are_refused_without_showing_a_password(void **state)
{
    struct nb_connection_options options = {.dsn = "host=x password=hush' nonsense"};
    struct nb_connection *connection = NULL;
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), NB_EINVALID);
    assert_null(connection);
    assert_null(strstr(err.message, "hush"));
    options.dsn = "postgresql://ada:hush@[::1/db";
    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), NB_EINVALID);
    assert_null(strstr(err.message, "hush"));
    options.dsn = "host=x unknown_word=1";
    assert_int_equal(nb_connection_new(&connection, loop, &options, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "unknown_word"));
}

static void does_not_try_again_what_cannot_succeed(void **state)
{
    struct watcher watcher;
    char *dsn = nb_asprintf("%s user=nobody_here", cluster_dsn(cluster, "postgres"));
    struct nb_connection_options options = {.dsn = dsn, .reconnect = true};
    struct nb_connection *connection = make(&options, &watcher);

    (void)state;
    nb_connection_start(connection);
    wait_for_state(connection, NB_CONNECTION_FAILED);
    assert_int_equal(watcher.entered[NB_CONNECTION_WAITING], 0);
    cluster_sql(cluster, "CREATE ROLE nobody_here LOGIN; GRANT nightbell_client TO nobody_here");
    nb_connection_retry_now(connection);
    wait_for_state(connection, NB_CONNECTION_READY);
    nb_connection_free(&connection);
    nb_free(&dsn);
}

/* ---- losing and coming back ---- */

static void killed_backend_is_replaced(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);
    int pid = nb_connection_backend_pid(connection);

    (void)state;
    kill_backend(connection);
    wait_for_state(connection, NB_CONNECTION_WAITING);
    assert_string_equal(watcher.err.message, "terminating connection due to administrator command");
    assert_int_equal(watcher.err.code, NB_EUNREACHABLE);
    assert_int_equal(nb_connection_backend_pid(connection), 0);
    assert_in_range(nb_connection_retry_in_ms(connection), 0, 250);
    wait_for_state(connection, NB_CONNECTION_READY);
    assert_int_equal(nb_connection_generation(connection), 2);
    assert_int_not_equal(nb_connection_backend_pid(connection), pid);
    nb_connection_free(&connection);
}

static void requests_fail_wait_or_are_sent_again(void **state)
{
    const struct nb_request_options plain = {.priority = NB_PRIORITY_PAGE};
    const struct nb_request_options waits = {.priority = NB_PRIORITY_PAGE, .waits_for_connection = true};
    const struct nb_request_options retries = {.priority = NB_PRIORITY_PAGE, .retry_on_reconnect = true};
    struct answer running = {0}, queued = {0}, waiting = {0}, retried = {0}, late = {0}, patient = {0}, sent = {0};
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);

    (void)state;
    nb_query_text(connection, "SELECT 1 FROM pg_sleep(66)", NULL, &plain, take, &running);
    nb_query_text(connection, "SELECT 2", NULL, &plain, take, &queued);
    nb_query_text(connection, "SELECT 4", NULL, &retries, take, &retried);
    nb_query_text(connection, "SELECT 3", NULL, &waits, take, &sent);
    for (int i = 0; i < 4; i++) /* as many as may be in flight */
        nb_query_text(connection, "SELECT 8", NULL, &plain, NULL, NULL);
    nb_query_text(connection, "SELECT 3", NULL, &waits, take, &waiting);
    turn_once();
    kill_backend(connection);
    wait_for_state(connection, NB_CONNECTION_WAITING);
    nb_query_text(connection, "SELECT 5", NULL, &plain, take, &late);
    nb_query_text(connection, "SELECT 6", NULL, &waits, take, &patient);
    wait_for_answer(&patient);
    assert_int_equal(running.err.code, NB_EUNREACHABLE);
    assert_int_equal(queued.err.code, NB_EUNREACHABLE);
    assert_int_equal(sent.err.code, NB_EUNREACHABLE); /* it may have been executed */
    assert_int_equal(late.err.code, NB_EUNREACHABLE);
    assert_int_equal(waiting.value, 3);
    assert_int_equal(retried.value, 4);
    assert_int_equal(patient.value, 6);
    nb_connection_free(&connection);
}

static void a_running_read_is_sent_again(void **state)
{
    const struct nb_request_options retries = {.priority = NB_PRIORITY_PAGE, .retry_on_reconnect = true};
    struct answer answer = {0};
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);

    (void)state;
    nb_query_text(connection, "SELECT 9 FROM pg_sleep(0.5)", NULL, &retries, take, &answer);
    turn_once();
    kill_backend(connection);
    wait_for_answer(&answer);
    assert_int_equal(answer.err.code, 0);
    assert_int_equal(answer.value, 9);
    assert_int_equal(nb_connection_generation(connection), 2);
    nb_connection_free(&connection);
}

static void restarted_server_is_found_again(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);

    (void)state;
    cluster_stop(cluster, "fast");
    wait_for_state(connection, NB_CONNECTION_WAITING);
    unsigned waits = watcher.entered[NB_CONNECTION_WAITING];
    for (int i = 0; i < 400 && watcher.entered[NB_CONNECTION_WAITING] < waits + 3; i++)
        turn_once();
    assert_true(watcher.entered[NB_CONNECTION_WAITING] >= waits + 3); /* keeps trying */
    cluster_start(cluster);
    int64_t up = nb_monotonic_ms();
    wait_for_state(connection, NB_CONNECTION_READY);
    assert_in_range(nb_monotonic_ms() - up, 0, 2000);
    nb_connection_free(&connection);
}

static void crashed_server_is_found_again(void **state)
{
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);

    (void)state;
    cluster_restart(cluster, "immediate");
    wait_for_state(connection, NB_CONNECTION_WAITING);
    nb_connection_retry_now(connection);
    wait_for_state(connection, NB_CONNECTION_READY);
    nb_connection_free(&connection);
}

/* ---- a server that does not answer ---- */

static void frozen_server_is_noticed_and_blocks_nobody(void **state)
{
    const struct nb_request_options impatient = {.priority = NB_PRIORITY_PAGE, .timeout_ms = 300};
    struct answer cancelled = {0}, timed_out = {0}, late = {0};
    struct watcher watcher;
    struct nb_connection *connection = make_ready(&watcher, true);

    (void)state;
    cluster_freeze(cluster);
    assert_int_equal(nb_connection_silent_ms(connection), 0);
    struct nb_request *request = nb_query_text(connection, "SELECT 1", NULL, NULL, take, &cancelled);
    int64_t longest = 0;
    while (nb_connection_silent_ms(connection) < 500) {
        int64_t before = nb_monotonic_ms();
        assert_int_equal(nb_loop_turn(loop, 10, NULL), 0);
        int64_t took = nb_monotonic_ms() - before;
        longest = took > longest ? took : longest;
    }
    assert_in_range(longest, 0, 100);
    int64_t before = nb_monotonic_ms();
    nb_request_cancel(request);
    assert_in_range(nb_monotonic_ms() - before, 0, 50);
    wait_for_answer(&cancelled);
    assert_int_equal(cancelled.err.code, NB_ECANCELLED);
    nb_query_text(connection, "SELECT 2", NULL, &impatient, take, &timed_out);
    wait_for_answer(&timed_out);
    assert_int_equal(timed_out.err.code, NB_EFAILED);
    nb_query_text(connection, "SELECT 3", NULL, NULL, take, &late);
    turn_once();
    assert_int_equal(late.count, 0);
    cluster_thaw(cluster);
    wait_for_answer(&late);
    assert_int_equal(late.value, 3); /* and no answer of an earlier request */
    assert_int_equal(nb_connection_silent_ms(connection), 0);
    assert_int_equal(nb_connection_generation(connection), 1);
    nb_connection_free(&connection);
}

static void frozen_server_does_not_hold_a_new_connection_for_ever(void **state)
{
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "postgres"), .connect_timeout_ms = 300};
    struct watcher watcher;
    struct nb_connection *connection = make(&options, &watcher);
    struct nb_error err = {0};
    int64_t before = nb_monotonic_ms();

    (void)state;
    cluster_freeze(cluster);
    int rc = nb_connection_wait_ready(connection, &err);
    int64_t took = nb_monotonic_ms() - before;
    cluster_thaw(cluster);
    assert_int_equal(rc, NB_EUNREACHABLE);
    assert_non_null(strstr(err.message, "no answer"));
    assert_in_range(took, 250, 2000);
    nb_connection_free(&connection);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(session_is_set_up),
               cmocka_unit_test(token_is_set_replaced_and_set_again),
               cmocka_unit_test(the_token_is_not_in_the_statement_text), cmocka_unit_test(notifications_arrive),
               cmocka_unit_test(a_notification_behind_an_answer_arrives), cmocka_unit_test(says_why_it_cannot_connect),
               cmocka_unit_test(reads_go_ahead_and_are_dropped_with_a_refused_session),
               cmocka_unit_test(host_names_are_looked_up_aside),
               cmocka_unit_test(malformed_strings_are_refused_without_showing_a_password),
               cmocka_unit_test(does_not_try_again_what_cannot_succeed), cmocka_unit_test(killed_backend_is_replaced),
               cmocka_unit_test(requests_fail_wait_or_are_sent_again), cmocka_unit_test(a_running_read_is_sent_again),
               cmocka_unit_test(restarted_server_is_found_again), cmocka_unit_test(crashed_server_is_found_again),
               cmocka_unit_test(frozen_server_is_noticed_and_blocks_nobody),
               cmocka_unit_test(frozen_server_does_not_hold_a_new_connection_for_ever))
