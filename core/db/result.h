/*
 * result.h - the inside of struct nb_result. Private to core/db.
 */
#ifndef NB_DB_RESULT_H
#define NB_DB_RESULT_H

#include <libpq-fe.h>

#include "db/query.h"

struct nb_result {
    PGresult *pg;
};

#endif
