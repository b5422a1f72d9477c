/*
 * heartbeats.h - the sources of a tenant that must report, as operators see them; paused and deleted by administrators.
 */
#ifndef NB_EVENTS_HEARTBEATS_H
#define NB_EVENTS_HEARTBEATS_H

#include "db/query.h"

/* One instance of a heartbeat. */
struct nb_heartbeat {
    const char *name;
    const char *instance;            /* "": the heartbeat itself */
    const char *state;               /* new, up, running, late, down, failed or paused */
    int64_t since;                   /* in that state */
    const char *verdict;             /* of its last report: "in time", "too early" …; NULL: none has come */
    const char *received, *expected; /* in the heartbeat's zone and in UTC */
    bool has_exit_status;
    int64_t exit_status;
    const char *run_id, *output; /* of the last run; NULL: not told */
    const char *problem;         /* why its rule could not be worked out; NULL: nothing is wrong */
    const char *description, *schedule;
    int64_t received_at, expected_at, down_at; /* down_at: when its grace ends */
};

/* The texts are in memory of the arena, which done takes over; NULL when err is set. */
typedef void nb_heartbeats_done(void *arg, struct nb_arena *arena_take, struct nb_heartbeat *heartbeats, size_t count,
                                const struct nb_error *err);
/* tenant: name or UUID; NULL: one's own. The worst comes first; most: at most so many. */
struct nb_request *nb_heartbeats_list(struct nb_connection *connection, const char *tenant, size_t most,
                                      nb_heartbeats_done *done, void *arg);

/* found: false where there is none of that name. */
typedef void nb_heartbeat_done(void *arg, bool found, const struct nb_error *err);
/* active: false pauses it. */
struct nb_request *nb_heartbeat_switch(struct nb_connection *connection, const char *tenant, const char *name,
                                       bool active, nb_heartbeat_done *done, void *arg);
struct nb_request *nb_heartbeat_delete(struct nb_connection *connection, const char *tenant, const char *name,
                                       nb_heartbeat_done *done, void *arg);

#endif
