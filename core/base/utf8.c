/*
 * utf8.c - checking and mending UTF-8, and text in buffers of a fixed size.
 */
#include "config.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>

#include "base/codepoint.h"

bool nb_utf8_valid(const char *text, size_t length)
{
    size_t at = 0;

    while (at < length) {
        int32_t codepoint;
        if ((unsigned char)text[at] < 0x80) {
            at++;
            continue;
        }
        size_t bytes = nb_codepoint_next(text + at, length - at, &codepoint);
        if (bytes == 0)
            return false;
        at += bytes;
    }
    return true;
}

/* ---- fixed buffers ---- */

/* The length of an incomplete character at the start of text: it begins well, but its last bytes are missing. 0:
 * none. */
static size_t partial_character(const char *text)
{
    unsigned char lead = (unsigned char)text[0];
    size_t whole = lead >= 0xC2 && lead < 0xE0   ? 2
                   : lead >= 0xE0 && lead < 0xF0 ? 3
                   : lead >= 0xF0 && lead < 0xF5 ? 4
                                                 : 0;
    size_t there = 1;

    while (there < whole && ((unsigned char)text[there] & 0xC0) == 0x80)
        there++;
    return there < whole ? there : 0;
}

void nb_utf8_mend(char *text)
{
    char *to = text;

    while (*text) {
        int32_t codepoint;
        size_t bytes = (unsigned char)*text < 0x80 ? 1 : nb_codepoint_next(text, SIZE_MAX, &codepoint);

        if (bytes == 0 && (bytes = partial_character(text)) > 0) {
            text += bytes;
        } else if (bytes == 0) {
            *to++ = '?';
            text++;
        } else {
            memmove(to, text, bytes);
            to += bytes;
            text += bytes;
        }
    }
    *to = '\0';
}

void nb_text_copy(char *buffer, size_t size, const char *text)
{
    (void)nb_text_format(buffer, size, "%s", text ? text : "");
}

bool nb_text_format(char *buffer, size_t size, const char *format, ...)
{
    va_list args;
    bool whole;

    va_start(args, format);
    whole = nb_text_vformat(buffer, size, format, args);
    va_end(args);
    return whole;
}

bool nb_text_vformat(char *buffer, size_t size, const char *format, va_list args)
{
    int length = vsnprintf(buffer, size, format, args);

    if (length < 0)
        buffer[0] = '\0';
    nb_utf8_mend(buffer);
    return length >= 0 && (size_t)length < size;
}
