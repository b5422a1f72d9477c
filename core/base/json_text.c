/*
 * json_text.c - writes JSON without parsing it.
 */
#include "base/json_text.h"

#include <string.h>

#include "base/text.h"

/* ---- strings ---- */

static void append_valid(struct nb_strbuf *out, const char *text)
{
    static const char named[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r', ['\t'] = 't'};

    nb_strbuf_append_char(out, '"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            nb_strbuf_append_char(out, '\\');
        if (c >= 0x20)
            nb_strbuf_append_char(out, (char)c);
        else if (c < sizeof(named) && named[c])
            nb_strbuf_appendf(out, "\\%c", named[c]);
        else
            nb_strbuf_appendf(out, "\\u%04x", c);
    }
    nb_strbuf_append_char(out, '"');
}

void nb_json_append_string(struct nb_strbuf *out, const char *text)
{
    struct nb_strbuf clean;

    if (nb_utf8_valid(text, strlen(text))) {
        append_valid(out, text);
        return;
    }
    nb_strbuf_init(&clean, out->limit);
    nb_text_sanitize(&clean, text, SIZE_MAX, NB_TEXT_BLOCK, false);
    append_valid(out, clean.data);
    nb_strbuf_clear(&clean);
}

void nb_json_append_compact(struct nb_strbuf *out, const char *json)
{
    bool in_string = false;

    for (; *json; json++) {
        if (!in_string && strchr(" \t\r\n", *json))
            continue;
        nb_strbuf_append_char(out, *json);
        if (in_string && *json == '\\' && json[1])
            nb_strbuf_append_char(out, *++json);
        else if (*json == '"')
            in_string = !in_string;
    }
}

/* ---- hidden characters ---- */

static const struct {
    uint32_t first, last;
} hidden_characters[] = {
    {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},   {0x180e, 0x180e}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
};

static bool is_hidden(uint32_t character)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(hidden_characters); i++)
        if (character >= hidden_characters[i].first && character <= hidden_characters[i].last)
            return true;
    return false;
}

/* The character at text. The bytes of an incomplete character are returned one by one. */
static uint32_t decode_utf8(const unsigned char *text, size_t *length)
{
    uint32_t character;

    *length = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    character = *length == 1 ? text[0] : text[0] & (0xffu >> (*length + 1));
    for (size_t i = 1; i < *length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            *length = 1;
            return text[0];
        }
        character = character << 6 | (text[i] & 0x3f);
    }
    return character;
}

void nb_json_append_escaped(struct nb_strbuf *out, const char *json, bool ascii)
{
    size_t length;

    for (; *json; json += length) {
        uint32_t character = decode_utf8((const unsigned char *)json, &length);

        if (!is_hidden(character) && (!ascii || character < 0x80))
            nb_strbuf_append_n(out, json, length);
        else if (character < 0x10000)
            nb_strbuf_appendf(out, "\\u%04x", character);
        else
            nb_strbuf_appendf(out, "\\u%04x\\u%04x", 0xd800 + ((character - 0x10000) >> 10),
                              0xdc00 + ((character - 0x10000) & 0x3ff));
    }
}
