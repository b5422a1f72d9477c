/*
 * events.h - what an operator can do with system events. Reading pages is page/page.h.
 *
 * Every act is written to the event's history. The first of two operators wins; the other is told
 * who and when.
 */
#ifndef NB_EVENTS_EVENTS_H
#define NB_EVENTS_EVENTS_H

#include "model/event.h"
#include "page/page.h"

struct nb_event_act_request {
    enum nb_event_act act;
    const struct nb_key *keys;
    size_t count;
    const char *note;           /* resolve: optional; note: required */
    const struct nb_uuid *user; /* assign: NULL takes the assignment away */
    int64_t until;              /* snooze: NB_TIME_NONE ends it */
    const char *const *states;  /* undo: nb_event_outcome.previous of each row */
};

/* The pointers are borrowed like the outcomes themselves. */
struct nb_event_outcome {
    struct nb_key key;
    bool changed;
    const char *reason;   /* why not: "resolved by bob at …"; NULL when changed or when it was so already */
    const char *previous; /* opaque JSON for NB_EVENT_UNDO; NULL when not changed */
    int64_t version;      /* after the act */
};

/* outcomes is borrowed for the duration of the call: one for each key that exists and is visible. */
typedef void nb_event_act_done(void *arg, const struct nb_event_outcome *outcomes, size_t count,
                               const struct nb_error *err);
struct nb_request *nb_event_act(struct nb_connection *connection, const struct nb_event_act_request *request,
                                nb_event_act_done *done, void *arg);

/* Oldest first, in arena memory that lives during the call. */
typedef void nb_event_history_done(void *arg, const struct nb_event_action *actions, size_t count,
                                   const struct nb_error *err);
struct nb_request *nb_event_history(struct nb_connection *connection, const struct nb_key *key,
                                    nb_event_history_done *done, void *arg);

const char *nb_event_act_name(enum nb_event_act act);

#endif
