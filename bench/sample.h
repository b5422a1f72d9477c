/* sample.h - what the measuring programs share: the clock, percentiles, and the one form in which
 * they print. */
#ifndef BENCH_SAMPLE_H
#define BENCH_SAMPLE_H

#include <stddef.h>

double sample_clock_ms(void);
/* Sorts values; fraction 0.5 is the median. */
double sample_percentile(double *values, size_t count, double fraction);
/* One line for report.awk: the figure, "a" (nightbell) or "b" (the floor), the value. */
void sample_print(const char *figure, char side, double value);
/* Ends the program when something that a figure needs is not there. */
__attribute__((noreturn, format(printf, 1, 2))) void sample_give_up(const char *format, ...);

#endif
