/* filter_test.c - the filter language without a database: text gives canonical text, or an error with its column. */
#include "tests/lib/unit.h"

#include "filter/filter.h"

static struct nb_filter *parse(enum nb_subject subject, const char *text)
{
    struct nb_filter *filter = NULL;
    struct nb_error err = {0};

    if (nb_filter_parse(&filter, subject, text, &err) < 0)
        fail_msg("%s: %s", text, err.message);
    return filter;
}

static const struct {
    enum nb_subject subject;
    const char *text;
    const char *canonical;
} canonical_cases[] = {
    {NB_SUBJECT_INBOX, "", ""},
    {NB_SUBJECT_INBOX, "  \t ", ""},
    {NB_SUBJECT_INBOX, "is:unread", "is:unread"},
    {NB_SUBJECT_EVENTS, "SORT:Seen is:open sort:seen", "sort:seen is:open"},
    {NB_SUBJECT_INBOX, " IS:Unread  ", "is:unread"},
    {NB_SUBJECT_INBOX, "is:read,unread,read", "is:unread,read"},
    {NB_SUBJECT_INBOX, "is:unread is:unread", "is:unread"},
    {NB_SUBJECT_INBOX, "-is:archived", "-is:archived"},
    {NB_SUBJECT_INBOX, "type:BOOKING_*", "type:BOOKING_*"},
    {NB_SUBJECT_INBOX, "type:\"BOOKING_*\"", "type:\"BOOKING_*\""},
    {NB_SUBJECT_INBOX, "type:\"PLAIN\",OTHER", "type:PLAIN,OTHER"},
    {NB_SUBJECT_INBOX, "channel:sms,chat*", "channel:sms,chat*"},
    {NB_SUBJECT_INBOX, "urgency>=high", "urgency>=high"},
    {NB_SUBJECT_INBOX, "urgency=low", "urgency:low"},
    {NB_SUBJECT_INBOX, "actor:\"ada lovelace\",me", "actor:\"ada lovelace\",me"},
    {NB_SUBJECT_INBOX, "actor:\"me\"", "actor:\"me\""},
    {NB_SUBJECT_INBOX, "since:2h before:2026-11-01", "since:2h before:2026-11-01"},
    {NB_SUBJECT_INBOX, "since:\"2026-11-01 14:30\"", "since:\"2026-11-01 14:30\""},
    {NB_SUBJECT_INBOX, "since:2026-11-01T14:30:05Z", "since:2026-11-01T14:30:05Z"},
    {NB_SUBJECT_INBOX, "\"a phrase\" word -other -\"not this\"", "\"a phrase\" word -other -\"not this\""},
    {NB_SUBJECT_INBOX, "\"single\"", "single"},
    {NB_SUBJECT_INBOX, "\"-dash\" \"is:unread\"", "\"-dash\" \"is:unread\""},
    {NB_SUBJECT_INBOX, "\"say \\\"hi\\\" \\\\o/\"", "\"say \\\"hi\\\" \\\\o/\""},
    {NB_SUBJECT_INBOX, "-", "\"-\""},
    {NB_SUBJECT_INBOX, "12:30", "\"12:30\""},
    {NB_SUBJECT_INBOX, "100% a_b c\\d it's", "100% a_b c\\d it's"},
    {NB_SUBJECT_INBOX, "東京 naïve", "東京 naïve"},
    {NB_SUBJECT_INBOX, "'; DROP TABLE x; --", "'; DROP TABLE x; -\"-\""},
    {NB_SUBJECT_INBOX, "--is", "-\"-is\""},
    {NB_SUBJECT_EVENTS, "severity>=high is:open", "severity>=high is:open"},
    {NB_SUBJECT_EVENTS, "severity>medium", "severity>medium"},
    {NB_SUBJECT_EVENTS, "severity<=medium severity<critical", "severity<=medium severity<critical"},
    {NB_SUBJECT_EVENTS, "severity:medium,low", "severity:low,medium"},
    {NB_SUBJECT_EVENTS, "severity=critical", "severity:critical"},
    {NB_SUBJECT_EVENTS, "is:open,acked -is:snoozed is:mine", "is:open,acked -is:snoozed is:mine"},
    {NB_SUBJECT_EVENTS, "assigned:me,none,\"none\"", "assigned:me,none,\"none\""},
    {NB_SUBJECT_EVENTS, "tenant:none source:\"a,b\"", "tenant:none source:\"a,b\""},
    {NB_SUBJECT_EVENTS, "has:details,fingerprint", "has:details,fingerprint"},
    {NB_SUBJECT_EVENTS, "id:90,91 -id:9*", "id:90,91 -id:9*"},
};

static void prints_the_canonical_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(canonical_cases); i++) {
        struct nb_filter *filter = parse(canonical_cases[i].subject, canonical_cases[i].text);

        assert_string_equal(nb_filter_text(filter), canonical_cases[i].canonical);
        nb_filter_free(&filter);
    }
}

static const struct {
    enum nb_subject subject;
    const char *text;
    unsigned column;
    const char *message; /* a part of it */
    const char *hint;    /* a part of it */
} error_cases[] = {
    {NB_SUBJECT_INBOX, "is:funny", 4, "knows no \"funny\"", "unread, read, archived"},
    {NB_SUBJECT_INBOX, "is:unread,,read", 11, "a value is missing", ""},
    {NB_SUBJECT_INBOX, "is:", 4, "a value is missing", ""},
    {NB_SUBJECT_INBOX, "foo is:open", 8, "belongs to events", "unread"},
    {NB_SUBJECT_INBOX, "severity:high", 1, "belongs to events", "is: urgency: type:"},
    {NB_SUBJECT_EVENTS, "channel:email", 1, "belongs to inbox", "severity:"},
    {NB_SUBJECT_EVENTS, "is:unread", 4, "belongs to inbox", "open"},
    {NB_SUBJECT_EVENTS, "is:dead", 4, "belongs to deliveries", "open"},
    {NB_SUBJECT_EVENTS, "sort:age", 6, "knows no \"age\"", "new, seen, severity"},
    {NB_SUBJECT_EVENTS, "sort:seen,new", 6, "takes one value", ""},
    {NB_SUBJECT_EVENTS, "is:open -sort:seen", 9, "cannot be negated", "sort:VALUE"},
    {NB_SUBJECT_EVENTS, "sort>=seen", 5, "has no order to compare", ""},
    {NB_SUBJECT_EVENTS, "sort:seen a sort:new", 13, "stands here twice", ""},
    {NB_SUBJECT_INBOX, "sort:seen", 1, "belongs to events", ""},
    {NB_SUBJECT_EVENTS, "colour:red", 1, "unknown word \"colour\"", "in quotes"},
    {NB_SUBJECT_EVENTS, "http://example.com", 1, "unknown word \"http\"", "in quotes"},
    {NB_SUBJECT_EVENTS, "a severity>=hihg", 13, "knows no \"hihg\"", "low, medium, high, critical"},
    {NB_SUBJECT_EVENTS, "severity>critical", 10, "nothing is above critical", "severity:critical"},
    {NB_SUBJECT_EVENTS, "severity<low", 10, "nothing is below low", "severity:low"},
    {NB_SUBJECT_EVENTS, "severity>=low,high", 11, "takes one value", ""},
    {NB_SUBJECT_EVENTS, "severity!=low", 9, "no \"!=\"", "-severity:"},
    {NB_SUBJECT_EVENTS, "type>=a", 5, "no order", "type:VALUE"},
    {NB_SUBJECT_INBOX, "since:yesteryear", 7, "neither a duration nor a date", "2026-11-01"},
    {NB_SUBJECT_INBOX, "since:2026-13-01", 7, "neither a duration nor a date", "2026-11-01"},
    {NB_SUBJECT_INBOX, "since:2h,3h", 10, "takes one time", ""},
    {NB_SUBJECT_INBOX, "ok \"never closed", 4, "never closed", "add a \""},
    {NB_SUBJECT_INBOX, "\"\"", 1, "nothing between", ""},
    {NB_SUBJECT_INBOX, "\"a\"b", 4, "expected a blank", ""},
    {NB_SUBJECT_INBOX, "type:\"a\"b", 9, "expected a comma or a blank", ""},
    {NB_SUBJECT_INBOX, "日本 is:x", 7, "knows no \"x\"", ""},
    {NB_SUBJECT_INBOX, "a\xff", 0, "not valid UTF-8", ""},
};

static void points_at_what_is_wrong(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(error_cases); i++) {
        struct nb_filter *filter = NULL;
        struct nb_error err = {0};

        if (nb_filter_parse(&filter, error_cases[i].subject, error_cases[i].text, &err) != NB_EINVALID)
            fail_msg("%s: is accepted", error_cases[i].text);
        assert_null(filter);
        if (!strstr(err.message, error_cases[i].message) || !strstr(err.hint, error_cases[i].hint) ||
            err.column != error_cases[i].column)
            fail_msg("%s: column %u: %s: %s", error_cases[i].text, err.column, err.message, err.hint);
    }
}

static void says_how_it_sorts(void **state)
{
    struct nb_filter *filter = parse(NB_SUBJECT_EVENTS, "is:open sort:seen"), *copy;
    const struct nb_order *severity = nb_order_find(NB_SUBJECT_EVENTS, "severity");

    (void)state;
    assert_string_equal(nb_filter_order(NULL, NB_SUBJECT_EVENTS)->name, "new");
    nb_filter_default_order(filter, severity);
    assert_string_equal(nb_filter_order(filter, NB_SUBJECT_EVENTS)->name, "seen");
    assert_true(nb_filter_shows(filter, "is:open"));
    assert_true(nb_filter_shows(filter, "sort:new is:open"));
    assert_false(nb_filter_shows(filter, "is:open foo"));
    assert_false(nb_filter_shows(filter, ""));
    assert_false(nb_filter_is_empty(filter));
    nb_filter_free(&filter);
    filter = parse(NB_SUBJECT_EVENTS, "sort:seen");
    assert_true(nb_filter_is_empty(filter));
    nb_filter_free(&filter);
    filter = parse(NB_SUBJECT_EVENTS, "foo");
    nb_filter_default_order(filter, severity);
    copy = nb_filter_copy(filter);
    assert_string_equal(nb_filter_text(copy), "foo");
    assert_string_equal(nb_filter_order(copy, NB_SUBJECT_EVENTS)->name, "severity");
    nb_filter_free(&filter);
    nb_filter_free(&copy);
}

static void is_bounded(void **state)
{
    char text[4096];
    struct nb_filter *filter = NULL;
    struct nb_error err;
    size_t length = 0;

    (void)state;
    memset(text, 'a', sizeof(text));
    text[1025] = '\0';
    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, text, &err), NB_EINVALID);
    text[1024] = '\0';
    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, text, &err), 0);
    nb_filter_free(&filter);
    for (int i = 0; i < 33; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "w%d ", i);
    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, text, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "more than 32 terms"));
    length = (size_t)snprintf(text, sizeof(text), "type:");
    for (int i = 0; i < 33; i++)
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%sT%d", i ? "," : "", i);
    assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_INBOX, text, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "more than 32 values"));
}

static const struct {
    enum nb_subject subject;
    const char *text;
    const char *term;
    const char *result;
} toggle_cases[] = {
    {NB_SUBJECT_INBOX, "", "is:unread", "is:unread"},
    {NB_SUBJECT_EVENTS, "is:open sort:seen", "sort:severity", "is:open sort:severity"},
    {NB_SUBJECT_EVENTS, "is:open sort:seen", "sort:seen", "is:open"},
    {NB_SUBJECT_INBOX, "is:unread", "is:unread", ""},
    {NB_SUBJECT_INBOX, "type:A is:unread foo", "is:unread", "type:A foo"},
    {NB_SUBJECT_INBOX, "is:read", "is:unread", "is:unread"},
    {NB_SUBJECT_INBOX, "is:unread,read", "is:unread", "is:read"},
    {NB_SUBJECT_INBOX, "-is:unread", "is:unread", "is:unread"},
    {NB_SUBJECT_INBOX, "is:announcement", "is:unread", "is:announcement is:unread"},
    {NB_SUBJECT_INBOX, "type:A", "type:B", "type:A,B"},
    {NB_SUBJECT_INBOX, "type:A,B", "type:A", "type:B"},
    {NB_SUBJECT_INBOX, "since:2h", "since:1d", "since:1d"},
    {NB_SUBJECT_INBOX, "since:1d", "since:1d", ""},
    {NB_SUBJECT_INBOX, "foo", "bar", "foo bar"},
    {NB_SUBJECT_INBOX, "foo -bar", "bar", "foo bar"},
    {NB_SUBJECT_INBOX, "foo bar", "foo", "bar"},
    {NB_SUBJECT_EVENTS, "", "severity:high", "severity:high"},
    {NB_SUBJECT_EVENTS, "severity:high", "severity:critical", "severity:high,critical"},
    {NB_SUBJECT_EVENTS, "severity:high,critical", "severity:high", "severity:critical"},
    {NB_SUBJECT_EVENTS, "severity>=high is:open", "severity:critical", "severity:high is:open"},
    {NB_SUBJECT_EVENTS, "severity>=high", "severity:low", "severity:low,high,critical"},
    {NB_SUBJECT_EVENTS, "severity:low", "severity>=high", "severity>=high"},
    {NB_SUBJECT_EVENTS, "severity>=high", "severity>=high", ""},
    {NB_SUBJECT_EVENTS, "is:resolved is:mine", "is:open", "is:mine is:open"},
    {NB_SUBJECT_EVENTS, "is:open", "-is:snoozed", "is:open -is:snoozed"},
    {NB_SUBJECT_EVENTS, "is:snoozed", "-is:snoozed", "-is:snoozed"},
    {NB_SUBJECT_EVENTS, "-is:snoozed", "-is:snoozed", ""},
};

static void toggles(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(toggle_cases); i++) {
        struct nb_error err = {0};
        char *text = NULL;

        if (nb_filter_toggle(&text, toggle_cases[i].subject, toggle_cases[i].text, toggle_cases[i].term, &err) < 0)
            fail_msg("%s + %s: %s", toggle_cases[i].text, toggle_cases[i].term, err.message);
        assert_string_equal(text, toggle_cases[i].result);
        free(text);
    }
}

static void names_the_words_to_highlight(void **state)
{
    struct nb_filter *filter = parse(NB_SUBJECT_INBOX, "is:unread foo -bar \"two words\"");
    const char *const *words = NULL;

    (void)state;
    assert_int_equal(nb_filter_words(filter, &words), 2);
    assert_string_equal(words[0], "foo");
    assert_string_equal(words[1], "two words");
    nb_filter_free(&filter);
}

/* The help shows it: it must be what it says. */
static void each_word_has_an_example(void **state)
{
    (void)state;
    for (int subject = 0; subject < NB_SUBJECT_COUNT; subject++) {
        for (const struct nb_word *word = nb_subject_info((enum nb_subject)subject)->words; word->name; word++) {
            if (!word->example || !word->help)
                fail_msg("no example, or no help, for %s", word->name);
            struct nb_filter *filter = parse((enum nb_subject)subject, word->example);
            assert_int_equal(strncmp(word->example, word->name, strlen(word->name)), 0);
            nb_filter_free(&filter);
        }
    }
}

/* Generated from pieces that matter to the grammar: every line that parses gives canonical text that parses to an equal
 * filter. */
static void survives_generated_lines(void **state)
{
    static const char *const pieces[] = {"is:", "unread", "open", "severity",   ">=",     "high", ":",           ",",
                                         " ",   " ",      " ",    "-",          "\"",     "\\",   "type:",       "*",
                                         "A_B", "since:", "2h",   "2026-11-01", "actor:", "me",   "none",        "é",
                                         "\t",  "=",      "<",    "%",          "'",      "foo",  "urgency>low", "!"};
    size_t accepted = 0;

    (void)state;
    srandom(20261121);
    for (int round = 0; round < 200000; round++) {
        enum nb_subject subject = random() % 2 ? NB_SUBJECT_INBOX : NB_SUBJECT_EVENTS;
        struct nb_filter *filter = NULL, *again = NULL;
        char text[256] = "";

        for (long n = random() % 9; n >= 0; n--)
            strcat(text, pieces[(size_t)random() % NB_ARRAY_SIZE(pieces)]);
        if (nb_filter_parse(&filter, subject, text, NULL) < 0)
            continue;
        accepted++;
        again = parse(subject, nb_filter_text(filter));
        assert_true(nb_filter_equal(filter, again));
        assert_string_equal(nb_filter_text(filter), nb_filter_text(again));
        nb_filter_free(&filter);
        nb_filter_free(&again);
    }
    assert_true(accepted > 10000);
}

static void join(void *arg, const char *text)
{
    strcat(strcat(arg, text), " ");
}

static void suggests_what_can_follow(void **state)
{
    static const struct {
        enum nb_subject subject;
        const char *start, *all;
    } cases[] = {
        {NB_SUBJECT_INBOX, "", "is: urgency: type: channel: actor: has: id: since: before: "},
        {NB_SUBJECT_INBOX, "ty", "type: "},
        {NB_SUBJECT_INBOX, "is:", "is:unread is:read is:archived is:announcement "},
        {NB_SUBJECT_INBOX, "is:a", "is:archived is:announcement "},
        {NB_SUBJECT_INBOX, "type:B", ""},
        {NB_SUBJECT_INBOX, "sev", ""},
        {NB_SUBJECT_EVENTS, "s", "severity: source: since: sort: "},
        {NB_SUBJECT_EVENTS, "sort:s", "sort:seen sort:severity "},
        {NB_SUBJECT_EVENTS, "severity>=h", "severity>=high "},
        {NB_SUBJECT_EVENTS, "assigned:m", "assigned:me "},
        {NB_SUBJECT_EVENTS, "severity:low,h", "severity:low,high "},
        {NB_SUBJECT_EVENTS, "assigned:\"a,b\",n", "assigned:\"a,b\",none "},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char all[400] = "";

        nb_filter_suggest(cases[i].subject, cases[i].start, join, all);
        assert_string_equal(all, cases[i].all);
    }
}

static void finds_the_term_that_is_typed(void **state)
{
    static const struct {
        const char *text;
        const char *term;
        const char *word; /* NULL: none */
        const char *value;
    } cases[] = {
        {"", "", NULL, ""},
        {"is:open ty", "ty", NULL, ""},
        {"is:open -type:a", "type:a", "type", "a"},
        {"is:open user:\"Zo\\\"e de", "user:\"Zo\\\"e de", "user", "Zo\"e de"},
        {"\"a phrase\" source:x,\"y,z\",w", "source:x,\"y,z\",w", "source", "w"},
        {"\"type:a", "\"type:a", NULL, ""},
        {"nosuch:a", "nosuch:a", NULL, "a"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        const char *term = cases[i].text + nb_filter_term_start(cases[i].text, strlen(cases[i].text));
        size_t at;
        const struct nb_word *word = nb_filter_value_typed(NB_SUBJECT_EVENTS, term, &at);
        char *value = nb_filter_value_text(at ? term + at : "");

        assert_string_equal(term, cases[i].term);
        assert_string_equal(word ? word->name : "none", cases[i].word ? cases[i].word : "none");
        assert_string_equal(value, cases[i].value);
        free(value);
    }
}

/* What completion puts in must be parsed as what was meant. */
static void completes_with_values_that_parse(void **state)
{
    static const char *const cases[][2] = {
        {"bob", "user:bob"},       {"Zoë de Vries", "user:\"Zoë de Vries\""},
        {"a,b", "user:\"a,b\""},   {"me", "user:\"me\""},
        {"None", "user:\"None\""}, {"say \"a\"", "user:\"say \\\"a\\\"\""},
        {"a*b", "user:\"a*b\""},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char *term = nb_filter_with_value("user:x", strlen("user:"), cases[i][0]);
        struct nb_filter *filter = NULL;

        assert_string_equal(term, cases[i][1]);
        assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_EVENTS, term, NULL), 0);
        nb_filter_free(&filter);
        free(term);
    }
}

static void widens_patterns(void **state)
{
    static const struct {
        const char *text, *wider, *term, *pattern; /* wider: NULL, there is none */
    } cases[] = {
        {"type:BOOK", "type:BOOK*", "type:BOOK", "type:BOOK*"},
        {"is:open type:a,b* source:c", "is:open type:a*,b* source:c*", "type:a,b*", "type:a*,b*"},
        {"type:\"a*\" -source:c", NULL, NULL, NULL},
        {"source:none user:x word", NULL, NULL, NULL},
        {"type:x*", NULL, NULL, NULL},
        {"", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct nb_filter *filter = NULL;
        char *term, *pattern, *wider;

        assert_int_equal(nb_filter_parse(&filter, NB_SUBJECT_EVENTS, cases[i].text, NULL), 0);
        wider = nb_filter_widen(filter, &term, &pattern);
        if (!cases[i].wider) {
            assert_null(wider);
            assert_null(term);
        } else {
            assert_string_equal(wider, cases[i].wider);
            assert_string_equal(term, cases[i].term);
            assert_string_equal(pattern, cases[i].pattern);
        }
        nb_filter_free(&filter);
        free(term);
        free(pattern);
        free(wider);
    }
}

UNIT_MAIN(cmocka_unit_test(finds_the_term_that_is_typed), cmocka_unit_test(completes_with_values_that_parse),
          cmocka_unit_test(widens_patterns), cmocka_unit_test(prints_the_canonical_text),
          cmocka_unit_test(points_at_what_is_wrong), cmocka_unit_test(says_how_it_sorts), cmocka_unit_test(is_bounded),
          cmocka_unit_test(toggles), cmocka_unit_test(names_the_words_to_highlight),
          cmocka_unit_test(suggests_what_can_follow), cmocka_unit_test(each_word_has_an_example),
          cmocka_unit_test(survives_generated_lines))
