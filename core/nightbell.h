/*
 * nightbell.h - the public interface of libnightbell.
 *
 * Conventions, once for all functions:
 *  - A fallible function returns 0, or a negative `enum nb_code`, and describes the failure in the
 *    caller's `struct nb_error` (last argument, may be NULL). On failure out parameters are NULL or untouched.
 *  - Out parameters come first. A `struct x **out` is owned by the caller and freed by the matching
 *    `_free(struct x **)`, which accepts NULL and sets the caller's pointer to NULL.
 *  - A `const` pointer that is returned or found inside a struct is borrowed and lives as long as its parent.
 *  - All text is UTF-8. All times are microseconds since 1970-01-01T00:00:00Z; NB_TIME_NONE is "no time".
 *  - A handle belongs to one thread at a time.
 *  - Running out of memory ends the process through the hook set with nb_set_fatal_hook().
 */
#ifndef NIGHTBELL_H
#define NIGHTBELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NB_TIME_NONE INT64_MIN

/* What failed, in terms that a caller can act on. The command line maps them onto its exit codes. */
enum nb_code {
    NB_OK = 0,
    NB_EFAILED = -1,       /* the operation failed; message says why */
    NB_EUSAGE = -2,        /* the caller asked for something that makes no sense */
    NB_ENOTFOUND = -3,     /* no such row, type, file, view … (or not visible to this identity) */
    NB_EDENIED = -4,       /* no, bad or expired token; wrong role */
    NB_EUNREACHABLE = -5,  /* the database cannot be reached, or went away */
    NB_EINVALID = -6,      /* a value is malformed or out of bounds; column may say where */
    NB_ECONFLICT = -7,     /* somebody else was first; message says who and when */
    NB_ECANCELLED = -8,    /* cancelled by the caller, or overtaken by a newer request */
    NB_EVERSION = -9,      /* the database's schema does not fit this program */
};

enum nb_domain {
    NB_DOMAIN_NONE = 0,
    NB_DOMAIN_DATABASE, /* sqlstate is set */
    NB_DOMAIN_SYSTEM,   /* an operating system call */
    NB_DOMAIN_INPUT,    /* text from a person or a producer */
    NB_DOMAIN_CONFIG,   /* a configuration file; message begins with file:line */
    NB_DOMAIN_IDENTITY, /* tokens, keys, roles */
};

/* Caller-owned, no pointers, nothing to free. message is one line without a trailing full stop. */
struct nb_error {
    int code;
    enum nb_domain domain;
    char sqlstate[6];
    unsigned column; /* 1-based column in the input that was refused, 0 where none applies */
    char message[768];
    char hint[384]; /* what to do about it; may be empty */
};

/* Called once with a message when memory runs out; it must not return. */
typedef void nb_fatal_hook(const char *message);
void nb_set_fatal_hook(nb_fatal_hook *hook);

const char *nb_version(void);

/* The client, the producing calls and the reading calls follow here (core/client.c). */

#ifdef __cplusplus
}
#endif
#endif
