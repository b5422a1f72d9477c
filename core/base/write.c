/*
 * write.c - writes a new file beside the old one, syncs it, and renames it over the old one.
 */
#include "base/write.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool nb_write_all(int fd, const void *bytes, size_t length)
{
    for (const char *at = bytes; length > 0;) {
        ssize_t written = write(fd, at, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            at += written;
            length -= (size_t)written;
        }
    }
    return true;
}

int nb_file_replace(const char *path, const void *bytes, size_t length, mode_t mode, struct nb_error *err)
{
    char *beside = nb_asprintf("%s.XXXXXX", path);
    struct stat status;
    int fd, rc = 0;

    if (mode == 0)
        mode = stat(path, &status) == 0 ? status.st_mode & 07777 : 0600;
    fd = mkstemp(beside);
    if (fd < 0 || !nb_write_all(fd, bytes, length) || fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
        rename(beside, path) < 0) {
        rc = nb_error_errno(err, errno, "write %s", path);
        if (fd >= 0)
            (void)unlink(beside);
    }
    if (fd >= 0)
        close(fd);
    free(beside);
    return rc;
}
