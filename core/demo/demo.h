/*
 * demo.h - the demonstration: people, notifications and events to look at, and somebody who keeps
 * producing more.
 *
 * Its texts are SQL (core/sql/scripts/demo_*.sql); here is only in which order they are run and as
 * whom. Loading and clearing need an administrator's connection that row security does not bind
 * (the local cluster's is one).
 */
#ifndef NB_DEMO_DEMO_H
#define NB_DEMO_DEMO_H

#include "db/connection.h"

/* As whom the console and the commands look at a local cluster when nothing else is said: a user
 * and an operator. */
#define NB_DEMO_DEFAULT_PERSON "bob"
#define NB_DEMO_TOKEN_LIFETIME (INT64_C(12) * 3600 * 1000000)
/* Who acts while nb_demo_step() is called. */
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

/* Does nothing (and sets *already) where it is loaded; a load that was interrupted is begun anew. */
NB_MUSTCHECK int nb_demo_load(bool *already, struct nb_connection *admin, nb_demo_progress *progress, void *arg,
                              struct nb_error *err);
/* Removes its two tenants and all that is theirs, and nothing else. */
NB_MUSTCHECK int nb_demo_clear(bool *was_there, struct nb_connection *admin, struct nb_error *err);

/* NB_ENOTFOUND when the demonstration is not loaded. */
NB_MUSTCHECK int nb_demo_people_new(struct nb_demo_people **out, struct nb_connection *admin, struct nb_error *err);
void nb_demo_people_free(struct nb_demo_people **people);
/* NB_ENOTFOUND with all the names as the hint. */
NB_MUSTCHECK int nb_demo_people_find(const struct nb_demo_person **out, const struct nb_demo_people *people,
                                     const char *name, struct nb_error *err);
/* A token that makes its bearer that person for `lifetime` microseconds. The caller frees it. */
NB_MUSTCHECK int nb_demo_token(char **out, struct nb_connection *admin, const struct nb_demo_person *person,
                               int64_t lifetime, struct nb_error *err);

/* The default person's token for 12 hours, for somebody who may enter the database as its
 * administrator. NULL where that does not work or the demonstration is not loaded: then whoever
 * asks is nobody. */
void nb_demo_default_token(char **out, const char *admin_dsn);

/* Does one thing: step by step a producer notifies and raises, the colleague acknowledges and
 * resolves. *said (the caller frees it) tells what; NULL when there was nothing to do. */
NB_MUSTCHECK int nb_demo_step(char **said, struct nb_connection *producer, struct nb_connection *colleague,
                              uint64_t step, struct nb_error *err);

#endif
