/*
 * resolve.h - looking up the host names of a connection string without blocking. Private to core/db.
 *
 * libpq's own lookup blocks: a name server that does not answer would freeze the screen.
 */
#ifndef NB_DB_RESOLVE_H
#define NB_DB_RESOLVE_H

#include "base/loop.h"

struct nb_resolve;

/* NULL when there is nothing to look up (a socket, numeric addresses). done is called from the loop. */
struct nb_resolve *nb_resolve_start(struct nb_loop *loop, const char *dsn, nb_loop_callback *done, void *arg);
/* The values for libpq's host, hostaddr and port: lists with one entry per address. Borrowed. */
NB_MUSTCHECK int nb_resolve_result(const struct nb_resolve *resolve, const char **hosts, const char **addresses,
                                   const char **ports, struct nb_error *err);
/* Frees it, finished or not. */
void nb_resolve_forget(struct nb_resolve **resolve);

#endif
