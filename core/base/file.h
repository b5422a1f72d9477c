/*
 * file.h - the one way to read a file that a user named. FIFOs and terminals are refused, so reading never blocks.
 */
#ifndef NB_BASE_FILE_H
#define NB_BASE_FILE_H

#include <sys/stat.h>

#include "base/strbuf.h"

/* Opens a regular file, or a device that is no terminal (/dev/null), for reading. info (may be NULL) is taken from the
 * open descriptor, so the file cannot be swapped between check and read. Errors call the file `name` ("token file /x").
 * NB_ENOTFOUND: no such file; NB_EINVALID: another kind of file. */
NB_MUSTCHECK int nb_file_open(int *fd, struct stat *info, const char *path, const char *name, struct nb_error *err);
/* Appends the file's contents. Past text's own limit, text->overflowed is set. */
NB_MUSTCHECK int nb_file_read(struct nb_strbuf *text, const char *path, const char *name, struct nb_error *err);

#endif
