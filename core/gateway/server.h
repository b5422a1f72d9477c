/*
 * server.h - HTTP in our loop: libmicrohttpd as one source of it (an epoll descriptor inside it).
 *
 * Each connection has a time by which it must have got on: a request's header, its body, its answer, the next request. Slow ones are closed,
 * however steadily they send. Bodies are read within the bounds of their route.
 */
#ifndef NB_GATEWAY_SERVER_H
#define NB_GATEWAY_SERVER_H

#include "base/loop.h"
#include "gateway/listen.h"
#include "gateway/request.h"

struct gateway_server;

/* Takes over the listener's descriptor. connections: HTTP connections at most. */
NB_MUSTCHECK int gateway_server_new(struct gateway_server **out, struct gateway *gateway, struct nb_loop *loop,
                                    const struct gateway_listener *listener, size_t connections, struct nb_error *err);
/* What is under way ends without an answer. */
void gateway_server_free(struct gateway_server **server);
/* Accepts nothing more, closes what is idle, and lets the requests under way come to their end. */
void gateway_server_drain(struct gateway_server *server);
size_t gateway_server_connections(const struct gateway_server *server);

#endif
