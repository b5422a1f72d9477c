/*
 * time_read.c - durations and times as people type them.
 */
#include "config.h"

#include "base/clock.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define SECOND       INT64_C(1000000)
#define MINUTE       (60 * SECOND)
#define HOUR         (60 * MINUTE)
#define DAY          (24 * HOUR)
#define WEEK         (7 * DAY)
#define LONGEST      (10 * 365 * DAY)
#define MORNING_HOUR 9  /* the hour of a day named without a time */
#define EVENING_HOUR 20 /* tonight */
#define NIGHT_ENDS   5  /* before this hour, "tomorrow" is the coming morning */

/* ---- durations ---- */

static int64_t unit_length(char unit)
{
    static const struct {
        char letter;
        int64_t length;
    } units[] = {{'s', SECOND}, {'m', MINUTE}, {'h', HOUR}, {'d', DAY}, {'w', WEEK}};

    for (size_t i = 0; i < NB_ARRAY_SIZE(units); i++)
        if (units[i].letter == unit)
            return units[i].length;
    return 0;
}

int nb_duration_parse(int64_t *out, const char *text, struct nb_error *err)
{
    int64_t sum = 0;
    const char *at = text;

    do {
        int64_t number = 0;
        const char *digits = at;
        while (isdigit((unsigned char)*at) && number < LONGEST)
            number = number * 10 + (*at++ - '0');
        int64_t unit = unit_length(*at);
        if (at == digits || unit == 0)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                                "not a duration: \"%.60s\": expected a number with s, m, h, d or w, "
                                "such as 15m or 1h30m",
                                text);
        at++;
        if (number > LONGEST / unit || (sum += number * unit) > LONGEST)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "duration too long: \"%.60s\": at most 10 years",
                                text);
    } while (*at);
    *out = sum;
    return 0;
}

/* ---- reading times ---- */

struct time_parts {
    struct tm tm;
    int micros;
    bool has_zone;
    int zone_seconds;
};

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* Exactly `count` digits. */
static bool take_number(const char **at, int count, int low, int high, int *out)
{
    int number = 0;

    for (int i = 0; i < count; i++, (*at)++) {
        if (!isdigit((unsigned char)**at))
            return false;
        number = number * 10 + (**at - '0');
    }
    *out = number;
    return number >= low && number <= high;
}

/* One to nine digits after the point, truncated to microseconds. */
static bool take_fraction(const char **at, int *micros)
{
    int digits = 0;
    int value = 0;

    for (; isdigit((unsigned char)**at); (*at)++, digits++)
        if (digits < 6)
            value = value * 10 + (**at - '0');
    for (int i = digits; i < 6; i++)
        value *= 10;
    *micros = value;
    return digits >= 1 && digits <= 9;
}

static bool take_zone(const char **at, struct time_parts *parts)
{
    int hours;
    int minutes;

    if (**at == '\0')
        return true;
    parts->has_zone = true;
    if (take_char(at, 'Z') || take_char(at, 'z'))
        return true;
    int sign = **at == '-' ? -1 : 1;
    if (!take_char(at, '+') && !take_char(at, '-'))
        return false;
    if (!take_number(at, 2, 0, 15, &hours) || !take_char(at, ':') || !take_number(at, 2, 0, 59, &minutes))
        return false;
    parts->zone_seconds = sign * (hours * 3600 + minutes * 60);
    return true;
}

static bool day_exists(const struct tm *tm)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year = tm->tm_year + 1900;
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return tm->tm_mday <= days[tm->tm_mon] + (tm->tm_mon == 1 && leap);
}

static bool take_time(const char *at, struct time_parts *parts)
{
    struct tm *tm = &parts->tm;

    if (!take_number(&at, 4, 1, 9999, &tm->tm_year) || !take_char(&at, '-') ||
        !take_number(&at, 2, 1, 12, &tm->tm_mon) || !take_char(&at, '-') || !take_number(&at, 2, 1, 31, &tm->tm_mday))
        return false;
    tm->tm_year -= 1900;
    tm->tm_mon -= 1;
    if (!day_exists(tm))
        return false;
    if (*at == '\0')
        return true;
    if (!take_char(&at, 'T') && !take_char(&at, 't') && !take_char(&at, ' '))
        return false;
    if (!take_number(&at, 2, 0, 23, &tm->tm_hour) || !take_char(&at, ':') || !take_number(&at, 2, 0, 59, &tm->tm_min))
        return false;
    if (take_char(&at, ':')) {
        if (!take_number(&at, 2, 0, 59, &tm->tm_sec))
            return false;
        if (take_char(&at, '.') && !take_fraction(&at, &parts->micros))
            return false;
    }
    return take_zone(&at, parts) && *at == '\0';
}

static bool same_wall_time(const struct tm *a, const struct tm *b)
{
    return a->tm_year == b->tm_year && a->tm_mon == b->tm_mon && a->tm_mday == b->tm_mday && a->tm_hour == b->tm_hour &&
           a->tm_min == b->tm_min && a->tm_sec == b->tm_sec;
}

/* Local time to seconds. An hour that comes twice (clocks go back) is the first of the two; an hour that is skipped
 * (clocks go forward) does not exist. mktime() decides neither reliably, so each guess is checked. */
static bool local_seconds(const struct tm *wanted, int64_t *out)
{
    bool found = false;

    for (int guess = -1; guess <= 1; guess++) {
        struct tm tm = *wanted;
        struct tm back;
        tm.tm_isdst = guess;
        time_t seconds = mktime(&tm);
        if (!localtime_r(&seconds, &back) || !same_wall_time(&back, wanted))
            continue;
        if (!found || seconds < *out)
            *out = seconds;
        found = true;
    }
    return found;
}

int nb_time_parse(int64_t *out, const char *text, struct nb_error *err)
{
    struct time_parts parts = {0};
    int64_t seconds = 0;

    if (!take_time(text, &parts))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "not a time: \"%.60s\": expected 2026-11-01, 2026-11-01 14:30 or "
                            "2026-11-01T14:30:05Z",
                            text);
    if (parts.has_zone)
        seconds = (int64_t)timegm(&parts.tm) - parts.zone_seconds;
    else if (!local_seconds(&parts.tm, &seconds))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "no such local time: \"%.60s\": the clocks skip it",
                            text);
    *out = seconds * SECOND + parts.micros;
    return 0;
}

/* ---- future times ---- */

/* The words of the text being read. A word is letters, or digits with the signs of a number or clock time. */
struct words {
    const char *at;
    const char *word;
    size_t length;
};

static bool next_word(struct words *words)
{
    words->at += strspn(words->at, " ");
    words->word = words->at;
    if (isdigit((unsigned char)*words->at))
        words->length = strspn(words->at, "0123456789:");
    else
        words->length = strcspn(words->at, " 0123456789");
    words->at += words->length;
    return words->length > 0;
}

static bool word_is(const struct words *words, const char *text)
{
    return strlen(text) == words->length && strncasecmp(words->word, text, words->length) == 0;
}

static int64_t word_unit(const struct words *words)
{
    static const struct {
        const char *name;
        int64_t length;
    } units[] = {
        {"s", SECOND},   {"sec", SECOND},  {"secs", SECOND},   {"second", SECOND},  {"seconds", SECOND}, {"m", MINUTE},
        {"min", MINUTE}, {"mins", MINUTE}, {"minute", MINUTE}, {"minutes", MINUTE}, {"h", HOUR},         {"hr", HOUR},
        {"hrs", HOUR},   {"hour", HOUR},   {"hours", HOUR},    {"d", DAY},          {"day", DAY},        {"days", DAY},
        {"w", WEEK},     {"week", WEEK},   {"weeks", WEEK},
    };

    for (size_t i = 0; i < NB_ARRAY_SIZE(units); i++)
        if (word_is(words, units[i].name))
            return units[i].length;
    return 0;
}

/* "2h", "30 min", "1 day 12 hours", with or without "in" or "for" before it. */
static bool read_span(const char *text, int64_t *span)
{
    struct words words = {.at = text};

    *span = 0;
    if (!next_word(&words))
        return false;
    if ((word_is(&words, "in") || word_is(&words, "for")) && !next_word(&words))
        return false;
    do {
        int64_t number = 0;

        for (size_t i = 0; i < words.length; i++) {
            if (!isdigit((unsigned char)words.word[i]) || number > LONGEST)
                return false;
            number = number * 10 + (words.word[i] - '0');
        }
        int64_t unit = next_word(&words) ? word_unit(&words) : 0;
        if (unit == 0 || number > LONGEST / unit || (*span += number * unit) > LONGEST)
            return false;
    } while (next_word(&words));
    return *words.at == '\0';
}

/* "14:00" "9:30" "9am" "9:30 pm" "noon" from the current word on. */
static bool read_clock(struct words *words, struct tm *day)
{
    const char *at = words->word;
    int hour = 0, minute = 0, digits = 0;

    day->tm_sec = 0;
    if (word_is(words, "noon")) {
        day->tm_hour = 12;
        day->tm_min = 0;
        return true;
    }
    for (; isdigit((unsigned char)*at) && digits < 2; at++, digits++)
        hour = hour * 10 + (*at - '0');
    bool has_minutes = digits > 0 && *at == ':';
    if (has_minutes && (at++, !take_number(&at, 2, 0, 59, &minute)))
        return false;
    if (digits == 0 || at != words->word + words->length)
        return false;

    struct words half = *words;
    bool am = false, pm = false;
    if (next_word(&half)) {
        am = word_is(&half, "am");
        pm = word_is(&half, "pm");
    }
    if (am || pm) {
        *words = half;
        if (hour < 1 || hour > 12)
            return false;
        hour = hour % 12 + (pm ? 12 : 0);
    } else if (!has_minutes || hour > 23) {
        return false;
    }
    day->tm_hour = hour;
    day->tm_min = minute;
    return true;
}

/* 0 for Sunday; -1: no day of the week. A prefix of at least three letters will do. */
static int weekday_of(const struct words *words)
{
    static const char *const days[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

    for (int i = 0; i < 7; i++)
        if (words->length >= 3 && words->length <= strlen(days[i]) &&
            strncasecmp(words->word, days[i], words->length) == 0)
            return i;
    return -1;
}

/* Moves `day` (now, in local time) to the day that the current word names, at the hour at which it begins. */
static bool read_day(const struct words *words, struct tm *day)
{
    int weekday = weekday_of(words);

    if (word_is(words, "today") || word_is(words, "tonight")) {
        day->tm_hour = EVENING_HOUR;
    } else if (word_is(words, "tomorrow")) {
        day->tm_mday += day->tm_hour >= NIGHT_ENDS;
        day->tm_hour = MORNING_HOUR;
    } else if (weekday >= 0) {
        day->tm_mday += (weekday - day->tm_wday + 6) % 7 + 1;
        day->tm_hour = MORNING_HOUR;
    } else {
        return false;
    }
    day->tm_min = day->tm_sec = 0;
    return true;
}

/* Local time to microseconds. A time that the clocks skip moves forward by the skip: 2:30 becomes 3:30. */
static int64_t local_time(struct tm day)
{
    int64_t seconds;

    /* The day may be out of range, such as the 32nd. mktime() normalises it, at noon, which no clock skips. */
    struct tm noon = day;
    noon.tm_hour = 12;
    noon.tm_isdst = -1;
    mktime(&noon);
    noon.tm_hour = day.tm_hour;
    noon.tm_min = day.tm_min;
    noon.tm_sec = day.tm_sec;
    if (!local_seconds(&noon, &seconds)) {
        noon.tm_isdst = 0;
        seconds = (int64_t)mktime(&noon);
    }
    return seconds * SECOND;
}

/* "tonight" "tomorrow 14:00" "monday" "next fri 9am" "14:00"; false for any other text. */
static bool read_named_time(const char *text, int64_t now, int64_t *time)
{
    struct words words = {.at = text};
    time_t seconds = (time_t)(now / SECOND);
    struct tm day;

    if (!localtime_r(&seconds, &day) || !next_word(&words))
        return false;
    if (word_is(&words, "next") && (!next_word(&words) || weekday_of(&words) < 0))
        return false;
    if (read_day(&words, &day)) {
        if (next_word(&words) && word_is(&words, "at") && !next_word(&words))
            return false;
        if (words.length > 0 && !read_clock(&words, &day))
            return false;
        *time = local_time(day);
    } else {
        if (word_is(&words, "at") && !next_word(&words))
            return false;
        if (!read_clock(&words, &day))
            return false;
        *time = local_time(day);
        if (*time <= now) {
            day.tm_mday++;
            *time = local_time(day);
        }
    }
    return !next_word(&words) && *words.at == '\0';
}

int nb_time_parse_future(int64_t *out, const char *text, int64_t now, struct nb_error *err)
{
    struct time_parts parts = {0};
    int64_t time;

    if (read_span(text, &time))
        time += now;
    else if (take_time(text, &parts)) {
        int rc = nb_time_parse(&time, text, err);
        if (rc != 0)
            return rc;
    } else if (!read_named_time(text, now, &time)) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not a time to come: \"%.60s\"", text);
        return nb_error_hint(err,
                             "give a span (90m, 2h, 1 day), a time (14:00, tonight, tomorrow, monday 9:00) or a date "
                             "(2026-11-30 14:30)");
    }
    if (time <= now) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not in the future: \"%.60s\"", text);
        return nb_error_hint(err, "it would have been at %s", nb_time_format_local(time, (char[NB_TIME_TEXT_SIZE]){0}));
    }
    *out = time;
    return 0;
}
