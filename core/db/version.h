/*
 * version.h - the schema's version: the number of the last migration.
 */
#ifndef NB_DB_VERSION_H
#define NB_DB_VERSION_H

#include "base/error.h"

/* The version that this program installs and needs. */
int nb_schema_embedded_version(void);
/* 0 when the installed version fits this program; NB_EVERSION with what to do otherwise. */
NB_MUSTCHECK int nb_schema_check_version(int installed, struct nb_error *err);

#endif
