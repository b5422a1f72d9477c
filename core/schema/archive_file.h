/*
 * archive_file.h - one compressed file of an archive: either complete and safely on disk under its name, or absent.
 */
#ifndef NB_SCHEMA_ARCHIVE_FILE_H
#define NB_SCHEMA_ARCHIVE_FILE_H

#include "base/error.h"

struct nb_archive_file;

/* Opens the directory; creates it (0700) if its parent exists. *path is its real path. The caller frees it and closes
 * *fd. */
NB_MUSTCHECK int nb_archive_directory_open(int *fd, char **path, const char *directory, struct nb_error *err);
/* Removes NAME and NAME.part; not an error when there is neither. */
NB_MUSTCHECK int nb_archive_remove(int directory, const char *name, struct nb_error *err);

/* Creates NAME.part, mode 0600; NAME must not exist. The caller keeps `directory`. */
NB_MUSTCHECK int nb_archive_file_new(struct nb_archive_file **out, int directory, const char *name,
                                     struct nb_error *err);
/* Appends the line and a newline. */
NB_MUSTCHECK int nb_archive_file_line(struct nb_archive_file *file, const char *line, struct nb_error *err);
/* Ends the file, syncs it, reads it back, renames it to NAME and syncs the directory. *bytes: its size. */
NB_MUSTCHECK int nb_archive_file_commit(struct nb_archive_file *file, int64_t *bytes, struct nb_error *err);
/* Removes the file if it was not committed. */
void nb_archive_file_free(struct nb_archive_file **file);

#endif
