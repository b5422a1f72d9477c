/*
 * server_query.h - the SQL that only servers and administrators' commands run: schema and upkeep, hub, private cluster,
 * demonstration. It is in libserver, so applications that link libnightbell do not carry it.
 *
 * Generated from core/sql/ by core/sql/embed.awk:
 *   server/NAME.sql                NB_SERVER_SQL_NAME, an entry of nb_server_queries[]
 *   scripts/NAME.sql               NB_SCRIPT_NAME, an entry of nb_sql_scripts[]: a script of several statements
 *   migrations/NNNN_name.sql       nb_sql_migrations[], which schema/migrate.c applies
 *   functions|policies/name.sql    nb_sql_definitions[], likewise
 */
#ifndef NB_DB_SERVER_QUERY_H
#define NB_DB_SERVER_QUERY_H

#include "db/query.h"
#include "server_sql_ids.h" /* generated: enum nb_server_sql { NB_SERVER_SQL_…, …_COUNT }, enum nb_sql_script likewise */

extern const struct nb_sql_text nb_server_queries[NB_SERVER_SQL_COUNT + 1]; /* the last entry is empty */
extern const struct nb_sql_text nb_sql_scripts[NB_SCRIPT_COUNT + 1];        /* the last entry is empty */
extern const struct nb_sql_text nb_sql_migrations[];                        /* in order; name "0001_tables" */
extern const size_t nb_sql_migration_count;
extern const struct nb_sql_text nb_sql_definitions[]; /* functions, then policies, each by name */
extern const size_t nb_sql_definition_count;

/* Like nb_query() and nb_query_wait(). */
struct nb_request *nb_server_query(struct nb_connection *connection, enum nb_server_sql id,
                                   struct nb_params *params_take, const struct nb_request_options *options,
                                   nb_request_done *done, void *arg);
NB_MUSTCHECK int nb_server_query_wait(struct nb_connection *connection, enum nb_server_sql id,
                                      struct nb_params *params_take, struct nb_result **out, struct nb_error *err);

#endif
