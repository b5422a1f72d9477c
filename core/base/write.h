/*
 * write.h - complete writes, and atomic replacement of a file.
 */
#ifndef NB_BASE_WRITE_H
#define NB_BASE_WRITE_H

#include <sys/types.h>

#include "base/error.h"

/* Writes all bytes to a blocking descriptor; false, with errno set, on failure. */
NB_MUSTCHECK bool nb_write_all(int fd, const void *bytes, size_t length);

/* Replaces or creates the file atomically: a reader sees the old or the new content, even after a crash. Does not
 * follow a symbolic link. mode 0: keeps the mode of the existing file, 0600 for a new one. */
NB_MUSTCHECK int nb_file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct nb_error *err);

#endif
