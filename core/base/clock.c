/*
 * clock.c - the two clocks; durations and times as people write and read them.
 */
#include "config.h"

#include "base/clock.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND       INT64_C(1000000)
#define MINUTE       (60 * SECOND)
#define HOUR         (60 * MINUTE)
#define DAY          (24 * HOUR)
#define WEEK         (7 * DAY)
#define YEAR         (365 * DAY)
#define LONGEST      (10 * YEAR)
#define MORNING_HOUR 9 /* when "tomorrow" begins */

int64_t nb_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

int64_t nb_monotonic_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

/* One to nine digits behind the point; what is finer than microseconds is cut off. */
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

/* Local time to seconds. An hour that comes twice (clocks go back) means the first of the two; one
 * that is skipped (clocks go forward) does not exist. mktime() alone answers both as it likes, so
 * each guess is checked. */
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

/* 9:00 of the next day; where the clocks skip that, the first time after it. */
static int64_t tomorrow(int64_t now)
{
    time_t seconds = (time_t)(now / SECOND);
    struct tm tm;

    if (!localtime_r(&seconds, &tm))
        return now + DAY;
    tm.tm_mday += 1;
    tm.tm_hour = MORNING_HOUR;
    tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * SECOND;
}

int nb_time_parse_future(int64_t *out, const char *text, int64_t now, struct nb_error *err)
{
    int64_t time;

    if (strcmp(text, "tomorrow") == 0) {
        *out = tomorrow(now);
        return 0;
    }
    if (nb_duration_parse(&time, text, NULL) == 0) {
        time += now;
    } else if (nb_time_parse(&time, text, NULL) != 0) {
        /* A time that the clocks skip has its own message; all else gets the list of what is
         * possible. */
        struct time_parts parts = {0};
        if (take_time(text, &parts))
            return nb_time_parse(&time, text, err);
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "not a time to come: \"%.60s\": expected a duration such as 4h, \"tomorrow\", or "
                            "a time such as 2026-11-01 14:30",
                            text);
    }
    if (time <= now)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not in the future: \"%.60s\"", text);
    *out = time;
    return 0;
}

/* ---- writing times ---- */

static const char *no_time(char *text)
{
    text[0] = '-';
    text[1] = '\0';
    return text;
}

/* Seconds rounded down, also before 1970. */
static time_t whole_seconds(int64_t time, int *micros)
{
    int64_t seconds = time / SECOND;
    int64_t rest = time % SECOND;

    if (rest < 0) {
        seconds--;
        rest += SECOND;
    }
    if (micros)
        *micros = (int)rest;
    return (time_t)seconds;
}

static bool to_local(int64_t time, struct tm *tm)
{
    time_t seconds = whole_seconds(time, NULL);

    return time != NB_TIME_NONE && localtime_r(&seconds, tm);
}

const char *nb_time_format_age(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    static const struct {
        int64_t below;
        int64_t unit;
        char letter;
    } steps[] = {
        {MINUTE, SECOND, 's'}, {HOUR, MINUTE, 'm'}, {DAY, HOUR, 'h'},
        {WEEK, DAY, 'd'},      {YEAR, WEEK, 'w'},   {INT64_MAX, YEAR, 'y'},
    };
    int64_t age;

    if (time == NB_TIME_NONE)
        return no_time(text);
    if (__builtin_sub_overflow(now, time, &age))
        age = time < now ? INT64_MAX - 1 : 0;
    if (age < SECOND) {
        snprintf(text, NB_TIME_TEXT_SIZE, "now");
        return text;
    }
    size_t step = 0;
    while (age >= steps[step].below)
        step++;
    int64_t count = age / steps[step].unit;
    snprintf(text, NB_TIME_TEXT_SIZE, "%d%c", (int)(count > 999 ? 999 : count), steps[step].letter);
    return text;
}

const char *nb_time_format_local(int64_t time, char text[NB_TIME_TEXT_SIZE])
{
    struct tm tm;

    if (!to_local(time, &tm) || !strftime(text, NB_TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &tm))
        return no_time(text);
    return text;
}

const char *nb_time_format_short(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm;
    struct tm today;

    if (!to_local(time, &tm) || !to_local(now, &today))
        return no_time(text);
    if (tm.tm_year != today.tm_year)
        snprintf(text, NB_TIME_TEXT_SIZE, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    else if (tm.tm_yday != today.tm_yday)
        snprintf(text, NB_TIME_TEXT_SIZE, "%s %02d %02d:%02d", months[tm.tm_mon], tm.tm_mday, tm.tm_hour, tm.tm_min);
    else
        snprintf(text, NB_TIME_TEXT_SIZE, "%02d:%02d", tm.tm_hour, tm.tm_min);
    return text;
}

const char *nb_time_format_rfc3339(int64_t time, char text[NB_TIME_TEXT_SIZE])
{
    struct tm tm;
    int micros;
    time_t seconds = whole_seconds(time, &micros);

    if (time == NB_TIME_NONE || !gmtime_r(&seconds, &tm))
        return no_time(text);
    size_t length = (size_t)snprintf(text, NB_TIME_TEXT_SIZE, "%04ld", tm.tm_year + 1900L);
    length += strftime(text + length, NB_TIME_TEXT_SIZE - length, "-%m-%dT%H:%M:%S", &tm);
    snprintf(text + length, NB_TIME_TEXT_SIZE - length, ".%06dZ", micros);
    return text;
}
