/* smtp_reply_test.c - core/channels/smtp_reply.h: replies of real servers, and what is none. */
#include "channels/smtp_reply.h"

#include "tests/lib/unit.h"

static int take(struct smtp_reply *reply, const char *text, char rest[100])
{
    struct nb_strbuf in;
    int rc;

    nb_strbuf_init(&in, 2 * NB_SMTP_REPLY_MAX);
    nb_strbuf_append(&in, text);
    rc = smtp_reply_take(reply, &in);
    snprintf(rest, 100, "%s", in.data);
    nb_strbuf_clear(&in);
    return rc;
}

static void a_reply_is_taken_whole(void **state NB_UNUSED)
{
    static const struct {
        const char *in;
        int rc, code;
        const char *text, *rest;
    } cases[] = {
        {"250 2.1.0 Ok\r\n", 1, 250, "2.1.0 Ok", ""},
        {"250\r\n", 1, 250, "", ""},
        {"250 \n", 1, 250, "", ""},
        {"250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n", 1, 250, "2.1.0 Ok", "250 2.1.5 Ok\r\n"},
        {"550-5.7.1 one\r\n550-5.7.1 two\r\n550 5.7.1 three\r\n", 1, 550, "5.7.1 one two three", ""},
        {"550-one\r\n550 two\r\n", 1, 550, "one two", ""},
        {"550 \033[2J\007\x9b\r\n", 1, 550, " [2J ?", ""},
        {"", 0, 0, "", ""},
        {"250 Ok", 0, 0, "", "250 Ok"},
        {"250-Ok\r\n", 0, 250, "Ok", "250-Ok\r\n"},
        {"\r\n", -1, 0, "", "\r\n"},
        {"HTTP/1.1 400\r\n", -1, 0, "", "HTTP/1.1 400\r\n"},
        {"2500 Ok\r\n", -1, 0, "", "2500 Ok\r\n"},
        {"150 Ok\r\n", -1, 0, "", "150 Ok\r\n"},
        {"650 Ok\r\n", -1, 0, "", "650 Ok\r\n"},
    };
    struct smtp_reply reply;
    char rest[100];

    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        assert_int_equal(take(&reply, cases[i].in, rest), cases[i].rc);
        assert_string_equal(rest, cases[i].rest);
        if (cases[i].rc < 0)
            continue;
        assert_int_equal(reply.code, cases[i].code);
        assert_string_equal(reply.text, cases[i].text);
    }
}

static void a_reply_without_end_is_given_up(void **state NB_UNUSED)
{
    struct nb_strbuf in;
    struct smtp_reply reply;

    nb_strbuf_init(&in, 2 * NB_SMTP_REPLY_MAX);
    nb_strbuf_append(&in, "250-");
    nb_strbuf_append_repeat(&in, 'x', NB_SMTP_REPLY_MAX);
    assert_int_equal(smtp_reply_take(&reply, &in), -1);
    nb_strbuf_clear(&in);
}

static void statuses_tell_whether_the_mailbox_is_gone(void **state NB_UNUSED)
{
    static const struct {
        const char *in;
        int status;
        bool ended;
    } cases[] = {
        {"550 5.1.1 <x>: User unknown\r\n", 511, true},
        {"550-5.1.1 The email account that you tried to reach does not exist.\r\n550 5.1.1 Learn more\r\n", 511, true},
        {"550 5.1.10 RESOLVER.ADR.RecipientNotFound\r\n", 5110, true},
        {"550 5.2.1 disabled\r\n", 521, true},
        {"552 5.2.2 The mailbox is full\r\n", 522, false},
        {"550 5.7.1 Unauthenticated email is not accepted\r\n", 571, false},
        {"554 5.7.510 Access denied\r\n", 57510, false},
        {"550 No such user here\r\n", 0, false},
        {"550 5.1. odd\r\n", 0, false},
        {"550 5.1.1x odd\r\n", 0, false},
        {"550 51.1.1 odd\r\n", 0, false},
        {"550 5.1.1\r\n", 511, true},
        {"450 4.1.1 unverified\r\n", 411, false},
        {"450 5.1.1 contradicts itself\r\n", 511, false},
    };
    struct smtp_reply reply;
    char rest[100];

    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        assert_int_equal(take(&reply, cases[i].in, rest), 1);
        assert_int_equal(smtp_reply_status(&reply), cases[i].status);
        assert_int_equal(smtp_reply_ends_address(&reply), cases[i].ended);
    }
}

static void the_queue_id_is_found(void **state NB_UNUSED)
{
    static const struct {
        const char *in, *id;
    } cases[] = {
        {"250 2.0.0 Ok: queued as 4Y1PmX1J0Wz3qF\r\n", "4Y1PmX1J0Wz3qF"},
        {"250 OK id=1tHxyz-0000AB-CD\r\n", "1tHxyz-0000AB-CD"},
        {"250 2.0.0 4AU9xX1c012345 Message accepted for delivery\r\n", "4AU9xX1c012345 Message accepted for delivery"},
        {"250 Ok 0100019a-b1c2-000000\r\n", "Ok 0100019a-b1c2-000000"},
        {"250 2.0.0\r\n", ""},
    };
    struct smtp_reply reply;
    char rest[100], id[NB_SMTP_TEXT_MAX];

    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        assert_int_equal(take(&reply, cases[i].in, rest), 1);
        smtp_reply_message_id(&reply, id);
        assert_string_equal(id, cases[i].id);
    }
}

UNIT_MAIN(cmocka_unit_test(a_reply_is_taken_whole), cmocka_unit_test(a_reply_without_end_is_given_up),
          cmocka_unit_test(statuses_tell_whether_the_mailbox_is_gone), cmocka_unit_test(the_queue_id_is_found))
