/*
 * failure.h - PostgreSQL's errors as a struct nb_error. Private to core/db.
 */
#ifndef NB_DB_FAILURE_H
#define NB_DB_FAILURE_H

#include <libpq-fe.h>

#include "base/error.h"

/* The code for a SQLSTATE; NB_EFAILED for those without a rule. */
int nb_failure_code(const char *sqlstate);
/* Whether the server is out of shared memory (53200), which holds its locks. */
bool nb_failure_is_full(const struct nb_error *err);
/* Whether trying to connect again may help. */
bool nb_failure_heals(const struct nb_error *err);
/* From a result that failed. script (may be NULL): its text, so that the line can be named. */
int nb_failure_from_result(struct nb_error *err, const PGresult *result, const char *script);
/* From a connection that could not be made, or broke. */
int nb_failure_from_connection(struct nb_error *err, const PGconn *pg);

#endif
