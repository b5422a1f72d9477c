/*
 * check.c - what is wrong with a template's document, as far as it shows without rendering it.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/limits.h"
#include "template/mustache.h"
#include "template/template.h"

#define WHERE_MAX 400
#define WHAT_MAX  1000

const char *nb_template_finding_word(enum nb_template_finding finding)
{
    static const char *const words[] = {[NB_FINDING_SYNTAX] = "syntax",
                                        [NB_FINDING_UNDECLARED] = "undeclared",
                                        [NB_FINDING_PARTIAL] = "partial",
                                        [NB_FINDING_LOCALE] = "locale"};

    return words[finding];
}

struct checking {
    const json_t *variables, *codes;
    nb_template_found *found;
    void *arg;
    json_t *told;                               /* names that were told of: each once a template */
    const char *where;                          /* the text that is checked now */
    const char *sections[NB_TEMPLATE_SECTIONS]; /* NULL: an inverted one */
    size_t depth;
};

static void tell(const struct checking *checking, enum nb_template_finding finding, const char *where,
                 const char *format, ...) NB_PRINTF(4, 5);
static void tell(const struct checking *checking, enum nb_template_finding finding, const char *where,
                 const char *format, ...)
{
    struct nb_strbuf what;
    va_list args;

    va_start(args, format);
    char *text = nb_vasprintf(format, args);
    va_end(args);
    nb_strbuf_init(&what, WHAT_MAX);
    nb_strbuf_append(&what, text);
    checking->found(checking->arg, finding, where, what.overflowed ? "too long to tell" : what.data);
    nb_strbuf_clear(&what);
    free(text);
}

/* ---- variables ---- */

/* What a declaration says of a name. */
enum declared {
    NOT_DECLARED,
    AS_VALUE,   /* a string, number or boolean */
    AS_MEMBERS, /* members of it are declared, such as po.amount of po: others are not there */
    AS_ANYTHING /* a list or an object: what is in it, nobody declares */
};

static bool begins(const char *name, const char *prefix)
{
    size_t length = strlen(prefix);

    return strncmp(name, prefix, length) == 0 && name[length] == '.';
}

static enum declared declaration_of(const struct checking *checking, const char *name)
{
    enum declared best = NOT_DECLARED;
    const json_t *variable;
    size_t i;

    json_array_foreach(checking->variables, i, variable)
    {
        const char *declared = json_string_value(json_object_get(variable, "name"));
        const char *type = json_string_value(json_object_get(variable, "type"));
        bool is_open = type && (strcmp(type, "list") == 0 || strcmp(type, "object") == 0);
        enum declared as = NOT_DECLARED;

        if (declared && (strcmp(declared, name) == 0 || (is_open && begins(name, declared))))
            as = is_open ? AS_ANYTHING : AS_VALUE;
        else if (declared && begins(declared, name))
            as = AS_MEMBERS;
        if (as > best)
            best = as;
    }
    return best;
}

/* In a section of a list or an object a name may be one of its members. */
static bool is_member(const struct checking *checking, const char *name)
{
    for (size_t i = 0; i < checking->depth; i++) {
        const char *section = checking->sections[i];
        enum declared as = section ? declaration_of(checking, section) : AS_VALUE;
        char *whole;
        bool found;

        if (as == AS_ANYTHING || as == NOT_DECLARED) /* the section itself was told of */
            return true;
        if (as != AS_MEMBERS)
            continue;
        whole = nb_asprintf("%s.%s", section, name);
        found = declaration_of(checking, whole) != NOT_DECLARED;
        free(whole);
        if (found)
            return true;
    }
    return false;
}

static bool is_known(const struct checking *checking, const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "user") == 0 || begins(name, "user") ||
           declaration_of(checking, name) != NOT_DECLARED || is_member(checking, name);
}

static bool was_told(const struct checking *checking, const char *sign, const char *name)
{
    char *key = nb_asprintf("%s%s", sign, name);
    bool told = json_object_get(checking->told, key) != NULL;

    json_object_set_new(checking->told, key, json_true());
    free(key);
    return told;
}

static void check_use(void *arg, enum nb_mustache_use use, const char *name, unsigned line, unsigned column)
{
    struct checking *checking = arg;

    if (use == NB_USE_END) {
        checking->depth--;
        return;
    }
    if (use == NB_USE_PARTIAL) {
        if (checking->codes && !json_object_get(checking->codes, name) && !was_told(checking, ">", name))
            tell(checking, NB_FINDING_PARTIAL, checking->where, "%u:%u: there is no template \"%s\"", line, column,
                 name);
        return;
    }
    if (!is_known(checking, name) && !was_told(checking, "", name))
        tell(checking, NB_FINDING_UNDECLARED, checking->where, "%u:%u: the variable \"%s\" is not declared", line,
             column, name);
    if (use != NB_USE_VARIABLE)
        checking->sections[checking->depth++] = use == NB_USE_SECTION && strcmp(name, ".") != 0 ? name : NULL;
}

/* ---- texts ---- */

static void check_text(struct checking *checking, const char *where, const char *text)
{
    struct nb_mustache *template = NULL;
    struct nb_error err;

    if (!text)
        return;
    checking->where = where;
    checking->depth = 0;
    if (nb_mustache_compile(&template, text, strlen(text), &err) < 0)
        tell(checking, NB_FINDING_SYNTAX, where, "%s", err.message);
    else
        nb_mustache_uses(template, check_use, checking);
    nb_mustache_free(&template);
}

static const char *locale_of(const json_t *text)
{
    const char *locale = json_string_value(json_object_get(text, "locale"));

    return locale ? locale : "default";
}

static void check_part(struct checking *checking, size_t index, const json_t *text, const char *part)
{
    const json_t *value = json_object_get(text, part), *item;
    const char *channel = json_string_value(json_object_get(text, "channel"));
    char where[WHERE_MAX];
    size_t i;

    snprintf(where, sizeof(where), "texts[%zu].%s (%s, %.60s)", index, part, channel ? channel : "", locale_of(text));
    check_text(checking, where, json_string_value(value));
    json_array_foreach(value, i, item)
    {
        snprintf(where, sizeof(where), "texts[%zu].%s[%zu] (%s, %.60s)", index, part, i, channel ? channel : "",
                 locale_of(text));
        check_text(checking, where, json_string_value(item));
    }
}

static void check_texts(struct checking *checking, const json_t *document)
{
    static const char *const parts[] = {"subject", "body_template", "html_template", "cc", "bcc"};
    const json_t *text;
    size_t index;

    json_array_foreach(json_object_get(document, "texts"), index, text)
    {
        for (size_t i = 0; i < NB_ARRAY_SIZE(parts); i++)
            check_part(checking, index, text, parts[i]);
    }
}

/* ---- locales ---- */

static void check_locales(const struct checking *checking, const json_t *document)
{
    json_auto_t *channels = json_object(), *locales = json_pack("{s:b}", "default", 1);
    const json_t *text;
    const char *channel, *locale;
    json_t *there, *ignored;
    size_t index;

    json_array_foreach(json_object_get(document, "texts"), index, text)
    {
        channel = json_string_value(json_object_get(text, "channel"));
        if (!channel)
            continue;
        if (!json_object_get(channels, channel))
            json_object_set_new(channels, channel, json_object());
        json_object_set_new(json_object_get(channels, channel), locale_of(text), json_true());
        json_object_set_new(locales, locale_of(text), json_true());
    }
    json_object_foreach(channels, channel, there)
    {
        json_object_foreach(locales, locale, ignored)
        {
            if (!json_object_get(there, locale))
                tell(checking, NB_FINDING_LOCALE, channel, "there is no text in %s", locale);
        }
    }
}

/* ---- all of it ---- */

void nb_template_check(const json_t *document, const json_t *codes, nb_template_found *found, void *arg)
{
    json_auto_t *told = json_object();
    struct checking checking = {
        .variables = json_object_get(document, "variables"), .codes = codes, .found = found, .arg = arg, .told = told};

    check_texts(&checking, document);
    check_locales(&checking, document);
}

static void keep_syntax(void *arg, enum nb_template_finding finding, const char *where, const char *what)
{
    struct nb_error *err = arg;

    if (finding == NB_FINDING_SYNTAX && err->code == 0)
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: %s", where, what);
}

int nb_template_check_syntax(const char *document, size_t length, struct nb_error *err)
{
    json_t *parsed = NULL;
    struct nb_error first = {0};

    if (nb_json_parse(&parsed, document, length, NULL) < 0)
        return 0;
    nb_template_check(parsed, NULL, keep_syntax, &first);
    json_decref(parsed);
    if (first.code != 0 && err)
        *err = first;
    return first.code;
}
