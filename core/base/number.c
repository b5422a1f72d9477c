/*
 * number.c - thousands separators.
 */
#include "base/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *nb_number_format(int64_t number, char text[NB_NUMBER_TEXT_SIZE])
{
    char digits[NB_NUMBER_TEXT_SIZE];
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
