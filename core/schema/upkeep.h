/*
 * upkeep.h - keeps tables bounded: makes partitions ahead and removes rows whose retention has ended.
 *
 * Every function here waits for its answers. A statement that does not get its locks in a fraction of a second gives up and is
 * tried again, for a minute or so, so that it does not hold up others.
 */
#ifndef NB_SCHEMA_UPKEEP_H
#define NB_SCHEMA_UPKEEP_H

#include "base/vec.h"
#include "db/connection.h"

/* ---- partitions ---- */

struct nb_rotation {
    int made;      /* partitions of the coming months */
    int64_t moved; /* rows out of the default partition */
    int dropped;   /* whole partitions past every tenant's retention */
    int waiting;   /* the same, kept since this database is archived: purge --archive takes them */
};

struct nb_partition_report {
    int attached;
    int64_t ahead_until; /* NB_TIME_NONE: not even now has a partition */
    int64_t default_rows;
    int past;
    int detached;            /* out of the inbox, not archived yet */
    int unfinished_archives; /* begun, and not finished */
};

/* Empties the default partition and makes those of the coming months. */
NB_MUSTCHECK int nb_partitions_ahead(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err);
/* The same, and drops past ones. */
NB_MUSTCHECK int nb_rotate_partitions(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err);
NB_MUSTCHECK int nb_partition_report(struct nb_partition_report *out, struct nb_connection *connection,
                                     struct nb_error *err);

/* ---- purge ---- */

/* removed is the sum so far, of all kinds. */
typedef void nb_purge_progress(void *arg, int64_t removed);

struct nb_purge_options {
    const char *archive; /* directory; NULL: what goes is gone */
    int batch;           /* rows a chunk; 0: the standard */
    nb_purge_progress *progress;
    void *arg;
};

struct nb_purge_count {
    char kind[32];
    int64_t removed;
};

struct nb_purge_file {
    char *name;
    int64_t rows;
    int64_t bytes;
};

#define NB_PURGE_KINDS       16
#define NB_PURGE_BATCH_LIMIT 100000

struct nb_purge_report {
    int partitions; /* whole ones that went */
    size_t count;
    struct nb_purge_count kinds[NB_PURGE_KINDS];
    char *directory; /* of the archive; NULL without one */
    NB_VEC(struct nb_purge_file) files;
    int removed_files; /* of an archive that was not finished: their rows were archived anew */
    char *elsewhere;   /* a file of one in another directory; NULL: none */
};

/* Removes rows in chunks, each a transaction of its own, until none is left whose retention has ended. Clear the report also after
 * an error. */
NB_MUSTCHECK int nb_purge(struct nb_purge_report *out, struct nb_connection *connection,
                          const struct nb_purge_options *options, struct nb_error *err);
/* What it would remove now, without removing anything. */
NB_MUSTCHECK int nb_purge_preview(struct nb_purge_report *out, struct nb_connection *connection, struct nb_error *err);
void nb_purge_report_clear(struct nb_purge_report *report);

/* How doorbells ring: "commit" or "deferred" (docs/SQL.md). */
NB_MUSTCHECK int nb_set_ring(struct nb_connection *connection, const char *ring, struct nb_error *err);
/* The caller frees *ring; *ringing: a hub rings. */
NB_MUSTCHECK int nb_ring_state(char **ring, bool *ringing, struct nb_connection *connection, struct nb_error *err);

#endif
