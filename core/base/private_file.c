/*
 * private_file.c - the only code that reads files with tokens, secrets and keys.
 */
#include "base/private_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

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

int nb_private_file_read(struct nb_private_file *out, const char *path, const char *what, size_t limit,
                         struct nb_error *err)
{
    char *name = nb_asprintf("%s %s", what, path);
    struct stat info;
    int fd = -1, rc;

    memset(out, 0, sizeof(*out));
    if ((rc = nb_file_open(&fd, &info, path, name, err)) == 0) {
        out->others_read = (info.st_mode & 077) != 0;
        out->others_change = (info.st_mode & 022) != 0;
        rc = read_all(out, fd, path, what, limit, err);
        close(fd);
    }
    if (rc < 0)
        nb_private_file_clear(out);
    free(name);
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
