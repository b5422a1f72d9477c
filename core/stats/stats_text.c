/*
 * stats_text.c - figures as people read them, the same in the console and in the command.
 */
#include "stats/stats.h"

#include <string.h>

#include "base/text.h"

#define MINUTE 60
#define HOUR   (60 * MINUTE)
#define DAY    (24 * HOUR)

const char *nb_stats_duration(double seconds, char text[NB_STATS_TEXT_SIZE])
{
    long long whole = (long long)(seconds + 0.5);

    if (seconds < 0)
        nb_text_copy(text, NB_STATS_TEXT_SIZE, "-");
    else if (seconds < 0.9995)
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%.0fms", seconds * 1000);
    else if (seconds < 9.95)
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%.1fs", seconds);
    else if (whole < MINUTE)
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%llds", whole);
    else if (whole < HOUR)
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%lldm%02llds", whole / MINUTE, whole % MINUTE);
    else if (whole < DAY)
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%lldh%02lldm", whole / HOUR, whole % HOUR / MINUTE);
    else
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%lldd%lldh", whole / DAY, whole % DAY / HOUR);
    return text;
}

const char *nb_stats_number(int64_t n, bool more, char text[NB_STATS_TEXT_SIZE])
{
    char digits[NB_STATS_TEXT_SIZE];
    size_t length, used = 0;

    if (n < 0)
        return nb_text_copy(text, NB_STATS_TEXT_SIZE, "-"), text;
    nb_text_format(digits, sizeof(digits), "%lld", (long long)n);
    length = strlen(digits);
    for (size_t i = 0; i < length && used + 3 < NB_STATS_TEXT_SIZE; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    if (more)
        text[used++] = '+';
    text[used] = '\0';
    return text;
}

const char *nb_stats_share(double share, char text[NB_STATS_TEXT_SIZE])
{
    if (share < 0)
        nb_text_copy(text, NB_STATS_TEXT_SIZE, "-");
    else if (share >= 1)
        nb_text_copy(text, NB_STATS_TEXT_SIZE, "100%");
    else
        nb_text_format(text, NB_STATS_TEXT_SIZE, "%.1f%%", (double)(long long)(share * 1000) / 10);
    return text;
}

int64_t nb_stats_total(const int64_t counts[], size_t count)
{
    int64_t total = 0;

    for (size_t i = 0; i < count; i++)
        total += counts[i];
    return total;
}

int64_t nb_stats_open_aged(const struct nb_stats *stats, size_t age)
{
    int64_t total = 0;

    for (int severity = 0; severity < NB_STATS_SEVERITIES; severity++)
        total += stats->open[severity][age];
    return total;
}
