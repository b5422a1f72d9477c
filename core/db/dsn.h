/*
 * dsn.h - connection strings from places that others can read, such as a command line.
 */
#ifndef NB_DB_DSN_H
#define NB_DB_DSN_H

#include "base/error.h"

/* NB_EUSAGE when dsn is malformed or contains a secret. */
NB_MUSTCHECK int nb_dsn_check_public(const char *dsn, struct nb_error *err);

#endif
