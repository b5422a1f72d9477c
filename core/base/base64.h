/*
 * base64.h - base64 (RFC 4648): decodes section 5 as JOSE writes it (no padding, canonical spelling only), encodes
 * section 4 as terminals read it (with padding), and section 5.
 */
#ifndef NB_BASE_BASE64_H
#define NB_BASE_BASE64_H

#include "base/strbuf.h"

/* Decodes length characters. The result is followed by a NUL that *size does not count; the caller frees it.
 * NULL for anything but the canonical spelling: padding, other characters, stray bits after the last byte. */
unsigned char *nb_base64url_decode(const char *text, size_t length, size_t *size);

/* The length of size bytes in base64 with padding. */
#define NB_BASE64_LENGTH(size) (((size) + 2) / 3 * 4)

/* Section 4, with padding. */
void nb_base64_append(struct nb_strbuf *out, const unsigned char *data, size_t size);
/* Section 5, without padding. */
void nb_base64url_append(struct nb_strbuf *out, const unsigned char *data, size_t size);

#endif
