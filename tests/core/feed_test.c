/* feed_test.c - doorbells on a real server: what rings, how bursts are combined, and what happens when bells do not
 * arrive. */
#include "tests/lib/session.h"

#include "feed/feed.h"

static struct cluster *cluster;
static struct session ada;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    session_open(&ada, cluster, "nightbell_console", "ada", true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&ada);
    cluster_free(&cluster, 0);
    return 0;
}

struct heard {
    struct nb_feed *feed;
    int calls;
    int resyncs;
    unsigned subjects;
    int modes[8];
    int mode_count;
};

static void changed(void *arg, unsigned subjects, bool resync)
{
    struct heard *heard = arg;

    heard->calls++;
    heard->resyncs += resync;
    heard->subjects |= subjects;
}

static void mode_changed(void *arg, enum nb_feed_mode mode)
{
    struct heard *heard = arg;

    if (heard->mode_count < 8)
        heard->modes[heard->mode_count++] = mode;
}

static void let_pass(struct session *session, int64_t milliseconds)
{
    for (int64_t end = nb_monotonic_ms() + milliseconds; nb_monotonic_ms() < end;)
        assert_int_equal(nb_loop_turn(session->loop, 50, NULL), 0);
}

static void feed_on(struct heard *heard, struct session *session, const struct nb_feed_options *options)
{
    *heard = (struct heard){0};
    assert_int_equal(nb_feed_new(&heard->feed, session->connection, options, changed, mode_changed, heard, NULL), 0);
    session_until(session, nb_feed_mode(heard->feed) == NB_FEED_LIVE);
    assert_true(heard->resyncs >= 1);
    /* waits until the time of coalescing after the first calls is over, so that the next bell is reported at once */
    let_pass(session, 4 * (options && options->coalesce_ms ? options->coalesce_ms : 50));
    heard->calls = heard->resyncs = 0;
    heard->subjects = 0;
}

/* Uses new titles each time: the same ones would count as a repetition, and not ring. */
static void notify(const char *user, int rows)
{
    static int times;
    char *sql = nb_asprintf("SELECT count(nightbell.notify('" CLUSTER_ACME "', %s, 'TEST_NOTE', 'row %d ' || i, 'm'))"
                            " FROM generate_series(1, %d) i",
                            user, ++times, rows);

    cluster_sql(cluster, sql);
    free(sql);
}

static void hears_its_own_bells_only(void **state)
{
    struct session bob;
    struct heard heard, operator;

    (void)state;
    session_open(&bob, cluster, "nightbell_console", "bob", true);
    feed_on(&heard, &ada, NULL);
    feed_on(&operator, & bob, NULL);
    assert_int_equal(heard.modes[0], NB_FEED_STARTING);
    assert_int_equal(heard.modes[1], NB_FEED_LIVE);
    notify("'" CLUSTER_ADA "'", 1);
    session_until(&ada, heard.calls == 1);
    assert_int_equal(heard.subjects, NB_SUBJECT_BIT(NB_SUBJECT_INBOX));
    assert_int_equal(heard.resyncs, 0);
    /* both hear the announcement; only the operator hears the event after it */
    notify("NULL", 1);
    cluster_sql(cluster, "SELECT nightbell.raise_event('job', 'low', 'd', tenant => '" CLUSTER_ACME "')");
    session_until(&bob, operator.subjects ==(NB_SUBJECT_BIT(NB_SUBJECT_INBOX) | NB_SUBJECT_BIT(NB_SUBJECT_EVENTS)));
    session_until(&ada, heard.calls == 2);
    assert_int_equal(heard.subjects, NB_SUBJECT_BIT(NB_SUBJECT_INBOX));
    nb_feed_free(&heard.feed);
    nb_feed_free(&operator.feed);
    session_close(&bob);
}

/* 150 commits in a row: the first three bells are reported at once, the others combined. */
static void coalesces_bursts(void **state)
{
    struct nb_feed_options options = {.coalesce_ms = 500};
    struct heard heard;
    int64_t begin;

    (void)state;
    feed_on(&heard, &ada, &options);
    cluster_sql(cluster,
                "DO $$ BEGIN FOR i IN 1 .. 150 LOOP"
                " PERFORM nightbell.notify('" CLUSTER_ACME "', '" CLUSTER_ADA "', 'TEST_NOTE', 'burst ' || i, 'm');"
                " COMMIT; END LOOP; END $$");
    begin = nb_monotonic_ms();
    session_until(&ada, heard.calls == 3);
    assert_true(nb_monotonic_ms() - begin < options.coalesce_ms);
    session_until(&ada, heard.calls >= 4); /* the bells not reported yet */
    let_pass(&ada, 3 * options.coalesce_ms);
    assert_in_range(heard.calls, 4, 3 + (nb_monotonic_ms() - begin) / options.coalesce_ms);
    assert_int_equal(heard.subjects, NB_SUBJECT_BIT(NB_SUBJECT_INBOX));
    nb_feed_free(&heard.feed);
}

static void looks_again_by_itself(void **state)
{
    struct nb_feed_options options = {.look_again_ms = 100};
    struct heard heard;

    (void)state;
    feed_on(&heard, &ada, &options);
    session_until(&ada, heard.calls >= 3);
    assert_int_equal(heard.subjects, NB_SUBJECT_ALL);
    assert_int_equal(heard.resyncs, heard.calls); /* changes by time alone ring no bell */
    nb_feed_free(&heard.feed);
}

static void resyncs_when_it_is_back(void **state)
{
    struct heard heard;

    (void)state;
    feed_on(&heard, &ada, NULL);
    cluster_sql(cluster, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'test'");
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_OFF);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    assert_int_equal(heard.resyncs, 1);
    heard.calls = 0;
    notify("'" CLUSTER_ADA "'", 1);
    session_until(&ada, heard.calls >= 1);
    nb_feed_free(&heard.feed);
}

static void drops_its_listening_while_suspended(void **state)
{
    struct heard heard;

    (void)state;
    feed_on(&heard, &ada, NULL);
    nb_feed_suspend(heard.feed);
    assert_int_equal(nb_feed_mode(heard.feed), NB_FEED_SUSPENDED);
    /* the server has confirmed it: a bell that rings now reaches nobody */
    assert_string_equal(cluster_sql(cluster, "SELECT query LIKE 'UNLISTEN%' AND state = 'idle' FROM pg_stat_activity"
                                             " WHERE application_name = 'test'"),
                        "t");
    heard.calls = 0;
    notify("'" CLUSTER_ADA "'", 1);
    /* a listening session gets the bell before the answer to its next query */
    assert_int_equal(nb_query_script_wait(ada.connection, "SELECT 1", NULL), 0);
    assert_int_equal(heard.calls, 0);
    nb_feed_resume(heard.feed);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    assert_int_equal(heard.calls, 1);
    assert_int_equal(heard.resyncs, 1);
    nb_feed_free(&heard.feed);
}

/* Stops the session's LISTEN behind its back, as a pooler does: the next ping detects it. */
static void polls_when_bells_do_not_arrive(void **state)
{
    struct nb_feed_options options = {.poll_ms = 50, .look_again_ms = 100000, .ping_ms = 100, .ping_patience_ms = 300};
    struct heard heard;

    (void)state;
    feed_on(&heard, &ada, &options);
    /* without the listening function neither the first nor a later attempt succeeds */
    cluster_sql(cluster, "ALTER FUNCTION nightbell.listen() RENAME TO listen_gone");
    assert_int_equal(nb_query_script_wait(ada.connection, "UNLISTEN *", NULL), 0);
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_POLLING);
    heard.calls = 0;
    session_until(&ada, heard.calls >= 3);
    cluster_sql(cluster, "ALTER FUNCTION nightbell.listen_gone() RENAME TO listen");
    session_until(&ada, nb_feed_mode(heard.feed) == NB_FEED_LIVE);
    nb_feed_free(&heard.feed);
}

/* Between pings and looks an idle feed does not wake the loop. */
static void sleeps_while_idle(void **state)
{
    struct heard heard;
    int turns = 0;

    (void)state;
    feed_on(&heard, &ada, NULL);
    for (int64_t end = nb_monotonic_ms() + 2000; nb_monotonic_ms() < end; turns++)
        assert_int_equal(nb_loop_turn(ada.loop, end - nb_monotonic_ms(), NULL), 0);
    assert_in_range(turns, 1, 3);
    assert_int_equal(heard.calls, 0);
    nb_feed_free(&heard.feed);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(hears_its_own_bells_only), cmocka_unit_test(coalesces_bursts),
               cmocka_unit_test(looks_again_by_itself), cmocka_unit_test(resyncs_when_it_is_back),
               cmocka_unit_test(drops_its_listening_while_suspended), cmocka_unit_test(polls_when_bells_do_not_arrive),
               cmocka_unit_test(sleeps_while_idle))
