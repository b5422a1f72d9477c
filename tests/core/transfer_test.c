/* Transfers: answers of every kind and none, bounds, time limits, connections used again, the guard on what is connected to. */
#include "tests/lib/unit.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "channels/transfer.h"
#include "tests/lib/web_server.h"

#define LONG_MS 60000

static struct nb_loop *loop;
static struct nb_guard *open_guard, *shut_guard;
static struct nb_transfers *transfers, *guarded;
static struct web_server *server;

/* An answer, copied. */
struct got {
    int count;
    enum nb_transfer_end end;
    int status;
    char error[512];
    size_t body_length;
    bool cut;
    char body[256];
    int64_t retry_after_ms;
    char location[128];
};

static int setup(void **state)
{
    struct nb_transfers_options options = {0};

    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1/", 1); /* refuses everybody: it must not be used */
    setenv("all_proxy", "http://127.0.0.1:1/", 1);
    assert_int_equal(nb_loop_new(&loop, NULL), 0);
    assert_int_equal(nb_guard_new(&open_guard, "127.0.0.0/8", NULL), 0);
    assert_int_equal(nb_guard_new(&shut_guard, NULL, NULL), 0);
    options.guard = open_guard;
    assert_int_equal(nb_transfers_new(&transfers, loop, &options, NULL), 0);
    options.guard = shut_guard;
    assert_int_equal(nb_transfers_new(&guarded, loop, &options, NULL), 0);
    server = web_server_new(loop);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_transfers_free(&transfers);
    nb_transfers_free(&guarded);
    web_server_free(&server);
    nb_guard_free(&open_guard);
    nb_guard_free(&shut_guard);
    nb_loop_free(&loop);
    return 0;
}

static void answered(void *arg, const struct nb_transfer_answer *answer)
{
    struct got *got = arg;
    const char *location = nb_transfer_header(answer, "location");

    got->count++;
    got->end = answer->end;
    got->status = answer->status;
    snprintf(got->error, sizeof(got->error), "%s", answer->error ? answer->error : "");
    assert_int_equal(answer->error == NULL, answer->end == NB_TRANSFER_ANSWERED);
    got->body_length = answer->body_length;
    got->cut = answer->body_cut;
    snprintf(got->body, sizeof(got->body), "%s", answer->body);
    snprintf(got->location, sizeof(got->location), "%s", location ? location : "");
    got->retry_after_ms = answer->retry_after_ms;
}

/* Turns the loop while the condition holds, for a minute at most. */
#define TURN_WHILE(condition)                                                                                          \
    do {                                                                                                               \
        int64_t limit_ = nb_monotonic_ms() + LONG_MS;                                                                  \
        while (condition) {                                                                                            \
            assert_true(nb_monotonic_ms() < limit_);                                                                   \
            assert_int_equal(nb_loop_turn(loop, 1000, NULL), 0);                                                       \
        }                                                                                                              \
    } while (0)

static struct got send_with(struct nb_transfers *by, const struct nb_transfer_request *request)
{
    struct nb_transfer *transfer;
    struct got got = {0};
    struct nb_error err = {0};

    if (nb_transfer_start(&transfer, by, request, answered, &got, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(got.count, 0); /* never from inside the call */
    TURN_WHILE(got.count < 1);
    assert_int_equal(nb_transfers_active(by), 0);
    return got;
}

static struct got fetch(const char *url, int64_t time_limit_ms)
{
    return send_with(transfers, &(struct nb_transfer_request){.url = url, .time_limit_ms = time_limit_ms});
}

static struct got fetch_here(void)
{
    return fetch(web_server_url(server, "127.0.0.1", "/"), LONG_MS);
}

static void brings_a_request_and_its_answer(void **state)
{
    static const char *const headers[] = {"Content-Type: application/json", "webhook-id: 17", NULL};
    struct nb_transfer_request request = {.url = web_server_url(server, "127.0.0.1", "/a?b=c"),
                                          .body = "{\"a\":\0 1}",
                                          .body_length = 9,
                                          .headers = headers,
                                          .username = "ada",
                                          .password = "l:ovelace",
                                          .time_limit_ms = LONG_MS};
    struct got got;
    size_t length;

    (void)state;
    web_server_reply(server, 201, "Location: /m/1\r\n", "made");
    got = send_with(transfers, &request);
    assert_int_equal(got.end, NB_TRANSFER_ANSWERED);
    assert_int_equal(got.status, 201);
    assert_string_equal(got.body, "made");
    assert_string_equal(got.location, "/m/1");
    assert_int_equal(got.retry_after_ms, -1);
    assert_memory_equal(web_server_head(server), "POST /a?b=c HTTP/1.1\r\n", 22);
    assert_string_equal(web_server_header(server, "content-type"), "application/json");
    assert_string_equal(web_server_header(server, "webhook-id"), "17");
    assert_string_equal(web_server_header(server, "user-agent"), "nightbell/0.1.0");
    assert_string_equal(web_server_header(server, "authorization"), "Basic YWRhOmw6b3ZlbGFjZQ==");
    assert_memory_equal(web_server_body(server, &length), "{\"a\":\0 1}", 9);
    assert_int_equal(length, 9);

    /* nothing of it is left for the next one */
    fetch_here();
    assert_memory_equal(web_server_head(server), "GET / HTTP/1.1\r\n", 16);
    assert_null(web_server_header(server, "authorization"));
    assert_null(web_server_header(server, "webhook-id"));
}

static void uses_connections_again(void **state)
{
    (void)state;
    web_server_reply(server, 200, "", "x");
    for (int i = 0; i < 20; i++)
        assert_int_equal(fetch_here().status, 200);
    assert_int_equal(web_server_requests(server), 20);
    assert_int_equal(web_server_connections(server), 1);
}

static void many_are_on_their_way_at_once(void **state)
{
    struct got gots[200] = {0};
    struct nb_transfer *each[200];
    struct nb_transfer_request request = {.url = web_server_url(server, "127.0.0.1", "/"), .time_limit_ms = LONG_MS};
    int done = 0;

    (void)state;
    web_server_set(server, &(struct web_answer){0});
    for (int i = 0; i < 200; i++)
        assert_int_equal(nb_transfer_start(&each[i], transfers, &request, answered, &gots[i], NULL), 0);
    TURN_WHILE(web_server_requests(server) < 200);
    assert_int_equal(nb_transfers_active(transfers), 200);
    /* half are cancelled: they never hear of it, and their connections are closed */
    for (int i = 0; i < 200; i += 2) {
        nb_transfer_cancel(&each[i]);
        assert_null(each[i]);
    }
    TURN_WHILE(web_server_open(server) > 100);
    web_server_free(&server); /* all that wait are cut off */
    TURN_WHILE(nb_transfers_active(transfers) > 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(gots[i].count, i % 2);
        done += gots[i].count;
        if (gots[i].count)
            assert_int_equal(gots[i].end, NB_TRANSFER_BROKEN);
    }
    assert_int_equal(done, 100);
}

static void follows_nothing(void **state)
{
    struct got got;

    (void)state;
    web_server_reply(server, 302, "Location: http://169.254.169.254/latest/meta-data/\r\n", "");
    got = fetch_here();
    assert_int_equal(got.end, NB_TRANSFER_ANSWERED);
    assert_int_equal(got.status, 302);
    assert_string_equal(got.location, "http://169.254.169.254/latest/meta-data/");
    assert_int_equal(web_server_requests(server), 1);
}

static void a_server_that_hangs_costs_its_time(void **state)
{
    static const char half[] = "HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\nhalf";
    int64_t start = nb_monotonic_ms();
    struct got got;

    (void)state;
    web_server_set(server, &(struct web_answer){0});
    got = fetch(web_server_url(server, "127.0.0.1", "/"), 300);
    assert_int_equal(got.end, NB_TRANSFER_TIMED_OUT);
    assert_int_equal(got.status, 0);
    assert_true(nb_monotonic_ms() - start >= 299);
    assert_non_null(strstr(got.error, "timed out"));

    web_server_set(server, &(struct web_answer){.text = half});
    got = fetch(web_server_url(server, "127.0.0.1", "/"), 300);
    assert_int_equal(got.end, NB_TRANSFER_TIMED_OUT);
    assert_int_equal(got.status, 200);
}

static void a_server_that_breaks_off_is_told_from_one_that_answers(void **state)
{
    static const char half[] = "HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\nhalf";
    static const char *const garbage[] = {"\033]0;x\007 SSH-2.0-x\r\n", "220 mail.example.org ESMTP\r\n",
                                          "HTTP/9.9 banana\r\n\r\n",
                                          "HTTP/1.1 200 Fine\r\nContent-Length: banana\r\n\r\n"};
    struct got got;

    (void)state;
    web_server_set(server, &(struct web_answer){.close = true});
    assert_int_equal(fetch_here().end, NB_TRANSFER_BROKEN);
    web_server_set(server, &(struct web_answer){.text = half, .close = true});
    got = fetch_here();
    assert_int_equal(got.end, NB_TRANSFER_BROKEN);
    assert_int_equal(got.status, 200);
    for (size_t i = 0; i < NB_ARRAY_SIZE(garbage); i++) {
        web_server_set(server, &(struct web_answer){.text = garbage[i], .close = true});
        got = fetch_here();
        if (got.end != NB_TRANSFER_BROKEN || !got.error[0] || strpbrk(got.error, "\033\007\r\n"))
            fail_msg("%s: %d %s", garbage[i], got.end, got.error);
    }
}

static void nobody_there(void **state)
{
    const char *url = web_server_url(server, "127.0.0.1", "/");
    struct got got;

    (void)state;
    web_server_free(&server);
    got = fetch(url, LONG_MS);
    assert_int_equal(got.end, NB_TRANSFER_BROKEN);
    assert_int_equal(got.status, 0);
    got = fetch("http://nobody.invalid/", LONG_MS);
    assert_int_equal(got.end, NB_TRANSFER_BROKEN);
    assert_non_null(strstr(got.error, "nobody.invalid"));
}

static void keeps_no_more_than_it_should(void **state)
{
    char *body = nb_calloc(1, NB_TRANSFER_KEPT_MAX + 2);
    struct got got;

    (void)state;
    memset(body, 'a', NB_TRANSFER_KEPT_MAX);
    web_server_reply(server, 200, "", body);
    got = fetch_here();
    assert_int_equal(got.body_length, NB_TRANSFER_KEPT_MAX);
    assert_false(got.cut);
    body[NB_TRANSFER_KEPT_MAX] = 'b';
    web_server_reply(server, 200, "", body);
    got = fetch_here();
    assert_int_equal(got.end, NB_TRANSFER_ANSWERED);
    assert_int_equal(got.body_length, NB_TRANSFER_KEPT_MAX);
    assert_true(got.cut);
    assert_int_equal(web_server_connections(server), 1); /* it was read to its end */
    free(body);

    web_server_set(server,
                   &(struct web_answer){.text = "HTTP/1.1 503 Down\r\nRetry-After: 7\r\n\r\n", .endless = true});
    got = fetch_here();
    assert_int_equal(got.end, NB_TRANSFER_ANSWERED);
    assert_int_equal(got.status, 503);
    assert_int_equal(got.body_length, NB_TRANSFER_KEPT_MAX);
    assert_int_equal(got.retry_after_ms, 7000);
    web_server_set(server, &(struct web_answer){.text = "HTTP/1.1 200 Fine\r\n", .endless = true});
    assert_int_equal(fetch_here().end, NB_TRANSFER_BROKEN); /* headers without end */
}

static void reads_retry_after(void **state)
{
    static const struct {
        const char *value;
        int64_t ms;
    } cases[] = {{"0", 0},
                 {"120", 120000},
                 {"120  ", 120000},
                 {"99999999999999999999999999", INT64_C(315360000000)},
                 {"Mon, 30 Nov 2026 12:00:10 GMT", 10000},
                 {"Monday, 30-Nov-26 12:01:00 GMT", 60000},
                 {"Mon Nov 30 12:00:01 2026", 1000},
                 {"Mon, 30 Nov 2026 11:59:59 GMT", 0},
                 {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
                 {"Fri, 31 Dec 9999 23:59:59 GMT", INT64_C(315360000000)},
                 {"", -1},
                 {"-1", -1},
                 {"+5", -1},
                 {"1.5", -1},
                 {"10s", -1},
                 {"soon", -1},
                 {" ", -1}};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        int64_t ms = nb_retry_after_parse(cases[i].value, INT64_C(1796040000) * 1000000); /* 2026-11-30 12:00 UTC */

        if (ms != cases[i].ms)
            fail_msg("\"%s\": %lld", cases[i].value, (long long)ms);
    }
    web_server_reply(server, 429, "Retry-After: 90\r\n", "");
    assert_int_equal(fetch_here().retry_after_ms, 90000);
}

static void refuses_what_is_no_request(void **state)
{
    static const char *const impossible[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://",
                                             "http://a b/",      "dict://127.0.0.1/",  "smtp://127.0.0.1/",   ""};
    static const char *const headers[] = {"a: b\r\nc: d", NULL};
    struct nb_transfer_request request = {
        .url = web_server_url(server, "127.0.0.1", "/"), .headers = headers, .time_limit_ms = LONG_MS};
    struct nb_transfer *transfer;
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(impossible); i++) {
        struct got got = fetch(impossible[i], LONG_MS);

        if (got.end != NB_TRANSFER_IMPOSSIBLE)
            fail_msg("%s: %d %s", impossible[i], got.end, got.error);
    }
    assert_int_equal(nb_transfer_start(&transfer, transfers, &request, answered, NULL, &err), NB_EINVALID);
    assert_null(transfer);
    assert_int_equal(nb_transfers_active(transfers), 0);
}

/* ---- the guard ---- */

/* Resolves names as the list says: "a.example:80:127.0.0.1". */
static int resolve(void *arg, CURL *handle, struct nb_error *err)
{
    (void)err;
    return curl_easy_setopt(handle, CURLOPT_RESOLVE, arg) == CURLE_OK ? 0 : NB_EFAILED;
}

static struct got fetch_resolved(struct nb_transfers *by, const char *address)
{
    char *line = nb_asprintf("+a.example:%d:%s", web_server_port(server), address);
    struct curl_slist *list = curl_slist_append(NULL, line);
    struct nb_transfer_request request = {.url = web_server_url(server, "a.example", "/"),
                                          .time_limit_ms = LONG_MS,
                                          .prepare = resolve,
                                          .prepare_arg = list};
    struct got got = send_with(by, &request);

    curl_slist_free_all(list);
    free(line);
    return got;
}

static void names_that_resolve_to_forbidden_addresses(void **state)
{
    static const char *const addresses[] = {"127.0.0.1",
                                            "127.8.8.8",
                                            "0.0.0.0",
                                            "10.0.0.1",
                                            "172.31.0.1",
                                            "192.168.1.1",
                                            "169.254.169.254",
                                            "100.64.0.1",
                                            "192.0.2.1",
                                            "198.51.100.1",
                                            "203.0.113.1",
                                            "198.18.0.1",
                                            "224.0.0.1",
                                            "240.0.0.1",
                                            "192.88.99.1",
                                            "255.255.255.255",
                                            "[::1]",
                                            "[::]",
                                            "[fe80::1]",
                                            "[fc00::1]",
                                            "[ff02::1]",
                                            "[2002:7f00:1::]",
                                            "[2001::1]",
                                            "[::ffff:127.0.0.1]",
                                            "[::ffff:10.0.0.1]",
                                            "[64:ff9b::7f00:1]",
                                            "[2001:db8::1]",
                                            "[::127.0.0.1]",
                                            "10.0.0.1,[fd00::1],127.0.0.1"};

    (void)state;
    web_server_reply(server, 200, "", "secret");
    for (size_t i = 0; i < NB_ARRAY_SIZE(addresses); i++) {
        struct got got = fetch_resolved(guarded, addresses[i]);

        if (got.end != NB_TRANSFER_FORBIDDEN || got.status || !strstr(got.error, "address"))
            fail_msg("%s: %d %s", addresses[i], got.end, got.error);
    }
    assert_int_equal(web_server_connections(server), 0);
}

/* The same addresses as a URL can spell them, which libcurl or the resolver understand. */
static void spellings_of_forbidden_addresses(void **state)
{
    static const char *const hosts[] = {"127.0.0.1",          "127.1",           "2130706433", "0x7f000001",
                                        "0177.0.0.1",         "127.0.0.1.",      "localhost",  "LOCALHOST",
                                        "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0",          "user:pass@127.0.0.1"};

    (void)state;
    web_server_reply(server, 200, "", "secret");
    for (size_t i = 0; i < NB_ARRAY_SIZE(hosts); i++) {
        struct got got = send_with(guarded, &(struct nb_transfer_request){.url = web_server_url(server, hosts[i], "/"),
                                                                          .time_limit_ms = LONG_MS});

        if (got.end == NB_TRANSFER_ANSWERED || got.status)
            fail_msg("%s: %d %s", hosts[i], got.end, got.error);
    }
    assert_int_equal(web_server_connections(server), 0);
}

/* The name is judged each time it is connected to: a good address the first time does not help. */
static void a_name_that_is_bound_anew(void **state)
{
    (void)state;
    web_server_reply(server, 200, "Connection: close\r\n", "fine");
    assert_int_equal(fetch_resolved(transfers, "127.0.0.1").status, 200); /* 127.0.0.0/8 is allowed there */
    assert_int_equal(fetch_resolved(transfers, "10.0.0.1").end, NB_TRANSFER_FORBIDDEN);
    assert_int_equal(fetch_resolved(transfers, "[::1]").end, NB_TRANSFER_FORBIDDEN);
    assert_int_equal(fetch_resolved(transfers, "127.0.0.1").status, 200);
    assert_int_equal(web_server_connections(server), 2);
    /* where only some addresses of a name are allowed, those are taken */
    assert_int_equal(fetch_resolved(transfers, "10.0.0.1,127.0.0.1").status, 200);
}

/* What the administrator named needs no guard; but nobody else travels on its connections. */
static void trusted_transfers_have_connections_of_their_own(void **state)
{
    struct nb_transfer_request request = {.url = web_server_url(server, "127.0.0.1", "/"), .time_limit_ms = LONG_MS};

    (void)state;
    web_server_reply(server, 200, "", "x");
    request.trusted = true;
    assert_int_equal(send_with(guarded, &request).status, 200);
    assert_int_equal(send_with(guarded, &request).status, 200);
    assert_int_equal(web_server_open(server), 1); /* still open, and could be used */
    request.trusted = false;
    assert_int_equal(send_with(guarded, &request).end, NB_TRANSFER_FORBIDDEN);
    assert_int_equal(web_server_requests(server), 2);
}

/* ---- callbacks that start and cancel ---- */

static struct nb_transfer *victim;
static int chained;

static void start_next(void *arg, const struct nb_transfer_answer *answer)
{
    struct nb_transfer_request request = {.url = web_server_url(server, "127.0.0.1", "/"), .time_limit_ms = LONG_MS};
    struct nb_transfer *next;

    assert_int_equal(answer->status, 200);
    nb_transfer_cancel(&victim);
    if (++chained < 10)
        assert_int_equal(nb_transfer_start(&next, transfers, &request, start_next, arg, NULL), 0);
}

static void callbacks_may_start_and_cancel(void **state)
{
    struct nb_transfer_request request = {.url = web_server_url(server, "127.0.0.1", "/"), .time_limit_ms = LONG_MS};
    struct nb_transfer *first;
    struct got got = {0};

    (void)state;
    web_server_reply(server, 200, "", "x");
    assert_int_equal(nb_transfer_start(&first, transfers, &request, start_next, NULL, NULL), 0);
    request.url = "http://10.255.255.1/"; /* would be refused by the guard, were it not cancelled */
    request.time_limit_ms = LONG_MS;
    assert_int_equal(nb_transfer_start(&victim, transfers, &request, start_next, &got, NULL), 0);
    nb_transfer_cancel(&victim);
    TURN_WHILE(chained < 10);
    assert_int_equal(nb_transfers_active(transfers), 0);
    assert_int_equal(nb_transfer_start(&first, transfers, &request, answered, &got, NULL), 0);
    nb_transfers_free(&transfers); /* cancels */
    assert_int_equal(got.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
UNIT_MAIN(TEST(brings_a_request_and_its_answer), TEST(uses_connections_again), TEST(many_are_on_their_way_at_once),
          TEST(follows_nothing), TEST(a_server_that_hangs_costs_its_time),
          TEST(a_server_that_breaks_off_is_told_from_one_that_answers), TEST(nobody_there),
          TEST(keeps_no_more_than_it_should), TEST(reads_retry_after), TEST(refuses_what_is_no_request),
          TEST(names_that_resolve_to_forbidden_addresses), TEST(spellings_of_forbidden_addresses),
          TEST(a_name_that_is_bound_anew), TEST(trusted_transfers_have_connections_of_their_own),
          TEST(callbacks_may_start_and_cancel))
