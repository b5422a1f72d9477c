/*
 * link.h - the connection, the feed, the identity and its token.
 */
#ifndef TUI_LINK_H
#define TUI_LINK_H

#include "tui/host/host.h"

struct link_options {
    const char *dsn;        /* NULL: the PG* environment */
    const char *token;      /* NULL: identity by PostgreSQL role */
    const char *token_file; /* where the token came from: read again when it changes; NULL: from nowhere */
};

NB_MUSTCHECK int link_open(struct host *host, const struct link_options *options, struct nb_error *err);
void link_close(struct host *host);
void link_tick(struct host *host); /* each second while something is not as it should be, and each minute */
/* The last word before poll: starts the ticking when an answer is awaited. */
void link_before_sleep(struct host *host);
bool link_is_ready(const struct host *host);
/* The database does not know us, or not any more: an unknown login, a bad or expired token. */
bool link_is_refused(const struct host *host);
/* Why what is shown cannot be trusted or changed now; NULL: all is well. Into buffer, if anywhere. */
const char *link_trouble(const struct host *host, char *buffer, size_t size);
/* What may help against it; "": nothing is known. */
const char *link_hint(const struct host *host);

#endif
