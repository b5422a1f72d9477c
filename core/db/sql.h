/*
 * sql.h - the SQL that is embedded in the library. Generated from core/sql/ by core/sql/embed.awk; no getters, one table.
 *
 * queries/NAME.sql gives the enum constant NB_SQL_NAME and an entry of nb_sql_queries[].
 * scripts/NAME.sql gives NB_SCRIPT_NAME and an entry of nb_sql_scripts[]: what an administrator's command runs as a whole.
 * filters/SUBJECT.sql gives the fragments of the filter language (see filter/filter.h).
 * migrations/NNNN_name.sql and functions|policies/name.sql give the tables that schema/migrate.c applies.
 */
#ifndef NB_DB_SQL_H
#define NB_DB_SQL_H

#include <stddef.h>

#include "sql_ids.h" /* generated: enum nb_sql { NB_SQL_…, NB_SQL_COUNT }, enum nb_sql_script likewise */

struct nb_sql_text {
    const char *name; /* the file's stem */
    const char *text;
};

struct nb_sql_fragment {
    const char *subject; /* "inbox", "events" */
    const char *name;    /* "is_unread" */
    const char *text;    /* a boolean expression; $1 (and $2) stand for its own values */
};

extern const struct nb_sql_text nb_sql_queries[NB_SQL_COUNT + 1];    /* the last entry is empty */
extern const struct nb_sql_text nb_sql_scripts[NB_SCRIPT_COUNT + 1]; /* the last entry is empty */
extern const struct nb_sql_fragment nb_sql_fragments[];
extern const size_t nb_sql_fragment_count;
extern const struct nb_sql_text nb_sql_migrations[]; /* in order; name "0001_tables" */
extern const size_t nb_sql_migration_count;
extern const struct nb_sql_text nb_sql_definitions[]; /* functions, then policies, each by name */
extern const size_t nb_sql_definition_count;

#endif
