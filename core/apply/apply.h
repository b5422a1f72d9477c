/*
 * apply.h - makes the configuration in the database what a folder says, in one transaction; and writes it as such a
 * folder.
 */
#ifndef NB_APPLY_APPLY_H
#define NB_APPLY_APPLY_H

#include "apply/folder.h"
#include "config/documents.h"
#include "db/connection.h"

/* What refuses a document before it is sent; NULL: nothing (struct nb_config). */
typedef int nb_apply_check(const char *document, size_t length, struct nb_error *err);

/* change: "added", "changed" or "deleted"; before and after are the documents, NULL where there is none. */
typedef void nb_apply_difference(void *arg, const struct nb_config_kind *kind, const char *key, const char *change,
                                 const char *before, const char *after);

struct nb_apply_options {
    const char *tenant; /* its name or UUID; NULL: one's own */
    bool dry_run;       /* the transaction is rolled back */
    bool prune;         /* deletes what files of the folder's owner brought and have no more; never anything else */
    nb_apply_check *(*check_of)(const struct nb_config_kind *kind); /* NULL: nothing is checked before */
    nb_apply_difference *difference;                                /* told before anything is committed */
    nb_apply_complaint *complaint;                                  /* a document is refused */
    void *arg;
};

struct nb_apply_counts {
    size_t added, changed, deleted, same;
};

/* All or nothing: after a complaint nothing is applied (NB_EINVALID). The differences are those of the documents before
 * and after, as the database reads them back, so a dry run cannot disagree with the run. */
NB_MUSTCHECK int nb_apply_run(struct nb_apply_counts *counts, struct nb_connection *connection,
                              const struct nb_apply_folder *folder, const struct nb_apply_options *options,
                              struct nb_error *err);

/* Writes KIND.yaml into the folder for each kind that has documents, and tells how many; the folder is made where it
 * is not there. Not into a folder that has files, unless replace is set: then its KIND.yaml are replaced, those of kinds
 * without documents too, and other files stay. kind NULL: all kinds but those that are personal. */
typedef void nb_apply_written(void *arg, const char *path, size_t documents);
NB_MUSTCHECK int nb_apply_export(struct nb_connection *connection, const char *tenant,
                                 const struct nb_config_kind *kind, const char *path, bool replace,
                                 nb_apply_written *written, void *arg, struct nb_error *err);

#endif
