/*
 * archive_file.h - one compressed file of an archive, which is either whole, under its name and safely on disk, or not there.
 */
#ifndef NB_SCHEMA_ARCHIVE_FILE_H
#define NB_SCHEMA_ARCHIVE_FILE_H

#include "base/error.h"

struct nb_archive_file;

/* Opens the directory, which is made (0700) where its parent exists. *path is its real path; the caller frees it and closes *fd. */
NB_MUSTCHECK int nb_archive_directory_open(int *fd, char **path, const char *directory, struct nb_error *err);
/* Removes a file of that name, whole or half written; no error where there is none. */
NB_MUSTCHECK int nb_archive_remove(int directory, const char *name, struct nb_error *err);

/* Begins NAME.part, mode 0600; NAME must not be there. directory stays the caller's. */
NB_MUSTCHECK int nb_archive_file_new(struct nb_archive_file **out, int directory, const char *name,
                                     struct nb_error *err);
/* Appends a line; the newline comes with it. */
NB_MUSTCHECK int nb_archive_file_line(struct nb_archive_file *file, const char *line, struct nb_error *err);
/* Ends the file, syncs it, reads it back, gives it its name and syncs that. *bytes: its size. */
NB_MUSTCHECK int nb_archive_file_commit(struct nb_archive_file *file, int64_t *bytes, struct nb_error *err);
/* What was not committed is removed. */
void nb_archive_file_free(struct nb_archive_file **file);

#endif
