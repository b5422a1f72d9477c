/*
 * db.h - the commands and reports of db_upkeep.c that db.c uses.
 */
#ifndef CLI_DB_H
#define CLI_DB_H

#include <jansson.h>

#include "cli/frame/command.h"
#include "db/connection.h"

extern const struct command_option db_purge_options[];
extern const char db_purge_description[];
extern const char db_rotate_description[];

int db_run_purge(struct command_call *call, struct nb_error *err);
int db_run_rotate(struct command_call *call, struct nb_error *err);

/* What `db status` reports about partitions; the caller owns it. */
NB_MUSTCHECK int db_read_partitions(json_t **out, struct nb_connection *connection, struct nb_error *err);
void db_print_partitions(struct output *output, const json_t *partitions);

#endif
