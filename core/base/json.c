/*
 * json.c - bounds and errors around jansson.
 */
#include "config.h"

#include "base/json.h"

#include <string.h>

/* jansson's own limit, 2048 levels, is compiled in, so ours is checked here. */
static size_t too_deep_at(const char *text, size_t length)
{
    unsigned depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '[' || c == '{') {
            if (++depth > NB_JSON_MAX_DEPTH)
                return i + 1;
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return 0;
}

static int parse(json_t **out, const char *text, size_t length, size_t flags, struct nb_error *err)
{
    const char *nul = memchr(text, '\0', length);
    json_error_t reason;

    *out = NULL;
    size_t column = too_deep_at(text, length);
    if (nul) { /* jansson overlooks a NUL after a number */
        column = (size_t)(nul - text) + 1;
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "JSON: a NUL byte in it");
    } else if (column) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "JSON: nested more than %d levels deep", NB_JSON_MAX_DEPTH);
    } else {
        *out = json_loadb(text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, &reason);
        if (*out)
            return 0;
        column = reason.column > 0 ? (size_t)reason.column : 1;
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "JSON: %s", reason.text);
    }
    if (err)
        err->column = (unsigned)column;
    return NB_EINVALID;
}

int nb_json_parse(json_t **out, const char *text, size_t length, struct nb_error *err)
{
    return parse(out, text, length, 0, err);
}

int nb_json_parse_nul(json_t **out, const char *text, size_t length, struct nb_error *err)
{
    return parse(out, text, length, JSON_ALLOW_NUL, err);
}

int nb_json_get_string(const char **out, const json_t *object, const char *name, bool required, struct nb_error *err)
{
    const json_t *member = json_object_get(object, name);

    if (!member || json_is_null(member)) {
        if (required)
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: missing", name);
        *out = NULL;
        return 0;
    }
    if (!json_is_string(member))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: expected a string", name);
    *out = json_string_value(member);
    return 0;
}

int nb_json_check_members(const json_t *object, const char *const *names, struct nb_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        size_t i = 0;
        while (names[i] && strcmp(names[i], key) != 0)
            i++;
        if (!names[i])
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%.100s: unknown member", key);
    }
    return 0;
}
