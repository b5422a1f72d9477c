/*
 * sql.h - the SQL that the client side runs, embedded in the library. server_query.h has that of servers and
 * administrators.
 *
 * Generated from core/sql/ by core/sql/embed.awk:
 *   queries/NAME.sql       NB_SQL_NAME, an entry of nb_sql_queries[]
 *   filters/SUBJECT.sql    the fragments of the filter language (see filter/filter.h)
 */
#ifndef NB_DB_SQL_H
#define NB_DB_SQL_H

#include <stddef.h>

#include "sql_ids.h" /* generated: enum nb_sql { NB_SQL_…, NB_SQL_COUNT } */

struct nb_sql_text {
    const char *name; /* the file's stem */
    const char *text;
};

struct nb_sql_fragment {
    const char *subject; /* "inbox", "events" */
    const char *name;    /* "is_unread" */
    const char *text;    /* a boolean expression; $1 and $2 are its own parameters */
};

extern const struct nb_sql_text nb_sql_queries[NB_SQL_COUNT + 1]; /* the last entry is empty */
extern const struct nb_sql_fragment nb_sql_fragments[];
extern const size_t nb_sql_fragment_count;
extern const int nb_sql_schema_version; /* the number of the last migration */

#endif
