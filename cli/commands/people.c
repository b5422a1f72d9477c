/*
 * people.c - finds the one person that a word on the command line means.
 */
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "cli/rows/fetch.h"
#include "cli/commands/people.h"
#include "events/events.h"

#define PEOPLE_NAMED 5 /* how many candidates a message lists */

struct search {
    const char *text;
    bool done;
    bool exact;
    size_t matches;
    struct nb_uuid found;
    struct nb_strbuf candidates;
    struct nb_error err;
};

static void people_done(void *arg, const struct nb_person *people, size_t count, const struct nb_error *err)
{
    struct search *search = arg;
    search->done = true;
    if (err)
        search->err = *err;
    for (size_t i = 0; i < count; i++) {
        bool exact = strcasecmp(people[i].name, search->text) == 0 ||
                     (people[i].email && strcasecmp(people[i].email, search->text) == 0);
        if (search->exact && !exact)
            continue;
        if (exact && !search->exact) {
            search->exact = true;
            search->matches = 0;
            nb_strbuf_reset(&search->candidates);
        }
        search->found = people[i].id;
        if (search->matches < PEOPLE_NAMED)
            nb_strbuf_appendf(&search->candidates, "%s%s%s%s%s", search->matches ? ", " : "", people[i].name,
                              people[i].email ? " <" : "", people[i].email ? people[i].email : "",
                              people[i].email ? ">" : "");
        search->matches++;
    }
}

/* A part of a name is enough for a fuzzy picker that shows whom it found, not for a script: only
 * exact matches count. */
static int choose(struct nb_uuid *out, const struct search *search, struct nb_error *err)
{
    if (search->exact && search->matches == 1) {
        *out = search->found;
        return NB_OK;
    }
    if (search->matches == 0) {
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "nobody here is called \"%s\"", search->text);
        return nb_error_hint(err, "give a name, an e-mail address or a UUID of the tenant's "
                                  "people, \"me\" or \"nobody\"");
    }
    if (search->exact)
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" may mean several people: %s", search->text,
                     search->candidates.data);
    else
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "nobody here is called exactly \"%s\"; similar: %s",
                     search->text, search->candidates.data);
    return nb_error_hint(err, "give the whole name, the e-mail address or the UUID");
}

int people_find(struct nb_uuid *out, struct nb_connection *connection, const struct nb_identity *identity,
                const char *text, struct nb_error *err)
{
    if (strcmp(text, "me") == 0) {
        *out = identity->user_id;
        return NB_OK;
    }
    if (nb_uuid_parse(out, text, NULL) == NB_OK)
        return NB_OK;
    struct search search = {.text = text};
    nb_strbuf_init(&search.candidates, 4096);
    nb_people_find(connection, text, people_done, &search);
    int rc = fetch_wait(&search.done, connection, err);
    if (rc == NB_OK && search.err.code != NB_OK) {
        rc = search.err.code;
        *err = search.err;
    }
    if (rc == NB_OK)
        rc = choose(out, &search, err);
    nb_strbuf_clear(&search.candidates);
    return rc;
}
