/*
 * number.c - thousands separators.
 */
#include "tui/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *number_format(int64_t number, char text[NUMBER_TEXT_SIZE])
{
    char digits[NUMBER_TEXT_SIZE];
    size_t length, out = 0;

    snprintf(digits, sizeof(digits), "%" PRId64, number < 0 ? 0 : number);
    length = strlen(digits);
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

const char *number_format_short(int64_t number, char text[NUMBER_TEXT_SIZE])
{
    static const struct {
        int64_t unit;
        const char *letter;
    } units[] = {{1000000000, "G"}, {1000000, "M"}, {1000, "k"}};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (number < units[i].unit * 10 && !(number >= units[i].unit && units[i].unit > 1000))
            continue;
        snprintf(text, NUMBER_TEXT_SIZE, "%" PRId64 "%s", number / units[i].unit, units[i].letter);
        return text;
    }
    snprintf(text, NUMBER_TEXT_SIZE, "%" PRId64, number);
    return text;
}
