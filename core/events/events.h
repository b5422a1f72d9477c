/*
 * events.h - what an operator can do with system events. For reading pages see page/page.h.
 *
 * Every act is written to the event's history. When two operators act at once, the first one wins; the other is told
 * who was first and when.
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
    const struct nb_uuid *user; /* assign: NULL unassigns */
    int64_t until;              /* snooze: NB_TIME_NONE ends it */
    const char *const *states;  /* undo: nb_event_outcome.previous of each row */
};

/* NB_EVENT_UNDO takes back an act of one's own. It is an act itself, so undoing it does the first one again. An act can be
 * undone while the event is as the act left it: what was done since must be one's own, and taken back.
 *
 * The pointers are borrowed for as long as the outcome. */
struct nb_event_outcome {
    struct nb_key key;
    bool changed;
    const char *reason;   /* why not: "resolved by bob at"; NULL when it changed, or was in that state already */
    int64_t reason_time;  /* the time with which the reason ends; NB_TIME_NONE: it has none */
    const char *previous; /* opaque JSON for NB_EVENT_UNDO; NULL when not changed */
    int64_t version;      /* after the act */
};

/* outcomes: one for each key that exists and is visible; borrowed for the duration of the call. */
typedef void nb_event_act_done(void *arg, const struct nb_event_outcome *outcomes, size_t count,
                               const struct nb_error *err);
struct nb_request *nb_event_act(struct nb_connection *connection, const struct nb_event_act_request *request,
                                nb_event_act_done *done, void *arg);

/* Actions are oldest first, in arena memory that lives for the duration of the call. */
typedef void nb_event_history_done(void *arg, const struct nb_event_action *actions, size_t count,
                                   const struct nb_error *err);
struct nb_request *nb_event_history(struct nb_connection *connection, const struct nb_key *key,
                                    nb_event_history_done *done, void *arg);

/* The same by another query, whose columns are at, actor, action, note, note_time. */
struct nb_request *nb_history_query(struct nb_connection *connection, enum nb_sql query, struct nb_params *params_take,
                                    nb_event_history_done *done, void *arg);

/* Snoozes that end. since: the time of the last answer; NB_TIME_NONE: only when the next one ends. The answer is borrowed
 * for the duration of the call; NULL when err is set. */
struct nb_woken {
    const char *type, *description;
};
struct nb_wakes {
    bool known;                   /* false: the database does not know the caller; `at` must not be kept */
    int64_t at;                   /* by the database's clock */
    int64_t wait_ms;              /* from `at` until the next snooze ends; -1: nothing is snoozed */
    const struct nb_woken *items; /* open critical events whose snooze ended since then, at most 100, oldest first */
    size_t count;
};
typedef void nb_event_wakes_done(void *arg, const struct nb_wakes *wakes, const struct nb_error *err);
struct nb_request *nb_event_wakes(struct nb_connection *connection, int64_t since, nb_event_wakes_done *done,
                                  void *arg);

const char *nb_event_act_name(enum nb_event_act act);

#endif
