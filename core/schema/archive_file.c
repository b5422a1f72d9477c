/*
 * archive_file.c - gzip into NAME.part; fsync, rename to NAME, fsync of the directory.
 */
#include "config.h"

#define ZLIB_CONST /* compresses from const memory */

#include "schema/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/strbuf.h"

#define CHUNK       65536
#define NAME_LIMIT  255
#define GZIP_WINDOW (15 + 16) /* zlib's way to ask for a gzip header */

struct nb_archive_file {
    int directory; /* borrowed */
    int fd;
    char *name;
    char *part;
    z_stream stream;
    int64_t bytes;
    bool committed;
    unsigned char buffer[CHUNK];
};

int nb_archive_directory_open(int *fd, char **path, const char *directory, struct nb_error *err)
{
    int rc = 0;

    *path = NULL;
    if (mkdir(directory, 0700) < 0 && errno != EEXIST)
        return nb_error_errno(err, errno, "make the archive's directory %s", directory);
    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        return nb_error_errno(err, errno, "open the archive's directory %s", directory);
    *path = realpath(directory, NULL);
    if (!*path) {
        rc = nb_error_errno(err, errno, "find the archive's directory %s", directory);
        close(*fd);
        *fd = -1;
    }
    return rc;
}

static char *part_name(const char *name)
{
    struct nb_strbuf part;

    nb_strbuf_init(&part, NAME_LIMIT);
    nb_strbuf_appendf(&part, "%s.part", name);
    return nb_strbuf_take(&part);
}

int nb_archive_remove(int directory, const char *name, struct nb_error *err)
{
    char *part = part_name(name);
    int rc = 0;

    /* a name from the database: never a way out of the directory */
    if (strchr(name, '/'))
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not a file's name: %s", name);
    else if ((unlinkat(directory, part, 0) < 0 && errno != ENOENT) ||
             (unlinkat(directory, name, 0) < 0 && errno != ENOENT) || fsync(directory) < 0)
        rc = nb_error_errno(err, errno, "remove the archive's file %s", name);
    nb_free(&part);
    return rc;
}

int nb_archive_file_new(struct nb_archive_file **out, int directory, const char *name, struct nb_error *err)
{
    struct nb_archive_file *file = nb_calloc(1, sizeof(*file));
    int rc = 0;

    *out = NULL;
    file->directory = directory;
    file->fd = -1;
    file->name = nb_strdup(name);
    file->part = part_name(name);
    if (faccessat(directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s is in the archive already", name);
        nb_error_hint(err, "use a directory of its own for each database");
    } else if ((file->fd = openat(directory, file->part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) <
               0) {
        rc = nb_error_errno(err, errno, "make the archive's file %s", file->part);
    } else if (deflateInit2(&file->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) !=
               Z_OK) {
        nb_fatal("zlib does not start");
    }
    if (rc == 0)
        *out = file;
    else
        nb_archive_file_free(&file);
    return rc;
}

static int write_all(struct nb_archive_file *file, size_t length, struct nb_error *err)
{
    const unsigned char *at = file->buffer;

    while (length > 0) {
        ssize_t written = write(file->fd, at, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return nb_error_errno(err, errno, "write the archive's file %s", file->part);
        at += written;
        length -= (size_t)written;
        file->bytes += written;
    }
    return 0;
}

static int compress_into(struct nb_archive_file *file, const char *data, size_t length, int flush, struct nb_error *err)
{
    int rc = 0, state;

    file->stream.next_in = (const unsigned char *)data;
    file->stream.avail_in = (uInt)length;
    do {
        file->stream.next_out = file->buffer;
        file->stream.avail_out = CHUNK;
        state = deflate(&file->stream, flush);
        rc = write_all(file, CHUNK - file->stream.avail_out, err);
    } while (rc == 0 && (file->stream.avail_out == 0 || (flush == Z_FINISH && state != Z_STREAM_END)));
    return rc;
}

int nb_archive_file_line(struct nb_archive_file *file, const char *line, struct nb_error *err)
{
    int rc = compress_into(file, line, strlen(line), Z_NO_FLUSH, err);

    return rc == 0 ? compress_into(file, "\n", 1, Z_NO_FLUSH, err) : rc;
}

int nb_archive_file_commit(struct nb_archive_file *file, int64_t *bytes, struct nb_error *err)
{
    int rc = compress_into(file, NULL, 0, Z_FINISH, err);

    if (rc != 0)
        return rc;
    if (fsync(file->fd) < 0)
        return nb_error_errno(err, errno, "write the archive's file %s", file->part);
    if (renameat(file->directory, file->part, file->directory, file->name) < 0)
        return nb_error_errno(err, errno, "rename the archive's file %s", file->part);
    file->committed = true;
    if (fsync(file->directory) < 0)
        return nb_error_errno(err, errno, "write the archive's directory");
    *bytes = file->bytes;
    return 0;
}

void nb_archive_file_free(struct nb_archive_file **file)
{
    struct nb_archive_file *it = *file;

    if (!it)
        return;
    if (it->fd >= 0) {
        if (!it->committed)
            unlinkat(it->directory, it->part, 0);
        close(it->fd);
        deflateEnd(&it->stream);
    }
    nb_free(&it->name);
    nb_free(&it->part);
    nb_free(file);
}
