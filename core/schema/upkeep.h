/*
 * upkeep.h - keeps tables bounded: makes partitions ahead of time and removes rows whose retention has ended.
 *
 * Every function here blocks. So as not to hold up others, a statement that does not get its locks within a fraction of
 * a second gives up and is tried again, for about a minute.
 */
#ifndef NB_SCHEMA_UPKEEP_H
#define NB_SCHEMA_UPKEEP_H

#include "base/vec.h"
#include "db/connection.h"

/* ---- partitions ---- */

struct nb_rotation {
    int made;      /* partitions for the coming months */
    int64_t moved; /* rows moved out of the default partition */
    int dropped;   /* partitions past every tenant's retention */
    int waiting;   /* such partitions that were kept for purge --archive, because this database is archived */
};

struct nb_partition_report {
    int attached;
    int64_t ahead_until; /* partitions cover the time from now to then; NB_TIME_NONE: not even now */
    int64_t default_rows;
    int past;
    int detached;            /* removed from the inbox, not archived yet */
    int unfinished_archives; /* of an interrupted purge */
};

/* Empties the default partition and makes the partitions of the coming months. */
NB_MUSTCHECK int nb_partitions_ahead(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err);
/* Does the same, and drops past partitions. */
NB_MUSTCHECK int nb_rotate_partitions(struct nb_rotation *out, struct nb_connection *connection, struct nb_error *err);
NB_MUSTCHECK int nb_partition_report(struct nb_partition_report *out, struct nb_connection *connection,
                                     struct nb_error *err);

/* ---- purge ---- */

/* removed: rows so far, of all kinds. */
typedef void nb_purge_progress(void *arg, int64_t removed);

struct nb_purge_options {
    const char *archive; /* directory; NULL: deletes without archiving */
    int batch;           /* rows per chunk; 0: the default */
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
    int partitions; /* dropped as a whole */
    size_t count;
    struct nb_purge_count kinds[NB_PURGE_KINDS];
    char *directory; /* of the archive; NULL: none */
    NB_VEC(struct nb_purge_file) files;
    int removed_files; /* unfinished files of an earlier purge, whose rows were archived again */
    char *elsewhere;   /* an unfinished file in another directory, which was left alone; NULL: none */
};

/* Removes all rows whose retention has ended, in chunks, each in its own transaction. Clear the report even after an
 * error. */
NB_MUSTCHECK int nb_purge(struct nb_purge_report *out, struct nb_connection *connection,
                          const struct nb_purge_options *options, struct nb_error *err);
/* Counts what nb_purge() would remove now; removes nothing. */
NB_MUSTCHECK int nb_purge_preview(struct nb_purge_report *out, struct nb_connection *connection, struct nb_error *err);
void nb_purge_report_clear(struct nb_purge_report *report);

/* Sets how doorbells ring: "commit" or "deferred" (docs/SQL.md). */
NB_MUSTCHECK int nb_set_ring(struct nb_connection *connection, const char *ring, struct nb_error *err);
/* The caller frees *ring. *ringing: whether a hub is ringing. */
NB_MUSTCHECK int nb_ring_state(char **ring, bool *ringing, struct nb_connection *connection, struct nb_error *err);

#endif
