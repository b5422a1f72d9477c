/*
 * demo.h - the demonstration: people, notifications and events to look at, and a process that produces more.
 *
 * Its contents are SQL (core/sql/scripts/demo_*.sql); this file decides in which order they run and as whom. Loading
 * and clearing need an administrator's connection that bypasses row security, such as the local cluster's.
 */
#ifndef NB_DEMO_DEMO_H
#define NB_DEMO_DEMO_H

#include "db/connection.h"

struct nb_engine;

/* The person as whom console and commands use a local cluster by default: a user and an operator. */
#define NB_DEMO_DEFAULT_PERSON "bob"
#define NB_DEMO_TOKEN_LIFETIME (INT64_C(12) * 3600 * 1000000)
/* The operator who acts in nb_demo_step(). */
#define NB_DEMO_COLLEAGUE "carol"

struct nb_demo_person {
    const char *name;
    const char *tenant_name;
    const char *about; /* one line */
    struct nb_uuid user_id;
    struct nb_uuid tenant_id;
    bool is_global;
    unsigned roles; /* NB_ROLE_… */
};

struct nb_demo_people {
    struct nb_demo_person *people;
    size_t count;
    struct nb_arena *arena;
};

typedef void nb_demo_progress(void *arg, const char *step);

/* Sets *already if it is loaded, and adds only what an earlier version's had not; starts over if an earlier load was interrupted,
 * or is of a version so old that it had no rules. */
NB_MUSTCHECK int nb_demo_load(bool *already, struct nb_connection *admin, nb_demo_progress *progress, void *arg,
                              struct nb_error *err);
/* Removes its two tenants and all that is theirs, and nothing else. */
NB_MUSTCHECK int nb_demo_clear(bool *was_there, struct nb_connection *admin, struct nb_error *err);

/* NB_ENOTFOUND when the demonstration is not loaded. */
NB_MUSTCHECK int nb_demo_people_new(struct nb_demo_people **out, struct nb_connection *admin, struct nb_error *err);
void nb_demo_people_free(struct nb_demo_people **people);
/* NB_ENOTFOUND, with all names in the hint, when there is no such person. */
NB_MUSTCHECK int nb_demo_people_find(const struct nb_demo_person **out, const struct nb_demo_people *people,
                                     const char *name, struct nb_error *err);
/* A token for that person, valid for `lifetime` microseconds. The caller frees it. */
NB_MUSTCHECK int nb_demo_token(char **out, struct nb_connection *admin, const struct nb_demo_person *person,
                               int64_t lifetime, struct nb_error *err);

/* A token of the default person, valid for 12 hours, made through the administrator's connection. NULL when that fails
 * or the demonstration is not loaded; the caller then has no identity. */
void nb_demo_default_token(char **out, const char *admin_dsn);

/* Whether it may send: only where nobody else's deliveries wait, since what a worker takes is sent whosever it is. */
NB_MUSTCHECK int nb_demo_is_alone(bool *alone, struct nb_connection *admin, struct nb_error *err);
/* Writes what a worker sends the demonstration's deliveries by into DIRECTORY/demo: a program that makes each a file below *sent, and
 * *channels, the channels.conf that names it. The caller frees both. */
NB_MUSTCHECK int nb_demo_sender_write(char **channels, char **sent, const char *directory, struct nb_error *err);

/* By the administrator, before the first step and after the last one: a maintenance window holds what flaps, and a heartbeat
 * is expected only while somebody sends it. sent: the folder that deliveries go into, which people are told; NULL: they go nowhere. */
NB_MUSTCHECK int nb_demo_live(struct nb_connection *admin, bool begins, const char *sent, struct nb_error *err);
/* Does one step of a round in which a producer notifies, raises, publishes and reports, and the colleague acknowledges and
 * resolves. *said says what was done; the caller frees it. NULL: there was nothing to do. */
NB_MUSTCHECK int nb_demo_step(char **said, struct nb_connection *producer, struct nb_connection *colleague,
                              uint64_t step, struct nb_error *err);
/* The same by a worker's login, where one sends: what providers tell of what they took. */
NB_MUSTCHECK int nb_demo_receipts(char **said, struct nb_connection *worker, struct nb_error *err);
/* Does what a worker would that sends nothing: decides who hears of what the steps published and raised. The connection is the
 * engine's. */
NB_MUSTCHECK int nb_demo_work(struct nb_engine *engine, struct nb_connection *worker, struct nb_error *err);

#endif
