/* client_test.c - the public interface when things go wrong: bad options, lost connections, refused rows. */
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "nightbell.h"
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

static struct cluster *cluster;

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    cluster_free(&cluster, 0);
    return 0;
}

static struct nb_client *open_as(const char *person)
{
    struct nb_client_options options = {.dsn = cluster_dsn(cluster, "nightbell_producing"),
                                        .token = cluster_token(cluster, person, 3600),
                                        .application_name = "client"};
    struct nb_client *client = NULL;
    struct nb_error err = {0};

    if (nb_client_open(&client, &options, &err) < 0)
        fail_msg("%s", err.message);
    return client;
}

static void says_what_is_wrong_with_the_options(void **state)
{
    struct nb_client *client = NULL;
    struct nb_error err;

    (void)state;
    assert_int_equal(
        nb_client_open(&client, &(struct nb_client_options){.dsn = "host=/nowhere", .timeout = 2000}, &err),
        NB_EUNREACHABLE);
    assert_null(client);
    assert_int_equal(nb_client_open(&client, &(struct nb_client_options){.tenant = "acme"}, &err), NB_EINVALID);
    assert_int_equal(nb_client_open(&client, &(struct nb_client_options){.token_file = "/nowhere"}, &err),
                     NB_ENOTFOUND);
    nb_client_close(&client);
    nb_client_close(NULL);
}

static void connects_again_after_a_loss(void **state)
{
    struct nb_client *client = open_as("ada");
    struct nb_inbox_page *page = NULL;
    struct nb_error err = {0};

    (void)state;
    cluster_sql(cluster, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'client'");
    if (nb_client_inbox(client, NULL, &page, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(page->count, 0);
    nb_inbox_page_free(&page);
    cluster_stop(cluster, "immediate");
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), NB_EUNREACHABLE);
    assert_null(page);
    cluster_start(cluster);
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), 0);
    nb_inbox_page_free(&page);
    nb_client_close(&client);
}

/* Whether the statement was executed is unknown; afterwards the client works again. */
static void gives_up_on_a_server_that_does_not_answer(void **state)
{
    struct nb_client_options options = {.dsn = cluster_dsn(cluster, "nightbell_producing"),
                                        .token = cluster_token(cluster, "ada", 3600),
                                        .timeout = 700};
    struct nb_notify_input input = {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "late", .message = "m"};
    const char *ids[] = {"0192f0c0-0000-7000-8000-000000000000"};
    struct nb_client *client = NULL;
    struct nb_inbox_page *page = NULL;
    struct nb_error err = {0};
    char id[NB_ID_TEXT_SIZE];

    (void)state;
    assert_int_equal(nb_client_open(&client, &options, &err), 0);
    cluster_freeze(cluster);
    assert_int_equal(nb_client_notify(client, &input, id, &err), NB_EUNREACHABLE);
    assert_non_null(strstr(err.message, "no answer from the database within 0.7 s"));
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), NB_EUNREACHABLE);
    assert_null(page);
    assert_int_equal(nb_client_inbox_set(client, NB_INBOX_READ, ids, 1, 0, NULL, &err), NB_EUNREACHABLE);
    cluster_thaw(cluster);
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), 0);
    nb_inbox_page_free(&page);
    /* the timeout is for each statement, not for the client */
    cluster_sql(cluster, "SELECT pg_sleep(1)");
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), 0);
    nb_inbox_page_free(&page);
    nb_client_close(&client);
    cluster_sql(cluster, "DELETE FROM nightbell.notifications");
}

/* An unknown person is refused instead of seeing an empty inbox. */
static void refuses_who_is_not_known(void **state)
{
    struct nb_client_options options = {.dsn = cluster_dsn(cluster, "nightbell_console"),
                                        .token = cluster_token(cluster, "ada", -60)};
    struct nb_client *client = NULL;
    struct nb_inbox_page *page = NULL;
    struct nb_event_page *events = NULL;
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_client_open(&client, &options, &err), 0);
    assert_int_equal(nb_client_inbox(client, NULL, &page, &err), NB_EDENIED);
    assert_null(page);
    assert_non_null(strstr(err.message, "expired"));
    assert_int_equal(nb_client_events(client, NULL, &events, &err), NB_EDENIED);
    assert_null(events);
    nb_client_close(&client);
}

struct answers {
    size_t count;
    size_t ids;
    size_t refused; /* index of the last refused one */
};

static void answered(void *arg, size_t index, const char *id, const struct nb_error *err)
{
    struct answers *answers = arg;

    assert_int_equal(index, answers->count++);
    assert_true(!id != !err);
    if (id)
        answers->ids++;
    else
        answers->refused = index;
}

static void sends_many_of_both_kinds_and_pages_through_them(void **state)
{
    struct nb_client *client = open_as("ada");
    struct nb_notify_input inputs[5] = {
        {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "one", .message = "m", .expires_at = NB_TIME_NONE},
        {.type = "TEST_NOTE", .title = "two", .message = "m"},
        {.type = "TEST_NOTE", .title = "three", .message = "m", .data = "{broken"},
        {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "four", .message = "m", .data = "{\"a\":[1.50]}"},
        {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = "five", .message = "m"},
    };
    struct nb_client_query query = {.limit = 3};
    struct nb_inbox_page *page = NULL;
    struct answers answers = {0};
    struct nb_error err = {0};
    char id[NB_ID_TEXT_SIZE];

    (void)state;
    if (nb_client_notify_many(client, inputs, 5, answered, &answers, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(answers.count, 5);
    assert_int_equal(answers.ids, 4);
    assert_int_equal(answers.refused, 2);
    assert_int_equal(nb_client_inbox(client, &query, &page, &err), 0);
    assert_int_equal(page->count, 3);
    assert_true(page->more);
    assert_string_equal(page->items[0].title, "five");
    assert_non_null(strstr(page->items[1].data, "1.50"));
    assert_true(page->items[2].is_announcement);
    strcpy(id, page->items[2].id);
    nb_inbox_page_free(&page);
    query.before = id;
    assert_int_equal(nb_client_inbox(client, &query, &page, &err), 0);
    assert_int_equal(page->count, 1);
    assert_false(page->more);
    assert_string_equal(page->items[0].title, "one");
    nb_inbox_page_free(&page);
    query.before = "5";
    assert_int_equal(nb_client_inbox(client, &query, &page, &err), NB_EINVALID);
    query = (struct nb_client_query){.limit = 1001};
    assert_int_equal(nb_client_inbox(client, &query, &page, &err), NB_EINVALID);
    nb_client_close(&client);
}

static void tells_each_of_many(void **state)
{
    struct nb_client *client = open_as("app");
    struct nb_notify_input input = {.type = "TEST_NOTE", .title = "each", .message = "m", .expires_at = NB_TIME_NONE};
    struct nb_error err = {0};
    int64_t made = -1;

    (void)state;
    if (nb_client_broadcast(client, "user", CLUSTER_ADA "," CLUSTER_BOB, &input, &made, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(made, 2);
    if (nb_client_broadcast(client, "user", CLUSTER_ADA "," CLUSTER_BOB, &input, &made, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(made, 0);
    if (nb_client_broadcast(client, "role", "operator", &input, NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(nb_client_broadcast(client, "role", "nobody", &input, &made, &err), NB_EINVALID);
    input.dedup_key = "k";
    assert_int_equal(nb_client_broadcast(client, "tenant", NULL, &input, &made, &err), NB_EUSAGE);
    nb_client_close(&client);
}

struct told {
    size_t rows;
    int connections;
    int losses;
    int known, unknown;
    char titles[400];
};

static void tell(void *arg, const struct nb_inbox_item *item, bool created)
{
    struct told *told = arg;

    assert_true(created);
    told->rows++;
    strcat(strcat(told->titles, item->title), " ");
}

static void tell_state(void *arg, bool connected, const struct nb_error *err)
{
    struct told *told = arg;

    assert_true(connected == !err);
    told->connections += connected;
    told->losses += !connected;
}

static void follow(struct nb_watch *watch, int milliseconds)
{
    struct pollfd fd = {.fd = nb_watch_fd(watch), .events = POLLIN};

    while (poll(&fd, 1, milliseconds) > 0)
        assert_int_equal(nb_watch_dispatch(watch, NULL), 0);
}

static void notify(struct nb_client *client, const char *title)
{
    struct nb_notify_input input = {.user = CLUSTER_ADA, .type = "TEST_NOTE", .title = title, .message = "w"};
    struct nb_error err = {0};
    char id[NB_ID_TEXT_SIZE];

    if (nb_client_notify(client, &input, id, &err) < 0)
        fail_msg("%s", err.message);
}

#define FOLLOW_UNTIL(watch, condition)                                                                                 \
    for (int turns_ = 0; !(condition); turns_++) {                                                                     \
        struct pollfd fd_ = {.fd = nb_watch_fd(watch), .events = POLLIN};                                              \
        assert_true(turns_ < 2000);                                                                                    \
        assert_int_equal(poll(&fd_, 1, 20000), 1);                                                                     \
        assert_int_equal(nb_watch_dispatch(watch, NULL), 0);                                                           \
    }

/* Changes during a restart of the server are reported afterwards, each once. */
static void watches_across_a_restart(void **state)
{
    struct nb_client *client = open_as("ada");
    struct told told = {0};
    struct nb_watch_options options = {.inbox = tell, .state = tell_state, .arg = &told, .inbox_filter = "is:unread"};
    struct nb_watch *watch = NULL;
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_client_watch(&watch, client, &(struct nb_watch_options){.inbox_filter = "is:funny"}, &err),
                     NB_EINVALID);
    assert_null(watch);
    assert_int_equal(nb_client_watch(&watch, client, &options, &err), 0);
    FOLLOW_UNTIL(watch, told.connections == 1);
    follow(watch, 500);
    notify(client, "w1");
    FOLLOW_UNTIL(watch, told.rows == 1);
    cluster_restart(cluster, "fast");
    notify(client, "w2");
    notify(client, "w3");
    FOLLOW_UNTIL(watch, told.rows == 3);
    assert_int_equal(told.connections, 2);
    assert_true(told.losses >= 1);
    notify(client, "w4");
    FOLLOW_UNTIL(watch, told.rows == 4);
    assert_string_equal(told.titles, "w1 w2 w3 w4 ");
    nb_watch_free(&watch);
    nb_client_close(&client);
}

static void tell_identity(void *arg, bool known, const struct nb_error *err)
{
    struct told *told = arg;

    assert_true(known == !err);
    if (err)
        assert_int_equal(err->code, NB_EDENIED);
    told->known += known;
    told->unknown += !known;
}

static void write_token(const char *path, int seconds)
{
    char *next = nb_asprintf("%s.new", path);
    FILE *file = fopen(next, "w");

    assert_non_null(file);
    fprintf(file, "%s\n", cluster_token(cluster, "ada", seconds));
    fchmod(fileno(file), 0600);
    fclose(file);
    assert_int_equal(rename(next, path), 0);
    free(next);
}

/* The end of a token is reported once. Changes until its file has a new one are reported then. */
static void says_when_its_token_ends_and_takes_a_new_one(void **state)
{
    char path[] = "/tmp/nbt.token.XXXXXX";
    struct nb_client_options with_file = {.dsn = cluster_dsn(cluster, "nightbell_producing"), .token_file = path};
    struct nb_client *producer = open_as("ada"), *client = NULL;
    struct told told = {0};
    struct nb_watch_options options = {.inbox = tell, .identity = tell_identity, .arg = &told};
    struct nb_watch *watch = NULL;
    struct nb_error err = {0};

    (void)state;
    close(mkstemp(path));
    write_token(path, 3);
    assert_int_equal(nb_client_open(&client, &with_file, &err), 0);
    assert_int_equal(nb_client_watch(&watch, client, &options, &err), 0);
    follow(watch, 500);
    notify(producer, "t1");
    FOLLOW_UNTIL(watch, told.rows == 1);
    FOLLOW_UNTIL(watch, told.unknown == 1);
    notify(producer, "t2");
    follow(watch, 500);
    assert_int_equal(told.rows, 1);
    write_token(path, 3600);
    FOLLOW_UNTIL(watch, told.rows == 2);
    assert_string_equal(told.titles, "t1 t2 ");
    assert_int_equal(told.known, 1);
    assert_int_equal(told.unknown, 1);
    nb_watch_free(&watch);
    nb_client_close(&client);
    nb_client_close(&producer);
    unlink(path);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(says_what_is_wrong_with_the_options),
               cmocka_unit_test(connects_again_after_a_loss),
               cmocka_unit_test(gives_up_on_a_server_that_does_not_answer), cmocka_unit_test(refuses_who_is_not_known),
               cmocka_unit_test(sends_many_of_both_kinds_and_pages_through_them), cmocka_unit_test(tells_each_of_many),
               cmocka_unit_test(watches_across_a_restart),
               cmocka_unit_test(says_when_its_token_ends_and_takes_a_new_one))
