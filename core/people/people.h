/*
 * people.h - the people of a tenant: searched by part of a name, or resolved from a whole one.
 */
#ifndef NB_PEOPLE_PEOPLE_H
#define NB_PEOPLE_PEOPLE_H

#include "db/query.h"

struct nb_person {
    struct nb_uuid id;
    const char *name;
    const char *email; /* NULL: unknown, or hidden from the reader */
};

/* People whose name or e-mail contains text, at most 50, names that begin with it first. Borrowed for the duration of
 * the call. */
typedef void nb_people_done(void *arg, const struct nb_person *people, size_t count, const struct nb_error *err);
struct nb_request *nb_people_find(struct nb_connection *connection, const char *text, nb_people_done *done, void *arg);

/* The one person whose whole name, e-mail or UUID is text, ignoring case, in a tenant (NULL: the reader's): for operators and
 * for who may produce there. NB_ENOTFOUND where there is none, NB_EUSAGE with
 * candidates in the message where there are several. Part of a name is enough in a picker, which shows what it found,
 * but not in a command. person is borrowed for the duration of the call, and NULL when err is
 * set. */
typedef void nb_person_done(void *arg, const struct nb_person *person, const struct nb_error *err);
struct nb_request *nb_person_find(struct nb_connection *connection, const char *text, const struct nb_uuid *tenant,
                                  nb_person_done *done, void *arg);

#endif
