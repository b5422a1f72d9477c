/*
 * write.h - writing all of it, and replacing a file as a whole.
 */
#ifndef NB_BASE_WRITE_H
#define NB_BASE_WRITE_H

#include <sys/types.h>

#include "base/error.h"

/* Writes all of it to a blocking descriptor; false with errno when that fails. */
NB_MUSTCHECK bool nb_write_all(int fd, const void *bytes, size_t length);

/* Replaces the file, or makes it: whoever reads it sees the old text or the new one, also after a crash. Follows no link.
 * mode 0: that of the file that is there, 0600 where there is none. */
NB_MUSTCHECK int nb_file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct nb_error *err);

#endif
