/*
 * base64.c - strict decoding: two different texts never decode to the same bytes, so a token has only one spelling.
 */
#include "base/base64.h"

#include <stdint.h>
#include <stdlib.h>

static int digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

unsigned char *nb_base64url_decode(const char *text, size_t length, size_t *size)
{
    unsigned char *bytes;
    unsigned buffer = 0, bits = 0;

    *size = 0;
    if (length % 4 == 1)
        return NULL;
    bytes = nb_malloc(length / 4 * 3 + 3);
    for (size_t i = 0; i < length; i++) {
        int value = digit(text[i]);

        if (value < 0) {
            free(bytes);
            return NULL;
        }
        buffer = (buffer << 6 | (unsigned)value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[(*size)++] = (unsigned char)(buffer >> bits);
        }
    }
    if ((buffer & ((1u << bits) - 1)) != 0) {
        free(bytes);
        *size = 0;
        return NULL;
    }
    bytes[*size] = '\0';
    return bytes;
}

static void append(struct nb_strbuf *out, const unsigned char *data, size_t size, const char *digits, bool pad)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t group =
            (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) | (left > 2 ? data[i + 2] : 0u);

        nb_strbuf_append_char(out, digits[group >> 18 & 63]);
        nb_strbuf_append_char(out, digits[group >> 12 & 63]);
        if (left > 1 || pad)
            nb_strbuf_append_char(out, left > 1 ? digits[group >> 6 & 63] : '=');
        if (left > 2 || pad)
            nb_strbuf_append_char(out, left > 2 ? digits[group & 63] : '=');
    }
}

void nb_base64_append(struct nb_strbuf *out, const unsigned char *data, size_t size)
{
    append(out, data, size, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", true);
}

void nb_base64url_append(struct nb_strbuf *out, const unsigned char *data, size_t size)
{
    append(out, data, size, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", false);
}
