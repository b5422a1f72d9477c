/*
 * gateway.h - nightbell for what speaks HTTP: one process, one loop, no state of its own.
 *
 * Nothing is decided here that the database does not decide: each request runs as its own token, through the same row security and the
 * same functions as the console's and psql's.
 */
#ifndef NB_GATEWAY_GATEWAY_H
#define NB_GATEWAY_GATEWAY_H

#include "db/connection.h"

#define NB_GATEWAY_ADDRESS "127.0.0.1:8420" /* where it listens without being told */

struct gateway;

struct nb_gateway_options {
    const char *address;       /* "127.0.0.1:8420"; systemd's socket goes first */
    const char *path;          /* of a unix socket, instead of an address; NULL: none */
    const char *metrics_token; /* what /metrics wants; NULL: it is for this host alone */
    size_t connections;        /* HTTP connections at most; 0: as many as the process may have descriptors */
};

/* sessions: of a login that may do nothing but be a client (nb_gateway_check_login()); they reconnect by themselves, serve nobody else and
 * outlive the gateway. It accepts from now on, whenever the loop turns. */
NB_MUSTCHECK int nb_gateway_new(struct gateway **out, struct nb_connection *const *sessions, size_t count,
                                const struct nb_gateway_options *options, struct nb_error *err);
void nb_gateway_free(struct gateway **gateway);
/* NB_EDENIED where the login has rights of its own: everybody who asks would have them. Waits for the answer. */
NB_MUSTCHECK int nb_gateway_check_login(struct nb_connection *session, struct nb_error *err);
/* Where it listens. */
const char *nb_gateway_address(const struct gateway *gateway);
/* Turns the loop until nb_gateway_stop(); then accepts nothing more, and gives what is under way ten seconds to end. */
NB_MUSTCHECK int nb_gateway_run(struct gateway *gateway, struct nb_error *err);
/* May be called from a signal's callback. */
void nb_gateway_stop(struct gateway *gateway);

#endif
