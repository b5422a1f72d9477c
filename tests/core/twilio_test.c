/* SMS: segments and cutting, phone numbers, and what is sent to and answered by a stand-in that speaks Twilio's form. */
#include "tests/lib/unit.h"

#include "channels/sms.h"
#include "tests/lib/sending.h"

static struct sending sending;
static struct web_server *server;

static void start(const char *more)
{
    char *configuration = nb_asprintf("[channel.sms]\nkind = twilio\nurl = http://127.0.0.1:%d/\naccount = AC17\n"
                                      "token_file = %s\n%s",
                                      web_server_port(server), sending_file(&sending, "token", "s3cret\n"), more);
    struct nb_error err = {0};

    if (sending_start(&sending, configuration, &err) < 0)
        fail_msg("%s", err.message);
    free(configuration);
}

static int setup(void **state)
{
    (void)state;
    sending_init(&sending);
    server = web_server_new(sending.loop);
    start("from = +15005550006\nstatus_url = https://notify.example.org/receipts/twilio?a=b\n");
    web_server_reply(server, 201, "", "{\"sid\": \"SM0123\", \"status\": \"queued\"}");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    web_server_free(&server);
    sending_clear(&sending);
    return 0;
}

static struct sent send_text(const char *number, const char *text)
{
    struct nb_message message = {.channel = "sms", .body = text, .target = {.address = number}};

    return sending_send(&sending, &message);
}

static void sends_a_form(void **state)
{
    struct sent sent = send_text("+4915112345678", "Tür & Öl = 50% ~_-.");

    (void)state;
    assert_int_equal(sent.outcome, NB_SEND_SENT);
    assert_int_equal(sent.code, 201);
    assert_string_equal(sent.message_id, "SM0123");
    assert_memory_equal(web_server_head(server), "POST /2010-04-01/Accounts/AC17/Messages.json HTTP/1.1\r\n", 55);
    assert_string_equal(web_server_header(server, "authorization"), "Basic QUMxNzpzM2NyZXQ=");
    assert_string_equal(web_server_header(server, "content-type"), "application/x-www-form-urlencoded");
    assert_string_equal(web_server_body(server, NULL),
                        "To=%2B4915112345678&From=%2B15005550006&Body=T%C3%BCr%20%26%20%C3%96l%20%3D%2050%25%20~_-."
                        "&StatusCallback=https%3A%2F%2Fnotify.example.org%2Freceipts%2Ftwilio%3Fa%3Db");

    start("messaging_service = MG99\n");
    send_text("+4915112345678", "x");
    assert_string_equal(web_server_body(server, NULL), "To=%2B4915112345678&MessagingServiceSid=MG99&Body=x");
}

static void knows_what_an_answer_means(void **state)
{
    static const struct {
        int status;
        const char *headers, *body;
        enum nb_send_outcome outcome;
        int code;
        bool ended, fault;
        int64_t retry_after_ms;
        const char *error;
    } cases[] = {
        {400, "", "{\"code\": 21211, \"message\": \"The 'To' number is not a valid phone number.\", \"status\": 400}",
         NB_SEND_FAILED, 21211, true, false, -1, "21211 The 'To' number is not a valid phone number."},
        {400, "", "{\"code\": 21610, \"message\": \"Attempt to send to unsubscribed recipient\"}", NB_SEND_FAILED,
         21610, true, false, -1, "21610 Attempt to send to unsubscribed recipient"},
        {400, "", "{\"code\": 21614, \"message\": \"not mobile\"}", NB_SEND_FAILED, 21614, true, false, -1,
         "21614 not mobile"},
        {400, "", "{\"code\": 21617, \"message\": \"too long\\n\\u001b[0m\"}", NB_SEND_FAILED, 21617, false, false, -1,
         "21617 too long [0m"},
        {400, "", "{\"code\": 21217, \"message\": \"no number\"}", NB_SEND_FAILED, 21217, true, false, -1,
         "21217 no number"},
        {400, "", "{\"code\": 30006, \"message\": \"landline\"}", NB_SEND_FAILED, 30006, true, false, -1,
         "30006 landline"},
        {400, "", "{\"code\": 21408, \"message\": \"no permission\"}", NB_SEND_FAILED, 21408, false, false, -1,
         "21408 no permission"},
        {400, "", "{\"code\": 21612, \"message\": \"no way\"}", NB_SEND_FAILED, 21612, false, false, -1,
         "21612 no way"},
        {400, "", "{\"code\": 21606, \"message\": \"not yours\"}", NB_SEND_RETRY, 21606, false, true, -1,
         "21606 not yours"},
        {400, "", "{\"code\": 21611, \"message\": \"full\"}", NB_SEND_RETRY, 21611, false, true, -1, "21611 full"},
        {400, "", "{\"code\": 30002, \"message\": \"suspended\"}", NB_SEND_RETRY, 30002, false, true, -1,
         "30002 suspended"},
        {401, "", "{\"code\": 20003, \"message\": \"Authenticate\"}", NB_SEND_RETRY, 20003, false, true, -1,
         "20003 Authenticate"},
        {429, "Retry-After: 7\r\n", "{\"code\": 20429, \"message\": \"Too Many Requests\"}", NB_SEND_RETRY, 20429,
         false, true, 7000, "20429 Too Many Requests"},
        {429, "Retry-After: 3\r\n", "slow down", NB_SEND_RETRY, 429, false, true, 3000, "HTTP 429: slow down"},
        {500, "", "<html>oops</html>", NB_SEND_RETRY, 500, false, true, -1, "HTTP 500: <html>oops</html>"},
        {503, "", "{\"code\": \"x\", \"message\": 5}", NB_SEND_RETRY, 503, false, true, -1,
         "HTTP 503: {\"code\": \"x\", \"message\": 5}"},
        {400, "", "[]", NB_SEND_FAILED, 400, false, false, -1, "HTTP 400: []"},
        {400, "", "{\"code\": 99999999999999, \"message\": \"m\"}", NB_SEND_FAILED, 400, false, false, -1, "400 m"},
        {302, "Location: http://10.0.0.1/\r\n", "", NB_SEND_FAILED, 302, false, false, -1,
         "HTTP 302: redirects are not followed"},
        {201, "", "{\"no\": \"sid\"}", NB_SEND_SENT, 201, false, false, -1, ""},
        {201, "", "garbage", NB_SEND_SENT, 201, false, false, -1, ""},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct sent sent;

        web_server_reply(server, cases[i].status, cases[i].headers, cases[i].body);
        sent = send_text("+4915112345678", "x");
        if (sent.outcome != cases[i].outcome || sent.code != cases[i].code || sent.address_ended != cases[i].ended ||
            sent.provider_fault != cases[i].fault || sent.retry_after_ms != cases[i].retry_after_ms ||
            strcmp(sent.error, cases[i].error) != 0)
            fail_msg("%s: %d %d %d %d %lld \"%s\"", cases[i].body, sent.outcome, sent.code, sent.address_ended,
                     sent.provider_fault, (long long)sent.retry_after_ms, sent.error);
    }
}

static void no_answer_is_tried_again(void **state)
{
    static const struct web_answer none[] = {{0}, {.close = true}, {.text = "220 smtp\r\n", .close = true}};

    (void)state;
    start("from = +15005550006\ntime_limit = 1s\n");
    for (size_t i = 0; i < NB_ARRAY_SIZE(none); i++) {
        struct sent sent;

        web_server_set(server, &none[i]);
        sent = send_text("+4915112345678", "x");
        assert_int_equal(sent.outcome, NB_SEND_RETRY);
        assert_true(sent.provider_fault && sent.error[0]);
    }
    /* accepted, though we do not learn its name: a second message would be one too many */
    web_server_set(server, &(struct web_answer){.text = "HTTP/1.1 201 Made\r\nContent-Length: 99\r\n\r\n{\"sid\": \"SM",
                                                .close = true});
    assert_int_equal(send_text("+4915112345678", "x").outcome, NB_SEND_SENT);
}

static void numbers_are_of_the_whole_world(void **state)
{
    static const char *const wrong[] = {"",
                                        "015112345678",
                                        "+",
                                        "+0151123456",
                                        "+123456",
                                        "+1234567890123456",
                                        "+49 151 12345678",
                                        "+4915112345678\n",
                                        "tel:+4915112345678",
                                        "+49151x2345678"};

    (void)state;
    assert_int_equal(nb_phone_check("+1234567", NULL), 0);
    assert_int_equal(nb_phone_check("+123456789012345", NULL), 0);
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        struct sent sent = send_text(wrong[i], "x");

        if (sent.outcome != NB_SEND_FAILED || !strstr(sent.error, "expected a phone number"))
            fail_msg("%s: %s", wrong[i], sent.error);
    }
    assert_int_equal(web_server_requests(server), 0);
}

static char *repeat(const char *text, size_t times)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, 1 << 20);
    while (times-- > 0)
        nb_strbuf_append(&out, text);
    return nb_strbuf_take(&out);
}

static void counts_segments(void **state)
{
    static const struct {
        const char *text;
        size_t times, units, segments;
        bool ucs2;
    } cases[] = {
        {"", 1, 0, 0, false},        {"a", 160, 160, 1, false}, {"a", 161, 161, 2, false}, {"a", 306, 306, 2, false},
        {"a", 307, 307, 3, false},   {"é", 160, 160, 1, false}, {"€", 80, 160, 1, false},  {"€", 81, 162, 2, false},
        {"€", 152, 304, 2, false},   {"€", 153, 306, 3, false}, /* no escape is parted, so a segment has 152 */
        {"ß\n@£Ω{", 1, 7, 1, false}, {"`", 1, 1, 1, true},      {"ç", 70, 70, 1, true},    {"ç", 71, 71, 2, true},
        {"ç", 134, 134, 2, true},    {"ç", 135, 135, 3, true},  {"😀", 35, 70, 1, true},    {"😀", 36, 72, 2, true},
        {"😀", 66, 132, 2, true},     {"😀", 67, 134, 3, true},   {"Δ", 160, 160, 1, false}, {"Я", 70, 70, 1, true},
        {"\xff", 1, 1, 1, true},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char *text = repeat(cases[i].text, cases[i].times);
        struct nb_sms_size size = nb_sms_measure(text);

        if (size.units != cases[i].units || size.segments != cases[i].segments || size.ucs2 != cases[i].ucs2)
            fail_msg("%zu × %s: %zu units, %zu segments, %d", cases[i].times, cases[i].text, size.units, size.segments,
                     size.ucs2);
        free(text);
    }
}

static void cuts_to_segments(void **state)
{
    static const struct {
        const char *text;
        size_t times, segments, kept; /* characters of the text */
    } cases[] = {{"a", 160, 1, 160}, {"a", 161, 1, 157}, {"a", 307, 2, 303},      {"ç", 71, 1, 67},
                 {"😀", 36, 1, 33},   {"€", 81, 1, 78},   {"e\xcc\x81", 40, 1, 33}};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char *text = repeat(cases[i].text, cases[i].times), *cut = nb_sms_cut(text, cases[i].segments);
        char *expected = repeat(cases[i].text, cases[i].kept);
        bool whole = cases[i].kept == cases[i].times;

        if (strncmp(cut, expected, strlen(expected)) != 0 || strcmp(cut + strlen(expected), whole ? "" : "...") != 0)
            fail_msg("%zu × %s: %s", cases[i].times, cases[i].text, cut);
        assert_true(nb_sms_measure(cut).segments <= cases[i].segments);
        free(text);
        free(cut);
        free(expected);
    }
    start("from = nightbell\nsegments = 1\n");
    web_server_reply(server, 201, "", "{}");
    {
        char *text = repeat("a", 500);

        assert_int_equal(send_text("+4915112345678", text).outcome, NB_SEND_SENT);
        assert_int_equal(strlen(strstr(web_server_body(server, NULL), "Body=")), 5 + 160);
        free(text);
    }
}

static void settings_say_who_sends(void **state)
{
    char *both = nb_asprintf("[channel.sms]\nkind = twilio\naccount = AC17\ntoken_file = %s/token\nfrom = +1500\n"
                             "messaging_service = MG1\n",
                             sending.directory);
    char *neither =
        nb_asprintf("[channel.sms]\nkind = twilio\naccount = AC17\ntoken_file = %s/token\n", sending.directory);
    char *account = nb_asprintf("[channel.sms]\nkind = twilio\naccount = ../x\ntoken_file = %s/token\nfrom = +1500\n",
                                sending.directory);
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(sending_start(&sending, both, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "channels.conf:5: expected from or messaging_service"));
    assert_int_equal(sending_start(&sending, neither, &err), NB_EINVALID);
    if (!strstr(err.message, "channels.conf:2: expected from or messaging_service"))
        fail_msg("%s", err.message);
    assert_int_equal(sending_start(&sending, account, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "channels.conf:3: account: expected letters and digits"));
    free(both);
    free(neither);
    free(account);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
UNIT_MAIN(TEST(sends_a_form), TEST(knows_what_an_answer_means), TEST(no_answer_is_tried_again),
          TEST(numbers_are_of_the_whole_world), TEST(counts_segments), TEST(cuts_to_segments),
          TEST(settings_say_who_sends))
