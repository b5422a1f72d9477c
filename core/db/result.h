/*
 * result.h - a result from inside. Private to core/db.
 */
#ifndef NB_DB_RESULT_H
#define NB_DB_RESULT_H

#include <libpq-fe.h>

#include "db/query.h"

struct nb_result {
    PGresult *pg;
};

#endif
