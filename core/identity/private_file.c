/*
 * private_file.c - the one way in which files with tokens, secrets and keys are read.
 */
#include "identity/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct nb_private_file *out, int fd, const char *path, const char *what, size_t limit,
                    struct nb_error *err)
{
    size_t size = limit + 2;
    ssize_t got = 1;

    out->data = nb_calloc(1, size);
    while (got != 0 && out->length <= limit) {
        got = read(fd, out->data + out->length, limit + 1 - out->length);
        if (got < 0 && errno != EINTR)
            return nb_error_errno(err, errno, "read %s %s", what, path);
        if (got > 0)
            out->length += (size_t)got;
    }
    if (out->length > limit)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "%s %s is larger than %zu KiB", what, path,
                            limit / 1024);
    return 0;
}

/* The permissions are those of the opened file, so that nobody can swap it between the look and the
 * reading. O_NONBLOCK: a FIFO is refused, not waited for. */
int nb_private_file_read(struct nb_private_file *out, const char *path, const char *what, size_t limit,
                         struct nb_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;
    int rc;

    memset(out, 0, sizeof(*out));
    if (fd < 0) {
        int code = nb_error_errno(err, errno, "open %s %s", what, path);

        if (err && errno == ENOENT)
            code = err->code = NB_ENOTFOUND;
        return code;
    }
    if (fstat(fd, &st) < 0) {
        rc = nb_error_errno(err, errno, "stat %s %s", what, path);
    } else if (!S_ISREG(st.st_mode)) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "%s %s is not a regular file", what, path);
    } else {
        out->others_read = (st.st_mode & 077) != 0;
        out->others_change = (st.st_mode & 022) != 0;
        rc = read_all(out, fd, path, what, limit, err);
    }
    close(fd);
    if (rc < 0)
        nb_private_file_clear(out);
    return rc;
}

void nb_private_file_clear(struct nb_private_file *file)
{
    if (file->data)
        explicit_bzero(file->data, file->length);
    nb_free(&file->data);
    file->length = 0;
}

int nb_private_file_check(const struct nb_private_file *file, const char *path, const char *what, bool secret,
                          struct nb_error *err)
{
    if (secret ? !file->others_read : !file->others_change)
        return 0;
    nb_error_set(err, NB_EDENIED, NB_DOMAIN_IDENTITY, "%s %s can be %s by others", what, path,
                 secret ? "read or changed" : "changed");
    nb_error_hint(err, secret ? "chmod 600 %s" : "chmod go-w %s", path);
    return NB_EDENIED;
}
