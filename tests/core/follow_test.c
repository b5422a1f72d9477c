/* follow_test.c - nb_follow on a real server: each change is reported once, even if it commits late, comes in parts, or
 * the connection is lost. */
#include "tests/lib/session.h"

#include "feed/follow.h"
#include "model/notification.h"

#define TOLD_MAX 64

static struct cluster *cluster;
static struct session ada, early, late;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    session_open(&ada, cluster, "nightbell_console", "ada", true);
    session_open(&early, cluster, "nightbell_producing", NULL, false);
    session_open(&late, cluster, "nightbell_producing", NULL, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&ada);
    session_close(&early);
    session_close(&late);
    cluster_free(&cluster, 0);
    return 0;
}

struct heard {
    char *titles[TOLD_MAX];
    size_t told, calls;
    int caught_up, unknown, failed;
};

static void changed(void *arg, const struct nb_changes *changes)
{
    struct heard *heard = arg;

    heard->calls++;
    for (size_t i = 0; i < changes->count && heard->told < TOLD_MAX; i++) {
        assert_true(changes->items[i].created);
        heard->titles[heard->told++] =
            nb_strdup(NB_CONTAINER_OF(changes->items[i].row, struct nb_notification, row)->title);
    }
}

static void caught_up(void *arg)
{
    ((struct heard *)arg)->caught_up++;
}

static void unknown(void *arg)
{
    ((struct heard *)arg)->unknown++;
}

static void failed(void *arg, const struct nb_error *err)
{
    (void)err;
    ((struct heard *)arg)->failed++;
}

static struct nb_follow *follow_new(struct session *session, struct heard *heard, size_t limit)
{
    static const struct nb_follow_calls calls = {changed, caught_up, unknown, failed};
    const struct nb_follow_options options = {
        .subject = NB_SUBJECT_INBOX, .limit = limit, .priority = NB_PRIORITY_PAGE};

    *heard = (struct heard){0};
    return nb_follow_new(session->connection, &options, &calls, heard);
}

static void follow_end(struct nb_follow **follow, struct heard *heard)
{
    nb_follow_free(follow);
    for (size_t i = 0; i < heard->told; i++)
        free(heard->titles[i]);
}

/* Rings, and waits until it has caught up again. */
static void look(struct nb_follow *follow, struct heard *heard)
{
    int before = heard->caught_up;

    nb_follow_rang(follow, NB_SUBJECT_BIT(NB_SUBJECT_INBOX));
    session_until(&ada, heard->caught_up > before);
}

static void produce(struct session *producer, const char *prefix, int rows)
{
    struct nb_params *params = nb_params_new();
    struct nb_error err = {0};

    nb_params_text(params, prefix);
    nb_params_int(params, rows);
    if (nb_query_text_wait(
            producer->connection,
            "SELECT count(nightbell.notify('" CLUSTER_ACME "', '" CLUSTER_ADA
            "', 'BOOKING_CREATED', $1 || i, 'body', data => '{\"bookingId\":\"1\",\"sessionId\":\"2\"}'))"
            " FROM generate_series(1, $2::int) i",
            params, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

static void begins_with_what_comes_from_now_on(void **state)
{
    struct heard heard;
    struct nb_follow *follow = follow_new(&ada, &heard, 0);

    (void)state;
    produce(&early, "before ", 2);
    look(follow, &heard);
    assert_int_equal(heard.told, 0);
    produce(&early, "behind ", 1);
    look(follow, &heard);
    assert_int_equal(heard.told, 1);
    assert_string_equal(heard.titles[0], "behind 1");
    look(follow, &heard);
    assert_int_equal(heard.told, 1);
    nb_follow_rang(follow, NB_SUBJECT_BIT(NB_SUBJECT_EVENTS)); /* a bell of another subject: no query */
    produce(&early, "not looked for ", 1);
    assert_int_equal(heard.told, 1);
    assert_int_equal(heard.failed + heard.unknown, 0);
    follow_end(&follow, &heard);
}

static void tells_what_commits_late_once(void **state)
{
    struct heard heard;
    struct nb_follow *follow = follow_new(&ada, &heard, 0);

    (void)state;
    look(follow, &heard);
    assert_int_equal(nb_query_script_wait(late.connection, "BEGIN", NULL), 0);
    produce(&late, "late ", 1);
    produce(&early, "early ", 1);
    look(follow, &heard);
    assert_int_equal(heard.told, 1);
    assert_int_equal(nb_query_script_wait(late.connection, "COMMIT", NULL), 0);
    look(follow, &heard);
    assert_int_equal(heard.told, 2);
    assert_string_equal(heard.titles[0], "early 1");
    assert_string_equal(heard.titles[1], "late 1");
    follow_end(&follow, &heard);
}

static void tells_many_in_parts(void **state)
{
    struct heard heard;
    struct nb_follow *follow = follow_new(&ada, &heard, 3);

    (void)state;
    look(follow, &heard);
    produce(&early, "part ", 10);
    look(follow, &heard);
    assert_int_equal(heard.told, 10);
    assert_int_equal(heard.calls, 4);
    assert_string_equal(heard.titles[9], "part 10");
    assert_int_equal(heard.caught_up, 2);
    follow_end(&follow, &heard);
}

static void looks_again_for_what_rang_meanwhile(void **state)
{
    struct heard heard;
    struct nb_follow *follow = follow_new(&ada, &heard, 0);

    (void)state;
    look(follow, &heard);
    nb_follow_look(follow);
    nb_follow_look(follow);
    nb_follow_look(follow);
    session_until(&ada, heard.caught_up == 3); /* the look that was running, and one for all bells meanwhile */
    follow_end(&follow, &heard);
}

static void goes_on_after_its_connection_was_lost(void **state)
{
    struct heard heard;
    struct nb_follow *follow = follow_new(&ada, &heard, 0);
    char *sql;

    (void)state;
    look(follow, &heard);
    sql = nb_asprintf("SELECT pg_terminate_backend(%d, 10000)", nb_connection_backend_pid(ada.connection));
    cluster_sql(cluster, sql);
    free(sql);
    produce(&early, "meanwhile ", 1);
    nb_follow_look(follow); /* on a dead connection: lost, but no failure */
    session_until(&ada, nb_connection_state(ada.connection) != NB_CONNECTION_READY);
    session_until(&ada, nb_connection_state(ada.connection) == NB_CONNECTION_READY);
    look(follow, &heard);
    assert_int_equal(heard.told, 1);
    assert_string_equal(heard.titles[0], "meanwhile 1");
    assert_int_equal(heard.failed, 0);
    follow_end(&follow, &heard);
}

static void keeps_its_look_while_nobody_is_known(void **state)
{
    struct session nobody;
    struct heard heard;
    struct nb_follow *follow;

    (void)state;
    session_open(&nobody, cluster, "nightbell_console", NULL, false);
    follow = follow_new(&nobody, &heard, 0);
    nb_follow_look(follow); /* the first look has nothing to compare with */
    session_until(&nobody, heard.caught_up == 1);
    nb_follow_look(follow);
    session_until(&nobody, heard.unknown == 1);
    assert_int_equal(heard.caught_up, 1);
    follow_end(&follow, &heard);
    session_close(&nobody);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(begins_with_what_comes_from_now_on),
               cmocka_unit_test(tells_what_commits_late_once), cmocka_unit_test(tells_many_in_parts),
               cmocka_unit_test(looks_again_for_what_rang_meanwhile),
               cmocka_unit_test(keeps_its_look_while_nobody_is_known),
               cmocka_unit_test(goes_on_after_its_connection_was_lost))
