/*
 * probe.h - finds out whether a proxy keeps a session for us as long as we are connected, so that it may LISTEN.
 */
#ifndef NB_FEED_PROBE_H
#define NB_FEED_PROBE_H

#include "db/connection.h"

enum nb_probe_result {
    NB_PROBE_UNKNOWN, /* the proxy had no second session for us in time, or we were too busy to tell */
    NB_PROBE_OURS,    /* a bell arrived while we sent nothing */
    NB_PROBE_SHARED,  /* the proxy gives each transaction another session, or bells do not arrive */
};

struct nb_probe;
typedef void nb_probe_done(void *arg, enum nb_probe_result result);

/* done is called once, from the loop; then the probe is to be freed. */
struct nb_probe *nb_probe_start(struct nb_connection *connection, nb_probe_done *done, void *arg);
void nb_probe_free(struct nb_probe **probe);

#endif
