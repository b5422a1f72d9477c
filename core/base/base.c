/*
 * base.c - allocation that does not fail towards its caller, and the hook for when memory runs out.
 */
#include "config.h"

#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nightbell.h"

static nb_fatal_hook *fatal_hook;

void nb_set_fatal_hook(nb_fatal_hook *hook)
{
    fatal_hook = hook;
}

const char *nb_version(void)
{
    return PACKAGE_VERSION;
}

void nb_fatal(const char *message)
{
    nb_fatal_hook *hook = fatal_hook;

    fatal_hook = NULL; /* a hook that fails itself must not be called again */
    if (hook)
        hook(message);
    abort();
}

static void *or_fatal(void *pointer)
{
    if (!pointer)
        nb_fatal("out of memory");
    return pointer;
}

void *nb_malloc(size_t size)
{
    return or_fatal(malloc(size ? size : 1));
}

void *nb_calloc(size_t count, size_t size)
{
    return or_fatal(calloc(count ? count : 1, size ? size : 1));
}

void *nb_realloc(void *pointer, size_t size)
{
    return or_fatal(realloc(pointer, size ? size : 1));
}

void *nb_reallocarray(void *pointer, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        nb_fatal("out of memory");
    return nb_realloc(pointer, bytes);
}

char *nb_strdup(const char *text)
{
    return text ? nb_strndup(text, strlen(text)) : NULL;
}

char *nb_strndup(const char *text, size_t length)
{
    size_t used = strnlen(text, length);
    char *copy = nb_malloc(used + 1);

    memcpy(copy, text, used);
    copy[used] = '\0';
    return copy;
}

char *nb_vasprintf(const char *format, va_list args)
{
    char *text = NULL;

    if (vasprintf(&text, format, args) < 0)
        nb_fatal("out of memory");
    return text;
}

char *nb_asprintf(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    return text;
}
