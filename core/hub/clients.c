/*
 * clients.c - accepts clients, reads which keys they want, and sends them their bells without ever blocking.
 */
#include "config.h"

#include "hub/clients.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/poller.h"
#include "hub/door.h"

#define WAITING_MAX     (16 * 1024)       /* bytes that may wait for one client before bells are dropped */
#define WAITING_MAX_ALL (2 * WAITING_MAX) /* bytes that may wait with answers; then the client is dropped */
#define ACCEPTS_AT_ONCE 1024              /* per turn, so that connected clients have theirs */

struct hub_client {
    struct hub_clients *clients;
    struct hub_account *account;
    struct nb_polled *polled;
    int fd;
    size_t place; /* in clients->all */
    bool gone;    /* given up: freed when the poller reports the end of the socket */
    bool greeted; /* it said hello with our protocol version */
    bool deaf;    /* bells were dropped: it needs "resync" */
    struct nb_hub_lines lines;
    NB_VEC(struct hub_key *) keys;
    char *waiting; /* bytes that the socket did not take yet; NULL: none */
    size_t waiting_length;
};

struct hub_clients {
    struct hub_keys *keys;
    hub_clients_differ *differ;
    void *arg;
    struct hub_door *door;
    struct nb_poller *poller;
    struct nb_polled *door_polled;
    size_t account_max; /* connections of one account */
    int spare_fd;       /* closed for a moment to accept and refuse a client when descriptors have run out */
    NB_VEC(struct hub_client *) all;
};

/* ---- sending ---- */

/* The client is freed only when the poller reports the end of its socket, so callers may go on walking a key's
 * clients. */
static void give_up(struct hub_client *client)
{
    client->gone = true;
    (void)shutdown(client->fd, SHUT_RDWR);
}

static void keep_for_later(struct hub_client *client, const char *line, size_t length)
{
    if (client->waiting_length == 0)
        nb_polled_set(client->polled, POLLIN | POLLOUT);
    if (!client->waiting)
        client->waiting = nb_malloc(WAITING_MAX_ALL);
    memcpy(client->waiting + client->waiting_length, line, length);
    client->waiting_length += length;
}

static void send_line(struct hub_client *client, const char *line, size_t length, bool may_be_lost)
{
    ssize_t sent = 0;

    if (client->gone)
        return;
    if (client->waiting_length == 0) {
        sent = send(client->fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            give_up(client);
            return;
        }
        if (sent < 0)
            sent = 0;
        if ((size_t)sent == length)
            return;
    } else if (may_be_lost && (client->deaf || client->waiting_length + length > WAITING_MAX)) {
        client->deaf = true;
        return;
    }
    if (client->waiting_length + length > WAITING_MAX_ALL)
        give_up(client); /* it keeps asking and never reads the answers */
    else
        keep_for_later(client, line + sent, length - (size_t)sent);
}

static void tell(struct hub_client *client, enum nb_hub_word word, const char *key, const char *text)
{
    char line[NB_HUB_LINE_MAX];
    size_t length = nb_hub_format(line, word, key, text);

    send_line(client, line, length, word == NB_HUB_BELL);
}

void hub_clients_tell_key(const struct hub_key *key, enum nb_hub_word word, const char *text)
{
    char line[NB_HUB_LINE_MAX];
    size_t length = nb_hub_format(line, word, key->name, text);

    for (size_t i = 0; i < key->clients.count; i++)
        send_line(key->clients.data[i], line, length, word == NB_HUB_BELL);
}

void hub_clients_tell_all(struct hub_clients *clients, enum nb_hub_word word)
{
    for (size_t i = 0; i < clients->all.count; i++)
        tell(clients->all.data[i], word, NULL, NULL);
}

/* Called when the client's socket is writable again. */
static void send_waiting(struct hub_client *client)
{
    ssize_t sent = send(client->fd, client->waiting, client->waiting_length, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (sent < 0)
        return;
    client->waiting_length -= (size_t)sent;
    memmove(client->waiting, client->waiting + sent, client->waiting_length);
    if (client->waiting_length > 0)
        return;
    nb_free(&client->waiting);
    nb_polled_set(client->polled, POLLIN);
    if (client->deaf) {
        client->deaf = false;
        tell(client, NB_HUB_RESYNC, NULL, NULL);
    }
}

/* ---- reading from clients ---- */

static void client_free(struct hub_client *client)
{
    struct hub_clients *clients = client->clients;
    struct hub_account *account = client->account;
    struct hub_client *last = *nb_vec_last(&clients->all);

    for (size_t i = 0; i < client->keys.count; i++)
        hub_keys_drop(clients->keys, client->keys.data[i], client);
    clients->all.data[client->place] = last;
    last->place = client->place;
    clients->all.count--;
    nb_polled_remove(&client->polled);
    close(client->fd);
    nb_vec_clear(&client->keys);
    free(client->waiting);
    free(client);
    account->clients--;
    hub_accounts_settle(&clients->keys->accounts, account);
}

static void refuse(struct hub_client *client, const char *why)
{
    nb_log(NB_LOG_INFO, "hub refused reason=%s", nb_log_quote(why));
    tell(client, NB_HUB_ERROR, NULL, why);
    give_up(client);
}

static size_t place_of(const struct hub_client *client, const char *name)
{
    size_t i = 0;

    while (i < client->keys.count && strcmp(client->keys.data[i]->name, name) != 0)
        i++;
    return i;
}

static void listen_for(struct hub_client *client, const char *name)
{
    struct hub_key *key;

    if (place_of(client, name) < client->keys.count)
        return;
    if (client->keys.count == NB_HUB_KEYS_MAX) {
        refuse(client, "too many keys");
        return;
    }
    key = hub_keys_add(client->clients->keys, name, client->account, client);
    if (!key) {
        refuse(client, "too many keys of this account");
        return;
    }
    nb_vec_push(&client->keys, key);
    if (key->listening && !key->changing)
        tell(client, NB_HUB_LISTENING, name, NULL);
}

static void unlisten_for(struct hub_client *client, const char *name)
{
    size_t i = place_of(client, name);

    if (i == client->keys.count)
        return;
    hub_keys_drop(client->clients->keys, client->keys.data[i], client);
    nb_vec_remove(&client->keys, i);
}

static void take_line(struct hub_client *client, char *line)
{
    struct nb_hub_message message;

    if (nb_hub_parse(&message, line, NULL) < 0)
        refuse(client, "not a line of the hub's protocol");
    else if (!client->greeted && (message.word != NB_HUB_HELLO || message.version != NB_HUB_VERSION))
        refuse(client, "this hub speaks version 1 of the protocol");
    else if (message.word == NB_HUB_HELLO)
        client->greeted = true;
    else if (message.word == NB_HUB_LISTEN)
        listen_for(client, message.key);
    else if (message.word == NB_HUB_UNLISTEN)
        unlisten_for(client, message.key);
    else
        refuse(client, "only a hub says that");
}

/* False when the client has gone. Reads once per turn, so that one busy client does not delay the others. */
static bool read_client(struct hub_client *client)
{
    char *where, *line;
    size_t room = nb_hub_lines_room(&client->lines, &where);
    ssize_t got = recv(client->fd, where, room, MSG_DONTWAIT);

    if (got <= 0)
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    nb_hub_lines_added(&client->lines, (size_t)got);
    while (!client->gone && (line = nb_hub_lines_next(&client->lines)))
        take_line(client, line);
    if (!client->gone && nb_hub_lines_room(&client->lines, &where) == 0)
        refuse(client, "a line is too long");
    return true;
}

/* ---- accepting clients ---- */

static void client_ready(void *arg, short revents)
{
    struct hub_client *client = arg;

    if (revents & POLLOUT)
        send_waiting(client);
    if (client->gone || (revents & (POLLIN | POLLHUP | POLLERR) && !read_client(client)))
        client_free(client);
}

/* Sends the refusal directly: no struct hub_client is made for it. */
static void turn_away(int fd)
{
    char line[NB_HUB_LINE_MAX];
    size_t length = nb_hub_format(line, NB_HUB_ERROR, NULL, "too many connections of this account");

    (void)!send(fd, line, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
}

static void add_client(struct hub_clients *clients, struct hub_account *account, int fd)
{
    struct hub_client *client = nb_calloc(1, sizeof(*client));

    client->clients = clients;
    client->account = account;
    client->fd = fd;
    account->clients++;
    client->place = clients->all.count;
    nb_vec_push(&clients->all, client);
    if (nb_poller_add(&client->polled, clients->poller, fd, POLLIN, client_ready, client, NULL) < 0) {
        client_free(client);
        return;
    }
    tell(client, NB_HUB_HELLO, NULL, "1");
}

static void welcome(struct hub_clients *clients, int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);
    struct hub_account *account;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        close(fd);
        return;
    }
    account = hub_accounts_get(&clients->keys->accounts, peer.uid);
    if (account->clients >= clients->account_max)
        turn_away(fd);
    else
        add_client(clients, account, fd);
}

static void accept_clients(void *arg, short revents)
{
    struct hub_clients *clients = arg;

    (void)revents;
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        int fd = accept4(hub_door_fd(clients->door), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            welcome(clients, fd);
            continue;
        }
        if (errno != EMFILE && errno != ENFILE)
            return;
        nb_log(NB_LOG_WARN, "hub full clients=%zu", clients->all.count);
        close(clients->spare_fd);
        fd = accept4(hub_door_fd(clients->door), NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0)
            close(fd);
        clients->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            return;
    }
}

static void served(void *arg)
{
    struct hub_clients *clients = arg;

    if (hub_keys_differ(clients->keys))
        clients->differ(clients->arg);
}

/* ---- beginning and end ---- */

/* Each client needs a descriptor, so the soft limit is raised to the hard one. Returns how many one account may
 * have. */
static size_t raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return HUB_ACCOUNT_CLIENTS;
    if (limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
        (void)getrlimit(RLIMIT_NOFILE, &limit);
    }
    return limit.rlim_cur / 2 < HUB_ACCOUNT_CLIENTS ? (size_t)limit.rlim_cur / 2 : HUB_ACCOUNT_CLIENTS;
}

int hub_clients_open(struct hub_clients **out, struct nb_loop *loop, struct hub_keys *keys, const char *path,
                     hub_clients_differ *differ, void *arg, struct nb_error *err)
{
    struct hub_clients *clients = nb_calloc(1, sizeof(*clients));
    int rc;

    *clients =
        (struct hub_clients){.keys = keys, .differ = differ, .arg = arg, .spare_fd = -1, .account_max = raise_limit()};
    if ((rc = hub_door_open(&clients->door, path, err)) < 0 || (rc = nb_poller_new(&clients->poller, loop, err)) < 0)
        goto out;
    nb_poller_set_served(clients->poller, served, clients);
    clients->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    rc = nb_poller_add(&clients->door_polled, clients->poller, hub_door_fd(clients->door), POLLIN, accept_clients,
                       clients, err);
    if (rc < 0)
        goto out;
    *out = clients;
    clients = NULL;
out:
    hub_clients_free(&clients);
    return rc;
}

void hub_clients_free(struct hub_clients **out)
{
    struct hub_clients *clients = *out;

    if (!clients)
        return;
    while (clients->all.count > 0)
        client_free(*nb_vec_last(&clients->all));
    nb_vec_clear(&clients->all);
    nb_polled_remove(&clients->door_polled);
    nb_poller_free(&clients->poller);
    hub_door_free(&clients->door);
    if (clients->spare_fd >= 0)
        close(clients->spare_fd);
    nb_free(out);
}
