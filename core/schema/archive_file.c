/*
 * archive_file.c - gzips into NAME.part, syncs and reads it back, renames it to NAME, and syncs the directory.
 */
#include "config.h"

#include "schema/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK 65536

struct nb_archive_file {
    int directory; /* borrowed */
    int fd;        /* zlib closes a duplicate of it, so it is still open for fsync() */
    char *name;
    char *part;
    gzFile zipped;
    int64_t length; /* uncompressed bytes */
    bool committed;
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
    return nb_asprintf("%s.part", name);
}

int nb_archive_remove(int directory, const char *name, struct nb_error *err)
{
    char *part = part_name(name);
    int rc = 0;

    /* The name comes from the database; it must not lead out of the directory. */
    if (strchr(name, '/'))
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "not a file's name: %s", name);
    else if ((unlinkat(directory, part, 0) < 0 && errno != ENOENT) ||
             (unlinkat(directory, name, 0) < 0 && errno != ENOENT) || fsync(directory) < 0)
        rc = nb_error_errno(err, errno, "remove the archive's file %s", name);
    nb_free(&part);
    return rc;
}

/* zlib reports failed system calls by errno, other errors by a message of its own. */
static int zip_failed(struct nb_archive_file *file, const char *what, struct nb_error *err)
{
    int reason = errno, code = Z_OK;
    const char *message = gzerror(file->zipped, &code);

    if (code == Z_ERRNO)
        return nb_error_errno(err, reason, "%s the archive's file %s", what, file->part);
    return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s the archive's file %s: %s", what, file->part, message);
}

/* Gives zlib a duplicate of the descriptor: zlib closes what it gets, and ours is still needed for fsync(). */
static int start_zip(struct nb_archive_file *file, const char *mode, struct nb_error *err)
{
    int copy = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return nb_error_errno(err, errno, "open the archive's file %s", file->part);
    file->zipped = gzdopen(copy, mode);
    if (!file->zipped)
        nb_fatal("zlib does not start");
    gzbuffer(file->zipped, CHUNK);
    return 0;
}

static int end_zip(struct nb_archive_file *file, const char *what, struct nb_error *err)
{
    gzFile zipped = file->zipped;
    int state;

    file->zipped = NULL;
    errno = 0;
    state = gzclose(zipped);
    if (state == Z_ERRNO)
        return nb_error_errno(err, errno, "%s the archive's file %s", what, file->part);
    if (state != Z_OK)
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "%s the archive's file %s: it is damaged", what,
                            file->part);
    return 0;
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
    } else if ((file->fd = openat(directory, file->part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)) <
               0) {
        rc = nb_error_errno(err, errno, "make the archive's file %s", file->part);
    } else {
        rc = start_zip(file, "wb", err);
    }
    if (rc == 0)
        *out = file;
    else
        nb_archive_file_free(&file);
    return rc;
}

static int put(struct nb_archive_file *file, const char *data, size_t length, struct nb_error *err)
{
    while (length > 0) {
        unsigned portion = length > INT_MAX ? INT_MAX : (unsigned)length;
        int written = gzwrite(file->zipped, data, portion);

        if (written <= 0)
            return zip_failed(file, "write", err);
        data += written;
        length -= (size_t)written;
        file->length += written;
    }
    return 0;
}

int nb_archive_file_line(struct nb_archive_file *file, const char *line, struct nb_error *err)
{
    int rc = put(file, line, strlen(line), err);

    return rc == 0 ? put(file, "\n", 1, err) : rc;
}

/* The rows are deleted on the strength of this file, so it is read back: its length must match, and zlib checks the
 * CRC. */
static int read_back(struct nb_archive_file *file, struct nb_error *err)
{
    char *buffer = nb_malloc(CHUNK);
    int64_t length = 0;
    int got = 1, rc = 0, ended;

    if (lseek(file->fd, 0, SEEK_SET) < 0)
        rc = nb_error_errno(err, errno, "read back the archive's file %s", file->part);
    else
        rc = start_zip(file, "rb", err);
    while (rc == 0 && got > 0) {
        got = gzread(file->zipped, buffer, CHUNK);
        if (got < 0)
            rc = zip_failed(file, "read back", err);
        else
            length += got;
    }
    if (file->zipped && (ended = end_zip(file, "read back", rc == 0 ? err : NULL)) != 0 && rc == 0)
        rc = ended;
    if (rc == 0 && length != file->length)
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM,
                          "read back the archive's file %s: %lld bytes of %lld are there", file->part,
                          (long long)length, (long long)file->length);
    nb_free(&buffer);
    return rc;
}

int nb_archive_file_commit(struct nb_archive_file *file, int64_t *bytes, struct nb_error *err)
{
    struct stat info;
    int rc = end_zip(file, "write", err);

    if (rc != 0)
        return rc;
    if (fsync(file->fd) < 0 || fstat(file->fd, &info) < 0)
        return nb_error_errno(err, errno, "write the archive's file %s", file->part);
    if ((rc = read_back(file, err)) != 0)
        return rc;
    if (renameat(file->directory, file->part, file->directory, file->name) < 0)
        return nb_error_errno(err, errno, "rename the archive's file %s", file->part);
    file->committed = true;
    if (fsync(file->directory) < 0)
        return nb_error_errno(err, errno, "write the archive's directory");
    *bytes = info.st_size;
    return 0;
}

void nb_archive_file_free(struct nb_archive_file **file)
{
    struct nb_archive_file *it = *file;

    if (!it)
        return;
    if (it->zipped)
        (void)gzclose(it->zipped);
    if (it->fd >= 0) {
        if (!it->committed)
            unlinkat(it->directory, it->part, 0);
        close(it->fd);
    }
    nb_free(&it->name);
    nb_free(&it->part);
    nb_free(file);
}
