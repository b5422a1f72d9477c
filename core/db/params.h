/*
 * params.h - how db/query.c gets at the values that it sends. Private to core/db.
 */
#ifndef NB_DB_PARAMS_H
#define NB_DB_PARAMS_H

#include "db/query.h"

/* One string a value, NULL for SQL NULL; borrowed. NULL params have none. */
const char *const *nb_params_values(const struct nb_params *params);

#endif
