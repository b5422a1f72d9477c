/*
 * door.c - binds the hub's socket. A locked file beside it shows that a hub is alive; the socket itself does not,
 * because a hub that was killed leaves it behind.
 */
#include "config.h"

#include "hub/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

struct hub_door {
    char *path;
    int lock_fd;
    int fd;
    bool bound;
};

static int take_lock(struct hub_door *door, struct nb_error *err)
{
    char *lock = nb_asprintf("%s.lock", door->path);
    int rc = 0;

    door->lock_fd = open(lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (door->lock_fd < 0) {
        rc = nb_error_errno(err, errno, "open %s", lock);
    } else if (flock(door->lock_fd, LOCK_EX | LOCK_NB) < 0) {
        rc = nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_SYSTEM, "another hub is running on %s", door->path);
        nb_error_hint(err, "one is enough for all consoles of a host and a database");
    }
    free(lock);
    return rc;
}

static int remove_stale(const struct hub_door *door, struct nb_error *err)
{
    struct stat info;

    if (lstat(door->path, &info) < 0)
        return errno == ENOENT ? 0 : nb_error_errno(err, errno, "look at %s", door->path);
    if (!S_ISSOCK(info.st_mode)) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_SYSTEM, "%s is there and is not a socket", door->path);
        return nb_error_hint(err, "name another place by --socket");
    }
    return unlink(door->path) < 0 ? nb_error_errno(err, errno, "remove %s", door->path) : 0;
}

static int bind_socket(struct hub_door *door, struct nb_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(door->path) >= sizeof(address.sun_path)) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_SYSTEM, "the path of a socket has at most %zu bytes: %s",
                     sizeof(address.sun_path) - 1, door->path);
        return nb_error_hint(err, "name a shorter one by --socket");
    }
    memcpy(address.sun_path, door->path, strlen(door->path) + 1);
    door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (door->fd < 0)
        return nb_error_errno(err, errno, "make a socket");
    if (bind(door->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return nb_error_errno(err, errno, "bind %s", door->path);
    door->bound = true;
    /* Open to every account: a client without a key gets no bells. */
    if (chmod(door->path, 0666) < 0 || listen(door->fd, BACKLOG) < 0)
        return nb_error_errno(err, errno, "listen on %s", door->path);
    return 0;
}

int hub_door_open(struct hub_door **out, const char *path, struct nb_error *err)
{
    struct hub_door *door = nb_calloc(1, sizeof(*door));
    int rc;

    door->path = nb_strdup(path);
    door->lock_fd = door->fd = -1;
    if ((rc = take_lock(door, err)) < 0 || (rc = remove_stale(door, err)) < 0 || (rc = bind_socket(door, err)) < 0)
        hub_door_free(&door);
    *out = door;
    return rc;
}

void hub_door_free(struct hub_door **out)
{
    struct hub_door *door = *out;

    if (!door)
        return;
    if (door->bound)
        (void)unlink(door->path);
    if (door->fd >= 0)
        close(door->fd);
    if (door->lock_fd >= 0)
        close(door->lock_fd);
    free(door->path);
    nb_free(out);
}

int hub_door_fd(const struct hub_door *door)
{
    return door->fd;
}
