/*
 * link.h - the connection, the feed, the identity and its token.
 */
#ifndef TUI_LINK_H
#define TUI_LINK_H

#include "tui/host/host.h"

struct link_options {
    const char *dsn;        /* NULL: the PG* environment */
    const char *token;      /* NULL: identity by PostgreSQL role */
    const char *token_file; /* the token's file, read again when it changes; NULL: the token came from elsewhere */
};

NB_MUSTCHECK int link_open(struct host *host, const struct link_options *options, struct nb_error *err);
void link_close(struct host *host);
void link_tick(struct host *host); /* called each second while something is wrong, and each minute otherwise */
/* Called just before poll(): starts the timer when an answer is awaited. */
void link_before_sleep(struct host *host);
bool link_is_ready(const struct host *host);
/* Whether what only reads may be asked: it is ready, or what is asked goes out behind the first session's start. */
bool link_takes_reads(const struct host *host);
/* In a doorbell: the session has become ready, and what only reads was asked when it began. */
bool link_has_asked(const struct host *host);
/* Whether the database refuses us: an unknown login, or an invalid or expired token. */
bool link_is_refused(const struct host *host);
/* Call it when an answer suggests that the database no longer knows us: asks who we are. */
void link_doubt(struct host *host);
#define LINK_TROUBLE_SIZE 1024
/* Why the screen's content may be outdated or cannot be changed now; NULL: all is well. The text may be in buffer. */
const char *link_trouble(const struct host *host, char *buffer, size_t size);
/* What may help against it; "": unknown. */
const char *link_hint(const struct host *host);

#endif
