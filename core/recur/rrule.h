/*
 * rrule.h - the occurrences of a recurrence rule (RFC 5545), in local time without a zone.
 *
 * libical works some rules out for ever (FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30), so it runs in a child process with a
 * limit of processor time, and never in a request or in the console.
 */
#ifndef NB_RECUR_RRULE_H
#define NB_RECUR_RRULE_H

#include "base/error.h"

#define NB_RRULE_TIME_SIZE 16 /* "20261130T143000" */
#define NB_RRULE_MAX       1000

struct nb_rrule {
    const char *rule;   /* "FREQ=WEEKLY;BYDAY=SU" */
    const char *starts; /* the times are texts like 20261130T143000 */
    const char *since;  /* occurrences from here on */
    const char *upto;   /* to here, both included */
};

/* times: the occurrences in order, one after the other, each with its NUL; the caller frees it. NB_EINVALID: no rule, one
 * that is too much work, or more than NB_RRULE_MAX occurrences. */
NB_MUSTCHECK int nb_rrule_expand(const struct nb_rrule *rule, char (**times)[NB_RRULE_TIME_SIZE], size_t *count,
                                 struct nb_error *err);

#endif
