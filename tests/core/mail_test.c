/* mail_test.c - core/channels/mail.h: a whole mail as it is sent, and what is refused. */
#include "channels/mail.h"

#include "tests/lib/unit.h"

static const char *const nobody[] = {NULL};

static struct nb_message plain_message(void)
{
    struct nb_message message = {.channel = "email",
                                 .type = "PO_APPROVED",
                                 .urgency = "normal",
                                 .subject = "Approved",
                                 .body = "PO 4711 is approved.",
                                 .cc = nobody,
                                 .bcc = nobody,
                                 .created_ms = INT64_C(1796040000123),
                                 .target.address = "ada@example.org"};

    assert_int_equal(nb_uuid_parse(&message.delivery, "0199aaaa-0000-7000-8000-000000000001", NULL), 0);
    return message;
}

/* The caller clears the mail. */
static int compose(struct nb_mail *mail, const struct nb_message *message, const char *from, struct nb_error *err)
{
    struct nb_mail_sender sender;
    int rc = nb_mail_sender_parse(&sender, from, NULL, "bounces@example.com", err);

    *mail = (struct nb_mail){0};
    if (rc == 0)
        rc = nb_mail_compose(mail, &sender, message, err);
    nb_mail_sender_clear(&sender);
    return rc;
}

static void is_mail(const struct nb_message *message, const char *expected)
{
    struct nb_mail mail;
    struct nb_error err = {0};

    if (compose(&mail, message, "Nightbell <alerts@example.com>", &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(mail.text.data, expected);
    nb_mail_clear(&mail);
}

static void is_refused(const struct nb_message *message, const char *why)
{
    struct nb_mail mail;
    struct nb_error err = {0};

    assert_int_equal(compose(&mail, message, "alerts@example.com", &err), NB_EINVALID);
    if (!strstr(err.message, why))
        fail_msg("expected \"%s\", got \"%s\"", why, err.message);
    nb_mail_clear(&mail);
}

#define HEAD "Date: Mon, 30 Nov 2026 12:00:00 +0000\r\nFrom: Nightbell <alerts@example.com>\r\nTo: ada@example.org\r\n"
#define BEHIND_SUBJECT                                                                                                 \
    "Message-ID: <0199aaaa-0000-7000-8000-000000000001@example.com>\r\nAuto-Submitted: auto-generated\r\n"

static void a_text_is_one_part(void **state NB_UNUSED)
{
    struct nb_message message = plain_message();

    is_mail(&message, HEAD "Subject: Approved\r\n" BEHIND_SUBJECT
                           "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                           "Content-Transfer-Encoding: 7bit\r\n\r\nPO 4711 is approved.\r\n");
}

static void everything_has_its_place(void **state NB_UNUSED)
{
    static const char *const cc[] = {"Grace Hopper <grace@example.org>", "ADA@example.org", NULL};
    static const char *const bcc[] = {"audit@example.org", NULL};
    struct nb_message message = plain_message();
    struct nb_mail mail;

    message.subject = "The new size of the part ordered: Größe";
    message.body = "Größe of the part that was ordered.\n.\nFrom here\n";
    message.html = "<p>Füße.</p>";
    message.cc = cc;
    message.bcc = bcc;
    message.urgency = "critical";
    message.locale = "de";
    message.unsubscribe = "https://example.com/u/abc";
    message.payload =
        "{\"attachments\": [{\"filename\": \"Maße.csv\", \"content_type\": \"text/csv\", \"content\": \"YTti\"}]}";
    is_mail(&message, HEAD
            "Cc: Grace Hopper <grace@example.org>, ADA@example.org\r\n"
            "Subject: =?UTF-8?Q?The_new_size_of_the_part_ordered=3A_Gr=C3=B6=C3=9Fe?=\r\n"
            "Message-ID: <0199aaaa-0000-7000-8000-000000000001@example.com>\r\n"
            "List-Unsubscribe: <https://example.com/u/abc>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
            "Auto-Submitted: auto-generated\r\nImportance: high\r\nContent-Language: de\r\nMIME-Version: 1.0\r\n"
            "Content-Type: multipart/mixed;\r\n boundary=\"=_parts_0199aaaa-0000-7000-8000-000000000001\"\r\n\r\n"
            "--=_parts_0199aaaa-0000-7000-8000-000000000001\r\n"
            "Content-Type: multipart/alternative;\r\n boundary=\"=_texts_0199aaaa-0000-7000-8000-000000000001\"\r\n\r\n"
            "--=_texts_0199aaaa-0000-7000-8000-000000000001\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            "Gr=C3=B6=C3=9Fe of the part that was ordered.\r\n=2E\r\n=46rom here\r\n"
            "\r\n--=_texts_0199aaaa-0000-7000-8000-000000000001\r\n"
            "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "PHA+RsO8w59lLjwvcD4NCg==\r\n"
            "\r\n--=_texts_0199aaaa-0000-7000-8000-000000000001--\r\n"
            "\r\n--=_parts_0199aaaa-0000-7000-8000-000000000001\r\n"
            "Content-Type: text/csv\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename*=UTF-8''Ma%C3%9Fe%2Ecsv\r\n\r\nYTti\r\n"
            "\r\n--=_parts_0199aaaa-0000-7000-8000-000000000001--\r\n");
    assert_int_equal(compose(&mail, &message, "alerts@example.com", NULL), 0);
    assert_string_equal(mail.return_path, "bounces+0199aaaa-0000-7000-8000-000000000001@example.com");
    assert_int_equal(mail.recipients.count, 3); /* a copy for whom it is anyway is none */
    assert_string_equal(mail.recipients.data[0], "ada@example.org");
    assert_string_equal(mail.recipients.data[1], "grace@example.org");
    assert_string_equal(mail.recipients.data[2], "audit@example.org");
    nb_mail_clear(&mail);
}

static void a_link_is_told_once(void **state NB_UNUSED)
{
    struct nb_message message = plain_message();
    struct nb_mail mail;

    message.link = "https://erp.example.com/po/4711";
    assert_int_equal(compose(&mail, &message, "alerts@example.com", NULL), 0);
    assert_non_null(strstr(mail.text.data, "PO 4711 is approved.\r\n\r\nhttps://erp.example.com/po/4711\r\n"));
    nb_mail_clear(&mail);
    message.body = "See https://erp.example.com/po/4711";
    assert_int_equal(compose(&mail, &message, "alerts@example.com", NULL), 0);
    assert_non_null(strstr(mail.text.data, "\r\n\r\nSee https://erp.example.com/po/4711\r\n"));
    assert_null(strstr(mail.text.data, "\r\n\r\nhttps://"));
    nb_mail_clear(&mail);
}

static void what_would_be_a_header_is_refused(void **state NB_UNUSED)
{
    static const char *const subjects[] = {"a\r\nBcc: eve@example.org", "a\nb", "a\rb", "\n", "a\r\n\r\nbody"};
    static const char *const addresses[] = {"ada@example.org\r\nBcc: eve@example.org", "ada@example.org\n",
                                            "a\tb@example.org"};
    static const char *const copies[] = {"\"Eve\r\nX: y\" <eve@example.org>", NULL};
    static const char *const urls[] = {"https://example.org/a\r\nX: y", "https://example.org/>",
                                       "https://example.org/a b"};
    struct nb_message message = plain_message();

    for (size_t i = 0; i < NB_ARRAY_SIZE(subjects); i++) {
        message.subject = subjects[i];
        is_refused(&message, "subject: a line break is refused");
    }
    message = plain_message();
    for (size_t i = 0; i < NB_ARRAY_SIZE(addresses); i++) {
        message.target.address = addresses[i];
        is_refused(&message, "without line breaks");
    }
    message = plain_message();
    message.cc = copies;
    is_refused(&message, "without line breaks");
    message.cc = nobody;
    message.bcc = copies;
    is_refused(&message, "without line breaks");
    message = plain_message();
    for (size_t i = 0; i < NB_ARRAY_SIZE(urls); i++) {
        message.unsubscribe = urls[i];
        is_refused(&message, "link to unsubscribe");
    }
    message = plain_message();
    message.subject = "\xff";
    is_refused(&message, "UTF-8");
}

static void addresses_are_read_strictly(void **state NB_UNUSED)
{
    static const struct {
        const char *text, *name, *address;
    } right[] = {
        {"ada@example.org", NULL, "ada@example.org"},
        {" ada@localhost ", NULL, "ada@localhost"},
        {"<ada@example.org>", NULL, "ada@example.org"},
        {"Ada Lovelace <ada@example.org>", "Ada Lovelace", "ada@example.org"},
        {"\"Lovelace, \\\"Ada\\\"\" <ada@example.org>", "Lovelace, \"Ada\"", "ada@example.org"},
        {"Zoë <zoe@münchen.example>", "Zoë", "zoe@xn--mnchen-3ya.example"},
        {"用户@例え.テスト", NULL, "用户@xn--r8jz45g.xn--zckzah"},
    };
    static const char *const wrong[] = {"",
                                        "ada",
                                        "@example.org",
                                        "ada@",
                                        "a b@example.org",
                                        "ada@exa mple.org",
                                        ".ada@example.org",
                                        "ada.@example.org",
                                        "a..b@example.org",
                                        "ada@-a.org",
                                        "ada@a-.org",
                                        "ada@a..org",
                                        "ada@.org",
                                        "ada@example.org.",
                                        "ada@a_b.org",
                                        "a@b@c@",
                                        "<ada@example.org",
                                        "ada@example.org>",
                                        "ada@example.org, eve@example.org",
                                        "a,b@example.org",
                                        "\"a\"@example.org",
                                        "ada@[127.0.0.1]",
                                        "ada@example.org <",
                                        "<>",
                                        "ada@\u202e.org",
                                        "a\xff@example.org"};
    struct nb_mailbox mailbox;
    char local[66];

    for (size_t i = 0; i < NB_ARRAY_SIZE(right); i++) {
        assert_int_equal(nb_mailbox_parse(&mailbox, right[i].text, NULL), 0);
        assert_string_equal(mailbox.address, right[i].address);
        assert_string_equal(mailbox.name ? mailbox.name : "(none)", right[i].name ? right[i].name : "(none)");
        nb_mailbox_clear(&mailbox);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        if (nb_mailbox_parse(&mailbox, wrong[i], NULL) != NB_EINVALID)
            fail_msg("\"%s\" is taken for an address", wrong[i]);
        nb_mailbox_clear(&mailbox);
    }
    memset(local, 'a', 65);
    local[65] = '\0';
    char *text = nb_asprintf("%s@example.org", local);
    assert_int_equal(nb_mailbox_parse(&mailbox, text, NULL), NB_EINVALID);
    nb_mailbox_clear(&mailbox);
    assert_int_equal(nb_mailbox_parse(&mailbox, text + 1, NULL), 0);
    nb_mailbox_clear(&mailbox);
    free(text);
}

static void attachments_are_bounded(void **state NB_UNUSED)
{
    static const struct {
        const char *payload, *why;
    } wrong[] = {
        {"{\"attachments\": {}}", "attachments: expected a list"},
        {"{\"attachments\": [1]}", "attachments[0]: expected an object"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"YQ\"}]}", "content: expected base64"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"Y Q=\"}]}", "content: expected base64"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"====\"}]}", "content: expected base64"},
        {"{\"attachments\": [{\"filename\": \"../a\", \"content\": \"\"}]}", "filename: expected a name"},
        {"{\"attachments\": [{\"filename\": \"a\\r\\nb\", \"content\": \"\"}]}", "filename: expected a name"},
        {"{\"attachments\": [{\"filename\": \"\", \"content\": \"\"}]}", "filename: expected a name"},
        {"{\"attachments\": [{\"content\": \"\"}]}", "filename"},
        {"{\"attachments\": [{\"filename\": \"a\"}]}", "content"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"path\": \"/etc/passwd\"}]}", "path"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"content_type\": \"text\"}]}",
         "content_type: expected"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"content_type\": \"text/a\\r\\nX: y\"}]}",
         "content_type: expected"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"content_type\": \"text/a; b\"}]}",
         "content_type: expected"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"content_type\": \"message/rfc822\"}]}",
         "content_type: expected"},
        {"{\"attachments\": [{\"filename\": \"a\", \"content\": \"\", \"content_type\": \"multipart/mixed\"}]}",
         "content_type: expected"},
        {"{\"attachments\": [1,2,3,4,5,6,7,8,9,10,11]}", "at most 10"},
    };
    struct nb_message message = plain_message();
    struct nb_mail mail;

    for (size_t i = 0; i < NB_ARRAY_SIZE(wrong); i++) {
        message.payload = wrong[i].payload;
        is_refused(&message, wrong[i].why);
    }
    message.payload = "{\"attachments\": null, \"count\": 3}";
    assert_int_equal(compose(&mail, &message, "alerts@example.com", NULL), 0);
    assert_null(strstr(mail.text.data, "multipart"));
    nb_mail_clear(&mail);
}

static void a_line_never_ends_a_part(void **state NB_UNUSED)
{
    struct nb_message message = plain_message();
    struct nb_mail mail;
    const char *found;

    message.html = "<p>";
    message.body = "a\n--=_texts_0199aaaa-0000-7000-8000-000000000001--\nb";
    assert_int_equal(compose(&mail, &message, "alerts@example.com", NULL), 0);
    found = strstr(mail.text.data, "\r\n--=_texts_0199aaaa-0000-7000-8000-000000000001--\r\n");
    assert_non_null(found);
    assert_string_equal(found, "\r\n--=_texts_0199aaaa-0000-7000-8000-000000000001--\r\n"); /* the last line of all */
    nb_mail_clear(&mail);
}

UNIT_MAIN(cmocka_unit_test(a_text_is_one_part), cmocka_unit_test(everything_has_its_place),
          cmocka_unit_test(a_link_is_told_once), cmocka_unit_test(what_would_be_a_header_is_refused),
          cmocka_unit_test(addresses_are_read_strictly), cmocka_unit_test(attachments_are_bounded),
          cmocka_unit_test(a_line_never_ends_a_part))
