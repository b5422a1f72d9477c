/*
 * value.c - the values of a template's context: which are true, how they read, and how they are parsed.
 *
 * jansson makes a double of a number with a fraction, and 150000.00 would read 150000. Such numbers are kept as text
 * instead: a string with a NUL in front, which no other string of the context can have, as the parser refuses NUL.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_text.h"
#include "template/mustache_internal.h"

/* The digits of a number that was kept as text; NULL for any other value. */
static const char *kept_number(const json_t *value)
{
    const char *text = json_string_value(value);

    return text && json_string_length(value) > 0 && !*text ? text + 1 : NULL;
}

/* ---- truth ---- */

/* Of a number as text: whether a digit above 0 stands before its exponent. */
static bool is_nonzero(const char *number)
{
    return number[strcspn(number, "123456789eE")] != '\0' && !strchr("eE", number[strcspn(number, "123456789eE")]);
}

bool value_is_true(const json_t *value)
{
    if (!value)
        return false;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
    case JSON_TRUE:
        return true;
    case JSON_ARRAY:
        return json_array_size(value) > 0;
    case JSON_STRING:
        return kept_number(value) ? is_nonzero(kept_number(value)) : json_string_length(value) > 0;
    case JSON_INTEGER:
        return json_integer_value(value) != 0;
    case JSON_REAL:
        return json_real_value(value) != 0;
    default:
        return false;
    }
}

const char *value_type(const json_t *value)
{
    static const char *const words[] = {
        [JSON_OBJECT] = "object", [JSON_ARRAY] = "list",   [JSON_STRING] = "string", [JSON_INTEGER] = "number",
        [JSON_REAL] = "number",   [JSON_TRUE] = "boolean", [JSON_FALSE] = "boolean", [JSON_NULL] = "null"};

    return kept_number(value) ? "number" : words[json_typeof(value)];
}

/* ---- text ---- */

static void append_html(struct nb_strbuf *out, const char *text, size_t length)
{
    static const char *const entities[256] = {
        ['&'] = "&amp;", ['<'] = "&lt;", ['>'] = "&gt;", ['"'] = "&quot;", ['\''] = "&#39;"};
    size_t from = 0;

    for (size_t i = 0; i < length; i++) {
        const char *entity = entities[(unsigned char)text[i]];

        if (!entity)
            continue;
        nb_strbuf_append_n(out, text + from, i - from);
        nb_strbuf_append(out, entity);
        from = i + 1;
    }
    nb_strbuf_append_n(out, text + from, length - from);
}

/* With the fewest digits that read back as the same number. */
static void append_real(struct nb_strbuf *out, double value)
{
    char text[40];

    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, value);
        if (strtod(text, NULL) == value)
            break;
    }
    nb_strbuf_append(out, text);
}

static void append_json(struct nb_strbuf *out, const json_t *value);

static void append_members(struct nb_strbuf *out, const json_t *value)
{
    const char *name;
    json_t *member;
    bool first = true;

    nb_strbuf_append_char(out, '{');
    json_object_foreach((json_t *)value, name, member)
    {
        if (!first)
            nb_strbuf_append_char(out, ',');
        first = false;
        nb_json_append_string(out, name);
        nb_strbuf_append_char(out, ':');
        append_json(out, member);
    }
    nb_strbuf_append_char(out, '}');
}

static void append_items(struct nb_strbuf *out, const json_t *value)
{
    nb_strbuf_append_char(out, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0)
            nb_strbuf_append_char(out, ',');
        append_json(out, json_array_get(value, i));
    }
    nb_strbuf_append_char(out, ']');
}

/* As deep as the parser lets values be. */
static void append_json(struct nb_strbuf *out, const json_t *value)
{
    if (json_is_object(value))
        append_members(out, value);
    else if (json_is_array(value))
        append_items(out, value);
    else if (json_is_string(value) && !kept_number(value))
        nb_json_append_string(out, json_string_value(value));
    else if (json_is_null(value))
        nb_strbuf_append(out, "null");
    else
        value_append(out, value, false);
}

void value_append(struct nb_strbuf *out, const json_t *value, bool html)
{
    const char *number = kept_number(value);

    if (number) {
        nb_strbuf_append(out, number);
    } else if (json_is_string(value)) {
        if (html)
            append_html(out, json_string_value(value), json_string_length(value));
        else
            nb_strbuf_append_n(out, json_string_value(value), json_string_length(value));
    } else if (json_is_integer(value)) {
        nb_strbuf_appendf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    } else if (json_is_real(value)) {
        append_real(out, json_real_value(value));
    } else if (json_is_boolean(value)) {
        nb_strbuf_append(out, json_is_true(value) ? "true" : "false");
    } else if (!json_is_null(value)) {
        struct nb_strbuf json;

        nb_strbuf_init(&json, out->limit);
        append_json(&json, value);
        if (html)
            append_html(out, json.data, json.length);
        else
            nb_strbuf_append_n(out, json.data, json.length);
        out->overflowed |= json.overflowed;
        nb_strbuf_clear(&json);
    }
}

/* ---- parsing ---- */

/* The length of the number, as JSON writes numbers, that text begins with; 0: there is none. */
static size_t number_length(const char *text, const char *end)
{
    const char *c = text, *digits;

    c += c < end && *c == '-';
    for (digits = c; c < end && *c >= '0' && *c <= '9'; c++)
        ;
    if (c == digits || (*digits == '0' && c > digits + 1))
        return 0;
    if (c < end && *c == '.') {
        for (digits = ++c; c < end && *c >= '0' && *c <= '9'; c++)
            ;
        if (c == digits)
            return 0;
    }
    if (c < end && (*c == 'e' || *c == 'E')) {
        c++;
        c += c < end && (*c == '+' || *c == '-');
        for (digits = c; c < end && *c >= '0' && *c <= '9'; c++)
            ;
        if (c == digits)
            return 0;
    }
    return (size_t)(c - text);
}

/* Whether jansson keeps its digits: a whole number of 64 bits. */
static bool is_plain(const char *number, size_t length)
{
    if (length > 18 || (length > 1 && number[0] == '-' && number[1] == '0'))
        return false;
    return !memchr(number, '.', length) && !memchr(number, 'e', length) && !memchr(number, 'E', length);
}

/* Copies JSON and makes strings of the numbers that are not plain. False: a string has a NUL already. */
static bool keep_numbers(struct nb_strbuf *out, const char *text, size_t length)
{
    bool in_string = false;
    size_t from = 0;

    for (size_t i = 0; i < length; i++) {
        if (in_string && text[i] == '\\') {
            if (length - i >= 6 && memcmp(text + i, "\\u0000", 6) == 0)
                return false;
            i++;
        } else if (text[i] == '"') {
            in_string = !in_string;
        } else if (!in_string && (text[i] == '-' || (text[i] >= '0' && text[i] <= '9'))) {
            size_t digits = number_length(text + i, text + length);

            if (digits > 0 && !is_plain(text + i, digits)) {
                nb_strbuf_append_n(out, text + from, i - from);
                nb_strbuf_append(out, "\"\\u0000");
                nb_strbuf_append_n(out, text + i, digits);
                nb_strbuf_append_char(out, '"');
                from = i + digits;
            }
            i += digits > 0 ? digits - 1 : 0;
        }
    }
    nb_strbuf_append_n(out, text + from, length - from);
    return true;
}

int nb_mustache_context(json_t **out, const char *text, size_t length, struct nb_error *err)
{
    struct nb_strbuf kept;
    int rc;

    nb_strbuf_init(&kept, length * 8 + 8);
    if (!keep_numbers(&kept, text, length) || kept.length == length) {
        rc = nb_json_parse(out, text, length, err);
    } else {
        rc = nb_json_parse_nul(out, kept.data, kept.length, err);
        if (rc < 0 && err)
            err->column = 0; /* it would be one of the copy */
    }
    nb_strbuf_clear(&kept);
    return rc;
}
