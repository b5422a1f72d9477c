/*
 * params.h - read access to parameter values, for sending them. Private to core/db.
 */
#ifndef NB_DB_PARAMS_H
#define NB_DB_PARAMS_H

#include "db/query.h"

/* One string per value, NULL for SQL NULL; borrowed. NULL params means no values. */
const char *const *nb_params_values(const struct nb_params *params);

#endif
