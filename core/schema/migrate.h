/*
 * migrate.h - creates and upgrades the schema, and reports on it.
 *
 * Migrations run once, in order, each in its transaction, under one advisory lock, and are recorded with the SHA-256 of
 * their text; a recorded migration whose text differs is refused. Definitions (functions, views, policies) are applied
 * again after every upgrade and whenever their combined checksum differs.
 */
#ifndef NB_SCHEMA_MIGRATE_H
#define NB_SCHEMA_MIGRATE_H

#include "db/connection.h"

struct nb_schema_status {
    int installed; /* 0: no schema */
    int embedded;
    bool definitions_current;
    /* Security problems: each list should be empty (""). One name per line; freed by nb_schema_status_clear(). */
    char *tables_without_forced_row_security;
    char *functions_without_pinned_path;
    char *columns_with_statistics;
    char *grants_to_public;
};

typedef void nb_migrate_progress(void *arg, const char *step);

NB_MUSTCHECK int nb_migrate(struct nb_connection *connection, nb_migrate_progress *progress, void *arg,
                            struct nb_error *err);
NB_MUSTCHECK int nb_schema_status(struct nb_schema_status *out, struct nb_connection *connection, struct nb_error *err);
void nb_schema_status_clear(struct nb_schema_status *status);

#endif
