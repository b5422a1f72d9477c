/*
 * yaml.c - reads YAML by libyaml's events into jansson values.
 */
#include "apply/yaml.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/strbuf.h"
#include "base/text.h"

#define POINTER_MAX ((size_t)64 * 1024)

struct reader {
    yaml_parser_t parser;
    const char *name;
    struct nb_strbuf pointer; /* of the value that is being read */
    json_t *lines;
    int depth;
    struct nb_error *err;
};

static size_t line_of(yaml_mark_t mark)
{
    return mark.line + 1;
}

static int refuse(struct reader *reader, size_t line, const char *what)
{
    return nb_error_set(reader->err, NB_EINVALID, NB_DOMAIN_INPUT, "%s:%zu: %s", reader->name, line, what);
}

static int next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return 0;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        nb_fatal("out of memory");
    return refuse(reader,
                  reader->parser.error == YAML_READER_ERROR ? line_of(reader->parser.mark)
                                                            : line_of(reader->parser.problem_mark),
                  reader->parser.problem ? reader->parser.problem : "this is no YAML");
}

static void push_pointer(struct reader *reader, const char *key)
{
    nb_strbuf_append_char(&reader->pointer, '/');
    for (; *key; key++)
        switch (*key) {
        case '~':
            nb_strbuf_append(&reader->pointer, "~0");
            break;
        case '/':
            nb_strbuf_append(&reader->pointer, "~1");
            break;
        default:
            nb_strbuf_append_char(&reader->pointer, *key);
        }
}

/* The first line that is told stays: a member's line is that of its key. */
static void note_line(struct reader *reader, size_t line)
{
    if (!json_object_get(reader->lines, reader->pointer.data))
        json_object_set_new(reader->lines, reader->pointer.data, json_integer((json_int_t)line));
}

/* ---- scalars: the core schema ---- */

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

static const char *skip_digits(const char *at, const char *digits)
{
    return at + strspn(at, digits);
}

/* [-+]?[0-9]+ | 0o[0-7]+ | 0x[0-9a-fA-F]+; the base, or 0 */
static int integer_base(const char *text)
{
    const char *digits = text + (*text == '-' || *text == '+');

    if (strncmp(text, "0o", 2) == 0)
        return text[2] && !*skip_digits(text + 2, "01234567") ? 8 : 0;
    if (strncmp(text, "0x", 2) == 0)
        return text[2] && !*skip_digits(text + 2, "0123456789abcdefABCDEF") ? 16 : 0;
    return *digits && !*skip_digits(digits, "0123456789") ? 10 : 0;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool is_float(const char *text)
{
    static const char digits[] = "0123456789";
    const char *at = text + (*text == '-' || *text == '+');
    const char *whole = at;

    at = skip_digits(at, digits);
    if (*at == '.') {
        const char *fraction = at + 1;

        at = skip_digits(fraction, digits);
        if (at == fraction && fraction - 1 == whole)
            return false;
    } else if (at == whole) {
        return false;
    }
    if (*at == 'e' || *at == 'E') {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');

        at = skip_digits(exponent, digits);
        if (at == exponent)
            return false;
    }
    return *at == '\0';
}

static int read_integer(struct reader *reader, json_t **out, const char *text, int base, size_t line)
{
    long long value;

    errno = 0;
    value = strtoll(base == 10 ? text : text + 2, NULL, base);
    if (errno == ERANGE)
        return refuse(reader, line, "the number is larger than 64 bits hold: write it in quotes");
    *out = json_integer(value);
    return 0;
}

static int read_plain(struct reader *reader, json_t **out, const char *text, size_t length, size_t line)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL", NULL};
    static const char *const trues[] = {"true", "True", "TRUE", NULL};
    static const char *const falses[] = {"false", "False", "FALSE", NULL};
    static const char *const unlike_json[] = {".inf",  ".Inf",  ".INF", "-.inf", "-.Inf", "-.INF", "+.inf",
                                              "+.Inf", "+.INF", ".nan", ".NaN",  ".NAN",  NULL};
    int base = integer_base(text);

    if (is_one_of(text, nulls))
        *out = json_null();
    else if (is_one_of(text, trues) || is_one_of(text, falses))
        *out = json_boolean(is_one_of(text, trues));
    else if (is_one_of(text, unlike_json))
        return refuse(reader, line, "infinity and not-a-number cannot be stored");
    else if (base)
        return read_integer(reader, out, text, base, line);
    else if (is_float(text)) {
        if (!(*out = json_real(strtod(text, NULL))))
            return refuse(reader, line, "the number is too large: write it in quotes");
    } else {
        *out = json_stringn(text, length);
    }
    return 0;
}

/* The text of a scalar without tag and anchor, and without NUL. */
static int check_scalar(struct reader *reader, const yaml_event_t *event)
{
    size_t line = line_of(event->start_mark);

    if (event->data.scalar.anchor)
        return refuse(reader, line, "anchors (&name) are not read here: write the value out");
    if (event->data.scalar.tag)
        return refuse(reader, line, "tags (!name) are not read here: quote the value to make it a string");
    if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
        return refuse(reader, line, "the value contains a NUL character");
    return 0;
}

static int read_scalar(struct reader *reader, json_t **out, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    int rc = check_scalar(reader, event);

    if (rc != 0)
        return rc;
    if (event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE)
        return read_plain(reader, out, text, length, line_of(event->start_mark));
    *out = json_stringn(text, length);
    return 0;
}

/* ---- collections ---- */

static int read_value(struct reader *reader, json_t **out, const yaml_event_t *event);

static int enter(struct reader *reader, const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    size_t line = line_of(event->start_mark);

    if (anchor)
        return refuse(reader, line, "anchors (&name) are not read here: write the value out");
    if (tag)
        return refuse(reader, line, "tags (!name) are not read here");
    if (++reader->depth > NB_JSON_MAX_DEPTH)
        return refuse(reader, line, "the values are nested too deeply");
    return 0;
}

static int read_list(struct reader *reader, json_t **out, const yaml_event_t *start)
{
    size_t outer = reader->pointer.length;
    int rc = enter(reader, start, start->data.sequence_start.anchor, start->data.sequence_start.tag);

    *out = json_array();
    while (rc == 0) {
        yaml_event_t event;
        json_t *value = NULL;

        if ((rc = next_event(reader, &event)) != 0)
            break;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        nb_strbuf_appendf(&reader->pointer, "/%zu", json_array_size(*out));
        rc = read_value(reader, &value, &event);
        yaml_event_delete(&event);
        json_array_append_new(*out, value);
        nb_strbuf_truncate(&reader->pointer, outer);
    }
    reader->depth--;
    return rc;
}

static int read_member(struct reader *reader, json_t *object, const yaml_event_t *key)
{
    size_t line = line_of(key->start_mark);
    const char *name = (const char *)key->data.scalar.value;
    yaml_event_t event;
    json_t *value = NULL;
    int rc;

    if (key->type == YAML_ALIAS_EVENT)
        return refuse(reader, line, "aliases (*name) are not read here: write the value out");
    if (key->type != YAML_SCALAR_EVENT)
        return refuse(reader, line, "a key must be a single word or a quoted string");
    if ((rc = check_scalar(reader, key)) != 0)
        return rc;
    push_pointer(reader, name);
    if (json_object_get(object, name))
        return nb_error_set(reader->err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "%s:%zu: the key \"%.100s\" stands here twice, first in line %zu", reader->name, line, name,
                            nb_yaml_line(reader->lines, reader->pointer.data));
    note_line(reader, line);
    if ((rc = next_event(reader, &event)) != 0)
        return rc;
    rc = read_value(reader, &value, &event);
    yaml_event_delete(&event);
    if (rc == 0)
        json_object_set_new(object, name, value);
    else
        json_decref(value);
    return rc;
}

static int read_mapping(struct reader *reader, json_t **out, const yaml_event_t *start)
{
    size_t outer = reader->pointer.length;
    int rc = enter(reader, start, start->data.mapping_start.anchor, start->data.mapping_start.tag);

    *out = json_object();
    while (rc == 0) {
        yaml_event_t event;

        if ((rc = next_event(reader, &event)) != 0)
            break;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        rc = read_member(reader, *out, &event);
        yaml_event_delete(&event);
        nb_strbuf_truncate(&reader->pointer, outer);
    }
    reader->depth--;
    return rc;
}

static int read_value(struct reader *reader, json_t **out, const yaml_event_t *event)
{
    if (reader->pointer.overflowed)
        return refuse(reader, line_of(event->start_mark), "the keys around this value are too long");
    note_line(reader, line_of(event->start_mark));
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, out, event);
    case YAML_SEQUENCE_START_EVENT:
        return read_list(reader, out, event);
    case YAML_MAPPING_START_EVENT:
        return read_mapping(reader, out, event);
    default: /* an alias; nothing else can stand where a value is expected */
        return refuse(reader, line_of(event->start_mark), "aliases (*name) are not read here: write the value out");
    }
}

/* The stream: at most one document. */
static int read_stream(struct reader *reader, json_t **out)
{
    bool seen = false;
    int rc = 0;

    for (;;) {
        yaml_event_t event;
        yaml_event_type_t type;

        if ((rc = next_event(reader, &event)) != 0)
            return rc;
        type = event.type;
        if (type == YAML_DOCUMENT_START_EVENT && seen)
            rc = refuse(reader, line_of(event.start_mark), "a second document (---): put it into a file of its own");
        else if (type != YAML_STREAM_START_EVENT && type != YAML_DOCUMENT_START_EVENT &&
                 type != YAML_DOCUMENT_END_EVENT && type != YAML_STREAM_END_EVENT)
            rc = read_value(reader, out, &event);
        seen = seen || type == YAML_DOCUMENT_START_EVENT;
        yaml_event_delete(&event);
        if (rc != 0 || type == YAML_STREAM_END_EVENT)
            return rc;
    }
}

int nb_yaml_parse(json_t **out, json_t **lines, const char *text, size_t length, const char *name, struct nb_error *err)
{
    struct reader reader = {.name = name, .err = err};
    int rc;

    *out = NULL;
    *lines = json_object();
    if (length > NB_YAML_FILE_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", name, NB_YAML_FILE_MAX);
    if (!nb_utf8_valid(text, length))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: not valid UTF-8", name);
    if (!yaml_parser_initialize(&reader.parser))
        nb_fatal("out of memory");
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, length);
    nb_strbuf_init(&reader.pointer, POINTER_MAX);
    reader.lines = *lines;
    rc = read_stream(&reader, out);
    nb_strbuf_clear(&reader.pointer);
    yaml_parser_delete(&reader.parser);
    if (rc != 0) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}

size_t nb_yaml_line(const json_t *lines, const char *pointer)
{
    char *around = nb_strdup(pointer);
    size_t line;

    for (;;) {
        char *slash = strrchr(around, '/');

        line = (size_t)json_integer_value(json_object_get(lines, around));
        if (line || !slash)
            break;
        *slash = '\0';
    }
    nb_free(&around);
    return line;
}
