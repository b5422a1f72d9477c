/* acts_test.c - the acts of readers and operators: single acts, bulk acts with their undo, history, people. */
#include "tests/lib/session.h"

#include <sys/stat.h>
#include <unistd.h>

#include "events/events.h"
#include "identity/identity.h"
#include "inbox/inbox.h"
#include "model/notification.h"
#include "people/people.h"

static struct cluster *cluster;
static struct session ada, bob, carol;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    session_open(&ada, cluster, "nightbell_console", "ada", false);
    session_open(&bob, cluster, "nightbell_console", "bob", false);
    session_open(&carol, cluster, "nightbell_console", "carol", false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    session_close(&ada);
    session_close(&bob);
    session_close(&carol);
    cluster_free(&cluster, 0);
    return 0;
}

/* Fills ada's inbox anew: `rows` notifications and 3 announcements. */
static void fill_inbox(int rows)
{
    char *sql =
        nb_asprintf("DELETE FROM nightbell.notifications; DELETE FROM nightbell.announcements;"
                    "INSERT INTO nightbell.notifications (id, tenant_id, user_id, type, title, message)"
                    " SELECT nightbell.uuidv7_at(now() - i * interval '1 minute'), '" CLUSTER_ACME "', '" CLUSTER_ADA
                    "', CASE WHEN i %% 2 = 0 THEN 'PAYMENT_DUE' ELSE 'BOOKING_CREATED' END, 'row ' || i, 'body'"
                    " FROM generate_series(1, %d) i;"
                    "INSERT INTO nightbell.announcements (id, tenant_id, type, title, message)"
                    " SELECT nightbell.uuidv7_at(now() - i * interval '90 seconds'), '" CLUSTER_ACME
                    "', 'BROADCAST_MESSAGE', 'all ' || i, 'body' FROM generate_series(1, 3) i",
                    rows);

    cluster_sql(cluster, sql);
    free(sql);
}

static struct nb_page *newest(struct session *session, enum nb_subject subject, size_t limit)
{
    struct nb_page_request request = {.subject = subject, .direction = NB_OLDER, .limit = limit};
    struct answer answer = {0};

    nb_page_fetch(session->connection, &request, NB_PRIORITY_PAGE, answer_page, &answer);
    answer_wait(session, &answer);
    return answer.page;
}

static int64_t count(struct session *session, const char *text)
{
    struct answer answer = {0};
    struct nb_filter *filter = NULL;

    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, text, NULL), 0);
    nb_page_count(session->connection, NB_SUBJECT_INBOX, filter, answer_count, &answer);
    nb_filter_free(&filter);
    answer_wait(session, &answer);
    return answer.count;
}

/* ---- acts on listed rows ---- */

struct set_answer {
    bool done;
    int rc;
    size_t count;
    struct nb_inbox_change changes[8];
};

static void was_set(void *arg, const struct nb_inbox_change *changes, size_t changed, const struct nb_error *err)
{
    struct set_answer *answer = arg;

    answer->done = true;
    answer->rc = err ? err->code : 0;
    answer->count = changed;
    for (size_t i = 0; i < changed && i < NB_ARRAY_SIZE(answer->changes); i++)
        answer->changes[i] = changes[i];
}

static struct set_answer set(struct session *session, enum nb_inbox_field field, const struct nb_key *keys,
                             size_t key_count, const int64_t *times, size_t times_count)
{
    struct set_answer answer = {0};

    nb_inbox_set(session->connection, field, keys, key_count, times, times_count, was_set, &answer);
    session_until(session, answer.done);
    assert_int_equal(answer.rc, 0);
    return answer;
}

static void marks_rows_and_restores_them(void **state)
{
    struct nb_key keys[4];
    int64_t now = nb_now(), none = NB_TIME_NONE, times[4];
    struct set_answer answer;
    struct nb_page *page;

    (void)state;
    fill_inbox(5);
    page = newest(&ada, NB_SUBJECT_INBOX, 4);
    for (int i = 0; i < 4; i++)
        keys[i] = page->rows[i]->key;
    assert_true(((struct nb_notification *)page->rows[1])->is_announcement);
    nb_page_free(&page);

    answer = set(&ada, NB_INBOX_READ, keys, 2, &now, 1);
    assert_int_equal(answer.count, 2);
    assert_int_equal(answer.changes[0].previous, NB_TIME_NONE);
    assert_int_equal(count(&ada, "is:unread"), 6);
    /* what is read keeps its time, and is not reported again */
    now += 1000000;
    answer = set(&ada, NB_INBOX_READ, keys, 4, &now, 1);
    assert_int_equal(answer.count, 2);
    /* nobody else's row changes, and bob has his own receipt of the announcement */
    answer = set(&bob, NB_INBOX_READ, keys, 1, &now, 1);
    assert_int_equal(answer.count, 0);
    assert_int_equal(count(&bob, "is:unread"), 3);
    /* clearing read returns the previous times, which an undo needs */
    answer = set(&ada, NB_INBOX_READ, keys, 4, &none, 1);
    assert_int_equal(answer.count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(answer.changes[i].previous > 0);
        keys[i] = answer.changes[i].key;
        times[i] = answer.changes[i].previous;
    }
    assert_int_equal(set(&ada, NB_INBOX_READ, keys, 4, times, 4).count, 4);
    assert_int_equal(count(&ada, "is:unread"), 4);
    /* deleted rows leave every view, and come back */
    assert_int_equal(set(&ada, NB_INBOX_DELETED, keys, 4, &now, 1).count, 4);
    assert_int_equal(count(&ada, ""), 4);
    assert_int_equal(set(&ada, NB_INBOX_DELETED, keys, 4, &none, 1).count, 4);
    assert_int_equal(count(&ada, ""), 8);
}

/* ---- bulk ---- */

struct bulk_answer {
    bool done;
    int rc;
    int calls;
    int64_t changed;
    struct nb_inbox_bulk *bulk;
    bool cancel;
};

static void bulk_went_on(void *arg, int64_t changed, bool finished, const struct nb_error *err)
{
    struct bulk_answer *answer = arg;

    answer->calls++;
    answer->changed = changed;
    answer->done = finished;
    answer->rc = err ? err->code : 0;
    if (answer->cancel && !finished)
        nb_inbox_bulk_cancel(answer->bulk);
}

static struct bulk_answer bulk(const struct nb_inbox_bulk_options *options, bool cancel)
{
    struct bulk_answer answer = {.cancel = cancel};

    answer.bulk = nb_inbox_bulk(ada.connection, options, bulk_went_on, &answer);
    session_until(&ada, answer.done);
    return answer;
}

/* The look decides: late has begun before it and commits after it, new comes later. Neither may be marked read
 * unseen. */
static void reads_all_that_was_visible_and_nothing_else(void **state)
{
    struct nb_inbox_bulk_options options = {.field = NB_INBOX_READ, .stamp = nb_now(), .chunk = 40};
    struct nb_filter *filter = NULL;
    struct session late;
    struct nb_page *page;
    struct bulk_answer answer;

    (void)state;
    fill_inbox(100);
    cluster_sql(cluster, "CREATE OR REPLACE PROCEDURE late() LANGUAGE sql AS $$ INSERT INTO nightbell.notifications"
                         " (id, tenant_id, user_id, type, title, message) VALUES"
                         " (nightbell.uuidv7_at(now() - interval '50 minutes'), '" CLUSTER_ACME "', '" CLUSTER_ADA
                         "', 'PAYMENT_DUE', 'late', 'body') $$");
    session_open(&late, cluster, "nightbell_administrator", NULL, false);
    assert_int_equal(nb_query_script_wait(late.connection, "BEGIN; CALL public.late()", NULL), 0);
    page = newest(&ada, NB_SUBJECT_INBOX, 1);
    assert_int_equal(nb_query_script_wait(late.connection, "COMMIT", NULL), 0);
    cluster_sql(cluster, "CALL late()");

    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, "is:unread", NULL), 0);
    options.filter = filter;
    options.snapshot = page->snapshot;
    answer = bulk(&options, false);
    assert_int_equal(answer.rc, 0);
    assert_int_equal(answer.changed, 103);
    assert_int_equal(answer.calls, 3);
    assert_int_equal(count(&ada, "is:unread"), 2);
    assert_int_equal(count(&ada, "is:unread late"), 2);
    /* somebody reads a late one by hand: the undo does not change it */
    cluster_sql(cluster, "UPDATE nightbell.notifications SET read_at = now() WHERE id = (SELECT id FROM"
                         " nightbell.notifications WHERE title = 'late' LIMIT 1)");
    options.undo = true;
    answer = bulk(&options, false);
    assert_int_equal(answer.changed, 103);
    assert_int_equal(count(&ada, "is:unread"), 104);
    nb_filter_free(&filter);
    nb_page_free(&page);
    session_close(&late);
}

static void deletes_what_matches_and_undoes_it(void **state)
{
    struct nb_inbox_bulk_options options = {.field = NB_INBOX_DELETED, .stamp = nb_now()};
    struct nb_filter *filter = NULL;

    (void)state;
    fill_inbox(30);
    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, "type:PAYMENT_*,BROADCAST_*", NULL), 0);
    options.filter = filter;
    assert_int_equal(bulk(&options, false).changed, 18);
    assert_int_equal(count(&ada, ""), 15);
    options.undo = true;
    assert_int_equal(bulk(&options, false).changed, 18);
    assert_int_equal(count(&ada, ""), 33);
    nb_filter_free(&filter);
}

static void stops_behind_the_running_chunk(void **state)
{
    struct nb_inbox_bulk_options options = {.field = NB_INBOX_ARCHIVED, .stamp = nb_now(), .chunk = 10};
    struct bulk_answer answer;

    (void)state;
    fill_inbox(100);
    answer = bulk(&options, true);
    assert_int_equal(answer.rc, NB_ECANCELLED);
    assert_int_equal(answer.changed, 10);
    assert_int_equal(count(&ada, "is:archived"), 10);
}

/* ---- events ---- */

#define NOTE_SIZE 200

struct outcome {
    int64_t id;
    bool changed;
    int64_t version;
    char reason[NOTE_SIZE];
    int64_t reason_time;
    char previous[1024];
};

struct act_answer {
    bool done;
    int rc;
    size_t count;
    struct outcome outcomes[8];
};

static void acted(void *arg, const struct nb_event_outcome *outcomes, size_t n, const struct nb_error *err)
{
    struct act_answer *answer = arg;

    answer->done = true;
    answer->rc = err ? err->code : 0;
    answer->count = n;
    for (size_t i = 0; i < n; i++) {
        struct outcome *o = &answer->outcomes[i];

        o->id = nb_key_to_int(&outcomes[i].key);
        o->changed = outcomes[i].changed;
        o->version = outcomes[i].version;
        snprintf(o->reason, sizeof(o->reason), "%s", outcomes[i].reason ? outcomes[i].reason : "");
        o->reason_time = outcomes[i].reason_time;
        snprintf(o->previous, sizeof(o->previous), "%s", outcomes[i].previous ? outcomes[i].previous : "");
    }
}

static struct act_answer act(struct session *session, struct nb_event_act_request request)
{
    struct act_answer answer = {0};

    nb_event_act(session->connection, &request, acted, &answer);
    session_until(session, answer.done);
    return answer;
}

static struct nb_key raise(const char *description)
{
    char *sql =
        nb_asprintf("SELECT nightbell.raise_event('job', 'high', '%s', tenant => '" CLUSTER_ACME "')", description);
    struct nb_key key = nb_key_from_int(atoll(cluster_sql(cluster, sql)));

    free(sql);
    return key;
}

static void lets_the_first_operator_win(void **state)
{
    struct nb_key keys[3] = {raise("one"), raise("two"), nb_key_from_int(999999)};
    struct nb_event_act_request request = {NB_EVENT_RESOLVE, keys, 2, "fixed", .until = NB_TIME_NONE};
    const char *states[2];
    struct act_answer first, second, undone;

    (void)state;
    first = act(&bob, request);
    assert_int_equal(first.rc, 0);
    assert_int_equal(first.count, 2);
    assert_true(first.outcomes[0].changed && first.outcomes[1].changed);
    request.count = 3;
    request.note = "mine";
    second = act(&carol, request);
    assert_int_equal(second.count, 2);
    assert_false(second.outcomes[0].changed);
    assert_string_equal(second.outcomes[0].reason, "resolved by bob at");
    assert_in_range(nb_now() - second.outcomes[0].reason_time, 0, INT64_C(60000000));
    /* for bob the event is acknowledged already: no reason is given */
    second = act(&bob, request);
    assert_false(second.outcomes[0].changed);
    assert_string_equal(second.outcomes[0].reason, "");

    request.act = NB_EVENT_UNDO;
    request.count = 2;
    request.states = states;
    states[0] = first.outcomes[0].previous;
    states[1] = first.outcomes[1].previous;
    undone = act(&bob, request);
    assert_int_equal(undone.rc, 0);
    assert_true(undone.outcomes[0].changed && undone.outcomes[1].changed);
    second = act(&bob, request);
    assert_false(second.outcomes[0].changed);
    assert_non_null(strstr(second.outcomes[0].reason, "changed since"));
    /* the undo of an undo does it again, and that is undone by what the act gave at first */
    states[0] = undone.outcomes[0].previous;
    states[1] = undone.outcomes[1].previous;
    second = act(&bob, request);
    assert_true(second.outcomes[0].changed && second.outcomes[1].changed);
    states[0] = first.outcomes[0].previous;
    states[1] = first.outcomes[1].previous;
    undone = act(&bob, request);
    assert_true(undone.outcomes[0].changed && undone.outcomes[1].changed);
    /* a reader without the role is refused */
    request.act = NB_EVENT_ACKNOWLEDGE;
    assert_int_equal(act(&ada, request).rc, NB_EDENIED);
}

struct history {
    bool done;
    size_t count;
    char actions[200];
    char last_note[NOTE_SIZE];
};

static void history_came(void *arg, const struct nb_event_action *actions, size_t n, const struct nb_error *err)
{
    struct history *history = arg;

    assert_null(err);
    history->done = true;
    history->count = n;
    for (size_t i = 0; i < n; i++) {
        strcat(history->actions, actions[i].action);
        strcat(history->actions, actions[i].actor_name ? ":" : " ");
        if (actions[i].actor_name)
            strcat(strcat(history->actions, actions[i].actor_name), " ");
        snprintf(history->last_note, sizeof(history->last_note), "%s", actions[i].note ? actions[i].note : "");
    }
}

static void writes_the_history(void **state)
{
    struct nb_key key = raise("history");
    struct nb_uuid carol_id;
    struct history history = {0};

    (void)state;
    assert_int_equal(nb_uuid_parse(&carol_id, CLUSTER_CAROL, NULL), 0);
    act(&bob, (struct nb_event_act_request){NB_EVENT_ACKNOWLEDGE, &key, 1, .until = NB_TIME_NONE});
    act(&bob, (struct nb_event_act_request){NB_EVENT_ASSIGN, &key, 1, NULL, &carol_id, NB_TIME_NONE});
    act(&carol, (struct nb_event_act_request){NB_EVENT_SNOOZE, &key, 1, .until = nb_now() + 3600000000});
    act(&carol, (struct nb_event_act_request){NB_EVENT_RESOLVE, &key, 1, "done", .until = NB_TIME_NONE});
    act(&carol, (struct nb_event_act_request){NB_EVENT_REOPEN, &key, 1, .until = NB_TIME_NONE});
    act(&bob, (struct nb_event_act_request){NB_EVENT_NOTE, &key, 1, "a note", .until = NB_TIME_NONE});
    nb_event_history(bob.connection, &key, history_came, &history);
    session_until(&bob, history.done);
    assert_non_null(
        strstr(history.actions, "acknowledge:bob assign:bob snooze:carol resolve:carol reopen:carol note:bob "));
    assert_string_equal(history.last_note, "a note");
}

struct people {
    bool done;
    char names[200];
};

static void people_came(void *arg, const struct nb_person *people, size_t n, const struct nb_error *err)
{
    struct people *found = arg;

    assert_null(err);
    found->done = true;
    for (size_t i = 0; i < n; i++)
        strcat(strcat(found->names, people[i].name), " ");
}

static void finds_people_of_the_own_tenant(void **state)
{
    static const struct {
        const char *text, *names;
    } cases[] = {{"", "ada app bob carol olga "},
                 {"a", "ada app bob carol olga "},
                 {"BO", "bob "},
                 {"ops.example", "olga "},
                 {"mallory", ""},
                 {"%", ""},
                 {"_", ""}};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct people found = {0};

        nb_people_find(bob.connection, cases[i].text, people_came, &found);
        session_until(&bob, found.done);
        if (strcmp(cases[i].text, "a") == 0)
            assert_memory_equal(found.names, "ada app ", 8); /* names that begin with it come first */
        else
            assert_string_equal(found.names, cases[i].names);
    }
}

struct person {
    bool done;
    char name[50];
    struct nb_error err;
};

static void person_came(void *arg, const struct nb_person *person, const struct nb_error *err)
{
    struct person *found = arg;

    assert_true(!person != !err);
    found->done = true;
    if (err)
        found->err = *err;
    else
        snprintf(found->name, sizeof(found->name), "%s", person->name);
}

/* Part of a name is never enough, even if it matches one person only. */
static void finds_the_one_that_a_name_means(void **state)
{
    static const struct {
        const char *text, *name;
        int code;
        const char *message;
    } cases[] = {
        {"bob", "bob", 0, NULL},
        {"BOB", "bob", 0, NULL},
        {"olga@ops.example", "olga", 0, NULL},
        {"car", "", NB_ENOTFOUND, "similar: carol"},
        {"mallory", "", NB_ENOTFOUND, "nobody here is called \"mallory\""},
        {"", "", NB_ENOTFOUND, "similar: ada"},
        {"twins@acme.example", "", NB_EUSAGE, "may mean several people: twin1 <twins@acme.example>, twin2"},
    };

    (void)state;
    cluster_sql(cluster,
                "INSERT INTO nightbell.users (id, tenant_id, name, email) SELECT gen_random_uuid(), '" CLUSTER_ACME
                "', 'twin' || i, 'twins@acme.example' FROM generate_series(1, 2) i");
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct person found = {0};

        nb_person_find(bob.connection, cases[i].text, NULL, person_came, &found);
        session_until(&bob, found.done);
        assert_string_equal(found.name, cases[i].name);
        assert_int_equal(found.err.code, cases[i].code);
        if (cases[i].message && !strstr(found.err.message, cases[i].message))
            fail_msg("%s: %s", cases[i].text, found.err.message);
    }
    cluster_sql(cluster, "DELETE FROM nightbell.users WHERE name LIKE 'twin%'");
}

/* ---- identity ---- */

static void mints_tokens_that_the_database_accepts(void **state)
{
    struct session admin, minted;
    struct nb_token_claims claims = {.roles = NB_ROLE_USER | NB_ROLE_OPERATOR, .expires_at = nb_now() + 60000000};
    struct nb_connection_options options = {.dsn = cluster_dsn(cluster, "nightbell_console"), .application_name = "t"};
    struct nb_identity identity;
    struct nb_error err = {0};
    char *token = NULL;

    (void)state;
    session_open(&admin, cluster, "nightbell_administrator", NULL, false);
    cluster_sql(cluster, "UPDATE nightbell.signing_keys SET retired_at = now() - interval '1 hour'");
    assert_int_equal(nb_uuid_parse(&claims.subject, CLUSTER_CAROL, NULL), 0);
    assert_int_equal(nb_uuid_parse(&claims.tenant, CLUSTER_ACME, NULL), 0);
    if (nb_token_mint(&token, admin.connection, &claims, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(cluster_sql(cluster, "SELECT count(*) FROM nightbell.signing_keys"), "2");
    options.token = token;
    assert_int_equal(nb_loop_new(&minted.loop, NULL), 0);
    assert_int_equal(nb_connection_new(&minted.connection, minted.loop, &options, NULL), 0);
    assert_int_equal(nb_connection_wait_ready(minted.connection, &err), 0);
    assert_int_equal(nb_identity_wait(&identity, minted.connection, &err), 0);
    assert_string_equal(identity.reason, "");
    assert_true(identity.known);
    assert_string_equal(identity.user_name, "carol");
    assert_string_equal(identity.tenant_name, "acme");
    assert_int_equal(identity.roles, NB_ROLE_USER | NB_ROLE_OPERATOR);
    assert_int_equal(identity.expires_at / 1000000, claims.expires_at / 1000000);
    nb_connection_set_token(minted.connection, "nonsense");
    assert_int_equal(nb_identity_wait(&identity, minted.connection, &err), 0);
    assert_false(identity.known);
    assert_string_not_equal(identity.reason, "");
    claims.expires_at = nb_now() - 1;
    free(token);
    assert_int_equal(nb_token_mint(&token, admin.connection, &claims, &err), NB_EUSAGE);
    cluster_sql(cluster, "UPDATE nightbell.signing_keys SET retired_at = NULL");
    session_close(&minted);
    session_close(&admin);
}

/* Writes text to a file with this mode; returns the result of reading it as a token. */
static int read_token(const char *text, size_t length, mode_t mode, char **token, struct nb_error *err)
{
    char path[] = "/tmp/nbt.token.XXXXXX";
    int fd = mkstemp(path), rc;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, length), length);
    assert_int_equal(fchmod(fd, mode), 0);
    rc = nb_token_read_file(token, path, err);
    close(fd);
    unlink(path);
    return rc;
}

static void reads_token_files_of_the_owner_only(void **state)
{
    char *token = NULL, *large = nb_malloc(17000);
    struct nb_error err;

    (void)state;
    assert_int_equal(read_token(" a.b-c_.d\n\n", 11, 0600, &token, &err), 0);
    assert_string_equal(token, "a.b-c_.d");
    free(token);
    assert_int_equal(read_token("a.b.c", 5, 0640, &token, &err), NB_EDENIED);
    assert_non_null(strstr(err.hint, "chmod 600"));
    assert_int_equal(read_token("a.b.c", 5, 0604, &token, &err), NB_EDENIED);
    assert_int_equal(read_token("", 0, 0600, &token, &err), NB_EINVALID);
    assert_int_equal(read_token("a.b.c d.e.f", 11, 0600, &token, &err), NB_EINVALID);
    assert_int_equal(read_token("a\0b", 3, 0600, &token, &err), NB_EINVALID);
    memset(large, 'a', 17000);
    assert_int_equal(read_token(large, 17000, 0600, &token, &err), NB_EINVALID);
    assert_int_equal(nb_token_read_file(&token, "/nonexistent/token", &err), NB_ENOTFOUND);
    assert_int_equal(nb_token_read_file(&token, "/tmp", &err), NB_EINVALID);
    assert_null(token);
    free(large);
}

/* The caller of the act is gone: the chunks end, and no callback is called. */
static void abandons_a_bulk_act(void **state)
{
    struct nb_inbox_bulk_options options = {.field = NB_INBOX_READ, .stamp = nb_now(), .chunk = 5};
    struct bulk_answer *gone = nb_calloc(1, sizeof(*gone));
    struct session session;

    (void)state;
    fill_inbox(100);
    session_open(&session, cluster, "nightbell_console", "ada", false);
    gone->bulk = nb_inbox_bulk(session.connection, &options, bulk_went_on, gone);
    session_until(&session, gone->calls > 0);
    nb_inbox_bulk_abandon(&gone->bulk);
    assert_null(gone->bulk);
    free(gone);
    session_close(&session);
    assert_true(count(&ada, "is:unread") > 0);
}

struct took {
    bool done, taken;
    int rc;
};

static void took(void *arg, bool taken, const struct nb_error *err)
{
    struct took *took = arg;

    *took = (struct took){true, taken, err ? err->code : 0};
}

static struct took take(const struct nb_key *key, const char *action)
{
    struct took answer = {0};

    nb_inbox_take_action(ada.connection, key, action, took, &answer);
    session_until(&ada, answer.done);
    return answer;
}

static void takes_an_action_that_is_offered(void **state)
{
    struct nb_page *page;

    (void)state;
    fill_inbox(1);
    cluster_sql(cluster, "UPDATE nightbell.notifications SET actions = '[{\"id\": \"yes\", "
                         "\"label\": \"Yes\"}]'");
    page = newest(&ada, NB_SUBJECT_INBOX, 1);
    assert_true(take(&page->rows[0]->key, "yes").taken);
    assert_false(take(&page->rows[0]->key, "yes").taken);
    assert_int_equal(take(&page->rows[0]->key, "no").rc, NB_EINVALID);
    nb_page_free(&page);
    page = newest(&ada, NB_SUBJECT_INBOX, 1);
    assert_string_equal(((struct nb_notification *)page->rows[0])->action_taken, "yes");
    nb_page_free(&page);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(marks_rows_and_restores_them),
               cmocka_unit_test(reads_all_that_was_visible_and_nothing_else),
               cmocka_unit_test(deletes_what_matches_and_undoes_it), cmocka_unit_test(stops_behind_the_running_chunk),
               cmocka_unit_test(abandons_a_bulk_act), cmocka_unit_test(takes_an_action_that_is_offered),
               cmocka_unit_test(lets_the_first_operator_win), cmocka_unit_test(writes_the_history),
               cmocka_unit_test(finds_people_of_the_own_tenant), cmocka_unit_test(finds_the_one_that_a_name_means),
               cmocka_unit_test(mints_tokens_that_the_database_accepts),
               cmocka_unit_test(reads_token_files_of_the_owner_only))
