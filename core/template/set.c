/*
 * set.c - loads a template with its partials, and finds the text for a locale.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/text.h"
#include "db/server_query.h"
#include "template/set_internal.h"

#define MAX_MEMBERS 64 /* templates that one template takes in, directly or not */
#define MAX_LOCALE  64

/* ---- freeing ---- */

static void clear_text(struct set_text *text)
{
    for (int part = 0; part < PART_COUNT; part++)
        nb_mustache_free(&text->parts[part]);
    for (size_t i = 0; i < text->cc.count; i++)
        nb_mustache_free(&text->cc.data[i]);
    for (size_t i = 0; i < text->bcc.count; i++)
        nb_mustache_free(&text->bcc.data[i]);
    nb_vec_clear(&text->cc);
    nb_vec_clear(&text->bcc);
    free(text->locale);
    free(text->problem);
}

static void clear_member(struct set_member *member)
{
    for (size_t i = 0; i < member->texts.count; i++)
        clear_text(&member->texts.data[i]);
    nb_vec_clear(&member->texts);
    json_decref(member->variables);
    free(member->code);
}

void nb_template_set_free(struct nb_template_set **set)
{
    if (!*set)
        return;
    for (size_t i = 0; i < (*set)->members.count; i++)
        clear_member(&(*set)->members.data[i]);
    nb_vec_clear(&(*set)->members);
    json_decref((*set)->defaults);
    free((*set)->tenant);
    free((*set)->code);
    free((*set)->channel);
    nb_free(set);
}

/* ---- loading ---- */

/* Compiles the text of a part; NULL for NULL. What is wrong is kept with the text. */
static struct nb_mustache *compile_part(struct set_text *text, const char *name, const char *template)
{
    struct nb_mustache *compiled = NULL;
    struct nb_error err;

    if (template && nb_mustache_compile(&compiled, template, strlen(template), &err) < 0 && !text->problem)
        text->problem = nb_asprintf("%s %s", name, err.message);
    return compiled;
}

/* addresses is a JSON list of strings. */
static void compile_addresses(struct set_text *text, const char *name, set_addresses *out, const char *addresses)
{
    json_auto_t *list = json_loads(addresses, 0, NULL);
    const json_t *address;
    size_t i;

    json_array_foreach(list, i, address)
    {
        struct nb_mustache *compiled = compile_part(text, name, json_string_value(address));

        if (compiled)
            nb_vec_push(out, compiled);
    }
}

static void take_text(struct set_member *member, const struct nb_result *result, size_t row)
{
    struct set_text text = {.locale = nb_strdup(nb_result_text(result, row, 2))};

    text.parts[PART_SUBJECT] = compile_part(&text, "subject", nb_result_text(result, row, 3));
    text.parts[PART_BODY] = compile_part(&text, "body_template", nb_result_text(result, row, 4));
    text.parts[PART_HTML] = compile_part(&text, "html_template", nb_result_text(result, row, 5));
    compile_addresses(&text, "cc", &text.cc, nb_result_text(result, row, 6));
    compile_addresses(&text, "bcc", &text.bcc, nb_result_text(result, row, 7));
    nb_vec_push(&member->texts, text);
}

/* Adds the template to the set, with version 0 where there is none. */
static int load_member(struct nb_template_set *set, struct nb_connection *connection, const char *code,
                       struct nb_error *err)
{
    struct set_member member = {.code = nb_strdup(code)};
    struct nb_params *params = nb_params_new();
    struct nb_result *result = NULL;
    int rc;

    nb_params_text(params, set->tenant);
    nb_params_text(params, code);
    nb_params_text(params, set->channel);
    rc = nb_server_query_wait(connection, NB_SERVER_SQL_TEMPLATE_TEXTS, params, &result, err);
    if (rc == 0 && nb_result_rows(result) > 0) {
        const char *variables = nb_result_text(result, 0, 1);

        member.version = (int)nb_result_int(result, 0, 0);
        rc = nb_mustache_context(&member.variables, variables, strlen(variables), err);
    }
    for (size_t row = 0; rc == 0 && row < nb_result_rows(result); row++)
        if (!nb_result_is_null(result, row, 2))
            take_text(&member, result, row);
    nb_vec_push(&set->members, member);
    nb_result_free(&result);
    return rc;
}

struct partial_names {
    const struct nb_template_set *set;
    nb_template_names names; /* of templates that are not in the set */
};

static void note_partial(void *arg, enum nb_mustache_use use, const char *name, unsigned line, unsigned column)
{
    struct partial_names *wanted = arg;

    (void)line;
    (void)column;
    if (use != NB_USE_PARTIAL || nb_template_set_member(wanted->set, name))
        return;
    for (size_t i = 0; i < wanted->names.count; i++)
        if (strcmp(wanted->names.data[i], name) == 0)
            return;
    nb_vec_push(&wanted->names, nb_strdup(name));
}

static void note_partials(struct partial_names *wanted, const struct set_text *text)
{
    for (int part = 0; part < PART_COUNT; part++)
        if (text->parts[part])
            nb_mustache_uses(text->parts[part], note_partial, wanted);
    for (size_t i = 0; i < text->cc.count; i++)
        nb_mustache_uses(text->cc.data[i], note_partial, wanted);
    for (size_t i = 0; i < text->bcc.count; i++)
        nb_mustache_uses(text->bcc.data[i], note_partial, wanted);
}

/* Loads the partials of the member that are not there yet. */
static int load_partials_of(struct nb_template_set *set, struct nb_connection *connection, size_t index,
                            struct nb_error *err)
{
    struct partial_names wanted = {.set = set};
    int rc = 0;

    for (size_t i = 0; i < set->members.data[index].texts.count; i++)
        note_partials(&wanted, &set->members.data[index].texts.data[i]);
    for (size_t i = 0; i < wanted.names.count; i++) {
        if (rc == 0 && set->members.count >= MAX_MEMBERS)
            rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the template %s takes in more than %d others",
                              set->code, MAX_MEMBERS - 1);
        if (rc == 0)
            rc = load_member(set, connection, wanted.names.data[i], err);
        free(wanted.names.data[i]);
    }
    nb_vec_clear(&wanted.names);
    return rc;
}

/* What the template declares itself goes before what its partials declare. */
static void collect_defaults(struct nb_template_set *set)
{
    set->defaults = json_object();
    for (size_t i = 0; i < set->members.count; i++) {
        const json_t *variable;
        size_t n;

        json_array_foreach(set->members.data[i].variables, n, variable)
        {
            const char *name = json_string_value(json_object_get(variable, "name"));
            json_t *value = json_object_get(variable, "default");

            if (name && value && !json_object_get(set->defaults, name))
                json_object_set(set->defaults, name, value);
        }
    }
}

static int check_root(const struct nb_template_set *set, struct nb_error *err)
{
    const struct set_member *root = &set->members.data[0];

    if (root->version == 0)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "there is no template \"%.100s\"", set->code);
    if (root->texts.count == 0)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_INPUT, "the template %.100s has no text for %s", set->code,
                            set->channel);
    return 0;
}

int nb_template_set_load(struct nb_template_set **out, struct nb_connection *connection, const char *tenant,
                         const char *code, const char *channel, struct nb_error *err)
{
    struct nb_template_set *set = nb_calloc(1, sizeof(*set));
    int rc;

    set->tenant = nb_strdup(tenant);
    set->code = nb_strdup(code);
    set->channel = nb_strdup(channel);
    if ((rc = load_member(set, connection, code, err)) == 0)
        rc = check_root(set, err);
    for (size_t i = 0; rc == 0 && i < set->members.count; i++)
        rc = load_partials_of(set, connection, i, err);
    if (rc == 0)
        collect_defaults(set);
    else
        nb_template_set_free(&set);
    *out = set;
    return rc;
}

/* ---- finding ---- */

const struct set_member *nb_template_set_member(const struct nb_template_set *set, const char *code)
{
    for (size_t i = 0; i < set->members.count; i++)
        if (strcmp(set->members.data[i].code, code) == 0)
            return &set->members.data[i];
    return NULL;
}

static const struct set_text *text_of(const struct set_member *member, const char *locale)
{
    for (size_t i = 0; i < member->texts.count; i++)
        if (strcasecmp(member->texts.data[i].locale, locale) == 0)
            return &member->texts.data[i];
    return NULL;
}

const struct set_text *nb_template_set_text(const struct set_member *member, const char *locale)
{
    char wanted[MAX_LOCALE];
    const struct set_text *text;
    char *end;

    nb_text_copy(wanted, sizeof(wanted), locale);
    for (char *c = wanted; *c; c++)
        if (*c == '_')
            *c = '-';
    while (*wanted) {
        if ((text = text_of(member, wanted)))
            return text;
        end = strrchr(wanted, '-');
        *(end ? end : wanted) = '\0';
    }
    text = text_of(member, "default");
    return text || member->texts.count == 0 ? text : &member->texts.data[0];
}
