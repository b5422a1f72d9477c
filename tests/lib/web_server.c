/*
 * web_server.c - see web_server.h. It ends the test where the system fails it.
 */
#include "config.h"

#include "tests/lib/web_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/poller.h"
#include "base/vec.h"

#define REQUEST_MAX (1024 * 1024)

struct visitor {
    struct web_server *server;
    struct nb_polled *polled;
    int fd;
    struct nb_strbuf in;
    bool sending; /* an endless answer */
};

struct web_server {
    struct nb_poller *poller;
    struct nb_polled *polled;
    int fd, port;
    struct web_answer answer;
    char *reply;
    web_server_asked *asked;
    void *asked_arg;
    NB_VEC(struct visitor *) visitors;
    size_t requests, connections;
    char *head;
    struct nb_strbuf body;
};

static void must(bool fine, const char *what)
{
    if (fine)
        return;
    fprintf(stderr, "web server: %s: %s\n", what, strerror(errno));
    abort();
}

static void leave(struct visitor *visitor)
{
    struct web_server *server = visitor->server;

    for (size_t i = 0; i < server->visitors.count; i++)
        if (server->visitors.data[i] == visitor) {
            nb_vec_remove(&server->visitors, i);
            break;
        }
    nb_polled_remove(&visitor->polled);
    close(visitor->fd);
    nb_strbuf_clear(&visitor->in);
    free(visitor);
}

/* The value behind "\r\nNAME:" in a head, or NULL. */
static const char *find_header(const char *head, const char *name, size_t *length)
{
    size_t name_length = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, name_length) != 0 || line[name_length] != ':')
            continue;
        line += name_length + 1;
        line += strspn(line, " ");
        *length = strcspn(line, "\r\n");
        return line;
    }
    return NULL;
}

/* The length of the whole request at the start of `in`, or 0 while it is not here. */
static size_t whole_request(const struct nb_strbuf *in, size_t *head_length)
{
    const char *end = strstr(in->data, "\r\n\r\n"), *value;
    size_t length, body = 0;
    char *head;

    if (!end)
        return 0;
    *head_length = (size_t)(end - in->data) + 4;
    head = nb_strndup(in->data, *head_length);
    if ((value = find_header(head, "Content-Length", &length)))
        body = strtoul(value, NULL, 10);
    free(head);
    return in->length >= *head_length + body ? *head_length + body : 0;
}

/* False: the visitor left. */
static bool answer(struct visitor *visitor)
{
    struct web_server *server = visitor->server;
    const struct web_answer *now = &server->answer;
    size_t length = now->text ? (now->length ? now->length : strlen(now->text)) : 0;

    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(visitor->fd, now->text + sent, length - sent, MSG_NOSIGNAL);

        if (n < 0)
            break;
        sent += (size_t)n;
    }
    if (now->endless) {
        visitor->sending = true;
        nb_polled_set(visitor->polled, POLLIN | POLLOUT);
    }
    if (now->close)
        leave(visitor);
    return !now->close;
}

static bool serve(struct visitor *visitor)
{
    struct web_server *server = visitor->server;
    size_t head_length, length;

    while ((length = whole_request(&visitor->in, &head_length)) > 0) {
        free(server->head);
        server->head = nb_strndup(visitor->in.data, head_length);
        nb_strbuf_reset(&server->body);
        nb_strbuf_append_n(&server->body, visitor->in.data + head_length, length - head_length);
        server->requests++;
        memmove(visitor->in.data, visitor->in.data + length, visitor->in.length - length + 1);
        visitor->in.length -= length;
        if (server->asked)
            server->asked(server->asked_arg, server);
        if (!answer(visitor))
            return false;
    }
    return true;
}

static void on_visitor(void *arg, short revents)
{
    struct visitor *visitor = arg;
    char data[65536];
    ssize_t n;

    if (visitor->sending && revents & POLLOUT) {
        memset(data, 'x', sizeof(data));
        for (size_t i = 99; i < sizeof(data); i += 100) /* lines, so that headers can be endless too */
            memcpy(data + i - 1, "\r\n", 2);
        for (size_t i = 1; i < sizeof(data); i += 100)
            data[i] = ':';
        if (send(visitor->fd, data, sizeof(data), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
            leave(visitor);
            return;
        }
    }
    if (!(revents & (POLLIN | POLLHUP | POLLERR)))
        return;
    n = recv(visitor->fd, data, sizeof(data), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) {
        leave(visitor);
        return;
    }
    if (n > 0)
        nb_strbuf_append_n(&visitor->in, data, (size_t)n);
    serve(visitor);
}

static void on_connection(void *arg, short revents)
{
    struct web_server *server = arg;
    struct visitor *visitor;
    int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);

    (void)revents;
    if (fd < 0)
        return;
    server->connections++;
    visitor = nb_calloc(1, sizeof(*visitor));
    *visitor = (struct visitor){.server = server, .fd = fd};
    nb_strbuf_init(&visitor->in, REQUEST_MAX);
    must(nb_poller_add(&visitor->polled, server->poller, fd, POLLIN, on_visitor, visitor, NULL) == 0, "poller");
    nb_vec_push(&server->visitors, visitor);
}

struct web_server *web_server_new(struct nb_loop *loop)
{
    struct web_server *server = nb_calloc(1, sizeof(*server));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);

    nb_strbuf_init(&server->body, REQUEST_MAX);
    must((server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) >= 0, "socket");
    must(bind(server->fd, (struct sockaddr *)&address, size) == 0, "bind");
    must(listen(server->fd, 1024) == 0, "listen");
    must(getsockname(server->fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
    server->port = ntohs(address.sin_port);
    must(nb_poller_new(&server->poller, loop, NULL) == 0, "poller");
    must(nb_poller_add(&server->polled, server->poller, server->fd, POLLIN, on_connection, server, NULL) == 0,
         "poller");
    return server;
}

void web_server_free(struct web_server **out)
{
    struct web_server *server = *out;

    if (!server)
        return;
    while (server->visitors.count > 0)
        leave(server->visitors.data[0]);
    nb_polled_remove(&server->polled);
    nb_poller_free(&server->poller);
    close(server->fd);
    nb_vec_clear(&server->visitors);
    nb_strbuf_clear(&server->body);
    free(server->head);
    free(server->reply);
    nb_free(out);
}

int web_server_port(const struct web_server *server)
{
    return server->port;
}

const char *web_server_url(const struct web_server *server, const char *host, const char *path)
{
    static char urls[8][256];
    static unsigned next;
    char *url = urls[next++ % NB_ARRAY_SIZE(urls)];

    snprintf(url, sizeof(urls[0]), "http://%s:%d%s", host, server->port, path);
    return url;
}

void web_server_set(struct web_server *server, const struct web_answer *now)
{
    server->answer = *now;
}

void web_server_reply(struct web_server *server, int status, const char *headers, const char *body)
{
    free(server->reply);
    server->reply =
        nb_asprintf("HTTP/1.1 %d Status\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers, strlen(body), body);
    server->answer = (struct web_answer){.text = server->reply};
}

void web_server_ask(struct web_server *server, web_server_asked *asked, void *arg)
{
    server->asked = asked;
    server->asked_arg = arg;
}

size_t web_server_requests(const struct web_server *server)
{
    return server->requests;
}

size_t web_server_connections(const struct web_server *server)
{
    return server->connections;
}

size_t web_server_open(const struct web_server *server)
{
    return server->visitors.count;
}

const char *web_server_head(const struct web_server *server)
{
    return server->head ? server->head : "";
}

const char *web_server_body(const struct web_server *server, size_t *length)
{
    if (length)
        *length = server->body.length;
    return server->body.data;
}

const char *web_server_header(const struct web_server *server, const char *name)
{
    static char values[8][2048];
    static unsigned next;
    char *copy = values[next++ % NB_ARRAY_SIZE(values)];
    size_t length;
    const char *value = find_header(web_server_head(server), name, &length);

    if (!value)
        return NULL;
    snprintf(copy, sizeof(values[0]), "%.*s", (int)length, value);
    return copy;
}
