/*
 * number.h - whole numbers as people read them: 4,210.
 */
#ifndef NB_BASE_NUMBER_H
#define NB_BASE_NUMBER_H

#include <stdint.h>

#define NB_NUMBER_TEXT_SIZE 32

const char *nb_number_format(int64_t number, char text[NB_NUMBER_TEXT_SIZE]);

#endif
