/* order_test.c - events sorted by when they were last seen and by severity: pages, counts and cursors, on a real server. */
#include "tests/lib/session.h"

#include <stdlib.h>

#include "base/vec.h"
#include "model/event.h"

#define ROWS 240

static struct cluster *cluster;
static struct session bob, olga;

/* Every third event is of acme; they were last seen in an order of their own, some of them at the same time. */
static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    cluster_sql(cluster, "INSERT INTO nightbell.admin_system_events"
                         " (event_type, severity, description, tenant_id, fingerprint, created_at, last_seen_at)"
                         " SELECT 'job', (ARRAY['low','medium','high','critical'])[1 + i * 7 % 4], 'event ' || i,"
                         " CASE i % 3 WHEN 0 THEN '" CLUSTER_ACME "'::uuid WHEN 1 THEN '" CLUSTER_GLOBEX "'::uuid END,"
                         " 'f' || i, now() - interval '1 day', now() - (i * 37 % 101 || ' minutes')::interval"
                         " FROM generate_series(1, 240) AS i");
    session_open(&bob, cluster, "nightbell_console", "bob", false);
    session_open(&olga, cluster, "nightbell_console", "olga", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&bob);
    session_close(&olga);
    cluster_free(&cluster, 0);
    return 0;
}

static struct nb_filter *parse(const char *text)
{
    struct nb_filter *filter = NULL;
    struct nb_error err;

    if (nb_filter_parse(&filter, NB_SUBJECT_EVENTS, text, &err) < 0)
        fail_msg("%s: %s", text, err.message);
    return filter;
}

static struct nb_page *fetch(struct session *session, const struct nb_page_request *request)
{
    struct answer answer = {0};

    nb_page_fetch(session->connection, request, NB_PRIORITY_PAGE, answer_page, &answer);
    answer_wait(session, &answer);
    if (answer.rc < 0)
        fail_msg("%s", answer.err.message);
    return answer.page;
}

static void add_id(struct nb_strbuf *ids, const struct nb_row *row)
{
    nb_strbuf_appendf(ids, "%s%lld", ids->length > 0 ? "," : "", (long long)nb_key_to_int(&row->key));
}

/* The ids of all pages, from the first row on. Backwards, the pages are read from the last row on and put together. */
static char *walk(struct session *session, const char *text, enum nb_direction direction)
{
    struct nb_filter *filter = parse(text);
    const struct nb_order *order = nb_filter_order(filter, NB_SUBJECT_EVENTS);
    struct nb_page_request request = {
        .subject = NB_SUBJECT_EVENTS, .filter = filter, .direction = direction, .limit = 7};
    NB_VEC(struct nb_page *) pages = {0};
    struct nb_place last;
    struct nb_strbuf ids;

    do {
        struct nb_page *page = fetch(session, &request);

        nb_vec_push(&pages, page);
        if (page->count > 0)
            last = nb_place_of(order, page->rows[direction == NB_OLDER ? page->count - 1 : 0]);
        request.from = &last;
    } while ((*nb_vec_last(&pages))->more);
    nb_strbuf_init(&ids, 64 * 1024);
    for (size_t p = 0; p < pages.count; p++) {
        struct nb_page *page = pages.data[direction == NB_OLDER ? p : pages.count - 1 - p];

        for (size_t i = 0; i < page->count; i++)
            add_id(&ids, page->rows[i]);
        nb_page_free(&page);
    }
    nb_vec_clear(&pages);
    nb_filter_free(&filter);
    return nb_strbuf_take(&ids);
}

/* What the database says of the order when it sorts everything. */
static char *sorted(const char *condition, const char *order)
{
    char *statement = nb_asprintf("SELECT string_agg(id::text, ',' ORDER BY %s) FROM nightbell.admin_system_events "
                                  "WHERE %s",
                                  order, condition);
    char *ids = nb_strdup(cluster_sql(cluster, statement));

    free(statement);
    return ids;
}

static void compare(struct session *session, const char *filter, const char *condition, const char *order)
{
    char *expected = sorted(condition, order);
    char *down = walk(session, filter, NB_OLDER), *up = walk(session, filter, NB_NEWER);

    assert_string_equal(down, expected);
    assert_string_equal(up, expected);
    free(expected);
    free(down);
    free(up);
}

static void pages_through_each_order_both_ways(void **state)
{
    static const struct {
        const char *term, *order;
    } orders[] = {
        {"", "id DESC"},
        {"sort:new", "id DESC"},
        {"sort:seen", "last_seen_at DESC, id DESC"},
        {"sort:severity", "nightbell.severity_rank(severity) DESC, id DESC"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(orders); i++) {
        char *filtered = nb_asprintf("severity>=high is:open %s", orders[i].term);

        compare(&bob, orders[i].term, "tenant_id = '" CLUSTER_ACME "'", orders[i].order);
        compare(&olga, orders[i].term, "true", orders[i].order);
        compare(&bob, filtered, "tenant_id = '" CLUSTER_ACME "' AND severity IN ('high', 'critical')", orders[i].order);
        free(filtered);
    }
}

static void includes_the_row_at_a_place(void **state)
{
    struct nb_filter *filter = parse("sort:seen");
    const struct nb_order *order = nb_filter_order(filter, NB_SUBJECT_EVENTS);
    struct nb_page_request request = {
        .subject = NB_SUBJECT_EVENTS, .filter = filter, .direction = NB_OLDER, .limit = 20};
    struct nb_page *page = fetch(&olga, &request), *from;
    struct nb_place place = nb_place_of(order, page->rows[9]);

    (void)state;
    request.from = &place;
    request.inclusive = true;
    from = fetch(&olga, &request);
    assert_int_equal(nb_key_compare(&from->rows[0]->key, &page->rows[9]->key), 0);
    nb_page_free(&from);
    request.direction = NB_NEWER;
    request.limit = 10;
    from = fetch(&olga, &request);
    assert_int_equal(from->count, 10);
    assert_false(from->more);
    assert_int_equal(nb_key_compare(&from->rows[0]->key, &page->rows[0]->key), 0);
    nb_page_free(&from);
    request.by_key = true;
    from = fetch(&olga, &request);
    assert_int_not_equal(nb_key_compare(&from->rows[0]->key, &page->rows[0]->key), 0);
    nb_page_free(&from);
    nb_page_free(&page);
    nb_filter_free(&filter);
}

static int64_t count_range(const char *text, const struct nb_place *oldest, const struct nb_place *newest)
{
    struct nb_filter *filter = parse(text);
    struct answer answer = {0};
    int64_t count;

    nb_page_count_range(bob.connection, NB_SUBJECT_EVENTS, filter, oldest, newest, NB_PRIORITY_ACT, answer_count,
                        &answer);
    answer_wait(&bob, &answer);
    assert_int_equal(answer.rc, 0);
    count = answer.count;
    answer_clear(&answer);
    nb_filter_free(&filter);
    return count;
}

static void counts_between_two_places(void **state)
{
    static const char *const texts[] = {"sort:new", "sort:seen", "sort:severity"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(texts); i++) {
        struct nb_filter *filter = parse(texts[i]);
        const struct nb_order *order = nb_filter_order(filter, NB_SUBJECT_EVENTS);
        struct nb_page_request request = {
            .subject = NB_SUBJECT_EVENTS, .filter = filter, .direction = NB_OLDER, .limit = 30};
        struct nb_page *page = fetch(&bob, &request);
        struct nb_place newest = nb_place_of(order, page->rows[4]), oldest = nb_place_of(order, page->rows[20]);

        assert_int_equal(count_range(texts[i], &oldest, &newest), 17);
        assert_int_equal(count_range(texts[i], &nb_place_last, &nb_place_first), ROWS / 3);
        assert_int_equal(count_range(texts[i], &nb_place_last, &newest), ROWS / 3 - 4);
        nb_page_free(&page);
        nb_filter_free(&filter);
    }
}

static void reads_cursors(void **state)
{
    const struct nb_order *seen = nb_order_find(NB_SUBJECT_EVENTS, "seen");
    const struct nb_order *newest = nb_order_find(NB_SUBJECT_EVENTS, "new");
    static const char *const wrong[] = {"12", "/12", "x/12", "5/", "5/x", "5 /12", ""};
    struct nb_place place = {1764511323123456, nb_key_from_int(12)}, read;
    char text[NB_CURSOR_TEXT_SIZE];
    struct nb_error err;

    (void)state;
    nb_cursor_format(&place, NB_SUBJECT_EVENTS, seen, text);
    assert_string_equal(text, "1764511323123456/12");
    assert_int_equal(nb_cursor_parse(&read, NB_SUBJECT_EVENTS, seen, text, &err), 0);
    assert_int_equal(nb_place_compare(&read, &place), 0);
    assert_string_equal(nb_cursor_format(&place, NB_SUBJECT_EVENTS, newest, text), "12");
    assert_int_equal(nb_cursor_parse(&read, NB_SUBJECT_EVENTS, newest, text, &err), 0);
    assert_int_equal(nb_key_to_int(&read.key), 12);
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++)
        if (nb_cursor_parse(&read, NB_SUBJECT_EVENTS, seen, wrong[i], &err) != NB_EINVALID)
            fail_msg("%s: is accepted", wrong[i]);
    assert_int_equal(nb_cursor_parse(&read, NB_SUBJECT_EVENTS, newest, "5/12", &err), NB_EINVALID);
}

static int64_t count_new(const char *text, const struct nb_place *above, const struct nb_place *first,
                         const char *snapshot)
{
    struct nb_filter *filter = parse(text);
    struct answer answer = {0};
    int64_t count;

    nb_page_count_new(bob.connection, NB_SUBJECT_EVENTS, filter, above, first, snapshot, answer_count, &answer);
    answer_wait(&bob, &answer);
    assert_int_equal(answer.rc, 0);
    count = answer.count;
    answer_clear(&answer);
    nb_filter_free(&filter);
    return count;
}

/* Last, because it changes the events: what came up counts as new where it is sorted by, and what was only touched does not. */
static void counts_what_came_up(void **state)
{
    struct nb_filter *filter = parse("sort:seen");
    const struct nb_order *order = nb_filter_order(filter, NB_SUBJECT_EVENTS);
    struct nb_page_request request = {
        .subject = NB_SUBJECT_EVENTS, .filter = filter, .direction = NB_OLDER, .limit = 30};
    struct nb_page *page = fetch(&bob, &request);
    struct nb_place first = nb_place_of(order, page->rows[0]), above = nb_place_of(order, page->rows[20]);
    char *statement;

    (void)state;
    statement = nb_asprintf("SELECT nightbell.raise_event(event_type, severity, description, NULL, tenant_id, NULL, "
                            "fingerprint) FROM nightbell.admin_system_events WHERE id = %lld",
                            (long long)nb_key_to_int(&page->rows[25]->key));
    cluster_sql(cluster, statement);
    free(statement);
    statement = nb_asprintf("UPDATE nightbell.admin_system_events SET assigned_to = '" CLUSTER_BOB "' WHERE id = %lld",
                            (long long)nb_key_to_int(&page->rows[3]->key));
    cluster_sql(cluster, statement);
    free(statement);
    assert_int_equal(count_new("sort:seen", &above, &first, page->snapshot), 1);
    assert_int_equal(count_new("", NULL, &first, page->snapshot), 0);
    cluster_sql(cluster, "SELECT nightbell.raise_event('job', 'low', 'one more', NULL, '" CLUSTER_ACME "')");
    assert_int_equal(count_new("sort:seen", &above, &first, page->snapshot), 2);
    assert_int_equal(count_new("", NULL, &first, page->snapshot), 1);
    nb_page_free(&page);
    nb_filter_free(&filter);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(pages_through_each_order_both_ways),
               cmocka_unit_test(includes_the_row_at_a_place), cmocka_unit_test(counts_between_two_places),
               cmocka_unit_test(reads_cursors), cmocka_unit_test(counts_what_came_up))
