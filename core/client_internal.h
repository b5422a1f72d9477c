/*
 * client_internal.h - what the files behind nightbell.h share.
 */
#ifndef NB_CLIENT_INTERNAL_H
#define NB_CLIENT_INTERNAL_H

#include "base/arena.h"
#include "db/connection.h"
#include "page/page.h"

struct nb_client {
    struct nb_loop *loop;
    struct nb_connection *connection;
    char *dsn;
    char *token;
    char *token_file; /* NULL: the token is not from a file */
    char *application_name;
    char *tenant;
    int64_t timeout; /* 0: the defaults */
};

/* Reconnects when the connection was lost since the last call. */
NB_MUSTCHECK int client_ready(struct nb_client *client, struct nb_error *err);
NB_MUSTCHECK int client_connect(struct nb_connection **out, const struct nb_client *client, struct nb_loop *loop,
                                bool reconnect, struct nb_error *err);

/* The text is borrowed from the row. */
void client_inbox_item(struct nb_inbox_item *item, const struct nb_row *row);
void client_event_item(struct nb_event_item *item, const struct nb_row *row);

#endif
