/*
 * params.c - the parameter values of a statement.
 *
 * Each value is written as text that PostgreSQL reads the same under any setting (ISO times in UTC, array literals),
 * and sent without a type, so that the statement alone decides the parameter's type.
 */
#include "config.h"

#include "db/params.h"

#include <stdio.h>
#include <time.h>

#include "base/strbuf.h"
#include "base/vec.h"

struct nb_params {
    struct nb_arena *arena;
    NB_VEC(const char *) values;
};

#define TIME_SIZE 64

struct nb_params *nb_params_new(void)
{
    struct nb_params *params = nb_calloc(1, sizeof(*params));

    params->arena = nb_arena_new();
    return params;
}

void nb_params_free(struct nb_params **params)
{
    if (!*params)
        return;
    nb_vec_clear(&(*params)->values);
    nb_arena_free(&(*params)->arena);
    nb_free(params);
}

size_t nb_params_count(const struct nb_params *params)
{
    return params ? params->values.count : 0;
}

const char *const *nb_params_values(const struct nb_params *params)
{
    return params ? params->values.data : NULL;
}

static void push(struct nb_params *params, const char *value)
{
    nb_vec_push(&params->values, value);
}

/* ---- single values ---- */

void nb_params_null(struct nb_params *params)
{
    push(params, NULL);
}

void nb_params_text(struct nb_params *params, const char *text)
{
    push(params, nb_arena_strdup(params->arena, text));
}

void nb_params_bool(struct nb_params *params, bool value)
{
    push(params, value ? "t" : "f");
}

void nb_params_int(struct nb_params *params, int64_t value)
{
    push(params, nb_arena_printf(params->arena, "%lld", (long long)value));
}

void nb_params_uuid(struct nb_params *params, const struct nb_uuid *uuid)
{
    char text[NB_UUID_TEXT_SIZE];

    push(params, uuid ? nb_arena_strdup(params->arena, nb_uuid_format(uuid, text)) : NULL);
}

/* PostgreSQL has no year zero: the year before 1 is 1 BC. */
static const char *format_time(int64_t micros, char text[TIME_SIZE])
{
    time_t seconds = (time_t)(micros / 1000000);
    int fraction = (int)(micros % 1000000);
    struct tm tm;

    if (fraction < 0) {
        fraction += 1000000;
        seconds--;
    }
    if (micros == INT64_MAX || !gmtime_r(&seconds, &tm))
        return micros < 0 ? "-infinity" : "infinity";
    long year = tm.tm_year + 1900L;
    snprintf(text, TIME_SIZE, "%04ld-%02d-%02d %02d:%02d:%02d.%06d+00%s", year > 0 ? year : 1 - year, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, fraction, year > 0 ? "" : " BC");
    return text;
}

void nb_params_time(struct nb_params *params, int64_t micros)
{
    char text[TIME_SIZE];

    push(params, micros == NB_TIME_NONE ? NULL : nb_arena_strdup(params->arena, format_time(micros, text)));
}

/* ---- arrays ---- */

static void begin_array(struct nb_strbuf *array)
{
    nb_strbuf_init(array, SIZE_MAX / 2);
    nb_strbuf_append_char(array, '{');
}

static void add_element(struct nb_strbuf *array, const char *text)
{
    if (array->length > 1)
        nb_strbuf_append_char(array, ',');
    nb_strbuf_append(array, text ? text : "NULL");
}

static void add_quoted(struct nb_strbuf *array, const char *text)
{
    add_element(array, "\"");
    for (const char *at = text; *at; at++) {
        if (*at == '"' || *at == '\\')
            nb_strbuf_append_char(array, '\\');
        nb_strbuf_append_char(array, *at);
    }
    nb_strbuf_append_char(array, '"');
}

static void end_array(struct nb_params *params, struct nb_strbuf *array)
{
    nb_strbuf_append_char(array, '}');
    push(params, nb_arena_strndup(params->arena, array->data, array->length));
    nb_strbuf_clear(array);
}

void nb_params_text_array(struct nb_params *params, const char *const *values, size_t count)
{
    struct nb_strbuf array;

    begin_array(&array);
    for (size_t i = 0; i < count; i++) {
        if (values[i])
            add_quoted(&array, values[i]);
        else
            add_element(&array, NULL);
    }
    end_array(params, &array);
}

void nb_params_uuid_array(struct nb_params *params, const struct nb_uuid *values, size_t count)
{
    char text[NB_UUID_TEXT_SIZE];
    struct nb_strbuf array;

    begin_array(&array);
    for (size_t i = 0; i < count; i++)
        add_element(&array, nb_uuid_format(&values[i], text));
    end_array(params, &array);
}

void nb_params_int_array(struct nb_params *params, const int64_t *values, size_t count)
{
    char text[32];
    struct nb_strbuf array;

    begin_array(&array);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof(text), "%lld", (long long)values[i]);
        add_element(&array, text);
    }
    end_array(params, &array);
}

void nb_params_time_array(struct nb_params *params, const int64_t *values, size_t count)
{
    char text[TIME_SIZE];
    struct nb_strbuf array;

    begin_array(&array);
    for (size_t i = 0; i < count; i++) {
        if (values[i] == NB_TIME_NONE)
            add_element(&array, NULL);
        else
            add_quoted(&array, format_time(values[i], text));
    }
    end_array(params, &array);
}
