/*
 * person.c - waits for core/people to say whom a text names.
 */
#include "cli/rows/person.h"

#include "cli/rows/fetch.h"
#include "people/people.h"

struct search {
    bool done;
    struct nb_uuid found;
    struct nb_error err;
};

static void person_found(void *arg, const struct nb_person *person, const struct nb_error *err)
{
    struct search *search = arg;
    search->done = true;
    if (err)
        search->err = *err;
    else
        search->found = person->id;
}

int person_find(struct nb_uuid *out, struct nb_connection *connection, const char *tenant, const char *text,
                struct nb_error *err)
{
    struct search search = {0};
    struct nb_uuid home;
    if (nb_uuid_parse(out, text, NULL) == NB_OK)
        return NB_OK;
    bool at_home = tenant && nb_uuid_parse(&home, tenant, NULL) == NB_OK;
    nb_person_find(connection, text, at_home ? &home : NULL, person_found, &search);
    int rc = fetch_wait(&search.done, connection, err);
    if (rc == NB_OK && search.err.code != NB_OK) {
        rc = search.err.code;
        *err = search.err;
    }
    *out = search.found;
    return rc;
}

int person_resolve(const char **out, char text[NB_UUID_TEXT_SIZE], struct nb_connection *connection, const char *tenant,
                   const char *named, struct nb_error *err)
{
    struct nb_uuid id;
    *out = NULL;
    if (!named)
        return NB_OK;
    int rc = person_find(&id, connection, tenant, named, err);
    if (rc == NB_OK)
        *out = nb_uuid_format(&id, text);
    return rc;
}
