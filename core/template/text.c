/*
 * text.c - renders a template of a set for one locale, or one person.
 */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "template/mustache_internal.h"
#include "template/set_internal.h"

#define MAX_NAMES 100 /* that are kept of what is missing */

static const char *const part_names[PART_COUNT] = {"subject", "body_template", "html_template"};

struct rendering {
    const struct nb_template_set *set;
    const char *locale;
    enum part part;
    struct nb_template_text *out;
};

/* ---- what is missing ---- */

static void keep_name(nb_template_names *names, const char *sign, const char *name)
{
    char *text = nb_asprintf("%s%s", sign, name);

    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->data[i], text) == 0) {
            free(text);
            return;
        }
    }
    if (names->count < MAX_NAMES)
        nb_vec_push(names, text);
    else
        free(text);
}

static void note_missing(void *arg, enum nb_mustache_lack lack, const char *name)
{
    const struct rendering *rendering = arg;

    keep_name(&rendering->out->missing, lack == NB_LACK_PARTIAL ? "> " : "", name);
}

/* The value that the name, such as po.amount, has in the context; NULL: none. */
static const json_t *value_of(const json_t *context, const char *name)
{
    while (context && *name) {
        size_t length = strcspn(name, ".");

        context = json_object_getn(context, name, length);
        name += length + (name[length] == '.');
    }
    return json_is_null(context) ? NULL : context;
}

static void check_variables(struct nb_template_text *out, const struct nb_template_set *set, const json_t *context)
{
    const json_t *variable, *value;
    size_t i;

    json_array_foreach(set->members.data[0].variables, i, variable)
    {
        const char *name = json_string_value(json_object_get(variable, "name"));
        const char *type = json_string_value(json_object_get(variable, "type"));

        if (!name || !type || strcmp(name, "user") == 0 || strncmp(name, "user.", 5) == 0)
            continue;
        value = value_of(context, name);
        if (value && strcmp(type, value_type(value)) != 0)
            keep_name(&out->mistyped, "", name);
        if (!value && json_is_true(json_object_get(variable, "required")) && !json_object_get(variable, "default"))
            keep_name(&out->missing, "", name);
    }
}

/* ---- rendering ---- */

/* A template that is taken in gives the same part; one without HTML its body. */
static int find_partial(void *arg, const struct nb_mustache **out, const char *name, struct nb_error *err)
{
    const struct rendering *rendering = arg;
    const struct set_member *member = nb_template_set_member(rendering->set, name);
    const struct set_text *text = member ? nb_template_set_text(member, rendering->locale) : NULL;

    if (!text)
        return 0;
    if (text->problem)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the partial %.100s (%s) is no template: %s", name,
                            text->locale, text->problem);
    if (rendering->part == PART_HTML && text->parts[PART_HTML])
        *out = text->parts[PART_HTML];
    else
        *out = text->parts[PART_BODY];
    return 0;
}

static int explain(const struct rendering *rendering, const char *part, struct nb_error *err)
{
    struct nb_error reason = *err;

    nb_error_set(err, reason.code, reason.domain, "template %.100s (%s, %s), %s %s", rendering->set->code,
                 rendering->set->channel, rendering->out->locale, part, reason.message);
    err->column = reason.column;
    return reason.code;
}

/* *text is the caller's; NULL for a template that is NULL. */
static int render_part(char **text, const struct rendering *rendering, const struct nb_mustache *template,
                       const char *part, struct nb_mustache_options *options, struct nb_error *err)
{
    struct nb_error reason = {0};
    struct nb_strbuf out;
    int rc;

    if (!template)
        return 0;
    options->escape = rendering->part == PART_HTML ? NB_ESCAPE_HTML : NB_ESCAPE_NONE;
    nb_strbuf_init(&out, NB_TEMPLATE_OUTPUT_MAX);
    rc = nb_mustache_render(&out, template, options, &reason);
    if (rc == 0) {
        *text = nb_strbuf_take(&out);
    } else {
        explain(rendering, part, &reason);
        if (err)
            *err = reason;
    }
    nb_strbuf_clear(&out);
    return rc;
}

/* Makes one line of text, so that no header of a mail can follow from it, and cuts it behind `most` characters. */
static void make_line(char *text, size_t most)
{
    size_t characters = 0;

    for (char *c = text; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
        characters += ((unsigned char)*c & 0xc0) != 0x80;
        if (characters > most) {
            *c = '\0';
            break;
        }
    }
}

/* Addresses that render to nothing are left out. */
static int render_addresses(nb_template_names *out, struct rendering *rendering, const set_addresses *addresses,
                            const char *part, struct nb_mustache_options *options, struct nb_error *err)
{
    int rc = 0;

    rendering->part = PART_SUBJECT;
    for (size_t i = 0; rc == 0 && i < addresses->count; i++) {
        char *text = NULL;

        rc = render_part(&text, rendering, addresses->data[i], part, options, err);
        if (text)
            make_line(text, NB_TITLE_MAX);
        if (text && text[strspn(text, " ")])
            nb_vec_push(out, text);
        else
            free(text);
    }
    return rc;
}

int nb_template_render(struct nb_template_text *out, const struct nb_template_set *set, const char *locale,
                       const json_t *context, const json_t *user, struct nb_error *err)
{
    const char *wanted = locale ? locale : "";
    const struct set_text *text = nb_template_set_text(&set->members.data[0], wanted);
    struct rendering rendering = {.set = set, .locale = wanted, .out = out};
    struct nb_mustache_options options = {.context = context,
                                          .user = user,
                                          .defaults = set->defaults,
                                          .partial = find_partial,
                                          .missing = note_missing,
                                          .arg = &rendering};
    char **const texts[PART_COUNT] = {&out->subject, &out->body, &out->html};
    int rc = 0;

    *out = (struct nb_template_text){.locale = text->locale, .version = set->members.data[0].version};
    if (text->problem)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "template %.100s (%s, %s), %s", set->code, set->channel,
                            text->locale, text->problem);
    for (int part = 0; rc == 0 && part < PART_COUNT; part++) {
        rendering.part = (enum part)part;
        rc = render_part(texts[part], &rendering, text->parts[part], part_names[part], &options, err);
    }
    if (rc == 0)
        rc = render_addresses(&out->cc, &rendering, &text->cc, "cc", &options, err);
    if (rc == 0)
        rc = render_addresses(&out->bcc, &rendering, &text->bcc, "bcc", &options, err);
    if (out->subject)
        make_line(out->subject, NB_TITLE_MAX);
    check_variables(out, set, context);
    return rc;
}

static void clear_names(nb_template_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->data[i]);
    nb_vec_clear(names);
}

void nb_template_text_clear(struct nb_template_text *text)
{
    free(text->subject);
    free(text->body);
    free(text->html);
    clear_names(&text->cc);
    clear_names(&text->bcc);
    clear_names(&text->missing);
    clear_names(&text->mistyped);
    *text = (struct nb_template_text){0};
}

/* ---- whom it is for ---- */

static bool any_names_user(const set_addresses *addresses)
{
    for (size_t i = 0; i < addresses->count; i++)
        if (nb_mustache_names_user(addresses->data[i]))
            return true;
    return false;
}

static bool text_names_user(const struct set_text *text)
{
    for (int part = 0; part < PART_COUNT; part++)
        if (text->parts[part] && nb_mustache_names_user(text->parts[part]))
            return true;
    return any_names_user(&text->cc) || any_names_user(&text->bcc);
}

bool nb_template_names_user(const struct nb_template_set *set, const char *locale)
{
    for (size_t i = 0; i < set->members.count; i++) {
        const struct set_text *text = nb_template_set_text(&set->members.data[i], locale ? locale : "");

        if (text && text_names_user(text))
            return true;
    }
    return false;
}

void nb_template_variant(struct nb_strbuf *out, const struct nb_template_set *set, const char *locale)
{
    for (size_t i = 0; i < set->members.count; i++) {
        const struct set_text *text = nb_template_set_text(&set->members.data[i], locale ? locale : "");

        nb_strbuf_appendf(out, "%s%s", i > 0 ? " " : "", text ? text->locale : "-");
    }
}
