/*
 * failure.h - what PostgreSQL reports, as a struct nb_error. Private to core/db.
 */
#ifndef NB_DB_FAILURE_H
#define NB_DB_FAILURE_H

#include <libpq-fe.h>

#include "base/error.h"

/* The code for a SQLSTATE; NB_EFAILED for what no rule names. */
int nb_failure_code(const char *sqlstate);
/* Whether the server has no shared memory left, which is where its locks are (53200). */
bool nb_failure_is_full(const struct nb_error *err);
/* Whether trying to connect again may help. */
bool nb_failure_heals(const struct nb_error *err);
/* From a result that failed. script (may be NULL): its text, so that the line can be named. */
int nb_failure_from_result(struct nb_error *err, const PGresult *result, const char *script);
/* From a connection that could not be made, or broke. */
int nb_failure_from_connection(struct nb_error *err, const PGconn *pg);

#endif
