/*
 * web_server.h - a web server on loopback that turns in the test's own loop and answers with the bytes it is told, so that it
 * can also answer with garbage, hang, or close half-way.
 */
#ifndef TESTS_LIB_WEB_SERVER_H
#define TESTS_LIB_WEB_SERVER_H

#include "base/loop.h"
#include "base/strbuf.h"

struct web_server;

/* What it does with each request from now on. Zeroed: reads and never answers. */
struct web_answer {
    const char *text; /* sent as it is; borrowed as long as it is in force; NULL: nothing */
    size_t length;    /* 0: up to the NUL */
    bool endless;     /* the text again and again, behind its first line break pair only the last line */
    bool close;       /* and closes the connection */
};

struct web_server *web_server_new(struct nb_loop *loop);
void web_server_free(struct web_server **server);
int web_server_port(const struct web_server *server);
/* "http://HOST:PORT/PATH" in one of a few rotating buffers. */
const char *web_server_url(const struct web_server *server, const char *host, const char *path);
void web_server_set(struct web_server *server, const struct web_answer *answer);
/* A whole answer: status, extra header lines ("" or each with \r\n) and a body. */
void web_server_reply(struct web_server *server, int status, const char *headers, const char *body);

/* Called with each request before it is answered: it may look at it, and say what is answered. */
typedef void web_server_asked(void *arg, struct web_server *server);
void web_server_ask(struct web_server *server, web_server_asked *asked, void *arg);

/* What came so far. */
size_t web_server_requests(const struct web_server *server);
size_t web_server_connections(const struct web_server *server); /* accepted */
size_t web_server_open(const struct web_server *server);        /* not closed yet */
/* The last request's head and body. */
const char *web_server_head(const struct web_server *server);
const char *web_server_body(const struct web_server *server, size_t *length);
/* The value of a header of the last request, in one of a few rotating buffers; NULL where there is none. */
const char *web_server_header(const struct web_server *server, const char *name);

#endif
