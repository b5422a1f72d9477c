/*
 * windows.h - the maintenance windows of a tenant: what holds now; made and ended by operators.
 */
#ifndef NB_EVENTS_WINDOWS_H
#define NB_EVENTS_WINDOWS_H

#include "db/query.h"

struct nb_window {
    const char *name;
    const char *state;     /* holding, waiting, over, ended or failed */
    const char *behaviour; /* notices, escalation or events */
    const char *matches;   /* "db_* source:mailer severity:high" */
    int64_t starts_at;     /* of what holds or comes next; NB_TIME_NONE: nothing does */
    int64_t ends_at;
    const char *time_zone;
    const char *local_starts; /* in that zone */
    int64_t held;             /* events that it holds, or held last */
    const char *reason, *created_by;
    const char *problem; /* why its rule could not be worked out; NULL: nothing is wrong */
};

/* It is over, or was ended: it holds nothing any more. */
bool nb_window_is_over(const struct nb_window *window);

/* The texts are in memory of the arena, which done takes over; NULL when err is set. */
typedef void nb_windows_done(void *arg, struct nb_arena *arena_take, struct nb_window *windows, size_t count,
                             const struct nb_error *err);
/* tenant: name or UUID; NULL: one's own. What holds comes first; most: at most so many. */
struct nb_request *nb_windows_list(struct nb_connection *connection, const char *tenant, size_t most,
                                   nb_windows_done *done, void *arg);

struct nb_window_wish {
    const char *tenant;
    const char *event_type; /* a name, or the beginning of one with * behind it; NULL: all */
    const char *source;     /* likewise */
    int64_t length;         /* microseconds */
    const char *reason;
};
/* name: of the window that was made, or ended; NULL: an error, or there was none to end. */
typedef void nb_window_done(void *arg, const char *name, const struct nb_error *err);
/* Nobody is told of what matches, from now on. */
struct nb_request *nb_window_start(struct nb_connection *connection, const struct nb_window_wish *wish,
                                   nb_window_done *done, void *arg);
/* Now and for good. */
struct nb_request *nb_window_end(struct nb_connection *connection, const char *tenant, const char *name,
                                 nb_window_done *done, void *arg);

#endif
