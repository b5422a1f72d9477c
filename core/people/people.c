/*
 * people.c - searches people, and resolves a name to one person.
 */
#include "people/people.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static bool is_called(const struct nb_person *person, const char *text)
{
    return strcasecmp(person->name, text) == 0 || (person->email && strcasecmp(person->email, text) == 0);
}

static void list_candidates(struct nb_strbuf *out, const struct nb_person *people, size_t count, const char *text,
                            bool exact)
{
    size_t listed = 0;

    for (size_t i = 0; i < count && listed < NAMED_MAX; i++) {
        if (exact && !is_called(&people[i], text))
            continue;
        nb_strbuf_appendf(out, "%s%s", listed++ > 0 ? ", " : "", people[i].name);
        if (people[i].email)
            nb_strbuf_appendf(out, " <%s>", people[i].email);
    }
}

static void refuse(struct nb_error *err, const struct nb_person *people, size_t count, const char *text, size_t exact)
{
    struct nb_strbuf candidates;

    nb_strbuf_init(&candidates, CANDIDATES_MAX);
    list_candidates(&candidates, people, count, text, exact > 0);
    if (exact > 0)
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

static void choose(const struct people_call *call, const struct nb_person *people, size_t count)
{
    const struct nb_person *found = NULL;
    struct nb_error err = {0};
    size_t exact = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_called(&people[i], call->text))
            continue;
        found = &people[i];
        exact++;
    }
    if (exact == 1) {
        call->one(call->arg, found, NULL);
        return;
    }
    refuse(&err, people, count, call->text, exact);
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
        choose(call, people, count);
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

static struct nb_request *ask(struct nb_connection *connection, const char *text, struct people_call what)
{
    const struct nb_request_options options = {.priority = NB_PRIORITY_PAGE, .dispose = call_free};
    struct nb_params *params = nb_params_new();
    struct people_call *call = nb_calloc(1, sizeof(*call));

    *call = what;
    call->text = nb_strdup(text ? text : "");
    bind_pattern(params, "%", call->text);
    bind_pattern(params, "", call->text);
    return nb_query(connection, NB_SQL_PEOPLE_FIND, params, &options, answered, call);
}

struct nb_request *nb_people_find(struct nb_connection *connection, const char *text, nb_people_done *done, void *arg)
{
    return ask(connection, text, (struct people_call){.done = done, .arg = arg});
}

struct nb_request *nb_person_find(struct nb_connection *connection, const char *text, nb_person_done *done, void *arg)
{
    return ask(connection, text, (struct people_call){.one = done, .arg = arg});
}
