/*
 * attach.c - connects to a hub and reads its messages. Nothing here waits: a unix socket connects or is refused at
 * once, and the caller has the timeout for a hub that does not answer.
 */
#include "config.h"

#include "feed/attach.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "feed/place.h"
#include "feed/wire.h"

struct nb_hub_link {
    int fd;
    struct nb_source *source;
    struct nb_hub_lines lines;
    const struct nb_hub_events *events;
    void *arg;
    char **keys;
    bool *listening; /* key by key */
    size_t count;
    size_t left;    /* keys that the hub does not listen to yet */
    bool *detached; /* set when an event detaches the link */
};

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static int find_hub(const char *installation, const char *server_directory)
{
    char *paths[NB_HUB_PLACES];
    const char *named = nb_hub_named();
    size_t count;
    int fd = -1;

    if (named)
        return strcmp(named, "none") == 0 ? -1 : connect_to(named);
    count = nb_hub_places(paths, installation, server_directory);
    for (size_t i = 0; i < count && fd < 0; i++) {
        fd = connect_to(paths[i]);
        if (fd >= 0 && !nb_hub_is_trusted(fd, paths[i])) {
            nb_log(NB_LOG_WARN, "hub distrusted socket=%s", nb_log_quote(paths[i]));
            close(fd);
            fd = -1;
        }
    }
    nb_hub_places_clear(paths, count);
    return fd;
}

/* A few short lines fit into an empty socket, so a partial write means that the peer is no hub. */
static bool say(const struct nb_hub_link *link, enum nb_hub_word word, const char *key, const char *text)
{
    char line[NB_HUB_LINE_MAX];
    size_t length = nb_hub_format(line, word, key, text);

    return send(link->fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length;
}

/* ---- messages of the hub ---- */

static void all_lost(struct nb_hub_link *link)
{
    memset(link->listening, 0, link->count * sizeof(link->listening[0]));
    link->left = link->count;
}

static void take_listening(struct nb_hub_link *link, const char *key)
{
    for (size_t i = 0; i < link->count; i++) {
        if (strcmp(link->keys[i], key) != 0 || link->listening[i])
            continue;
        link->listening[i] = true;
        if (--link->left == 0)
            link->events->listening(link->arg);
        return;
    }
}

/* False: the peer does not follow the protocol. */
static bool take_message(struct nb_hub_link *link, const struct nb_hub_message *message)
{
    switch (message->word) {
    case NB_HUB_HELLO:
        return message->version == NB_HUB_VERSION;
    case NB_HUB_LISTENING:
        take_listening(link, message->key);
        return true;
    case NB_HUB_BELL:
        link->events->bell(link->arg, message->key, message->text);
        return true;
    case NB_HUB_RESYNC:
        link->events->resync(link->arg);
        return true;
    case NB_HUB_LOST:
        all_lost(link);
        link->events->lost(link->arg);
        return true;
    case NB_HUB_ERROR:
        nb_log(NB_LOG_WARN, "hub error=%s", nb_log_quote(message->text));
        return false;
    default:
        return false;
    }
}

static bool read_lines(struct nb_hub_link *link, const bool *detached)
{
    struct nb_hub_message message;
    char *where, *line;
    size_t room = nb_hub_lines_room(&link->lines, &where);
    ssize_t got = room > 0 ? recv(link->fd, where, room, MSG_DONTWAIT) : 0;

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    nb_hub_lines_added(&link->lines, (size_t)got);
    while ((line = nb_hub_lines_next(&link->lines))) {
        bool fine = nb_hub_parse(&message, line, NULL) == 0 && take_message(link, &message);

        if (*detached || !fine)
            return *detached;
    }
    return true;
}

static void prepare(void *arg, struct nb_interest *interest)
{
    const struct nb_hub_link *link = arg;

    interest->fd = link->fd;
    interest->events = POLLIN;
}

static void ready(void *arg, short revents)
{
    struct nb_hub_link *link = arg;
    bool detached = false;

    (void)revents;
    link->detached = &detached;
    if (!read_lines(link, &detached) && !detached) {
        nb_source_remove(&link->source);
        link->events->gone(link->arg);
    }
    if (!detached)
        link->detached = NULL;
}

/* ---- beginning and end ---- */

struct nb_hub_link *nb_hub_attach(struct nb_loop *loop, const char *installation, const char *server_directory,
                                  const char *const *keys, size_t count, const struct nb_hub_events *events, void *arg)
{
    struct nb_hub_link *link;
    bool said;
    int fd = find_hub(installation, server_directory);

    if (fd < 0)
        return NULL;
    link = nb_calloc(1, sizeof(*link));
    link->fd = fd;
    link->events = events;
    link->arg = arg;
    link->count = link->left = count;
    link->keys = nb_calloc(count + 1, sizeof(link->keys[0]));
    link->listening = nb_calloc(count + 1, sizeof(link->listening[0]));
    said = say(link, NB_HUB_HELLO, NULL, "1");
    for (size_t i = 0; i < count; i++) {
        link->keys[i] = nb_strdup(keys[i]);
        said = said && say(link, NB_HUB_LISTEN, keys[i], NULL);
    }
    if (said)
        link->source = nb_loop_add_source(loop, prepare, ready, link);
    else
        nb_hub_detach(&link);
    return link;
}

void nb_hub_detach(struct nb_hub_link **out)
{
    struct nb_hub_link *link = *out;

    if (!link)
        return;
    if (link->detached)
        *link->detached = true;
    nb_source_remove(&link->source);
    close(link->fd);
    for (size_t i = 0; i < link->count; i++)
        free(link->keys[i]);
    free(link->keys);
    free(link->listening);
    nb_free(out);
}
