/*
 * people.c - searches people, and resolves a name to one person.
 */
#include "people/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define TEXT_MAX       256
#define NAMED_MAX      5 /* how many candidates a message lists */
#define CANDIDATES_MAX 4096

struct people_call {
    nb_people_done *done;
    nb_person_done *one; /* used instead of done when looking for one person */
    void *arg;
    char *text;
};

static void call_free(void *arg)
{
    struct people_call *call = arg;

    free(call->text);
    free(call);
}

/* ---- resolving to one person ---- */

static void list_candidates(struct nb_strbuf *out, const struct nb_person *people, size_t count)
{
    for (size_t i = 0; i < count && i < NAMED_MAX; i++) {
        nb_strbuf_appendf(out, "%s%s", i > 0 ? ", " : "", people[i].name);
        if (people[i].email)
            nb_strbuf_appendf(out, " <%s>", people[i].email);
    }
}

static void refuse(struct nb_error *err, const struct nb_person *people, size_t count, const char *text, bool exact)
{
    struct nb_strbuf candidates;

    nb_strbuf_init(&candidates, CANDIDATES_MAX);
    list_candidates(&candidates, people, count);
    if (exact)
        nb_error_set(err, NB_EUSAGE, NB_DOMAIN_INPUT, "\"%s\" may mean several people: %s", text, candidates.data);
    else if (count > 0)
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "nobody here is called exactly \"%s\"; similar: %s", text,
                     candidates.data);
    else
        nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "nobody here is called \"%s\"", text);
    nb_error_hint(err, count > 0
                           ? "give the whole name, the e-mail address or the UUID"
                           : "give a name, an e-mail address or a UUID of the tenant's people, \"me\" or \"nobody\"");
    nb_strbuf_clear(&candidates);
}

/* What the database answers is exact, all of it, or similar. */
static void choose(const struct people_call *call, const struct nb_person *people, size_t count, bool exact)
{
    struct nb_error err = {0};

    if (exact && count == 1) {
        call->one(call->arg, people, NULL);
        return;
    }
    refuse(&err, people, count, call->text, exact && count > 0);
    call->one(call->arg, NULL, &err);
}

/* ---- asking ---- */

static void answered(void *arg, struct nb_result *result, const struct nb_error *err)
{
    const struct people_call *call = arg;
    size_t count = err ? 0 : nb_result_rows(result);
    struct nb_person *people = nb_calloc(count + 1, sizeof(*people));

    for (size_t i = 0; i < count; i++) {
        people[i].id = nb_result_uuid(result, i, 0);
        people[i].name = nb_result_text(result, i, 1);
        people[i].email = nb_result_text(result, i, 2);
    }
    if (call->done)
        call->done(call->arg, people, count, err);
    else if (err)
        call->one(call->arg, NULL, err);
    else
        choose(call, people, count, count > 0 && nb_result_bool(result, 0, 3));
    free(people);
}

static void bind_pattern(struct nb_params *params, const char *prefix, const char *text)
{
    struct nb_strbuf pattern;

    nb_strbuf_init(&pattern, 2 * TEXT_MAX + 2);
    nb_strbuf_append(&pattern, prefix);
    for (size_t i = 0; i < TEXT_MAX && text[i]; i++) {
        if (strchr("\\%_", text[i]))
            nb_strbuf_append_char(&pattern, '\\');
        nb_strbuf_append_char(&pattern, text[i]);
    }
    nb_strbuf_append_char(&pattern, '%');
    nb_params_text(params, pattern.data);
    nb_strbuf_clear(&pattern);
}

struct nb_request *nb_people_find(struct nb_connection *connection, const char *text, nb_people_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = call_free};
    struct nb_params *params = nb_params_new();
    struct people_call *call = nb_calloc(1, sizeof(*call));

    *call = (struct people_call){.done = done, .arg = arg, .text = nb_strdup(text ? text : "")};
    bind_pattern(params, "%", call->text);
    bind_pattern(params, "", call->text);
    return nb_query(connection, NB_SQL_PEOPLE_FIND, params, &options, answered, call);
}

struct nb_request *nb_person_find(struct nb_connection *connection, const char *text, const struct nb_uuid *tenant,
                                  nb_person_done *done, void *arg)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = call_free};
    struct nb_params *params = nb_params_new();
    struct people_call *call = nb_calloc(1, sizeof(*call));

    *call = (struct people_call){.one = done, .arg = arg, .text = nb_strdup(text)};
    nb_params_text(params, text);
    nb_params_uuid(params, tenant);
    return nb_query(connection, NB_SQL_PERSON_FIND, params, &options, answered, call);
}
