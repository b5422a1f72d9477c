/*
 * people.h - the people of one's tenant: found by what somebody types of their name, or the one that is meant.
 */
#ifndef NB_PEOPLE_PEOPLE_H
#define NB_PEOPLE_PEOPLE_H

#include "db/query.h"

struct nb_person {
    struct nb_uuid id;
    const char *name;
    const char *email; /* NULL: not known, or not for the one who asks */
};

/* Those whose name or e-mail contains text, names that begin with it first, at most 50; borrowed for the call. */
typedef void nb_people_done(void *arg, const struct nb_person *people, size_t count, const struct nb_error *err);
struct nb_request *nb_people_find(struct nb_connection *connection, const char *text, nb_people_done *done, void *arg);

/* The one whose whole name or e-mail is text, in any case. NB_ENOTFOUND where there is none, NB_EUSAGE where there are
 * several; the message then lists candidates. A part of a name is enough for a picker, which shows whom it found, but
 * not for a name that is typed. A UUID needs no finding. person is borrowed for the call, and NULL when err is not. */
typedef void nb_person_done(void *arg, const struct nb_person *person, const struct nb_error *err);
struct nb_request *nb_person_find(struct nb_connection *connection, const char *text, nb_person_done *done, void *arg);

#endif
