/*
 * migrate.c - creates and upgrades the schema, and reports on it.
 */
#include "config.h"

#include "db/migrate.h"

#include <stdlib.h>

/* A migration's number is the version of the schema after it. */
static int embedded_version(void)
{
    return (int)strtol(nb_sql_migrations[nb_sql_migration_count - 1].name, NULL, 10);
}

int nb_schema_check_version(int installed, struct nb_error *err)
{
    int embedded = embedded_version();

    if (installed == embedded)
        return 0;
    nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE,
                 "the database has schema version %d, this program needs %d", installed, embedded);
    if (installed < embedded)
        nb_error_hint(err, "run: nightbell db init");
    else
        nb_error_hint(err,
                      "the schema is newer than this program: install the nightbell that fits it");
    return NB_EVERSION;
}
