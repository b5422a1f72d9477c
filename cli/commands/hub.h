/*
 * hub.h - a hub on the loop of its connection, with its log lines and SIGHUP: for `nightbell hub` and `nightbell worker --hub`.
 */
#ifndef CLI_HUB_H
#define CLI_HUB_H

#include "db/connection.h"

struct hub_service;

/* The connection has given up: the hub serves nobody any more. */
typedef void hub_service_failed(void *arg, const struct nb_error *err);

/* socket NULL: where NIGHTBELL_HUB says, or a place where consoles look. NB_ECONFLICT: another hub serves there. */
NB_MUSTCHECK int hub_service_begin(struct hub_service **out, struct nb_connection *connection, const char *socket,
                                   hub_service_failed *failed, void *arg, struct nb_error *err);
void hub_service_end(struct hub_service **service);

#endif
