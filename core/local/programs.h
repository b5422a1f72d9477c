/*
 * programs.h - inside local/: PostgreSQL's own programs, of a version that fits.
 */
#ifndef NB_LOCAL_PROGRAMS_H
#define NB_LOCAL_PROGRAMS_H

#include "base/error.h"

#define NB_LOCAL_OLDEST_VERSION 15

struct nb_local_programs {
    char *initdb;
    char *postgres;
    int version;
};

/* What they run with: nothing of the caller's environment, least of all its PG* variables.
 * NULL-terminated. */
extern const char *const nb_local_environment[];

/* wanted: PostgreSQL's major version; 0: the newest there is. Clear it in either case. */
NB_MUSTCHECK int nb_local_programs_find(struct nb_local_programs *programs, int wanted, struct nb_error *err);
void nb_local_programs_clear(struct nb_local_programs *programs);

#endif
