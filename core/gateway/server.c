/*
 * server.c - turns libmicrohttpd from the loop, and keeps each connection to its times.
 */
#include "gateway/server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"
#include "gateway/dispatch.h"
#include "gateway/gateway_internal.h"
#include "gateway/route.h"

#define HEADER_MS INT64_C(10000) /* from the connection to the end of the first request's header */
#define BODY_MS   INT64_C(30000)
#define ANSWER_MS INT64_C(30000) /* for who reads it */
#define NEXT_MS   INT64_C(60000) /* from an answer to the end of the next request's header */
#define MEMORY    (16 * 1024)    /* of a connection: its header and that of the answer */
#define DROPPED   (1024 * 1024)  /* of a body that nobody wants, so that its sender reads the answer */

struct peer {
    struct gateway_server *server;
    struct gateway_request *request; /* from its request line on */
    struct nb_timer *deadline;
    int fd;
    bool suspended; /* until its request is answered */
    struct peer *previous, *next;
};

struct gateway_server {
    struct gateway *gateway;
    struct nb_loop *loop;
    struct MHD_Daemon *daemon;
    struct nb_source *source;
    struct nb_timer *run; /* when the library wants to be called next */
    int epoll_fd;
    bool is_local, draining;
    bool call_again; /* something has changed that the library sees only when it is called */
    struct peer *peers;
    size_t count;
};

/* ---- connections ---- */

/* The library sees the end of the connection and closes it. */
static void too_late(void *arg)
{
    struct peer *peer = arg;

    gateway_metrics_late(peer->server->gateway->metrics);
    nb_log(NB_LOG_DEBUG, "gateway late path=%s", peer->request ? nb_log_quote(peer->request->path) : "none");
    shutdown(peer->fd, SHUT_RDWR);
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address && address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
    if (address && address->sa_family == AF_INET6) {
        const struct in6_addr *six = &((const struct sockaddr_in6 *)address)->sin6_addr;

        return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
    }
    return false;
}

static void begin_peer(struct gateway_server *server, struct MHD_Connection *connection, void **context)
{
    struct peer *peer = nb_calloc(1, sizeof(*peer));

    peer->server = server;
    peer->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    peer->deadline = nb_loop_add_timer(server->loop, too_late, peer);
    nb_timer_start(peer->deadline, HEADER_MS);
    if ((peer->next = server->peers))
        peer->next->previous = peer;
    server->peers = peer;
    server->count++;
    *context = peer;
}

static void end_peer(struct gateway_server *server, struct peer *peer)
{
    if (peer->next)
        peer->next->previous = peer->previous;
    if (peer->previous)
        peer->previous->next = peer->next;
    else
        server->peers = peer->next;
    nb_timer_remove(&peer->deadline);
    server->count--;
    server->call_again = true; /* at its limit it accepts nothing until then */
    free(peer);
}

static void connection_changed(void *arg, struct MHD_Connection *connection, void **context,
                               enum MHD_ConnectionNotificationCode code)
{
    struct gateway_server *server = arg;

    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        begin_peer(server, connection, context);
    else if (*context)
        end_peer(server, *context);
}

static struct peer *peer_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* ---- a request ---- */

static void *request_line_came(void *arg, const char *target, struct MHD_Connection *connection)
{
    struct gateway_server *server = arg;
    struct peer *peer = peer_of(connection);
    struct gateway_request *request = gateway_request_new(server->gateway, target);

    request->connection = connection;
    request->peer = peer;
    request->from_loopback =
        !server->is_local &&
        is_loopback(MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr);
    peer->request = request;
    return request;
}

static void request_over(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    struct gateway_request *request = *context;
    struct peer *peer;

    (void)arg;
    (void)connection;
    if (!request)
        return;
    peer = request->peer;
    peer->request = NULL;
    nb_timer_start(peer->deadline, NEXT_MS);
    if (code != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        request->status = 0;
    gateway_dispatch_over(request);
    gateway_transact_forget(request);
    gateway_request_free(&request);
    *context = NULL;
    if (peer->server->draining)
        shutdown(peer->fd, SHUT_RDWR);
}

static bool has_body(const struct gateway_request *request)
{
    const char *length = gateway_request_header(request, "Content-Length");

    return gateway_request_header(request, "Transfer-Encoding") || (length && strcmp(length, "0") != 0);
}

static void add_common_headers(const struct gateway_request *request, struct MHD_Response *response)
{
    (void)MHD_add_response_header(response, "X-Request-Id", request->id);
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
    (void)MHD_add_response_header(response, "Referrer-Policy", "no-referrer");
    if (request->content_type)
        (void)MHD_add_response_header(response, "Content-Type", request->content_type);
}

/* early: before its body was read, whose rest nobody may take for another request. */
static enum MHD_Result send_answer(struct gateway_request *request, bool early)
{
    const struct peer *peer = request->peer;
    size_t length = request->answer.length;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(length, nb_strbuf_take(&request->answer), MHD_RESPMEM_MUST_FREE);
    enum MHD_Result rc;

    if (!response)
        return MHD_NO;
    add_common_headers(request, response);
    for (size_t i = 0; i < request->headers.count; i++)
        (void)MHD_add_response_header(response, request->headers.data[i].name, request->headers.data[i].value);
    if (early || peer->server->draining)
        (void)MHD_add_response_header(response, "Connection", "close");
    rc = MHD_queue_response(request->connection, (unsigned)request->status, response);
    MHD_destroy_response(response);
    nb_timer_start(peer->deadline, ANSWER_MS);
    return rc;
}

static enum MHD_Result header_came(struct gateway_request *request, const char *method)
{
    struct peer *peer = request->peer;
    const char *length;

    request->method = nb_strdup(method);
    gateway_dispatch_header(request);
    if (request->ambiguous)
        return send_answer(request, true);
    if (!has_body(request))
        return MHD_YES;
    nb_timer_start(peer->deadline, BODY_MS);
    nb_strbuf_init(&request->body, request->status == 0 ? request->route->body_max : 0);
    length = gateway_request_header(request, "Content-Length");
    if (request->status != 0 && (!length || strtoull(length, NULL, 10) > DROPPED))
        return send_answer(request, true);
    return MHD_YES;
}

/* A body without a length may turn out too large: a part of the rest is read and dropped, so that who sends it reads why. */
static enum MHD_Result body_came(struct gateway_request *request, const char *data, size_t length)
{
    request->received += length;
    if (request->status == 0)
        nb_strbuf_append_n(&request->body, data, length);
    return request->received <= DROPPED + (request->route ? request->route->body_max : 0) ? MHD_YES : MHD_NO;
}

static void answered(struct gateway_request *request)
{
    struct peer *peer = request->peer;
    struct gateway_server *server = peer->server;

    peer->suspended = false;
    MHD_resume_connection(request->connection);
    server->call_again = true;
    nb_timer_start(server->run, 0);
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection, const char *url, const char *method,
                              const char *version, const char *data, size_t *length, void **context)
{
    struct gateway_request *request = *context;
    struct peer *peer = peer_of(connection);
    size_t came = *length;

    (void)arg;
    (void)url;
    (void)version;
    if (!request)
        return MHD_NO;
    if (!request->method)
        return header_came(request, method);
    if (came > 0) {
        *length = 0;
        return body_came(request, data, came);
    }
    if (request->status == 0) {
        nb_timer_stop(peer->deadline);
        gateway_dispatch(request, answered);
    }
    if (request->status != 0)
        return send_answer(request, false);
    peer->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

/* ---- the loop ---- */

static void turn(struct gateway_server *server)
{
    server->call_again = false;
    if (MHD_run(server->daemon) != MHD_YES)
        nb_log(NB_LOG_ERROR, "gateway failed=\"the HTTP server cannot go on\"");
}

static void run_due(void *arg)
{
    turn(arg);
}

/* Inside it is edge-triggered: what it still has in hand only MHD_get_timeout() tells. */
static void prepare(void *arg, struct nb_interest *interest)
{
    struct gateway_server *server = arg;
    MHD_UNSIGNED_LONG_LONG timeout = 0;

    interest->fd = server->epoll_fd;
    interest->events = POLLIN;
    if (server->call_again)
        nb_timer_start(server->run, 0);
    else if (MHD_get_timeout(server->daemon, &timeout) == MHD_YES)
        nb_timer_start(server->run, timeout > INT32_MAX ? INT32_MAX : (int64_t)timeout);
    else
        nb_timer_stop(server->run);
}

static void ready(void *arg, short revents)
{
    (void)revents;
    turn(arg);
}

static void log_library(void *arg, const char *format, va_list args)
{
    char text[512];

    (void)arg;
    (void)nb_text_vformat(text, sizeof(text), format, args);
    nb_log(NB_LOG_DEBUG, "gateway http=%s", nb_log_quote(text));
}

/* Decoding is request.c's, which is stricter. */
static size_t leave_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
    (void)arg;
    (void)connection;
    return strlen(text);
}

int gateway_server_new(struct gateway_server **out, struct gateway *gateway, struct nb_loop *loop,
                       const struct gateway_listener *listener, size_t connections, struct nb_error *err)
{
    struct gateway_server *server = nb_calloc(1, sizeof(*server));
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, NULL},
        {MHD_OPTION_LISTEN_SOCKET, listener->fd, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)connections, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, MEMORY, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escaped, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_line_came, server},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_over, server},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_changed, server},
        {MHD_OPTION_END, 0, NULL},
    };

    *out = NULL;
    server->gateway = gateway;
    server->loop = loop;
    server->is_local = listener->is_local;
    server->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL, NULL,
                                      handle, server, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (!server->daemon) {
        nb_free(&server);
        return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "the HTTP server does not start on %s", listener->name);
    }
    server->epoll_fd = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    server->run = nb_loop_add_timer(loop, run_due, server);
    server->source = nb_loop_add_source(loop, prepare, ready, server);
    *out = server;
    return NB_OK;
}

size_t gateway_server_connections(const struct gateway_server *server)
{
    return server->count;
}

void gateway_server_drain(struct gateway_server *server)
{
    MHD_socket fd;

    if (server->draining)
        return;
    server->draining = true;
    fd = MHD_quiesce_daemon(server->daemon);
    if (fd != MHD_INVALID_SOCKET)
        close(fd);
    for (struct peer *peer = server->peers; peer; peer = peer->next)
        if (!peer->request)
            shutdown(peer->fd, SHUT_RDWR);
}

void gateway_server_free(struct gateway_server **out)
{
    struct gateway_server *server = *out;

    if (!server)
        return;
    gateway_server_drain(server);
    /* the library does not end with connections suspended */
    for (struct peer *peer = server->peers; peer; peer = peer->next) {
        if (!peer->suspended)
            continue;
        gateway_transact_forget(peer->request);
        peer->request->status = 503;
        MHD_resume_connection(peer->request->connection);
    }
    MHD_stop_daemon(server->daemon);
    nb_source_remove(&server->source);
    nb_timer_remove(&server->run);
    nb_free(out);
}
