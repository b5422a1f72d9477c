/*
 * version.c - compares the installed schema's version with the one this program was built for.
 */
#include "db/version.h"

#include "db/sql.h"

int nb_schema_embedded_version(void)
{
    return nb_sql_schema_version;
}

int nb_schema_check_version(int installed, struct nb_error *err)
{
    int embedded = nb_schema_embedded_version();

    if (installed == embedded)
        return 0;
    nb_error_set(err, NB_EVERSION, NB_DOMAIN_DATABASE, "the database has schema version %d, this program needs %d",
                 installed, embedded);
    if (installed < embedded)
        nb_error_hint(err, "run: nightbell db init");
    else
        nb_error_hint(err, "the schema is newer than this program: install the nightbell that fits it");
    return NB_EVERSION;
}
