/*
 * file.c - opens without blocking, and checks the kind of file before reading it.
 */
#include "config.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* With O_NONBLOCK a FIFO without a writer opens at once and would read as an empty file. */
static bool is_readable(const struct stat *info, int fd)
{
    return S_ISREG(info->st_mode) || (S_ISCHR(info->st_mode) && !isatty(fd));
}

int nb_file_open(int *fd, struct stat *info, const char *path, const char *name, struct nb_error *err)
{
    struct stat own;
    int rc = 0;

    if (!info)
        info = &own;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (*fd < 0) {
        bool missing = errno == ENOENT || errno == ENOTDIR;

        rc = nb_error_errno(err, errno, "%s", name);
        if (missing)
            rc = NB_ENOTFOUND;
        if (missing && err)
            err->code = rc;
        return rc;
    }
    if (fstat(*fd, info) < 0)
        rc = nb_error_errno(err, errno, "%s", name);
    else if (!is_readable(info, *fd))
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s is not a regular file", name);
    if (rc < 0) {
        close(*fd);
        *fd = -1;
    }
    return rc;
}

static int read_all(struct nb_strbuf *text, int fd, const char *name, struct nb_error *err)
{
    char block[8192];
    ssize_t got = 1;

    while (!text->overflowed && got != 0) {
        got = read(fd, block, sizeof(block));
        if (got < 0 && errno != EINTR)
            return nb_error_errno(err, errno, "%s", name);
        if (got > 0)
            nb_strbuf_append_n(text, block, (size_t)got);
    }
    return 0;
}

int nb_file_read(struct nb_strbuf *text, const char *path, const char *name, struct nb_error *err)
{
    int fd;
    int rc = nb_file_open(&fd, NULL, path, name, err);

    if (rc < 0)
        return rc;
    rc = read_all(text, fd, name, err);
    close(fd);
    return rc;
}
