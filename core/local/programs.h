/*
 * programs.h - PostgreSQL's own programs, in a suitable version. Private to local/.
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

/* The environment they run with, NULL-terminated. It has nothing of the caller's, whose PG* variables would
 * interfere. */
extern const char *const nb_local_environment[];

/* wanted: PostgreSQL's major version; 0: the newest installed. Clear the result even after a failure. */
NB_MUSTCHECK int nb_local_programs_find(struct nb_local_programs *programs, int wanted, struct nb_error *err);
void nb_local_programs_clear(struct nb_local_programs *programs);

#endif
