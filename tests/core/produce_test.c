/* produce_test.c - single calls and NDJSON streams on a real server, with faults. */
#include "tests/lib/session.h"

#include "produce/produce.h"

#define NOTIFY_HEAD "{\"user\":\"" CLUSTER_ADA "\",\"type\":\"TEST_NOTE\",\"title\":\"t\","

static struct cluster *cluster;
static struct session producer;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    session_open(&producer, cluster, "nightbell_producing", "app", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&producer);
    cluster_free(&cluster, 0);
    return 0;
}

static void notifies_and_raises(void **state)
{
    struct nb_notify_input input = {
        .user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "Done", .message = "All sent", .urgency = "high"};
    struct nb_raise_input event = {.event_type = "job",
                                   .severity = "high",
                                   .description = "it failed",
                                   .details = "{\"exit\": 137}",
                                   .fingerprint = "f"};
    char id[NB_ID_TEXT_SIZE], again[NB_ID_TEXT_SIZE];
    struct nb_error err = {0};

    (void)state;
    if (nb_produce_notify(producer.connection, &input, id, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(strlen(id), 36);
    assert_int_equal(nb_produce_notify(producer.connection, &input, again, &err), 0);
    assert_string_equal(again, id);
    input.user = NULL;
    assert_int_equal(nb_produce_notify(producer.connection, &input, id, &err), 0);
    assert_string_equal(cluster_sql(cluster, "SELECT count(*) FROM nightbell.announcements"), "1");
    if (nb_produce_raise(producer.connection, &event, id, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(nb_produce_raise(producer.connection, &event, again, &err), 0);
    assert_string_equal(again, id);
    assert_string_equal(cluster_sql(cluster, "SELECT occurrences, details->>'exit' FROM nightbell.admin_system_events"),
                        "2|137");
}

static void refuses_what_is_out_of_bounds_before_asking(void **state)
{
    struct nb_notify_input good = {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "t", .message = "m"};
    struct nb_notify_input bad;
    char id[NB_ID_TEXT_SIZE], *title = nb_calloc(1, 300);
    struct nb_error err;

    (void)state;
    memset(title, 'x', 256);
    bad = good, bad.title = title;
    assert_int_equal(nb_produce_notify(producer.connection, &bad, id, &err), NB_EINVALID);
    assert_string_equal(err.message, "title: longer than 255 characters");
    bad = good, bad.message = "";
    assert_int_equal(nb_produce_notify(producer.connection, &bad, id, &err), NB_EINVALID);
    bad = good, bad.user = "ada";
    assert_int_equal(nb_produce_notify(producer.connection, &bad, id, &err), NB_EINVALID);
    bad = good, bad.data = "{\"a\":";
    assert_int_equal(nb_produce_notify(producer.connection, &bad, id, &err), NB_EINVALID);
    assert_true(err.column > 0);
    bad = good, bad.type = "NO_SUCH_TYPE";
    assert_true(nb_produce_notify(producer.connection, &bad, id, &err) < 0);
    free(title);
}

/* ---- streams ---- */

#define MAX_RESULTS 3000

struct results {
    size_t count;
    size_t failed;
    char ids[MAX_RESULTS][NB_ID_TEXT_SIZE];
    struct nb_error errors[16];
    size_t error_lines[16];
};

static struct results results;

static void note_result(void *arg, size_t line, const char *id, const struct nb_error *err)
{
    struct results *r = arg;

    assert_int_equal(line, r->count + 1);
    snprintf(r->ids[r->count], NB_ID_TEXT_SIZE, "%s", id ? id : "");
    if (err && r->failed < 16) {
        r->error_lines[r->failed] = line;
        r->errors[r->failed++] = *err;
    }
    r->count++;
}

static struct nb_produce_stream *stream_new(struct session *session, enum nb_produce_kind kind)
{
    struct nb_produce_stream *stream = NULL;

    memset(&results, 0, sizeof(results));
    assert_int_equal(nb_produce_stream_new(&stream, session->connection, kind, note_result, &results, NULL), 0);
    return stream;
}

static void send_line(struct nb_produce_stream *stream, const char *line)
{
    struct nb_error err = {0};

    if (nb_produce_stream_line(stream, line, strlen(line), &err) < 0)
        fail_msg("%s", err.message);
}

static void flush(struct nb_produce_stream *stream)
{
    struct nb_error err = {0};

    if (nb_produce_stream_flush(stream, &err) < 0)
        fail_msg("%s", err.message);
}

static const struct {
    const char *line;
    const char *message; /* NULL: accepted */
} notify_cases[] = {
    {NOTIFY_HEAD "\"message\":\"good 1\"}", NULL},
    {"not json", "column 3: "},
    {"[1]", "expected a JSON object"},
    {"", ""},
    {NOTIFY_HEAD "\"message\":\"m\",\"colour\":\"red\"}", "colour"},
    {NOTIFY_HEAD "\"message\":7}", "message: expected a string"},
    {NOTIFY_HEAD "\"message\":\"m\",\"user\":\"x\"}", "duplicate"},
    {NOTIFY_HEAD "\"message\":\"\"}", "message: must not be empty"},
    {"{\"user\":\"" CLUSTER_ADA "\",\"type\":\"T\",\"title\":\"t\"}", "message: is missing"},
    {"{\"type\":\"T\",\"title\":\"t\",\"message\":\"m\"}", "user: is missing"},
    {"{\"user\":17,\"type\":\"T\",\"title\":\"t\",\"message\":\"m\"}", "user: expected a string"},
    {NOTIFY_HEAD "\"message\":\"m\",\"expires_at\":\"soon\"}", "expires_at: expected a time"},
    {NOTIFY_HEAD "\"message\":\"m\",\"channels\":\"email\"}", "channels: expected a list"},
    {NOTIFY_HEAD "\"message\":\"bad \xff utf\"}", "not valid UTF-8"},
    {NOTIFY_HEAD "\"message\":\"nul \\u0000\"}", "\\u0000"},
    {"{\"user\":\"" CLUSTER_ADA "\",\"type\":\"NO_SUCH\",\"title\":\"t\",\"message\":\"m\"}", "NO_SUCH"},
    {NOTIFY_HEAD "\"message\":\"good 2\",\"data\":{\"x\":1.10,\"y\":[null]}}\r", NULL},
};

static void answers_every_line_in_order(void **state)
{
    struct nb_produce_stream *stream = stream_new(&producer, NB_PRODUCE_NOTIFY);
    size_t bad = 0;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(notify_cases); i++)
        send_line(stream, notify_cases[i].line);
    assert_int_equal(results.count, 0);
    flush(stream);
    assert_int_equal(results.count, NB_ARRAY_SIZE(notify_cases));
    for (size_t i = 0; i < NB_ARRAY_SIZE(notify_cases); i++) {
        if (!notify_cases[i].message) {
            assert_int_equal(strlen(results.ids[i]), 36);
            continue;
        }
        if (bad >= results.failed || results.error_lines[bad] != i + 1)
            fail_msg("line %zu was not refused: %s", i + 1, notify_cases[i].line);
        if (!strstr(results.errors[bad].message, notify_cases[i].message))
            fail_msg("line %zu: %s", i + 1, results.errors[bad].message);
        bad++;
    }
    assert_int_equal(bad, results.failed);
    assert_string_equal(
        cluster_sql(cluster, "SELECT count(*) FROM nightbell.notifications WHERE message LIKE 'good _'"), "2");
    assert_string_equal(cluster_sql(cluster, "SELECT data->>'x' FROM nightbell.notifications WHERE message = 'good 2'"),
                        "1.10");
    nb_produce_stream_free(&stream);
}

static void bounds_the_line(void **state)
{
    struct nb_produce_stream *stream = stream_new(&producer, NB_PRODUCE_RAISE);
    size_t size = NB_NDJSON_LINE_MAX + 1;
    char *line = nb_malloc(size + 1);

    (void)state;
    memset(line, ' ', size);
    line[size] = '\0';
    send_line(stream, line);
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"low\",\"description\":\"bounded\"}");
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"loud\",\"description\":\"bounded\"}");
    assert_int_equal(nb_produce_stream_line(stream, "{\"a\0\":1}", 8, NULL), 0);
    flush(stream);
    assert_int_equal(results.count, 4);
    assert_int_equal(results.failed, 3);
    assert_non_null(strstr(results.errors[0].message, "longer than"));
    assert_non_null(strstr(results.errors[1].message, "severity"));
    assert_non_null(strstr(results.errors[2].message, "NUL"));
    free(line);
    nb_produce_stream_free(&stream);
}

static void batches(void **state)
{
    struct nb_produce_stream *stream = stream_new(&producer, NB_PRODUCE_ANNOUNCE);
    char line[200];

    (void)state;
    for (int i = 0; i < 2001; i++) {
        snprintf(line, sizeof(line), "{\"type\":\"TEST_NOTE\",\"title\":\"t\",\"message\":\"batch %d\"}", i);
        send_line(stream, line);
    }
    assert_true(results.count >= 1000); /* at most two batches are in flight */
    flush(stream);
    assert_int_equal(results.count, 2001);
    assert_int_equal(results.failed, 0);
    assert_string_equal(
        cluster_sql(cluster, "SELECT count(*) FROM nightbell.announcements WHERE message LIKE 'batch %'"), "2001");
    nb_produce_stream_free(&stream);
}

static void stops_when_nothing_is_allowed(void **state)
{
    struct session ada;
    struct nb_produce_stream *stream;
    struct nb_error err = {0};

    (void)state;
    session_open(&ada, cluster, "nightbell_console", "ada", false);
    stream = stream_new(&ada, NB_PRODUCE_RAISE);
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"low\",\"description\":\"d\"}");
    assert_int_equal(nb_produce_stream_flush(stream, &err), NB_EDENIED);
    assert_int_equal(results.count, 0);
    nb_produce_stream_free(&stream);
    session_close(&ada);
}

/* The backend dies inside the commit, so its answer is lost: the batch is sent again only where it was not stored. */
static void sends_again_only_what_was_not_stored(void **state)
{
    struct nb_produce_stream *stream;
    struct session session;

    (void)state;
    cluster_sql(cluster, "CREATE SEQUENCE public.tries; GRANT ALL ON SEQUENCE public.tries TO PUBLIC;"
                         "CREATE FUNCTION public.die_once() RETURNS trigger LANGUAGE plpgsql SECURITY "
                         "DEFINER AS $$ BEGIN"
                         " IF NEW.description = 'dies' AND nextval('public.tries') = 1 THEN"
                         " PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF; "
                         "RETURN NULL; END $$;"
                         "CREATE CONSTRAINT TRIGGER die_once AFTER INSERT ON nightbell.admin_system_events"
                         " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.die_once()");
    session_open(&session, cluster, "nightbell_producing", "app", true);
    stream = stream_new(&session, NB_PRODUCE_RAISE);
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"low\",\"description\":\"dies\"}");
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"low\",\"description\":\"dies too\"}");
    flush(stream);
    assert_int_equal(results.count, 2);
    assert_int_equal(results.failed, 0);
    assert_string_equal(
        cluster_sql(cluster, "SELECT count(*) FROM nightbell.admin_system_events WHERE description LIKE 'dies%'"), "2");
    assert_string_equal(cluster_sql(cluster, "SELECT last_value > 1 FROM public.tries"), "t");
    nb_produce_stream_free(&stream);
    session_close(&session);
}

struct killer {
    struct nb_timer *timer;
    bool killed;
};

/* Kills the backend when it has committed and waits for a standby that does not exist. */
static void kill_behind_the_commit(void *arg)
{
    struct killer *killer = arg;

    killer->killed = strcmp(cluster_sql(cluster, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                                                 " WHERE wait_event = 'SyncRep' AND application_name = 'test'"),
                            "1") == 0;
    if (killer->killed) {
        cluster_sql(cluster, "ALTER SYSTEM RESET synchronous_standby_names");
        cluster_sql(cluster, "SELECT pg_reload_conf()");
    } else {
        nb_timer_start(killer->timer, 20);
    }
}

static void finds_out_that_a_lost_commit_was_done(void **state)
{
    struct nb_produce_stream *stream;
    struct killer killer = {0};
    struct session session;
    char *expected;

    (void)state;
    cluster_sql(cluster, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    cluster_sql(cluster, "SELECT pg_reload_conf()");
    session_open(&session, cluster, "nightbell_producing", "app", true);
    killer.timer = nb_loop_add_timer(session.loop, kill_behind_the_commit, &killer);
    nb_timer_start(killer.timer, 20);
    stream = stream_new(&session, NB_PRODUCE_RAISE);
    send_line(stream, "{\"event_type\":\"a\",\"severity\":\"low\",\"description\":\"lost answer\"}");
    flush(stream);
    assert_true(killer.killed);
    assert_int_equal(results.count, 1);
    assert_int_equal(results.failed, 0);
    expected = nb_asprintf("1|%s", results.ids[0]);
    assert_string_equal(cluster_sql(cluster, "SELECT count(*), max(id) FROM nightbell.admin_system_events WHERE "
                                             "description = 'lost answer'"),
                        expected);
    free(expected);
    nb_produce_stream_free(&stream);
    nb_timer_remove(&killer.timer);
    session_close(&session);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(notifies_and_raises),
               cmocka_unit_test(refuses_what_is_out_of_bounds_before_asking),
               cmocka_unit_test(answers_every_line_in_order), cmocka_unit_test(bounds_the_line),
               cmocka_unit_test(batches), cmocka_unit_test(stops_when_nothing_is_allowed),
               cmocka_unit_test(sends_again_only_what_was_not_stored),
               cmocka_unit_test(finds_out_that_a_lost_commit_was_done))
