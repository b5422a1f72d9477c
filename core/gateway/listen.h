/*
 * listen.h - the socket that the gateway accepts on.
 */
#ifndef NB_GATEWAY_LISTEN_H
#define NB_GATEWAY_LISTEN_H

#include "base/error.h"

struct gateway_listener {
    int fd;
    bool is_local;  /* a unix socket: its peers have no address */
    char name[160]; /* for messages: "127.0.0.1:8420", "unix:/run/x" */
    char *unlink;   /* the unix socket that is ours to remove; NULL: none */
};

/* The socket of systemd where it passes one (LISTEN_FDS), else that of path, else that of address ("127.0.0.1:8420", "[::1]:8420").
 * Listens already. */
NB_MUSTCHECK int gateway_listen(struct gateway_listener *out, const char *address, const char *path,
                                struct nb_error *err);
/* Removes a unix socket of ours, once; while it still listens, since nobody takes its place before. fd is closed by whom it was given to. */
void gateway_listener_clear(struct gateway_listener *listener);

#endif
