/*
 * clock.c - the two clocks, and times as people read them.
 */
#include "config.h"

#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)
#define WEEK   (7 * DAY)
#define YEAR   (365 * DAY)

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

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

const char *nb_time_format_short(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
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

const char *nb_time_zone_name(int64_t time, char text[NB_TIME_TEXT_SIZE])
{
    struct tm tm;

    if (!to_local(time, &tm) || !strftime(text, NB_TIME_TEXT_SIZE, "%Z", &tm))
        return no_time(text);
    return text;
}

char *nb_time_sentence(const char *text, int64_t time, nb_time_format *format)
{
    char when[NB_TIME_TEXT_SIZE];

    if (!text || time == NB_TIME_NONE)
        return nb_strdup(text);
    return nb_asprintf("%s %s", text, format(time, when));
}

const char *nb_time_format_until(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    struct tm tm;
    struct tm today;

    if (!to_local(time, &tm) || !to_local(now, &today))
        return no_time(text);
    if (tm.tm_year == today.tm_year && tm.tm_yday == today.tm_yday)
        snprintf(text, NB_TIME_TEXT_SIZE, "%02d:%02d", tm.tm_hour, tm.tm_min);
    else if (time > now && time - now <= 6 * DAY && tm.tm_wday != today.tm_wday)
        snprintf(text, NB_TIME_TEXT_SIZE, "%s %02d:%02d", days[tm.tm_wday], tm.tm_hour, tm.tm_min);
    else if (tm.tm_year == today.tm_year)
        snprintf(text, NB_TIME_TEXT_SIZE, "%s %d %s %02d:%02d", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                 tm.tm_hour, tm.tm_min);
    else
        snprintf(text, NB_TIME_TEXT_SIZE, "%s %d %s %d %02d:%02d", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                 tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
    return text;
}

const char *nb_time_format_brief(int64_t time, char text[NB_TIME_TEXT_SIZE])
{
    return nb_time_format_until(time, nb_now(), text);
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
