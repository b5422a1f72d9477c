/* why_test.c - every code of a decision has its sentences, and they say what the decision says. */
#include <stdlib.h>
#include <string.h>

#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"
#include "why/why.h"

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

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void the_codes_are_those_of_the_database(void **state)
{
    const char *codes[100];
    size_t count = 0;
    struct nb_strbuf ours;

    (void)state;
    for (; nb_decision_words[count].code; count++) {
        assert_in_range(count, 0, NB_ARRAY_SIZE(codes) - 1);
        codes[count] = nb_decision_words[count].code;
    }
    qsort(codes, count, sizeof(*codes), compare);
    nb_strbuf_init(&ours, 10000);
    for (size_t i = 0; i < count; i++)
        nb_strbuf_appendf(&ours, "%s%s", i > 0 ? "\n" : "", codes[i]);
    assert_string_equal(ours.data,
                        cluster_sql(cluster, "SELECT code FROM nightbell.decision_codes ORDER BY code COLLATE \"C\""));
    nb_strbuf_clear(&ours);
}

static void check_said(const struct nb_decision *decision)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, 10000);
    nb_decision_say(&out, decision);
    assert_true(out.length > 10);
    assert_null(strpbrk(out.data, "{}[]"));
    nb_strbuf_reset(&out);
    nb_decision_say_change(&out, decision);
    assert_true(out.length > 10);
    assert_null(strpbrk(out.data, "{}[]"));
    nb_strbuf_clear(&out);
}

/* Whatever a decision lacks: without its person, channel and detail too. */
static void each_has_three_sentences(void **state)
{
    (void)state;
    for (const struct nb_decision_words *words = nb_decision_words; words->code; words++) {
        struct nb_decision decision = {
            .code = words->code, .rule_id = "po", .detail = json_pack("{s:i}", "more_rules", 7)};
        check_said(&decision);
        decision.is_own = true;
        check_said(&decision);
        json_decref(decision.detail);
    }
}

static void check(const char *expected, void (*say)(struct nb_strbuf *, const struct nb_decision *),
                  const struct nb_decision *decision)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, 10000);
    say(&out, decision);
    assert_string_equal(out.data, expected);
    nb_strbuf_clear(&out);
}

static void what_is_known_is_said(void **state)
{
    struct nb_decision decision = {.code = "in_app", .user_name = "bob", .rule_id = "po"};

    (void)state;
    check("it is in the inbox of bob, by the rule po", nb_decision_say, &decision);
    decision.rule_id = NULL;
    decision.detail = json_pack("{s:[s,s]}", "missing", "a", "b");
    check("it is in the inbox of bob; its text lacks a, b", nb_decision_say, &decision);
    decision.is_own = true;
    check("it is in your inbox; its text lacks a, b", nb_decision_say, &decision);
    json_decref(decision.detail);

    decision = (struct nb_decision){.code = "quiet_hours", .user_name = "bob", .channel = "email"};
    check("the quiet hours of bob hold it back by email", nb_decision_say, &decision);
    decision.detail = json_pack("{s:s}", "until", "2026-11-02T07:00:00.5+00:00");
    check("the quiet hours of bob hold it back by email until 2026-11-02 07:00:00", nb_decision_say, &decision);
    json_decref(decision.detail);

    decision = (struct nb_decision){.code = "dead_letter", .detail = json_pack("{s:i}", "attempts", 5)};
    check("it could not be processed, tried 5 times", nb_decision_say, &decision);
    json_decref(decision.detail);
}

static void a_code_of_a_newer_database_is_shown(void **state)
{
    struct nb_decision decision = {.code = "of_tomorrow"};

    (void)state;
    check("of_tomorrow", nb_decision_say, &decision);
    check("", nb_decision_say_change, &decision);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(the_codes_are_those_of_the_database),
               cmocka_unit_test(each_has_three_sentences), cmocka_unit_test(what_is_known_is_said),
               cmocka_unit_test(a_code_of_a_newer_database_is_shown))
