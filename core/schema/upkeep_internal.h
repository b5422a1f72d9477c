/*
 * upkeep_internal.h - what a purge consists of (upkeep_steps.c), and the purge with an archive. Private to this folder.
 */
#ifndef NB_SCHEMA_UPKEEP_INTERNAL_H
#define NB_SCHEMA_UPKEEP_INTERNAL_H

#include "db/server_query.h"
#include "schema/upkeep.h"

#define NB_UPKEEP_TRIES    60
#define NB_UPKEEP_PAUSE_MS 1000 /* between tries, each of which may hold up others for nearly as long */

/* nb_query_wait(), repeated while others hold a lock that the statement needs. */
NB_MUSTCHECK int nb_upkeep_query(struct nb_connection *connection, enum nb_server_sql id, struct nb_params *params_take,
                                 struct nb_result **out, struct nb_error *err);
void nb_upkeep_pause(struct nb_connection *connection, int64_t delay_ms);
/* Adds to the count of that kind. */
void nb_purge_add(struct nb_purge_report *report, const char *kind, int64_t removed);
void nb_purge_tell(const struct nb_purge_report *report, const struct nb_purge_options *options);
/* Repeats the statement, which removes a chunk and reports rows by kind, until it finds nothing. */
NB_MUSTCHECK int nb_purge_all(struct nb_purge_report *report, enum nb_server_sql id, struct nb_connection *connection,
                              const struct nb_purge_options *options, struct nb_error *err);
/* Removes dedup windows and the like, which are never archived. */
NB_MUSTCHECK int nb_purge_bookkeeping(struct nb_purge_report *report, struct nb_connection *connection,
                                      const struct nb_purge_options *options, struct nb_error *err);
/* archive.c: the complete purge with an archive. */
NB_MUSTCHECK int nb_purge_archiving(struct nb_purge_report *report, struct nb_connection *connection,
                                    const struct nb_purge_options *options, struct nb_error *err);

#endif
