/*
 * upkeep.h - what keeps tables bounded: partitions made ahead, and what is past its time removed.
 */
#ifndef NB_DB_UPKEEP_H
#define NB_DB_UPKEEP_H

#include "db/connection.h"

/* removed is the sum so far, of all kinds. */
typedef void nb_purge_progress(void *arg, int64_t removed);

struct nb_purge_count {
    char kind[32];
    int64_t removed;
};

#define NB_PURGE_KINDS 8

struct nb_purge_report {
    int partitions_dropped;
    size_t count;
    struct nb_purge_count kinds[NB_PURGE_KINDS];
};

/* Goes on in chunks, each a transaction of its own, until nothing is left that is past its time. */
NB_MUSTCHECK int nb_purge(struct nb_purge_report *out, struct nb_connection *connection,
                          nb_purge_progress *progress, void *arg, struct nb_error *err);
/* *made: how many partitions were missing. */
NB_MUSTCHECK int nb_rotate_partitions(int *made, struct nb_connection *connection,
                                      struct nb_error *err);

#endif
