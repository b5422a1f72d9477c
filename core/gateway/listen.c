/*
 * listen.c - makes the socket, or takes over systemd's.
 */
#include "config.h"

#include "gateway/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/utf8.h"

#define BACKLOG          1024
#define FIRST_PASSED     3    /* sd_listen_fds(3) */
#define UNIX_SOCKET_MODE 0666 /* as open as a port of loopback: whoever asks is known by a token */

static void name_listener(struct gateway_listener *listener)
{
    struct sockaddr_storage address = {0};
    socklen_t length = sizeof(address);
    char host[64] = "?", port[16] = "?";

    if (getsockname(listener->fd, (struct sockaddr *)&address, &length) < 0)
        return;
    listener->is_local = address.ss_family == AF_UNIX;
    if (listener->is_local) {
        const struct sockaddr_un *local = (const struct sockaddr_un *)&address;

        nb_text_format(listener->name, sizeof(listener->name), "unix:%.*s", (int)sizeof(local->sun_path),
                       local->sun_path);
        return;
    }
    (void)getnameinfo((struct sockaddr *)&address, length, host, sizeof(host), port, sizeof(port),
                      NI_NUMERICHOST | NI_NUMERICSERV);
    nb_text_format(listener->name, sizeof(listener->name), address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
                   port);
}

/* ---- systemd's ---- */

/* NB_ENOTFOUND: it passes none. */
static int take_passed(int *fd, struct nb_error *err)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    int is_listening = 0;
    socklen_t size = sizeof(is_listening);

    if (!pid || !count || strtol(pid, NULL, 10) != getpid())
        return NB_ENOTFOUND;
    if (strtol(count, NULL, 10) != 1)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_SYSTEM, "systemd passes %s sockets: expected one", count);
    if (getsockopt(FIRST_PASSED, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) < 0 || !is_listening)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_SYSTEM, "what systemd passes is no socket that listens");
    if (fcntl(FIRST_PASSED, F_SETFD, FD_CLOEXEC) < 0 || fcntl(FIRST_PASSED, F_SETFL, O_NONBLOCK) < 0)
        return nb_error_errno(err, errno, "the socket that systemd passes");
    *fd = FIRST_PASSED;
    return NB_OK;
}

/* ---- a unix socket ---- */

static bool somebody_listens(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answered = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

    if (fd >= 0)
        close(fd);
    return answered;
}

static int listen_on_path(struct gateway_listener *out, const char *path, struct nb_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat status;

    if (strlen(path) >= sizeof(address.sun_path))
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--unix: the path is longer than %zu bytes",
                            sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (lstat(path, &status) == 0) {
        if (!S_ISSOCK(status.st_mode))
            return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "%s: is there already, and no socket", path);
        if (somebody_listens(&address))
            return nb_error_set(err, NB_ECONFLICT, NB_DOMAIN_SYSTEM, "%s: somebody listens there already", path);
        unlink(path); /* left by one that was killed */
    }
    out->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (out->fd < 0 || bind(out->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return nb_error_errno(err, errno, "%s", path);
    out->unlink = nb_strdup(path);
    if (chmod(path, UNIX_SOCKET_MODE) < 0 || listen(out->fd, BACKLOG) < 0)
        return nb_error_errno(err, errno, "%s", path);
    return NB_OK;
}

/* ---- an address ---- */

static int refuse_address(const char *address, const char *why, struct nb_error *err)
{
    nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "--listen: \"%.80s\": %s", address, why);
    return nb_error_hint(err, "expected ADDRESS:PORT, as 127.0.0.1:8420 or [::1]:8420");
}

/* "ADDRESS:PORT" in two; an IPv6 address stands in brackets. The caller frees both. */
static int split_address(char **host, char **port, const char *address, struct nb_error *err)
{
    const char *colon = strrchr(address, ':');
    size_t length = colon ? (size_t)(colon - address) : 0;
    char *end = NULL;
    long number = colon ? strtol(colon + 1, &end, 10) : -1;

    *host = *port = NULL;
    if (!colon || !colon[1] || *end || number < 0 || number > 65535)
        return refuse_address(address, "no port from 0 to 65535", err);
    if (length > 2 && address[0] == '[' && address[length - 1] == ']')
        *host = nb_strndup(address + 1, length - 2);
    else if (length > 0 && !memchr(address, ':', length))
        *host = nb_strndup(address, length);
    else
        return refuse_address(address, "no address", err);
    *port = nb_strdup(colon + 1);
    return NB_OK;
}

static int listen_at(struct gateway_listener *out, const struct addrinfo *place, const char *address,
                     struct nb_error *err)
{
    int on = 1;

    out->fd = socket(place->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (out->fd >= 0 && setsockopt(out->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        bind(out->fd, place->ai_addr, place->ai_addrlen) == 0 && listen(out->fd, BACKLOG) == 0)
        return NB_OK;
    return nb_error_errno(err, errno, "%s", address);
}

static int listen_on_address(struct gateway_listener *out, const char *address, struct nb_error *err)
{
    /* numbers only: what a name means may change, and asking takes time */
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    char *host = NULL, *port = NULL;
    int rc = split_address(&host, &port, address, err);

    if (rc == NB_OK && getaddrinfo(host, port, &wanted, &found) != 0)
        rc = refuse_address(address, "not the number of an address", err);
    if (rc == NB_OK)
        rc = listen_at(out, found, address, err);
    if (found)
        freeaddrinfo(found);
    free(host);
    free(port);
    return rc;
}

int gateway_listen(struct gateway_listener *out, const char *address, const char *path, struct nb_error *err)
{
    int rc;

    *out = (struct gateway_listener){.fd = -1};
    rc = take_passed(&out->fd, err);
    if (rc == NB_ENOTFOUND)
        rc = path ? listen_on_path(out, path, err) : listen_on_address(out, address, err);
    if (rc == NB_OK) {
        name_listener(out);
    } else {
        if (out->fd >= 0)
            close(out->fd);
        gateway_listener_clear(out);
    }
    return rc;
}

void gateway_listener_clear(struct gateway_listener *listener)
{
    if (listener->unlink)
        unlink(listener->unlink);
    nb_free(&listener->unlink);
}
