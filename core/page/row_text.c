/*
 * row_text.c - writes rows as JSON and CSV from the table of their members.
 */
#include "page/row_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json_text.h"
#include "page/page.h"

/* A member's value as text, not yet quoted for JSON or CSV. */
struct value {
    const char *text; /* NULL: none */
    bool is_string;   /* needs quotes in JSON */
    char buffer[NB_TIME_TEXT_SIZE > NB_KEY_TEXT_SIZE ? NB_TIME_TEXT_SIZE : NB_KEY_TEXT_SIZE];
};

static const char *format_uuid(const struct nb_uuid *uuid, char *buffer)
{
    return nb_uuid_is_nil(uuid) ? NULL : nb_uuid_format(uuid, buffer);
}

static const char *format_time(int64_t time, char *buffer)
{
    return time == NB_TIME_NONE ? NULL : nb_time_format_rfc3339(time, buffer);
}

static const char *format_number(int64_t number, char *buffer)
{
    snprintf(buffer, NB_KEY_TEXT_SIZE, "%" PRId64, number);
    return buffer;
}

static const char *format_bool(bool value)
{
    return value ? "true" : "false";
}

static void read_value(struct value *value, enum nb_subject subject, const struct nb_member *member,
                       const struct nb_row *row, int64_t now)
{
    const void *at = (const char *)row + member->offset;

    value->is_string = true;
    switch (member->kind) {
    case NB_MEMBER_KEY:
        value->text = nb_key_format(&row->key, subject, value->buffer);
        value->is_string = !nb_subject_info(subject)->integer_keys;
        break;
    case NB_MEMBER_TEXT:
        value->text = *(const char *const *)at;
        break;
    case NB_MEMBER_UUID:
        value->text = format_uuid(at, value->buffer);
        break;
    case NB_MEMBER_TIME:
        value->text = format_time(*(const int64_t *)at, value->buffer);
        break;
    case NB_MEMBER_WORD:
        value->text = member->word(row, now);
        break;
    case NB_MEMBER_JSON:
        value->text = *(const char *const *)at;
        value->is_string = false;
        break;
    case NB_MEMBER_IS_SET:
        value->text = format_bool(*(const int64_t *)at != NB_TIME_NONE);
        value->is_string = false;
        break;
    case NB_MEMBER_BOOL:
        value->text = format_bool(*(const bool *)at);
        value->is_string = false;
        break;
    case NB_MEMBER_NUMBER:
        value->text = format_number(*(const int64_t *)at, value->buffer);
        value->is_string = false;
        break;
    }
}

/* ---- JSON ---- */

static void append_member(struct nb_strbuf *out, enum nb_subject subject, const struct nb_member *member,
                          const struct nb_row *row, int64_t now)
{
    struct value value;

    read_value(&value, subject, member, row, now);
    nb_strbuf_appendf(out, "%s\"%s\":", out->length > 1 ? "," : "", member->name);
    if (!value.text)
        nb_strbuf_append(out, "null");
    else if (value.is_string)
        nb_json_append_string(out, value.text);
    else
        nb_json_append_compact(out, value.text);
}

void nb_row_json(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now,
                 const char *first, bool full)
{
    const struct nb_subject_info *info = nb_subject_info(subject);
    struct nb_strbuf object;

    nb_strbuf_init(&object, NB_ROW_TEXT_MAX);
    nb_strbuf_append_char(&object, '{');
    if (first)
        nb_strbuf_append(&object, first);
    for (const struct nb_member *member = info->members; member->name; member++)
        append_member(&object, subject, member, row, now);
    if (full)
        append_member(&object, subject, &info->document, row, now);
    nb_strbuf_append_char(&object, '}');
    nb_json_append_escaped(out, object.data, false);
    nb_strbuf_clear(&object);
}

/* ---- CSV ---- */

static void append_cell(struct nb_strbuf *out, const char *text, bool safe)
{
    bool formula = safe && text[0] && strchr("=+-@\t\r", text[0]);

    if (text[strcspn(text, ",\"\r\n")] == '\0') {
        nb_strbuf_append(out, formula ? "'" : "");
        nb_strbuf_append(out, text);
        return;
    }
    nb_strbuf_append(out, formula ? "\"'" : "\"");
    for (; *text; text++) {
        if (*text == '"')
            nb_strbuf_append_char(out, '"');
        nb_strbuf_append_char(out, *text);
    }
    nb_strbuf_append_char(out, '"');
}

void nb_row_csv_heading(struct nb_strbuf *out, enum nb_subject subject)
{
    const struct nb_subject_info *info = nb_subject_info(subject);

    for (const struct nb_member *member = info->members; member->name; member++)
        nb_strbuf_appendf(out, "%s,", member->name);
    nb_strbuf_appendf(out, "%s\r\n", info->document.name);
}

static void append_csv_member(struct nb_strbuf *out, enum nb_subject subject, const struct nb_member *member,
                              const struct nb_row *row, int64_t now, bool safe)
{
    struct nb_strbuf compact;
    struct value value;

    read_value(&value, subject, member, row, now);
    if (member->kind != NB_MEMBER_JSON || !value.text) {
        append_cell(out, value.text ? value.text : "", safe);
        return;
    }
    nb_strbuf_init(&compact, NB_ROW_TEXT_MAX);
    nb_json_append_compact(&compact, value.text);
    append_cell(out, compact.data, safe);
    nb_strbuf_clear(&compact);
}

void nb_row_csv(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now, bool safe)
{
    const struct nb_subject_info *info = nb_subject_info(subject);

    for (const struct nb_member *member = info->members; member->name; member++) {
        append_csv_member(out, subject, member, row, now, safe);
        nb_strbuf_append_char(out, ',');
    }
    append_csv_member(out, subject, &info->document, row, now, safe);
    nb_strbuf_append(out, "\r\n");
}
