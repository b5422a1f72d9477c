/*
 * base.h - the few macros and the allocators that everything uses.
 *
 * Allocation never fails towards the caller: when memory runs out the fatal hook (nightbell.h) is called, which
 * lets the console restore the terminal before the process ends.
 */
#ifndef NB_BASE_BASE_H
#define NB_BASE_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NB_ARRAY_SIZE(a)      (sizeof(a) / sizeof((a)[0]))
#define NB_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define NB_MUSTCHECK          __attribute__((warn_unused_result))
#define NB_NORETURN           __attribute__((noreturn))
#define NB_UNUSED             __attribute__((unused))
/* The struct of type `type` that contains `member` at `pointer`. */
#define NB_CONTAINER_OF(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

void *nb_malloc(size_t size) __attribute__((malloc));
void *nb_calloc(size_t count, size_t size) __attribute__((malloc)); /* checks count * size for overflow */
void *nb_realloc(void *pointer, size_t size);
void *nb_reallocarray(void *pointer, size_t count, size_t size);
char *nb_strdup(const char *text) __attribute__((malloc)); /* NULL gives NULL */
char *nb_strndup(const char *text, size_t length) __attribute__((malloc));
char *nb_asprintf(const char *format, ...) NB_PRINTF(1, 2) __attribute__((malloc));
char *nb_vasprintf(const char *format, va_list args) NB_PRINTF(1, 0) __attribute__((malloc));
/* free() that also NULLs: nb_free(&pointer). */
#define nb_free(pp)                                                                                                    \
    do {                                                                                                               \
        free(*(pp));                                                                                                   \
        *(pp) = NULL;                                                                                                  \
    } while (0)
NB_NORETURN void nb_fatal(const char *message);

#endif
