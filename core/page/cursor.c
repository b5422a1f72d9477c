/*
 * cursor.c - ids and cursors as text, for people and scripts.
 */
#include "page/page_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_number(struct nb_key *out, const struct nb_subject_info *info, const char *text, struct nb_error *err)
{
    int64_t id = 0;
    const char *c = text;

    for (; *c >= '0' && *c <= '9'; c++) {
        if (id > (INT64_MAX - (*c - '0')) / 10)
            break;
        id = id * 10 + (*c - '0');
    }
    if (c == text || *c != '\0')
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "\"%.40s\" is not %s's id: expected a number", text,
                            info->a_noun);
    *out = nb_key_from_int(id);
    return 0;
}

int nb_key_parse(struct nb_key *out, enum nb_subject subject, const char *text, struct nb_error *err)
{
    const struct nb_subject_info *info = nb_subject_info(subject);
    struct nb_uuid uuid;

    if (info->integer_keys)
        return parse_number(out, info, text, err);
    if (nb_uuid_parse(&uuid, text, NULL) < 0)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "\"%.40s\" is not %s's id: expected a UUID of 36 characters", text, info->a_noun);
    *out = nb_key_from_uuid(&uuid);
    return 0;
}

const char *nb_key_format(const struct nb_key *key, enum nb_subject subject, char text[NB_KEY_TEXT_SIZE])
{
    struct nb_uuid uuid = nb_key_to_uuid(key);

    if (nb_subject_info(subject)->integer_keys)
        snprintf(text, NB_KEY_TEXT_SIZE, "%" PRId64, nb_key_to_int(key));
    else
        nb_uuid_format(&uuid, text);
    return text;
}

int nb_cursor_parse(struct nb_place *out, enum nb_subject subject, const struct nb_order *order, const char *text,
                    struct nb_error *err)
{
    const char *slash = strchr(text, '/');
    char *end = NULL;

    *out = (struct nb_place){0};
    if (!order->rank && !slash)
        return nb_key_parse(&out->key, subject, text, err);
    if (order->rank && slash)
        out->rank = strtoll(text, &end, 10);
    if (end && end == slash && end != text)
        return nb_key_parse(&out->key, subject, slash + 1, err);
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "\"%.60s\" is not a place in the order of \"%s\"", text,
                 order->title);
    return nb_error_hint(err, "take the cursor that the page before gave for the same filter");
}

const char *nb_cursor_format(const struct nb_place *place, enum nb_subject subject, const struct nb_order *order,
                             char text[NB_CURSOR_TEXT_SIZE])
{
    char id[NB_KEY_TEXT_SIZE];

    nb_key_format(&place->key, subject, id);
    if (order->rank)
        snprintf(text, NB_CURSOR_TEXT_SIZE, "%" PRId64 "/%s", place->rank, id);
    else
        snprintf(text, NB_CURSOR_TEXT_SIZE, "%s", id);
    return text;
}
