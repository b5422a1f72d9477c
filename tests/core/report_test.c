/* report_test.c - core/receipts/report.h: bounces as Postfix, Exim and Exchange write them, complaints, and what is neither. */
#include "receipts/report.h"

#include "tests/lib/unit.h"

#define ID       "0199aaaa-0000-7000-8000-000000000001"
#define OTHER_ID "0199aaaa-0000-7000-8000-000000000002"

/* The receipts as compact JSON, or why there are none; the caller frees it. */
static char *read_report(const char *text)
{
    struct nb_error err = {0};
    json_t *receipts;
    char *out;

    if (nb_report_read(&receipts, text, strlen(text), &err) < 0) {
        assert_int_equal(err.code, NB_ENOTFOUND);
        return strdup(err.message);
    }
    out = json_dumps(receipts, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(receipts);
    return out;
}

static void is_read(const char *text, const char *expected)
{
    char *got = read_report(text);

    assert_string_equal(got, expected);
    free(got);
}

#define POSTFIX_STATUS                                                                                                 \
    "Reporting-MTA: dns; box.test\nX-Postfix-Queue-ID: 5C0A5A83134\nX-Postfix-Sender: rfc822; bounces@box.example\n"   \
    "Arrival-Date: Mon, 30 Nov 2026 13:10:06 +0000 (UTC)\n\n"                                                          \
    "Final-Recipient: rfc822; gone@box.example\nOriginal-Recipient: rfc822;late@box.example\nAction: failed\n"         \
    "Status: 5.1.1\nDiagnostic-Code: X-Postfix; unknown user:\n    \"gone@box.example\"\n"

static void postfix_writes_so(void **state NB_UNUSED)
{
    is_read("From MAILER-DAEMON  Mon Nov 30 13:10:06 2026\nReturn-Path: <>\n"
            "Delivered-To: bounces+" ID "@box.example\nFrom: MAILER-DAEMON@box.test\n"
            "Subject: Undelivered Mail Returned to Sender\nTo: bounces+" ID "@box.example\n"
            "Content-Type: multipart/report; "
            "report-type=delivery-status;\n\tboundary=\"5C0A5A83134.1796044206/box.test\"\n\n"
            "This is a MIME-encapsulated message.\n\n--5C0A5A83134.1796044206/box.test\n"
            "Content-Description: Notification\nContent-Type: text/plain; charset=us-ascii\n\nsorry\n\n"
            "--5C0A5A83134.1796044206/box.test\nContent-Description: Delivery report\n"
            "Content-Type: message/delivery-status\n\n" POSTFIX_STATUS "\n--5C0A5A83134.1796044206/box.test\n"
            "Content-Type: message/rfc822\n\nMessage-ID: <" OTHER_ID "@box.example>\nSubject: Title\n\nText\n"
            "--5C0A5A83134.1796044206/box.test--\n",
            "[{\"at\":\"2026-11-30T13:10:06.000000Z\",\"code\":\"5.1.1\",\"delivery\":\"" ID
            "\",\"detail\":\"unknown user:     \\\"gone@box.example\\\"\","
            "\"recipients\":[\"late@box.example\",\"gone@box.example\"],\"status\":\"bounced\"}]");
}

/* Of two recipients, with CRLF, and by the Message-ID alone. */
static void exim_writes_so(void **state NB_UNUSED)
{
    is_read("To: alerts@example.com\r\nContent-Type: multipart/report; report-type=delivery-status; "
            "boundary=1796-eximdsn-7\r\n\r\n"
            "--1796-eximdsn-7\r\nContent-type: text/plain; charset=us-ascii\r\n\r\nsorry\r\n\r\n"
            "--1796-eximdsn-7\r\nContent-type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
            "Action: failed\r\nFinal-Recipient: rfc822;a@example.org\r\nStatus: 5.0.0\r\nRemote-MTA: dns; "
            "mx.example.org\r\n"
            "Diagnostic-Code: smtp; 550 No such user here\r\n\r\n"
            "Action: delayed\r\nFinal-Recipient: rfc822;<b@example.org>\r\nStatus: 4.0.0 (later)\r\n\r\n"
            "--1796-eximdsn-7\r\nContent-type: text/rfc822-headers\r\n\r\nReturn-path: <alerts@example.com>\r\n"
            "message-id: <" ID "@example.com>\r\nSubject: Title\r\n\r\n--1796-eximdsn-7--\r\n",
            "[{\"code\":\"5.0.0\",\"delivery\":\"" ID
            "\",\"detail\":\"550 No such user here\",\"recipients\":[\"a@example.org\"],\"status\":\"bounced\"},"
            "{\"code\":\"4.0.0\",\"delivery\":\"" ID "\",\"recipients\":[\"b@example.org\"],\"status\":\"deferred\"}]");
}

/* RFC 3339's years have four digits: libcurl reads longer ones, too. */
static void a_time_beyond_all_years_is_none(void **state NB_UNUSED)
{
    is_read("To: <bounces+" ID
            "@box.example>\nContent-Type: multipart/report; report-type=delivery-status; boundary=in\n\n--in\n"
            "Content-Type: message/delivery-status\n\nReporting-MTA: dns;x\nArrival-Date: Mon, 30 Nov 2026314: 4:12 "
            "+0000\n\n"
            "Final-Recipient: rfc822;a@b.example\nAction: delivered\nStatus: 2.0.0\n\n--in--\n",
            "[{\"code\":\"2.0.0\",\"delivery\":\"" ID "\",\"recipients\":[\"a@b.example\"],\"status\":\"delivered\"}]");
}

/* Several parts within others, as gateways pack it again. */
static void it_is_found_within(void **state NB_UNUSED)
{
    is_read("To: <bounces+" ID "@box.example>\nContent-Type: multipart/mixed; boundary=out\n\n--out\nContent-Type: "
            "text/plain\n\nwarning\n--out\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=in\n\n--in\nContent-Type: "
            "message/delivery-status\n\n"
            "Reporting-MTA: dns;x\n\nFinal-Recipient: rfc822;a@b.example\nAction: delivered\nStatus: "
            "2.0.0\n\n--in--\n--out--\n",
            "[{\"code\":\"2.0.0\",\"delivery\":\"" ID "\",\"recipients\":[\"a@b.example\"],\"status\":\"delivered\"}]");
}

static void a_complaint_is_one(void **state NB_UNUSED)
{
    static const char feedback[] =
        "To: fbl@box.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=x\n\n--x\n"
        "Content-Type: message/feedback-report\n\nFeedback-Type: %s\nOriginal-Mail-From: <bounces+" ID "@box.example>\n"
        "Original-Rcpt-To: <ada@example.org>\n\n--x\nContent-Type: message/rfc822\n\nSubject: Title\n\n--x--\n";
    char text[1000];

    snprintf(text, sizeof(text), feedback, "abuse");
    is_read(
        text,
        "[{\"delivery\":\"" ID
        "\",\"detail\":\"told by a feedback report\",\"recipients\":[\"ada@example.org\"],\"status\":\"complained\"}]");
    snprintf(text, sizeof(text), feedback, "not-spam");
    is_read(text, "the mail is no delivery status and no complaint");
}

static void other_mails_are_none(void **state NB_UNUSED)
{
    is_read("", "the mail is no delivery status and no complaint");
    is_read("\n\n\n", "the mail is no delivery status and no complaint");
    is_read("To: bounces+" ID
            "@box.example\nSubject: I am away\nContent-Type: text/plain\n\nAction: failed\nStatus: 5.1.1\n",
            "the mail is no delivery status and no complaint");
    is_read("To: bounces@box.example\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: "
            "message/delivery-status\n\n" POSTFIX_STATUS "\n--x--\n",
            "the report names no delivery");
    is_read("To: bounces+not-a-uuid-but-just-as-long-as-one-x@box.example\nContent-Type: multipart/report; "
            "boundary=x\n\n--x\n"
            "Content-Type: message/delivery-status\n\n" POSTFIX_STATUS,
            "the report names no delivery");
}

static void what_is_hostile_is_text(void **state NB_UNUSED)
{
    static const char head[] =
        "To: bounces+" ID
        "@box.example\nContent-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n";
    char *text = malloc(200000), *got;

    snprintf(text, 200000, "%sFinal-Recipient: rfc822;a\nAction: failed\nDiagnostic-Code: smtp; \033[2J\xff", head);
    is_read(text, "[{\"delivery\":\"" ID "\",\"detail\":\"[2J?\",\"recipients\":[\"a\"],\"status\":\"bounced\"}]");
    strcpy(text, head);
    for (int i = 0; i < 1000; i++)
        strcat(text, "Final-Recipient: rfc822;a\nAction: failed\n\n");
    got = read_report(text);
    assert_int_equal(strlen(got),
                     strlen("[]") - 1 +
                         100 * strlen("{\"delivery\":\"" ID "\",\"recipients\":[\"a\"],\"status\":\"bounced\"},"));
    free(got);
    free(text);
}

UNIT_MAIN(cmocka_unit_test(postfix_writes_so), cmocka_unit_test(exim_writes_so),
          cmocka_unit_test(a_time_beyond_all_years_is_none), cmocka_unit_test(it_is_found_within),
          cmocka_unit_test(a_complaint_is_one), cmocka_unit_test(other_mails_are_none),
          cmocka_unit_test(what_is_hostile_is_text))
