/*
 * error.h - how a struct nb_error (nightbell.h) is filled.
 *
 * An error is set once, at the lowest level that knows what happened, and passed on untouched:
 *     return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "severity: expected low, medium, high or critical");
 */
#ifndef NB_BASE_ERROR_H
#define NB_BASE_ERROR_H

#include "base/base.h"
#include "nightbell.h"

/* Fills err (which may be NULL) and returns code. Clears sqlstate, column and hint. */
int nb_error_set(struct nb_error *err, int code, enum nb_domain domain, const char *format, ...) NB_PRINTF(4, 5);
/* The same with errno's text appended: "open /x: Permission denied". */
int nb_error_errno(struct nb_error *err, int errnum, const char *format, ...) NB_PRINTF(3, 4);
/* Adds what to do about it; returns err->code (NB_EFAILED for a NULL err). */
int nb_error_hint(struct nb_error *err, const char *format, ...) NB_PRINTF(2, 3);
void nb_error_clear(struct nb_error *err);
/* "not-found", "denied" …: the stable word for a code, used in JSON output. */
const char *nb_code_name(int code);

#endif
