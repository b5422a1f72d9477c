/*
 * dsn.h - connection strings from places that others can read, such as a command line.
 */
#ifndef NB_DB_DSN_H
#define NB_DB_DSN_H

#include "base/error.h"

/* NB_EUSAGE when dsn is malformed or contains a secret. */
NB_MUSTCHECK int nb_dsn_check_public(const char *dsn, struct nb_error *err);

/* The PostgreSQL login of dsn (NULL: of the PG* environment); the caller frees it. NULL when it cannot be known. */
char *nb_dsn_login(const char *dsn);

#endif
