/* page_test.c - pages in both directions, counts, and what became visible since a look, on a real server. */
#include "tests/lib/session.h"

#include "base/json.h"
#include "model/event.h"
#include "model/notification.h"

#define ROWS 250

static struct cluster *cluster;
static struct session ada, bob, olga;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    /* ada has 250 notifications, with 10 announcements in between; bob's rows must never show */
    cluster_sql(cluster, "DO $$ BEGIN FOR i IN 1 .. 250 LOOP"
                         " INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message, data, "
                         "urgency)"
                         " VALUES (nightbell.uuidv7_at(now() - (i || ' minutes')::interval), '" CLUSTER_ACME
                         "', '" CLUSTER_ADA "', 'BOOKING_CREATED', 'row ' || i, 'body',"
                         " '{\"bookingId\":\"1\",\"sessionId\":\"2\"}', CASE WHEN i % 50 = 0 THEN 'critical' ELSE "
                         "'normal' END);"
                         " INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)"
                         " VALUES (nightbell.uuidv7_at(now() - (i || ' minutes')::interval), '" CLUSTER_ACME
                         "', '" CLUSTER_BOB "', 'BOOKING_CREATED', 'of bob', 'body');"
                         " IF i % 25 = 0 THEN INSERT INTO nightbell.announcements (id, tenant_id, type, title, "
                         "message)"
                         " VALUES (nightbell.uuidv7_at(now() - (i || ' minutes 30 seconds')::interval), "
                         "'" CLUSTER_ACME "', 'BROADCAST_MESSAGE', 'all ' || i, 'body'); END IF;"
                         " INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id, "
                         "details)"
                         " VALUES ('job_' || i % 3, (ARRAY['low','medium','high','critical'])[1 + i % 4], 'event ' "
                         "|| i,"
                         " CASE i % 3 WHEN 0 THEN '" CLUSTER_ACME "'::uuid WHEN 1 THEN '" CLUSTER_GLOBEX
                         "'::uuid END, '{\"n\":1}');"
                         " END LOOP; END $$");
    session_open(&ada, cluster, "nightbell_console", "ada", false);
    session_open(&bob, cluster, "nightbell_console", "bob", false);
    session_open(&olga, cluster, "nightbell_console", "olga", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&ada);
    session_close(&bob);
    session_close(&olga);
    cluster_free(&cluster, 0);
    return 0;
}

static struct nb_page *fetch(struct session *session, const struct nb_page_request *request)
{
    struct answer answer = {0};

    nb_page_fetch(session->connection, request, NB_PRIORITY_PAGE, answer_page, &answer);
    answer_wait(session, &answer);
    assert_non_null(answer.page->snapshot);
    for (size_t i = 1; i < answer.page->count; i++)
        assert_true(nb_key_compare(&answer.page->rows[i - 1]->key, &answer.page->rows[i]->key) > 0);
    return answer.page;
}

/* Reads everything in pages; returns the number of rows, *last gets the last row's place. */
static size_t walk(struct session *session, struct nb_page_request request, struct nb_place *last)
{
    size_t rows = 0;
    bool more = true;

    while (more) {
        struct nb_page *page = fetch(session, &request);

        rows += page->count;
        more = page->more;
        assert_true(page->count == request.limit || !more);
        if (page->count > 0)
            *last = nb_place_of(NULL, page->rows[request.direction == NB_OLDER ? page->count - 1 : 0]);
        request.from = last;
        request.inclusive = false;
        nb_page_free(&page);
    }
    return rows;
}

static void pages_through_the_inbox_both_ways(void **state)
{
    struct nb_place oldest, newest;
    struct nb_page_request request = {.subject = NB_SUBJECT_INBOX, .direction = NB_OLDER, .limit = 37};

    (void)state;
    assert_int_equal(walk(&ada, request, &oldest), ROWS + 10);
    request.direction = NB_NEWER;
    assert_int_equal(walk(&ada, request, &newest), ROWS + 10);
    assert_true(nb_place_compare(&newest, &oldest) > 0);
    /* from the oldest row, inclusive, there is everything; exclusive, one row less */
    request.from = &oldest;
    request.inclusive = true;
    assert_int_equal(walk(&ada, request, &newest), ROWS + 10);
    request.from = &newest;
    request.inclusive = true;
    assert_int_equal(walk(&ada, request, &oldest), 1);
    request.inclusive = false;
    assert_int_equal(walk(&ada, request, &oldest), 0);
}

static void merges_announcements_in_their_place(void **state)
{
    struct nb_page_request request = {.subject = NB_SUBJECT_INBOX, .direction = NB_OLDER, .limit = 60, .full = true};
    struct nb_page *page = fetch(&ada, &request);
    const struct nb_notification *row = (const struct nb_notification *)page->rows[25];

    (void)state;
    assert_true(page->more);
    assert_string_equal(((const struct nb_notification *)page->rows[0])->title, "row 1");
    assert_true(row->is_announcement);
    assert_string_equal(row->title, "all 25");
    row = (const struct nb_notification *)page->rows[24];
    assert_string_equal(row->title, "row 25");
    assert_string_equal(row->type, "BOOKING_CREATED");
    assert_string_equal(row->channel, "in_app");
    assert_non_null(strstr(row->data, "bookingId"));
    assert_null(row->link);
    assert_int_equal(row->read_at, NB_TIME_NONE);
    assert_int_equal(nb_notification_status(row), NB_STATUS_UNREAD);
    nb_page_free(&page);
    request.full = false;
    page = fetch(&ada, &request);
    assert_null(((const struct nb_notification *)page->rows[0])->data);
    nb_page_free(&page);
}

static void shows_operators_their_events(void **state)
{
    struct nb_place last;
    struct nb_page_request request = {.subject = NB_SUBJECT_EVENTS, .direction = NB_OLDER, .limit = 20};
    struct nb_page *page;

    (void)state;
    assert_int_equal(walk(&ada, request, &last), 0);
    assert_int_equal(walk(&bob, request, &last), 83);
    assert_int_equal(walk(&olga, request, &last), 250);
    request.direction = NB_NEWER;
    assert_int_equal(walk(&olga, request, &last), 250);
    request.direction = NB_OLDER;
    page = fetch(&bob, &request);
    assert_string_equal(((const struct nb_event *)page->rows[0])->tenant_name, "acme");
    assert_string_equal(((const struct nb_event *)page->rows[0])->description, "event 249");
    assert_int_equal(((const struct nb_event *)page->rows[0])->occurrences, 1);
    nb_page_free(&page);
}

static int64_t count(struct session *session, enum nb_subject subject, const char *text)
{
    struct answer answer = {0};
    struct nb_filter *filter = NULL;
    struct nb_error err;

    if (nb_filter_parse(&filter, subject, text, &err) < 0)
        fail_msg("%s: %s", text, err.message);
    nb_page_count(session->connection, subject, filter, answer_count, &answer);
    nb_filter_free(&filter);
    answer_wait(session, &answer);
    return answer.count;
}

static const struct {
    const char *text;
    int64_t inbox;  /* of ada; -1: not for the inbox */
    int64_t events; /* of olga; -1: not for events */
} count_cases[] = {
    {"", 260, 250},
    {"is:unread", 260, -1},
    {"is:read", 0, -1},
    {"is:archived", 0, -1},
    {"-is:archived", 260, -1},
    {"is:announcement", 10, -1},
    {"-is:announcement", 250, -1},
    {"urgency:critical", 5, -1},
    {"urgency>=high -is:announcement", 5, -1},
    {"-urgency:critical", 255, -1},
    {"type:booking_created", 250, -1},
    {"type:B*", 260, -1},
    {"type:*_MESSAGE", 10, -1},
    {"-type:*_MESSAGE", 250, -1},
    {"type:\"B*\"", 0, -1},
    {"channel:in_app", 260, -1},
    {"channel:email,sms", 0, -1},
    {"has:data", 250, -1},
    {"-has:data,link", 10, -1},
    {"has:actions", 0, -1},
    {"actor:none", 260, -1},
    {"-actor:nobody", 260, -1},
    {"actor:me", 0, -1},
    {"actor:" CLUSTER_BOB, 0, -1},
    {"since:2h", 0, 250},
    {"before:2001-01-01", 0, 0},
    {"-before:2001-01-01", 260, 250},
    {"\"row 1\"", 111, -1},
    {"ROW", 250, -1},
    {"-row", 10, -1},
    {"100%", 0, 0},
    {"r_w", 0, 0},
    {"id:*", 260, 250},
    {"id:zzz,12x,99999999999999999999,00000000-0000-4000-8000-0000000000a1", 0, 0},
    {"-id:99999999999999999999,x", 260, 250},
    {"\\", 0, 0},
    {"'; DROP TABLE x; --", 0, 0},
    {"event", -1, 250},
    {"is:open", -1, 250},
    {"is:resolved", -1, 0},
    {"is:acked,snoozed,mine", -1, 0},
    {"-is:snoozed -is:acked -is:mine", -1, 250},
    {"severity:low", -1, 62},
    {"severity>=high", -1, 125},
    {"severity>low severity<critical", -1, 126},
    {"type:job_1", -1, 84},
    {"type:JOB_*", -1, 250},
    {"source:none", -1, 250},
    {"source:a,b*", -1, 0},
    {"tenant:acme", -1, 83},
    {"tenant:" CLUSTER_GLOBEX, -1, 84},
    {"tenant:none", -1, 83},
    {"-tenant:acme", -1, 167},
    {"tenant:ACME,globex", -1, 167},
    {"user:none", -1, 250},
    {"user:me,ada," CLUSTER_BOB, -1, 0},
    {"assigned:none", -1, 250},
    {"assigned:me,ada," CLUSTER_BOB, -1, 0},
    {"-assigned:bob", -1, 250},
    {"has:details", -1, 250},
    {"has:resolution,fingerprint", -1, 0},
};

/* Has every word, choice and special value, so that every fragment runs on a real server. */
static void filters(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(count_cases); i++) {
        int64_t got = count_cases[i].inbox < 0 ? -1 : count(&ada, NB_SUBJECT_INBOX, count_cases[i].text);

        if (strncmp(count_cases[i].text, "since", 5) == 0)
            assert_in_range(got, 0, ROWS + 10); /* created_at is the set-up's, their ids are older */
        else if (got != count_cases[i].inbox)
            fail_msg("inbox: %s: %lld", count_cases[i].text, (long long)got);
        got = count_cases[i].events < 0 ? -1 : count(&olga, NB_SUBJECT_EVENTS, count_cases[i].text);
        if (got != count_cases[i].events)
            fail_msg("events: %s: %lld", count_cases[i].text, (long long)got);
    }
}

static void fetches_by_key_with_everything(void **state)
{
    struct nb_page_request request = {.subject = NB_SUBJECT_INBOX, .direction = NB_OLDER, .limit = 30};
    struct nb_page *page = fetch(&ada, &request);
    struct nb_key keys[3] = {page->rows[29]->key, page->rows[2]->key, {{1}}};
    struct answer answer = {0};

    (void)state;
    nb_page_fetch_keys(ada.connection, NB_SUBJECT_INBOX, keys, 3, NB_PRIORITY_PAGE, answer_page, &answer);
    answer_wait(&ada, &answer);
    assert_int_equal(answer.page->count, 2);
    assert_int_equal(nb_key_compare(&answer.page->rows[0]->key, &keys[1]), 0);
    assert_non_null(strstr(((const struct nb_notification *)answer.page->rows[0])->data, "bookingId"));
    answer_clear(&answer);
    /* keys of somebody else's rows find nothing */
    nb_page_fetch_keys(bob.connection, NB_SUBJECT_INBOX, keys, 3, NB_PRIORITY_PAGE, answer_page, &answer);
    answer_wait(&bob, &answer);
    assert_int_equal(answer.page->count, 0);
    answer_clear(&answer);
    nb_page_free(&page);
}

/* ---- late commits ---- */

static struct nb_changes *look(struct session *session, enum nb_subject subject, const char *snapshot,
                               const char *until, const struct nb_key *after, size_t limit)
{
    struct nb_changes_request request = {subject, NULL, snapshot, until, after, limit, false};
    struct answer answer = {0};

    nb_page_changes(session->connection, &request, NB_PRIORITY_PAGE, answer_changes, &answer);
    answer_wait(session, &answer);
    return answer.changes;
}

static const char *title(const struct nb_changes *changes, size_t index)
{
    return ((const struct nb_notification *)changes->items[index].row)->title;
}

static void tell_ada(struct session *producer, const char *title_text, const char *statement)
{
    struct nb_params *params = nb_params_new();
    struct nb_error err = {0};

    nb_params_text(params, title_text);
    if (nb_query_text_wait(producer->connection, statement, params, NULL, &err) < 0)
        fail_msg("%s", err.message);
}

#define NOTIFY_ADA                                                                                                     \
    "SELECT nightbell.notify('" CLUSTER_ACME "', '" CLUSTER_ADA                                                        \
    "', 'BOOKING_CREATED', $1, 'body', data => '{\"bookingId\":\"1\",\"sessionId\":\"2\"}')"

/* A producer takes its id first and commits last. A reader sees the other rows at once and the late one afterwards,
 * below rows that were reported before; each exactly once. */
static void finds_what_commits_late(void **state)
{
    struct nb_changes *first, *second, *third, *fourth;
    struct nb_place above;
    struct session early, late;
    struct answer answer = {0};
    int64_t before = count(&ada, NB_SUBJECT_INBOX, "");

    (void)state;
    session_open(&early, cluster, "nightbell_producing", NULL, false);
    session_open(&late, cluster, "nightbell_producing", NULL, false);
    first = look(&ada, NB_SUBJECT_INBOX, NULL, NULL, NULL, 100);
    assert_int_equal(first->count, 0);
    assert_int_equal(nb_query_script_wait(late.connection, "BEGIN", NULL), 0);
    tell_ada(&late, "late", NOTIFY_ADA);
    tell_ada(&early, "early", NOTIFY_ADA);

    second = look(&ada, NB_SUBJECT_INBOX, first->look, NULL, NULL, 100);
    assert_int_equal(second->count, 1);
    assert_string_equal(title(second, 0), "early");
    assert_true(second->items[0].created);
    assert_false(second->more);

    assert_int_equal(nb_query_script_wait(late.connection, "COMMIT", NULL), 0);
    tell_ada(&early, "after", NOTIFY_ADA);
    third = look(&ada, NB_SUBJECT_INBOX, second->look, NULL, NULL, 100);
    assert_int_equal(third->count, 2);
    assert_string_equal(title(third, 0), "late");
    assert_string_equal(title(third, 1), "after");
    assert_true(nb_key_compare(&third->items[0].row->key, &second->items[0].row->key) < 0);

    fourth = look(&ada, NB_SUBJECT_INBOX, third->look, NULL, NULL, 100);
    assert_int_equal(fourth->count, 0);
    assert_int_equal(count(&ada, NB_SUBJECT_INBOX, ""), before + 3);

    /* "n new" follows the same rule: all three since the first look, two of them above the late one */
    nb_page_count_new(ada.connection, NB_SUBJECT_INBOX, NULL, NULL, &nb_place_last, first->snapshot, answer_count,
                      &answer);
    answer_wait(&ada, &answer);
    assert_int_equal(answer.count, 3);
    answer_clear(&answer);
    above = nb_place_of(NULL, third->items[0].row);
    nb_page_count_new(ada.connection, NB_SUBJECT_INBOX, NULL, &above, &nb_place_last, first->snapshot, answer_count,
                      &answer);
    answer_wait(&ada, &answer);
    assert_int_equal(answer.count, 2);
    answer_clear(&answer);
    nb_page_count_new(ada.connection, NB_SUBJECT_INBOX, NULL, NULL, &nb_place_last, second->snapshot, answer_count,
                      &answer);
    answer_wait(&ada, &answer);
    assert_int_equal(answer.count, 2);

    nb_changes_free(&first);
    nb_changes_free(&second);
    nb_changes_free(&third);
    nb_changes_free(&fourth);
    session_close(&early);
    session_close(&late);
}

/* Either transaction may be the late one: the announcement's, behind the reader's receipt of it, and the other way round. */
static void finds_late_changes_of_announcements(void **state)
{
    static const char *const changes[] = {
        "UPDATE nightbell.receipts SET read_at = now() WHERE user_id = '" CLUSTER_ADA "'",
        "UPDATE nightbell.announcements SET link = 'https://example.org/1' WHERE title = 'all 25'"};
    struct session early, late;

    (void)state;
    session_open(&early, cluster, "postgres", NULL, false);
    session_open(&late, cluster, "postgres", NULL, false);
    cluster_sql(
        cluster,
        "INSERT INTO nightbell.receipts (tenant_id, notification_id, user_id) SELECT tenant_id, id, '" CLUSTER_ADA
        "' FROM nightbell.announcements WHERE title = 'all 25'");
    for (int turn = 0; turn < 2; turn++) {
        struct nb_changes *first = look(&ada, NB_SUBJECT_INBOX, NULL, NULL, NULL, 100), *second, *third, *fourth;

        assert_int_equal(nb_query_script_wait(late.connection, "BEGIN", NULL), 0);
        assert_int_equal(nb_query_script_wait(late.connection, changes[!turn], NULL), 0);
        assert_int_equal(nb_query_script_wait(early.connection, changes[turn], NULL), 0);
        second = look(&ada, NB_SUBJECT_INBOX, first->look, NULL, NULL, 100);
        assert_int_equal(second->count, 1);
        assert_string_equal(title(second, 0), "all 25");
        assert_int_equal(nb_query_script_wait(late.connection, "COMMIT", NULL), 0);
        third = look(&ada, NB_SUBJECT_INBOX, second->look, NULL, NULL, 100);
        assert_int_equal(third->count, 1);
        assert_string_equal(title(third, 0), "all 25");
        assert_false(third->items[0].created);
        fourth = look(&ada, NB_SUBJECT_INBOX, third->look, NULL, NULL, 100);
        assert_int_equal(fourth->count, 0);
        nb_changes_free(&first);
        nb_changes_free(&second);
        nb_changes_free(&third);
        nb_changes_free(&fourth);
    }
    session_close(&early);
    session_close(&late);
}

/* An answer in parts: what commits between the parts, at any place in the order, is left to the next look. */
static void keeps_a_look_in_parts_exact(void **state)
{
    struct nb_changes *first = look(&ada, NB_SUBJECT_INBOX, NULL, NULL, NULL, 100), *part, *rest, *next;
    struct session producer, late;

    (void)state;
    session_open(&producer, cluster, "nightbell_producing", NULL, false);
    session_open(&late, cluster, "nightbell_producing", NULL, false);
    assert_int_equal(nb_query_script_wait(late.connection, "BEGIN", NULL), 0);
    tell_ada(&late, "p0", NOTIFY_ADA);
    tell_ada(&producer, "p1", NOTIFY_ADA);
    tell_ada(&producer, "p2", NOTIFY_ADA);
    tell_ada(&producer, "p3", NOTIFY_ADA);
    part = look(&ada, NB_SUBJECT_INBOX, first->look, NULL, NULL, 2);
    assert_int_equal(part->count, 2);
    assert_true(part->more);
    assert_int_equal(nb_query_script_wait(late.connection, "COMMIT", NULL), 0);
    tell_ada(&producer, "p4", NOTIFY_ADA);
    rest = look(&ada, NB_SUBJECT_INBOX, first->look, part->look, &part->items[1].row->key, 2);
    assert_int_equal(rest->count, 1);
    assert_false(rest->more);
    assert_string_equal(title(rest, 0), "p3");
    next = look(&ada, NB_SUBJECT_INBOX, rest->look, NULL, NULL, 100);
    assert_int_equal(next->count, 2);
    assert_string_equal(title(next, 0), "p0");
    assert_string_equal(title(next, 1), "p4");
    nb_changes_free(&first);
    nb_changes_free(&part);
    nb_changes_free(&rest);
    nb_changes_free(&next);
    session_close(&producer);
    session_close(&late);
}

static void tells_changed_events_from_new_ones(void **state)
{
    struct nb_changes *first = look(&bob, NB_SUBJECT_EVENTS, NULL, NULL, NULL, 100), *second;

    (void)state;
    cluster_sql(cluster, "UPDATE nightbell.admin_system_events SET occurrences = 2 WHERE description = 'event 3'");
    cluster_sql(cluster, "INSERT INTO nightbell.admin_system_events (event_type, severity, description, tenant_id)"
                         " VALUES ('new', 'low', 'brand new', '" CLUSTER_ACME "'),"
                         " ('new', 'low', 'of others', '" CLUSTER_GLOBEX "')");
    second = look(&bob, NB_SUBJECT_EVENTS, first->look, NULL, NULL, 100);
    assert_int_equal(second->count, 2);
    assert_false(second->items[0].created);
    assert_string_equal(((const struct nb_event *)second->items[0].row)->description, "event 3");
    assert_true(second->items[1].created);
    assert_string_equal(((const struct nb_event *)second->items[1].row)->description, "brand new");
    nb_changes_free(&first);
    nb_changes_free(&second);
}

/* ---- columns ---- */

static void check_columns(enum nb_sql query, const char *const *names, size_t count, const char *parameters)
{
    struct nb_result *result = NULL;
    struct nb_error err = {0};
    char *text = nb_asprintf("%s", nb_sql_queries[query].text);
    struct nb_params *params = nb_params_new();

    for (const char *p = parameters; *p; p++) {
        if (*p == 'k')
            nb_params_uuid(params, &(struct nb_uuid){{0}});
        else if (*p == 'i')
            nb_params_int(params, 1);
        else if (*p == 'b')
            nb_params_bool(params, true);
        else if (*p == 's')
            nb_params_text(params, "1:1:");
        else if (*p == 't')
            nb_params_time(params, 0);
        else if (*p == 'K')
            nb_params_uuid_array(params, NULL, 0);
        else
            nb_params_int_array(params, NULL, 0);
    }
    if (nb_query_text_wait(olga.connection, text, params, &result, &err) < 0)
        fail_msg("%s: %s", nb_sql_queries[query].name, err.message);
    assert_true((size_t)nb_result_columns(result) > count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(nb_result_column_name(result, (int)i), names[i]);
    assert_string_equal(nb_result_column_name(result, nb_result_columns(result) - 1), "snapshot");
    nb_result_free(&result);
    free(text);
}

static void has_the_columns_that_the_decoders_expect(void **state)
{
    /* for a subject with uuids, and one with numbers */
    static const char *const page[] = {"kib", "iib"}, *const keys[] = {"K", "I"},
                             *const changes[] = {"sskibtb", "ssiibtb"}, *const waking[] = {"sskibtbtt", "ssiibtbtt"};

    (void)state;
    for (enum nb_subject subject = 0; subject < NB_SUBJECT_COUNT; subject++) {
        const struct nb_subject_info *info = nb_subject_info(subject);
        bool integer = info->integer_keys;

        check_columns(info->older, info->columns, info->column_count, page[integer]);
        check_columns(info->newer, info->columns, info->column_count, page[integer]);
        check_columns(info->keys, info->columns, info->column_count, keys[integer]);
        if (!info->rereads)
            check_columns(info->changes, info->columns, info->column_count,
                          info->wakes ? waking[integer] : changes[integer]);
    }
}

/* Queries whose caller decodes them by position. */
static void has_the_columns_that_are_read_by_position(void **state)
{
    static const struct {
        enum nb_sql query;
        const char *parameters[6];
        const char *columns;
    } queries[] = {
        {NB_SQL_EVENT_ACT, {"note", "{1}", "x"}, "id changed reason previous version reason_time "},
        {NB_SQL_EVENT_HISTORY, {"1"}, "at actor_name action note note_time "},
        {NB_SQL_PEOPLE_FIND, {"a", "a"}, "id name email "},
        {NB_SQL_WHOAMI, {0}, "known user_id user_name tenant_id tenant_name is_global roles expires_at reason "},
        {NB_SQL_INBOX_SET_STATE, {"read", "{}", "{}"}, "id previous "},
        {NB_SQL_INBOX_BULK_SET,
         {"read", NULL, "1:1:", "00000000-0000-0000-0000-000000000000", "1"},
         "last_id found changed "},
        {NB_SQL_INBOX_BULK_UNDO, {"read", NULL, "00000000-0000-0000-0000-000000000000", "1"}, "last_id found changed "},
        {NB_SQL_FEED_LISTEN, {0}, "channel kind "},
        {NB_SQL_TRANSACTION_STATUS, {"1"}, "status "},
        {NB_SQL_SNAPSHOT, {0}, "at snapshot "},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(queries); i++) {
        struct nb_result *result = NULL;
        struct nb_params *params = nb_params_new();
        struct nb_error err = {0};
        char columns[300] = "";
        int expected = 0;

        for (const char *c = nb_sql_queries[queries[i].query].text; (c = strchr(c, '$')); c++)
            expected = atoi(c + 1) > expected ? atoi(c + 1) : expected;
        for (int p = 0; p < expected; p++)
            nb_params_text(params, queries[i].parameters[p]);
        if (nb_query_wait(olga.connection, queries[i].query, params, &result, &err) < 0)
            fail_msg("%s: %s", nb_sql_queries[queries[i].query].name, err.message);
        for (int column = 0; column < nb_result_columns(result); column++)
            strcat(strcat(columns, nb_result_column_name(result, column)), " ");
        assert_string_equal(columns, queries[i].columns);
        nb_result_free(&result);
    }
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(pages_through_the_inbox_both_ways),
               cmocka_unit_test(merges_announcements_in_their_place), cmocka_unit_test(shows_operators_their_events),
               cmocka_unit_test(filters), cmocka_unit_test(fetches_by_key_with_everything),
               cmocka_unit_test(finds_what_commits_late), cmocka_unit_test(finds_late_changes_of_announcements),
               cmocka_unit_test(keeps_a_look_in_parts_exact), cmocka_unit_test(tells_changed_events_from_new_ones),
               cmocka_unit_test(has_the_columns_that_the_decoders_expect),
               cmocka_unit_test(has_the_columns_that_are_read_by_position))
