/*
 * attach.h - a client's side of the hub's socket: which keys it wants, and what it hears.
 */
#ifndef NB_FEED_ATTACH_H
#define NB_FEED_ATTACH_H

#include "base/loop.h"

struct nb_hub_link;

/* Any of these may detach the link. After gone() none is called any more; the link is still to be detached. */
struct nb_hub_events {
    void (*listening)(void *arg); /* to every key from now on; again when the hub's database is back */
    void (*bell)(void *arg, const char *key, const char *payload);
    void (*resync)(void *arg); /* bells were left out */
    void (*lost)(void *arg);   /* the hub has no database: no bells until listening() */
    void (*gone)(void *arg);
};

/* Tries what NIGHTBELL_HUB names, or else each of the places (place.h). NULL: no hub is there. */
struct nb_hub_link *nb_hub_attach(struct nb_loop *loop, const char *installation, const char *server_directory,
                                  const char *const *keys, size_t count, const struct nb_hub_events *events, void *arg);
void nb_hub_detach(struct nb_hub_link **link);

#endif
