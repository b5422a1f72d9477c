/*
 * number.h - whole numbers as people read them: 4,210.
 */
#ifndef TUI_NUMBER_H
#define TUI_NUMBER_H

#include <stdint.h>

#define NUMBER_TEXT_SIZE 32

const char *number_format(int64_t number, char text[NUMBER_TEXT_SIZE]);
/* At most four columns: 999, 12k, 3M. */
const char *number_format_short(int64_t number, char text[NUMBER_TEXT_SIZE]);

#endif
