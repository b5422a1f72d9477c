/*
 * clock.h - the two clocks, and how times and spans are read and written for people.
 */
#ifndef NB_BASE_CLOCK_H
#define NB_BASE_CLOCK_H

#include "base/error.h"

int64_t nb_now(void);          /* wall clock, microseconds since 1970 (UTC) */
int64_t nb_monotonic_ms(void); /* never steps; for timers and waits */

/* "90s" "15m" "4h" "2d" "1w" and sums such as "1h30m" -> microseconds. At most 10 years. */
NB_MUSTCHECK int nb_duration_parse(int64_t *out, const char *text, struct nb_error *err);
/* "2026-11-01", "2026-11-01 14:30[:05]", "2026-11-01T14:30:05[.123456](Z|±hh:mm)"; without a zone in local time. */
NB_MUSTCHECK int nb_time_parse(int64_t *out, const char *text, struct nb_error *err);
/* A future time as people type it, in local time:
 *   - a span from now: "90m" "2h" "1 day" "30 min"
 *   - a clock time, the next such: "14:00" "9am"
 *   - a day: "tonight" is 20:00; "tomorrow" and "monday" are 9:00; before 5:00 "tomorrow" is the coming morning
 *   - a day with a time: "monday 8:30"
 *   - a date as for nb_time_parse() */
NB_MUSTCHECK int nb_time_parse_future(int64_t *out, const char *text, int64_t now, struct nb_error *err);

#define NB_TIME_TEXT_SIZE 40
/* "now" "45s" "2m" "3h" "5d" "7w" "2y": the age of `time` at `now`, at most 4 columns wide. */
const char *nb_time_format_age(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE]);
/* Local time, "2026-11-01 14:30:05"; "-" for NB_TIME_NONE. */
const char *nb_time_format_local(int64_t time, char text[NB_TIME_TEXT_SIZE]);
/* Local time, "14:30" today, "Nov 01 14:30" this year, "2026-11-01" otherwise. */
const char *nb_time_format_short(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE]);
/* A future local time: "14:30" today, "Mon 09:00" within a week, "Mon 7 Dec 09:00" this year, "Mon 4 Jan 2027 09:00"
 * otherwise. */
const char *nb_time_format_until(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE]);
/* nb_time_format_until() as of now. */
const char *nb_time_format_brief(int64_t time, char text[NB_TIME_TEXT_SIZE]);
/* "2026-11-01T14:30:05.123456Z" (RFC 3339), for JSON. */
const char *nb_time_format_rfc3339(int64_t time, char text[NB_TIME_TEXT_SIZE]);
/* The name of the local time zone at that time: "CET". */
const char *nb_time_zone_name(int64_t time, char text[NB_TIME_TEXT_SIZE]);

typedef const char *nb_time_format(int64_t time, char text[NB_TIME_TEXT_SIZE]);
/* A text of the database and the time with which it ends: "resolved by bob at 14:30"; only the text for NB_TIME_NONE, NULL
 * for NULL. The caller frees it. */
char *nb_time_sentence(const char *text, int64_t time, nb_time_format *format);

#endif
