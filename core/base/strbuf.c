/*
 * strbuf.c - a growing string with a limit.
 */
#include "config.h"

#include "base/strbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What data points at before anything is allocated; never written to. */
static char empty[1];

void nb_strbuf_init(struct nb_strbuf *buf, size_t limit)
{
    *buf = (struct nb_strbuf){.data = empty, .limit = limit};
}

void nb_strbuf_clear(struct nb_strbuf *buf)
{
    if (buf->capacity)
        free(buf->data);
    nb_strbuf_init(buf, buf->limit);
}

void nb_strbuf_reset(struct nb_strbuf *buf)
{
    buf->length = 0;
    buf->overflowed = false;
    if (buf->capacity)
        buf->data[0] = '\0';
}

/* Makes room for `extra` bytes and the NUL; false when the limit forbids it. */
static bool reserve(struct nb_strbuf *buf, size_t extra)
{
    if (buf->overflowed || extra > buf->limit - buf->length) {
        buf->overflowed = true;
        return false;
    }
    size_t needed = buf->length + extra + 1;
    if (needed <= buf->capacity)
        return true;
    size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
    if (capacity < needed)
        capacity = needed;
    buf->data = nb_realloc(buf->capacity ? buf->data : NULL, capacity);
    buf->capacity = capacity;
    return true;
}

void nb_strbuf_append_n(struct nb_strbuf *buf, const char *text, size_t length)
{
    if (!length || !reserve(buf, length))
        return;
    memcpy(buf->data + buf->length, text, length);
    buf->length += length;
    buf->data[buf->length] = '\0';
}

void nb_strbuf_append(struct nb_strbuf *buf, const char *text)
{
    nb_strbuf_append_n(buf, text, strlen(text));
}

void nb_strbuf_append_char(struct nb_strbuf *buf, char c)
{
    nb_strbuf_append_n(buf, &c, 1);
}

void nb_strbuf_append_repeat(struct nb_strbuf *buf, char c, size_t count)
{
    if (!count || !reserve(buf, count))
        return;
    memset(buf->data + buf->length, c, count);
    buf->length += count;
    buf->data[buf->length] = '\0';
}

void nb_strbuf_appendf(struct nb_strbuf *buf, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    size_t room = buf->capacity ? buf->capacity - buf->length : 0;
    int length = vsnprintf(room ? buf->data + buf->length : NULL, room, format, args);
    if (length < 0) {
        buf->overflowed = true;
    } else if (reserve(buf, (size_t)length)) {
        if ((size_t)length >= room)
            vsnprintf(buf->data + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    if (buf->capacity)
        buf->data[buf->length] = '\0';
    va_end(again);
    va_end(args);
}

void nb_strbuf_truncate(struct nb_strbuf *buf, size_t length)
{
    if (length >= buf->length)
        return;
    buf->length = length;
    buf->data[length] = '\0';
}

int nb_strbuf_check(const struct nb_strbuf *buf, const char *what, struct nb_error *err)
{
    if (!buf->overflowed)
        return 0;
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "%s: longer than %zu bytes", what, buf->limit);
}

char *nb_strbuf_take(struct nb_strbuf *buf)
{
    char *text = buf->capacity ? buf->data : nb_strdup("");

    nb_strbuf_init(buf, buf->limit);
    return text;
}
