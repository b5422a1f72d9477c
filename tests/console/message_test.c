/* The message line: an answer to one's own keys comes before news, and no news is lost behind it. */
#include "tests/lib/unit.h"
#include "tui/host/message.h"

static struct message message(const char *text, bool news)
{
    return (struct message){.text = nb_strdup(text), .news = news};
}

static void assert_shown(const struct messages *messages, const char *text)
{
    const struct message *current = message_current(messages);

    if (!text) {
        assert_null(current);
        return;
    }
    assert_non_null(current);
    assert_string_equal(current->text, text);
}

static void news_waits_behind_an_answer(void **state)
{
    struct messages messages = {0};

    (void)state;
    assert_int_equal(messages_add(&messages, message("resolved", false), 1000), 0);
    assert_int_equal(messages_add(&messages, message("a bell", true), 1500), MESSAGE_READ_MS - 500);
    assert_shown(&messages, "resolved");
    assert_int_equal(messages_turn(&messages, 2000), MESSAGE_READ_MS - 1000);
    assert_shown(&messages, "resolved");
    assert_int_equal(messages_turn(&messages, 1000 + MESSAGE_READ_MS), 0);
    assert_shown(&messages, "a bell");
    messages_clear(&messages);
}

static void an_answer_that_was_read_gives_way(void **state)
{
    struct messages messages = {0};

    (void)state;
    messages_add(&messages, message("resolved", false), 1000);
    assert_int_equal(messages_add(&messages, message("a bell", true), 1000 + MESSAGE_READ_MS), 0);
    assert_shown(&messages, "a bell");
    messages_clear(&messages);
}

static void news_comes_back_after_an_answer(void **state)
{
    struct messages messages = {0};

    (void)state;
    messages_add(&messages, message("a bell", true), 1000);
    assert_int_equal(messages_add(&messages, message("resolved", false), 1200), MESSAGE_READ_MS);
    assert_shown(&messages, "resolved");
    messages_add(&messages, message("undid", false), 1400);
    assert_shown(&messages, "undid");
    messages_turn(&messages, 1400 + MESSAGE_READ_MS);
    assert_shown(&messages, "a bell");
    messages_clear(&messages);
}

static void keys_take_away_what_was_read(void **state)
{
    struct messages messages = {0};

    (void)state;
    messages_add(&messages, message("resolved", false), 1000);
    messages_dismiss(&messages, 1001);
    assert_shown(&messages, NULL);
    messages_add(&messages, message("a bell", true), 2000);
    messages_dismiss(&messages, 2001);
    assert_shown(&messages, "a bell"); /* nobody can have read it */
    messages_dismiss(&messages, 2000 + MESSAGE_READ_MS);
    assert_shown(&messages, NULL);
    messages_add(&messages, message("resolved", false), 9000);
    messages_add(&messages, message("another bell", true), 9100);
    assert_int_equal(messages_dismiss(&messages, 9200), 0);
    assert_shown(&messages, "another bell");
    messages_clear(&messages);
}

static void the_same_again_is_one_line(void **state)
{
    struct messages messages = {0};

    (void)state;
    messages_add(&messages, message("no database", false), 1000);
    messages_add(&messages, message("no database", false), 2000);
    assert_int_equal(messages.list.count, 1);
    assert_string_equal(message_current(&messages)->text, "no database");
    messages_add(&messages, message("a bell", true), 2500);
    messages_add(&messages, message("a bell", true), 2600);
    assert_int_equal(messages.list.count, 2);
    assert_string_equal(message_current(&messages)->text, "no database");
    messages_turn(&messages, 2000 + MESSAGE_READ_MS);
    assert_string_equal(message_current(&messages)->text, "a bell");
    messages_add(&messages, message("no database", false), 9000);
    assert_int_equal(messages.list.count, 3);
    messages_clear(&messages);
}

static void keeps_the_latest(void **state)
{
    struct messages messages = {0};

    (void)state;
    messages_add(&messages, message("first", false), 0);
    messages_add(&messages, message("a bell", true), 0);
    for (int i = 0; i < 2 * MESSAGES_KEPT; i++)
        messages_add(&messages, message(i % 2 ? "answer" : "bell", i % 2 == 0), 1);
    assert_int_equal(messages.list.count, MESSAGES_KEPT);
    assert_shown(&messages, "answer");
    messages_turn(&messages, 1 + MESSAGE_READ_MS);
    assert_shown(&messages, "bell");
    messages_clear(&messages);
}

UNIT_MAIN(cmocka_unit_test(news_waits_behind_an_answer), cmocka_unit_test(an_answer_that_was_read_gives_way),
          cmocka_unit_test(news_comes_back_after_an_answer), cmocka_unit_test(keys_take_away_what_was_read),
          cmocka_unit_test(the_same_again_is_one_line), cmocka_unit_test(keeps_the_latest))
