/* Webhooks: what is sent and how it is signed, what each answer means, whom they are not sent to. */
#include "tests/lib/unit.h"

#include <jansson.h>

#include "base/base64.h"
#include "base/clock.h"
#include "channels/signing.h"
#include "tests/lib/sending.h"

#define KEY "an installation's key of more than thirty-two bytes"

static struct sending sending;
static struct web_server *server;

/* With a time limit that a loaded machine keeps, or one that is waited for. */
static void start(const char *time_limit)
{
    struct nb_error err = {0};
    char *configuration = nb_asprintf("[network]\nallow = 127.0.0.1\n[channel.webhook]\nkind = webhook\nkey_file = %s\n"
                                      "ed25519 = yes\ntime_limit = %s\n",
                                      sending_file(&sending, "key", KEY), time_limit);

    if (sending_start(&sending, configuration, &err) < 0)
        fail_msg("%s", err.message);
    free(configuration);
}

static int setup(void **state)
{
    (void)state;
    sending_init(&sending);
    server = web_server_new(sending.loop);
    web_server_reply(server, 200, "", "");
    start("30s");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    web_server_free(&server);
    sending_clear(&sending);
    return 0;
}

static struct nb_message message_to(const char *address)
{
    struct nb_message message = {.channel = "webhook",
                                 .type = "build.failed",
                                 .urgency = "high",
                                 .locale = "en",
                                 .subject = "Build 17 failed",
                                 .body = "It did — \"really\"",
                                 .payload = "{\"build\": 17.00000000000000000001}",
                                 .link = "https://ci.example.org/17",
                                 .created_ms = 1796040000123,
                                 .attempt = 1,
                                 .target = {.address = address, .secret_version = 3}};

    memset(&message.delivery, 0x11, 16);
    memset(&message.tenant, 0x22, 16);
    memset(&message.user, 0x33, 16);
    memset(&message.target.id, 0x44, 16);
    return message;
}

static const char *here(void)
{
    return web_server_url(server, "127.0.0.1", "/hook");
}

/* The signature that the last request should have, by the version of its secret. */
static char *expected_signature(int version)
{
    struct nb_signed what = {.id = web_server_header(server, "webhook-id"),
                             .timestamp = strtoll(web_server_header(server, "webhook-timestamp"), NULL, 10),
                             .body = web_server_body(server, NULL)};
    struct nb_strbuf out;
    struct nb_signing *signing;
    struct nb_uuid id;

    memset(&id, 0x44, 16);
    what.body_length = strlen(what.body);
    nb_strbuf_init(&out, 1024);
    assert_int_equal(nb_signing_new(&signing, KEY, strlen(KEY), NULL), 0);
    nb_signing_sign(&out, signing, &id, version, &what);
    nb_signing_free(&signing);
    return nb_strbuf_take(&out);
}

static void sends_what_happened(void **state)
{
    struct nb_message message = message_to(here());
    struct sent sent = sending_send(&sending, &message);
    int64_t timestamp = strtoll(web_server_header(server, "webhook-timestamp"), NULL, 10);

    (void)state;
    assert_int_equal(sent.outcome, NB_SEND_SENT);
    assert_int_equal(sent.code, 200);
    assert_memory_equal(web_server_head(server), "POST /hook HTTP/1.1\r\n", 21);
    assert_string_equal(web_server_header(server, "content-type"), "application/json");
    assert_string_equal(web_server_header(server, "webhook-id"), "11111111-1111-1111-1111-111111111111");
    assert_in_range(timestamp, nb_now() / 1000000 - 60, nb_now() / 1000000);
    assert_string_equal(
        web_server_body(server, NULL),
        "{\"type\":\"build.failed\",\"timestamp\":\"2026-11-30T12:00:00.123000Z\",\"data\":{"
        "\"id\":\"11111111-1111-1111-1111-111111111111\",\"tenant\":\"22222222-2222-2222-2222-222222222222\","
        "\"user\":\"33333333-3333-3333-3333-333333333333\",\"urgency\":\"high\",\"locale\":\"en\","
        "\"subject\":\"Build 17 failed\",\"link\":\"https://ci.example.org/17\",\"body\":\"It did — \\\"really\\\"\","
        "\"payload\":{\"build\":17.00000000000000000001}}}");
}

static void signs_with_every_live_secret(void **state)
{
    struct nb_message message = message_to(here());
    char *third, *second;
    const char *header;

    (void)state;
    sending_send(&sending, &message);
    third = expected_signature(3);
    header = web_server_header(server, "webhook-signature");
    assert_memory_equal(header, third, strlen(third));
    assert_memory_equal(header + strlen(third), " v1a,", 5);
    assert_int_equal(strlen(header + strlen(third)), 5 + NB_BASE64_LENGTH(64));
    free(third);

    message.target.former_version = 2; /* while both hold */
    sending_send(&sending, &message);
    third = expected_signature(3);
    second = expected_signature(2);
    header = web_server_header(server, "webhook-signature");
    assert_memory_equal(header, third, strlen(third));
    assert_int_equal(header[strlen(third)], ' ');
    assert_memory_equal(header + strlen(third) + 1, second, strlen(second));
    assert_string_not_equal(third, second);
    free(third);
    free(second);
}

static void every_endpoint_has_a_secret_of_its_own(void **state)
{
    struct nb_signing *signing;
    struct nb_strbuf one, other;
    struct nb_uuid id = {{1}}, another = {{2}};

    (void)state;
    assert_int_equal(nb_signing_new(&signing, KEY, strlen(KEY), NULL), 0);
    nb_strbuf_init(&one, 100);
    nb_strbuf_init(&other, 100);
    nb_signing_secret(&one, signing, &id, 1);
    assert_memory_equal(one.data, "whsec_", 6);
    assert_int_equal(one.length, 6 + NB_BASE64_LENGTH(32));
    nb_signing_secret(&other, signing, &another, 1);
    assert_string_not_equal(one.data, other.data);
    nb_strbuf_reset(&other);
    nb_signing_secret(&other, signing, &id, 2);
    assert_string_not_equal(one.data, other.data);
    nb_strbuf_reset(&other);
    nb_signing_secret(&other, signing, &id, 1);
    assert_string_equal(one.data, other.data);
    nb_strbuf_clear(&one);
    nb_strbuf_clear(&other);
    nb_signing_free(&signing);
    assert_int_equal(nb_signing_new(&signing, "short", 5, NULL), NB_EINVALID);
}

static void stays_thin(void **state)
{
    struct nb_message message = message_to(here());
    char *body = nb_calloc(1, 30001);
    const char *got;

    (void)state;
    memset(body, 'x', 30000);
    message.body = body;
    assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_SENT);
    got = web_server_body(server, NULL);
    assert_true(strlen(got) < 20480);
    assert_non_null(strstr(got, "\"subject\":\"Build 17 failed\""));
    assert_non_null(strstr(got, "\"partial\":true"));
    assert_null(strstr(got, "\"body\""));
    free(body);
}

static void knows_what_an_answer_means(void **state)
{
    static const struct {
        int status;
        enum nb_send_outcome outcome;
        bool ended, fault;
        int64_t retry_after_ms;
        const char *headers, *body, *error;
    } cases[] = {
        {200, NB_SEND_SENT, false, false, -1, "", "ok", ""},
        {204, NB_SEND_SENT, false, false, -1, "", "", ""},
        {301, NB_SEND_FAILED, false, false, -1, "Location: http://10.0.0.1/\r\n", "",
         "HTTP 301: redirects are not followed"},
        {307, NB_SEND_FAILED, false, false, -1, "Location: http://169.254.169.254/\r\n", "x",
         "HTTP 307: redirects are not followed"},
        {400, NB_SEND_FAILED, false, false, -1, "", "no\r\nsuch \033[31m thing", "HTTP 400: no such [31m thing"},
        {401, NB_SEND_FAILED, false, false, -1, "", "", "HTTP 401"},
        {404, NB_SEND_FAILED, false, false, -1, "", "", "HTTP 404"},
        {408, NB_SEND_RETRY, false, true, -1, "", "", "HTTP 408"},
        {410, NB_SEND_FAILED, true, false, -1, "", "", "HTTP 410"},
        {429, NB_SEND_RETRY, false, true, 120000, "Retry-After: 120\r\n", "", "HTTP 429"},
        {500, NB_SEND_RETRY, false, true, -1, "", "<html>", "HTTP 500: <html>"},
        {503, NB_SEND_RETRY, false, true, 0, "Retry-After: Thu, 01 Jan 1970 00:00:00 GMT\r\n", "", "HTTP 503"},
    };
    struct nb_message message = message_to(here());

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct sent sent;

        web_server_reply(server, cases[i].status, cases[i].headers, cases[i].body);
        sent = sending_send(&sending, &message);
        if (sent.outcome != cases[i].outcome || sent.code != cases[i].status || sent.address_ended != cases[i].ended ||
            sent.provider_fault != cases[i].fault || sent.retry_after_ms != cases[i].retry_after_ms ||
            strcmp(sent.error, cases[i].error) != 0)
            fail_msg("%d: %d %d %d %lld %s", cases[i].status, sent.outcome, sent.address_ended, sent.provider_fault,
                     (long long)sent.retry_after_ms, sent.error);
    }
}

static void no_answer_is_tried_again(void **state)
{
    static const struct web_answer none[] = {{0},
                                             {.close = true},
                                             {.text = "SSH-2.0-OpenSSH\r\n", .close = true},
                                             {.text = "\x16\x03\x01\x02", .close = true}};
    struct nb_message message = message_to(here());
    struct sent sent;

    (void)state;
    start("1s");
    for (size_t i = 0; i < NB_ARRAY_SIZE(none); i++) {
        web_server_set(server, &none[i]);
        sent = sending_send(&sending, &message);
        assert_int_equal(sent.outcome, NB_SEND_RETRY);
        assert_int_equal(sent.code, 0);
        assert_true(sent.provider_fault && sent.error[0]);
    }
    /* it said yes before it broke off: a second time would be one too many */
    web_server_set(server,
                   &(struct web_answer){.text = "HTTP/1.1 200 Fine\r\nContent-Length: 9\r\n\r\nhalf", .close = true});
    assert_int_equal(sending_send(&sending, &message).outcome, NB_SEND_SENT);
    web_server_free(&server);
    sent = sending_send(&sending, &message);
    assert_int_equal(sent.outcome, NB_SEND_RETRY);
    assert_true(sent.provider_fault);
}

static void is_not_sent_to_what_users_must_not_reach(void **state)
{
    char *near = nb_asprintf("http://127.0.0.2:%d/", web_server_port(server));
    const char *const addresses[] = {near,
                                     "http://169.254.169.254/latest/meta-data/",
                                     "http://[::1]/",
                                     "http://10.0.0.1/",
                                     "ftp://127.0.0.1/",
                                     "file:///etc/passwd",
                                     "javascript:alert(1)",
                                     "http://",
                                     "http://a b/",
                                     "http://127.0.0.1/\r\nX: y",
                                     "http://user:secret@127.0.0.1/",
                                     "127.0.0.1",
                                     ""};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(addresses); i++) {
        struct nb_message message = message_to(addresses[i]);
        struct sent sent = sending_send(&sending, &message);

        if (sent.outcome != NB_SEND_FAILED || sent.provider_fault || !sent.error[0])
            fail_msg("%s: %d %s", addresses[i], sent.outcome, sent.error);
    }
    assert_int_equal(web_server_connections(server), 0);
    free(near);
}

static void endpoints_are_hosts(void **state)
{
    struct nb_sender *sender = nb_senders_find(sending.senders, "webhook");
    struct nb_message message = message_to("HTTPS://Hooks.Example.org:443/a?b");

    (void)state;
    assert_string_equal(nb_sender_endpoint(sender, &message), "https://hooks.example.org");
    message.target.address = "http://hooks.example.org:8080/other";
    assert_string_equal(nb_sender_endpoint(sender, &message), "http://hooks.example.org:8080");
    assert_int_equal(nb_sender_check_address(sender, "https://hooks.example.org/x", NULL), 0);
    assert_int_equal(nb_sender_check_address(sender, "mailto:ada@example.org", NULL), NB_EINVALID);
}

static void cancels(void **state)
{
    struct nb_message message = message_to(here());
    struct nb_send *send;
    struct sent got, other;

    (void)state;
    start("1s");
    web_server_set(server, &(struct web_answer){0});
    send = sending_begin(&sending, &message, &got);
    nb_send_cancel(&send);
    assert_null(send);
    other = sending_send(&sending, &message); /* hangs for its second */
    assert_int_equal(other.outcome, NB_SEND_RETRY);
    assert_int_equal(got.count, 0);
}

static void needs_a_long_key(void **state)
{
    char *configuration =
        nb_asprintf("[channel.webhook]\nkind = webhook\nkey_file = %s\n", sending_file(&sending, "short", "short"));
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(sending_start(&sending, configuration, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "channels.conf:3: the key has 5 bytes, at least 32 are needed"));
    assert_string_equal(err.hint, "openssl rand -base64 48 makes one");
    free(configuration);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
UNIT_MAIN(TEST(sends_what_happened), TEST(signs_with_every_live_secret), TEST(every_endpoint_has_a_secret_of_its_own),
          TEST(stays_thin), TEST(knows_what_an_answer_means), TEST(no_answer_is_tried_again),
          TEST(is_not_sent_to_what_users_must_not_reach), TEST(endpoints_are_hosts), TEST(cancels),
          TEST(needs_a_long_key))
