/*
 * attach.h - a client's side of the hub's socket: the keys it wants, and the bells it gets.
 */
#ifndef NB_FEED_ATTACH_H
#define NB_FEED_ATTACH_H

#include "base/loop.h"

struct nb_hub_link;

/* Any of these may detach the link. After gone() no more are called, but the link must still be detached. */
struct nb_hub_events {
    void (*listening)(void *arg); /* the hub now listens to every key; called again when its database is back */
    void (*bell)(void *arg, const char *key, const char *payload);
    void (*resync)(void *arg); /* bells were dropped */
    void (*lost)(void *arg);   /* the hub lost its database: no bells until listening() */
    void (*gone)(void *arg);
};

/* Connects to the hub that NIGHTBELL_HUB names, or else to the first of the places (place.h) that has one. NULL:
 * none. */
struct nb_hub_link *nb_hub_attach(struct nb_loop *loop, const char *installation, const char *server_directory,
                                  const char *const *keys, size_t count, const struct nb_hub_events *events, void *arg);
void nb_hub_detach(struct nb_hub_link **link);

#endif
