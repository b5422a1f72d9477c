/* sample.c - see sample.h. */
#include "bench/sample.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double sample_clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

double sample_percentile(double *values, size_t count, double fraction)
{
    size_t at = (size_t)(fraction * (double)count);

    qsort(values, count, sizeof(*values), compare);
    return values[at < count ? at : count - 1];
}

void sample_print(const char *figure, char side, double value)
{
    printf("%s %c %.4f\n", figure, side, value);
    fflush(stdout);
}

void sample_give_up(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}
