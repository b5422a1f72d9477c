/* sample.h - shared by the measuring programs: the clock, percentiles, and the format of their output. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>

double sample_clock_ms(void);
/* Sorts values; fraction 0.5 is the median. */
double sample_percentile(double *values, size_t count, double fraction);
/* Prints a line for report.awk: the figure, "a" (nightbell) or "b" (the floor), the value. */
void sample_print(const char *figure, char side, double value);
/* Ends the program when something that a figure needs is missing. */
__attribute__((noreturn, format(printf, 1, 2))) void sample_give_up(const char *format, ...);

#endif
