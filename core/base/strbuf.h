/*
 * strbuf.h - a growing string with a fixed limit.
 *
 * Appending past the limit sets a sticky failure, so that a series of appends is checked once at its end.
 * Never used to paste values into SQL.
 */
#ifndef NB_BASE_STRBUF_H
#define NB_BASE_STRBUF_H

#include "base/error.h"

struct nb_strbuf {
    char *data; /* always NUL-terminated, "" when empty */
    size_t length;
    size_t capacity;
    size_t limit; /* bytes of text at most */
    bool overflowed;
};

void nb_strbuf_init(struct nb_strbuf *buf, size_t limit);
void nb_strbuf_clear(struct nb_strbuf *buf); /* frees; the buffer may be used again */
void nb_strbuf_reset(struct nb_strbuf *buf); /* empties, keeps the memory, forgets the overflow */
void nb_strbuf_append(struct nb_strbuf *buf, const char *text);
void nb_strbuf_append_n(struct nb_strbuf *buf, const char *text, size_t length);
void nb_strbuf_append_char(struct nb_strbuf *buf, char c);
void nb_strbuf_append_repeat(struct nb_strbuf *buf, char c, size_t count);
void nb_strbuf_appendf(struct nb_strbuf *buf, const char *format, ...) NB_PRINTF(2, 3);
void nb_strbuf_truncate(struct nb_strbuf *buf, size_t length);
/* NB_EINVALID "what: longer than N bytes" when an append passed the limit. */
NB_MUSTCHECK int nb_strbuf_check(const struct nb_strbuf *buf, const char *what, struct nb_error *err);
/* Passes the string on to the caller, who frees it with free(); the buffer is empty afterwards. */
char *nb_strbuf_take(struct nb_strbuf *buf);

#endif
