/*
 * file.h - the one way to read a file that somebody named: a FIFO or terminal under that name is refused, never waited for.
 */
#ifndef NB_BASE_FILE_H
#define NB_BASE_FILE_H

#include <sys/stat.h>

#include "base/strbuf.h"

/* Opens a regular file, or a device that is no terminal (/dev/null), for reading. info (may be NULL) is that of the opened file,
 * so that nobody can swap it between the look and the reading. name: what errors call it, "token file /x".
 * NB_ENOTFOUND: there is none; NB_EINVALID: it is something else. */
NB_MUSTCHECK int nb_file_open(int *fd, struct stat *info, const char *path, const char *name, struct nb_error *err);
/* Appends what is in it; text's own limit is the limit (text->overflowed). */
NB_MUSTCHECK int nb_file_read(struct nb_strbuf *text, const char *path, const char *name, struct nb_error *err);

#endif
