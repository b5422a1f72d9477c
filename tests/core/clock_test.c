/* Durations and times as people write them, in zones whose clocks go forward and back. */
#include "tests/lib/unit.h"

#include <time.h>

#include "base/clock.h"

#define SECOND INT64_C(1000000)

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void expect_duration(const char *text, int64_t seconds)
{
    int64_t got = -1;

    assert_int_equal(nb_duration_parse(&got, text, NULL), 0);
    assert_true(got == seconds * SECOND);
}

static void durations_are_read(void **state)
{
    (void)state;
    expect_duration("90s", 90);
    expect_duration("15m", 900);
    expect_duration("4h", 14400);
    expect_duration("2d", 172800);
    expect_duration("1w", 604800);
    expect_duration("1h30m", 5400);
    expect_duration("1w2d3h4m5s", 788645);
    expect_duration("3650d", 315360000);
}

static void other_durations_are_refused(void **state)
{
    static const char *const bad[] = {"",    "5",    "h",     "5x",   "5 h",
                                      "-5h", "1.5h", "5h ",   " 5h",  "5hm",
                                      "5H",  "11y",  "3651d", "522w", "99999999999999999999s",
                                      "1h30"};
    int64_t out = 42;
    struct nb_error err;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        if (nb_duration_parse(&out, bad[i], &err) != NB_EINVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(out, 42);
    }
}

static void expect_time(const char *text, const char *rfc3339)
{
    char got[NB_TIME_TEXT_SIZE];
    int64_t time;
    struct nb_error err;

    if (nb_time_parse(&time, text, &err) != 0)
        fail_msg("%s", err.message);
    assert_string_equal(nb_time_format_rfc3339(time, got), rfc3339);
}

static void times_with_a_zone_are_read(void **state)
{
    (void)state;
    use_zone("Asia/Kathmandu");
    expect_time("2026-11-01T14:30:05Z", "2026-11-01T14:30:05.000000Z");
    expect_time("2026-11-01t14:30:05z", "2026-11-01T14:30:05.000000Z");
    expect_time("2026-11-01 14:30:05.5Z", "2026-11-01T14:30:05.500000Z");
    expect_time("2026-11-01T14:30:05.123456789+02:00", "2026-11-01T12:30:05.123456Z");
    expect_time("2026-11-01T14:30-05:45", "2026-11-01T20:15:00.000000Z");
    expect_time("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z");
    expect_time("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z");
    expect_time("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z");
}

static void times_without_a_zone_are_local(void **state)
{
    (void)state;
    use_zone("Europe/Berlin");
    expect_time("2026-07-01", "2026-06-30T22:00:00.000000Z");
    expect_time("2026-11-01 14:30", "2026-11-01T13:30:00.000000Z");
    use_zone("UTC");
    expect_time("2026-11-01 14:30", "2026-11-01T14:30:00.000000Z");
}

static void an_hour_that_comes_twice_means_the_first(void **state)
{
    (void)state;
    use_zone("Europe/Berlin");
    expect_time("2026-10-25 02:30", "2026-10-25T00:30:00.000000Z");
    expect_time("2026-10-25 03:00", "2026-10-25T02:00:00.000000Z");
    use_zone("America/New_York");
    expect_time("2026-11-01 01:30", "2026-11-01T05:30:00.000000Z");
    use_zone("Australia/Lord_Howe"); /* half an hour */
    expect_time("2026-04-05 01:45", "2026-04-04T14:45:00.000000Z");
}

static void an_hour_that_is_skipped_does_not_exist(void **state)
{
    struct nb_error err;
    int64_t time;

    (void)state;
    use_zone("Europe/Berlin");
    assert_int_equal(nb_time_parse(&time, "2026-03-29 02:30", &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "the clocks skip it"));
    assert_int_equal(nb_time_parse_future(&time, "2027-03-28 02:30", nb_now(), &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "the clocks skip it"));
    expect_time("2026-03-29 03:00", "2026-03-29T01:00:00.000000Z");
}

static void other_times_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "2026",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "2026-04-31",
        "2026-1-1",
        "26-01-01",
        "2026-11-01T",
        "2026-11-01 24:00",
        "2026-11-01 14:60",
        "2026-11-01 14:30:60",
        "2026-11-01 14",
        "2026-11-01 14:30:05.",
        "2026-11-01 14:30:05.1234567890",
        "2026-11-01T14:30:05+2",
        "2026-11-01T14:30:05+0200",
        "2026-11-01T14:30:05+16:00",
        "2026-11-01T14:30:05Zx",
        "2026-11-01x",
        " 2026-11-01",
        "2026-11-01 ",
        "0000-01-01",
        "yesterday",
        "-2026-11-01",
    };
    int64_t out = 42;

    (void)state;
    use_zone("UTC");
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        if (nb_time_parse(&out, bad[i], NULL) != NB_EINVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_int_equal(out, 42);
    }
}

static int64_t at(const char *text)
{
    int64_t time = 0;

    assert_int_equal(nb_time_parse(&time, text, NULL), 0);
    return time;
}

static void times_to_come_are_read(void **state)
{
    struct nb_error err;
    int64_t time;

    (void)state;
    use_zone("Europe/Berlin");
    int64_t now = at("2026-10-24 23:15");
    assert_int_equal(nb_time_parse_future(&time, "4h", now, NULL), 0);
    assert_true(time == now + 4 * 3600 * SECOND);
    assert_int_equal(nb_time_parse_future(&time, "tomorrow", now, NULL), 0);
    assert_true(time == at("2026-10-25 09:00")); /* 10:45 hours later, since the clocks go back in between */
    assert_true(time - now == (10 * 60 + 45) * 60 * SECOND);
    assert_int_equal(nb_time_parse_future(&time, "2026-12-31 23:59", now, NULL), 0);
    assert_int_equal(nb_time_parse_future(&time, "2026-10-24 23:15", now, &err), NB_EINVALID);
    assert_string_equal(err.message, "not in the future: \"2026-10-24 23:15\"");
    assert_int_equal(nb_time_parse_future(&time, "0s", now, &err), NB_EINVALID);
    assert_int_equal(nb_time_parse_future(&time, "soon", now, &err), NB_EINVALID);
    assert_non_null(strstr(err.hint, "tomorrow"));
    now = at("2026-12-31 10:00");
    assert_int_equal(nb_time_parse_future(&time, "tomorrow", now, NULL), 0);
    assert_true(time == at("2027-01-01 09:00"));
}

static void times_are_read_as_people_type_them(void **state)
{
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"5m", "2026-11-25 13:05"},
        {"90m", "2026-11-25 14:30"},
        {"90 M", "2026-11-25 14:30"},
        {"30 min", "2026-11-25 13:30"},
        {"2h", "2026-11-25 15:00"},
        {"in 2 hours", "2026-11-25 15:00"},
        {"for 1 hour 30 minutes", "2026-11-25 14:30"},
        {"1h30m", "2026-11-25 14:30"},
        {"1d", "2026-11-26 13:00"},
        {"1 week", "2026-12-02 13:00"},
        {"14:00", "2026-11-25 14:00"},
        {"at 14:00", "2026-11-25 14:00"},
        {"9:30", "2026-11-26 09:30"},
        {"13:00", "2026-11-26 13:00"},
        {"9am", "2026-11-26 09:00"},
        {"2 pm", "2026-11-25 14:00"},
        {"12 am", "2026-11-26 00:00"},
        {"12:30pm", "2026-11-26 12:30"},
        {"noon", "2026-11-26 12:00"},
        {"tonight", "2026-11-25 20:00"},
        {"Tonight 22:30", "2026-11-25 22:30"},
        {"today 17:00", "2026-11-25 17:00"},
        {"tomorrow", "2026-11-26 09:00"},
        {"tomorrow 14:00", "2026-11-26 14:00"},
        {"tomorrow at 8am", "2026-11-26 08:00"},
        {"monday", "2026-11-30 09:00"},
        {"mon 8:15", "2026-11-30 08:15"},
        {"next Monday", "2026-11-30 09:00"},
        {"wednesday", "2026-12-02 09:00"},
        {"thurs", "2026-11-26 09:00"},
        {"2026-11-30 08:00", "2026-11-30 08:00"},
    };
    int64_t time;

    (void)state;
    use_zone("Europe/Berlin");
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        if (nb_time_parse_future(&time, cases[i].text, at("2026-11-25 13:00"), NULL) != 0)
            fail_msg("refused: %s", cases[i].text);
        if (time != at(cases[i].wanted))
            fail_msg("%s is not %s", cases[i].text, cases[i].wanted);
    }
    assert_int_equal(nb_time_parse_future(&time, "tomorrow", at("2026-11-26 00:30"), NULL), 0);
    assert_true(time == at("2026-11-26 09:00")); /* after midnight: the coming morning */
    assert_int_equal(nb_time_parse_future(&time, "tomorrow", at("2026-11-26 05:00"), NULL), 0);
    assert_true(time == at("2026-11-27 09:00"));
    assert_int_equal(nb_time_parse_future(&time, "2:30", at("2027-03-27 22:00"), NULL), 0);
    assert_true(time == at("2027-03-28 03:30")); /* the clocks skip 2:30 */
    assert_int_equal(nb_time_parse_future(&time, "9:00", at("2026-10-24 22:00"), NULL), 0);
    assert_true(time == at("2026-10-25 09:00"));
}

static void what_is_no_time_to_come_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "5",
        "5x",
        "m",
        "15 15m",
        "24:00",
        "9:60",
        "9:5",
        "13pm",
        "0am",
        "9",
        "25",
        "mo",
        "mondays",
        "next",
        "next tomorrow",
        "tomorrow 9",
        "tomorrow 25:00",
        "monday tuesday",
        "tonight 22:30 x",
        "5m tomorrow",
        "in",
        "at",
        "yesterday",
        "today 12:00",
        "-5m",
        "5.5h",
        "99999999999h",
        "today 12:59",
    };
    struct nb_error err;
    int64_t time = 42;

    (void)state;
    use_zone("Europe/Berlin");
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        if (nb_time_parse_future(&time, bad[i], at("2026-11-25 13:00"), &err) != NB_EINVALID)
            fail_msg("accepted: \"%s\"", bad[i]);
        assert_true(time == 42);
        assert_true(err.hint[0] != '\0');
    }
}

static void times_to_come_are_said_shortly(void **state)
{
    char text[NB_TIME_TEXT_SIZE];

    (void)state;
    use_zone("Europe/Berlin");
    int64_t now = at("2026-11-25 13:00");
    assert_string_equal(nb_time_format_until(at("2026-11-25 14:30"), now, text), "14:30");
    assert_string_equal(nb_time_format_until(at("2026-11-26 09:00"), now, text), "Thu 09:00");
    assert_string_equal(nb_time_format_until(at("2026-11-30 09:00"), now, text), "Mon 09:00");
    assert_string_equal(nb_time_format_until(at("2026-12-02 09:00"), now, text), "Wed 2 Dec 09:00");
    assert_string_equal(nb_time_format_until(at("2027-01-04 09:00"), now, text), "Mon 4 Jan 2027 09:00");
}

static void ages_are_short(void **state)
{
    static const struct {
        int64_t seconds;
        const char *wanted;
    } cases[] = {
        {-100, "now"},    {0, "now"},
        {1, "1s"},        {59, "59s"},
        {60, "1m"},       {3599, "59m"},
        {3600, "1h"},     {86399, "23h"},
        {86400, "1d"},    {604799, "6d"},
        {604800, "1w"},   {31535999, "52w"},
        {31536000, "1y"}, {INT64_C(31536000) * 56, "56y"},
    };
    char text[NB_TIME_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        int64_t now = INT64_C(1800000000) * SECOND;
        assert_string_equal(nb_time_format_age(now - cases[i].seconds * SECOND, now, text), cases[i].wanted);
        assert_in_range(strlen(text), 1, 4);
    }
    assert_string_equal(nb_time_format_age(NB_TIME_NONE, 0, text), "-");
    assert_string_equal(nb_time_format_age(INT64_MIN + 1, INT64_MAX, text), "999y");
    assert_string_equal(nb_time_format_age(INT64_MAX, INT64_MIN + 1, text), "now");
}

static void times_are_written(void **state)
{
    char text[NB_TIME_TEXT_SIZE];

    (void)state;
    use_zone("Europe/Berlin");
    int64_t now = at("2026-11-01 14:30:05");
    assert_string_equal(nb_time_format_local(now, text), "2026-11-01 14:30:05");
    assert_string_equal(nb_time_format_local(NB_TIME_NONE, text), "-");
    assert_string_equal(nb_time_format_rfc3339(now + 7, text), "2026-11-01T13:30:05.000007Z");
    assert_string_equal(nb_time_format_rfc3339(NB_TIME_NONE, text), "-");
    assert_string_equal(nb_time_format_short(now, now, text), "14:30");
    assert_string_equal(nb_time_format_short(at("2026-10-31 23:59"), now, text), "Oct 31 23:59");
    assert_string_equal(nb_time_format_short(at("2025-12-31 23:59"), now, text), "2025-12-31");
    assert_string_equal(nb_time_format_short(NB_TIME_NONE, now, text), "-");
    assert_true(strlen(nb_time_format_local(INT64_MAX, text)) < NB_TIME_TEXT_SIZE);
    assert_true(strlen(nb_time_format_rfc3339(INT64_MAX, text)) < NB_TIME_TEXT_SIZE);
    assert_true(strlen(nb_time_format_rfc3339(INT64_MIN + 1, text)) < NB_TIME_TEXT_SIZE);
}

UNIT_MAIN(cmocka_unit_test(durations_are_read), cmocka_unit_test(other_durations_are_refused),
          cmocka_unit_test(times_with_a_zone_are_read), cmocka_unit_test(times_without_a_zone_are_local),
          cmocka_unit_test(an_hour_that_comes_twice_means_the_first),
          cmocka_unit_test(an_hour_that_is_skipped_does_not_exist), cmocka_unit_test(other_times_are_refused),
          cmocka_unit_test(times_to_come_are_read), cmocka_unit_test(times_are_read_as_people_type_them),
          cmocka_unit_test(what_is_no_time_to_come_is_refused), cmocka_unit_test(times_to_come_are_said_shortly),
          cmocka_unit_test(ages_are_short), cmocka_unit_test(times_are_written))
