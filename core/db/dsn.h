/*
 * dsn.h - connection strings that come from places where others can read them.
 */
#ifndef NB_DB_DSN_H
#define NB_DB_DSN_H

#include "base/error.h"

/* NB_EUSAGE when dsn is malformed or contains a secret: a command line is no place for one. */
NB_MUSTCHECK int nb_dsn_check_public(const char *dsn, struct nb_error *err);

#endif
