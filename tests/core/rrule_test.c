/* Recurrence rules: what they give, over the ends of months and years, and that none of them holds us up. */
#include "tests/lib/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "recur/rrule.h"

static struct nb_error err;

/* The occurrences, separated by blanks; the error's message where there are none. */
static const char *expand(const char *rule, const char *starts, const char *since, const char *upto)
{
    static char answer[65536];
    char(*times)[NB_RRULE_TIME_SIZE] = NULL;
    size_t count = 0;

    answer[0] = '\0';
    if (nb_rrule_expand(&(struct nb_rrule){rule, starts, since, upto}, &times, &count, &err) < 0)
        return err.message;
    for (size_t i = 0; i < count; i++)
        snprintf(answer + strlen(answer), sizeof(answer) - strlen(answer), "%s%s", i > 0 ? " " : "", times[i]);
    free(times);
    return answer;
}

static void rules_give_their_times(void **state)
{
    (void)state;
    assert_string_equal(expand("FREQ=WEEKLY;BYDAY=SU", "20260301T220000", "20260301T000000", "20260316T000000"),
                        "20260301T220000 20260308T220000 20260315T220000");
    assert_string_equal(expand("FREQ=MONTHLY;BYDAY=-1FR", "20260101T020000", "20260115T000000", "20260301T000000"),
                        "20260130T020000 20260227T020000");
    assert_string_equal(expand("FREQ=MONTHLY;BYMONTHDAY=31", "20260101T020000", "20260101T000000", "20260601T000000"),
                        "20260131T020000 20260331T020000 20260531T020000");
    assert_string_equal(
        expand("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "20240229T020000", "20250101T000000", "20330101T000000"),
        "20280229T020000 20320229T020000");
    assert_string_equal(expand("FREQ=DAILY;INTERVAL=2", "20200101T020000", "20260301T000000", "20260303T000000"),
                        "20260302T020000");
    assert_string_equal(expand("FREQ=DAILY", "20260101T020000", "20250101T000000", "20251231T000000"), "");
}

static void what_is_no_rule_is_refused(void **state)
{
    (void)state;
    assert_string_equal(expand("FREQ=NEVER", "20260101T020000", "20260101T000000", "20260201T000000"),
                        "rrule: this is no recurrence rule");
    assert_string_equal(expand("", "20260101T020000", "20260101T000000", "20260201T000000"),
                        "rrule: this is no recurrence rule");
    assert_string_equal(expand("FREQ=MINUTELY", "20260101T020000", "20260101T000000", "20260201T000000"),
                        "rrule: more than 1000 occurrences");
}

static void hostile_rules_hold_nobody_up(void **state)
{
    static const char *const rules[] = {
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1",   "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        int64_t before = nb_monotonic_ms();
        const char *answer = expand(rules[i], "20260101T020000", "20260101T000000", "20360101T000000");

        if (*answer && !strstr(answer, "takes too long") && !strstr(answer, "no recurrence rule"))
            fail_msg("%s: %s", rules[i], answer);
        assert_in_range(nb_monotonic_ms() - before, 0, 11000);
    }
}

UNIT_MAIN(cmocka_unit_test(rules_give_their_times), cmocka_unit_test(what_is_no_rule_is_refused),
          cmocka_unit_test(hostile_rules_hold_nobody_up))
