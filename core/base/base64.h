/*
 * base64.h - base64url (RFC 4648 section 5) as JOSE writes it: no padding, canonical spelling only.
 */
#ifndef NB_BASE_BASE64_H
#define NB_BASE_BASE64_H

#include "base/base.h"

/* Decodes length characters. The result is followed by a NUL that *size does not count; the caller frees it.
 * NULL for anything but the canonical spelling: padding, other characters, stray bits after the last byte. */
unsigned char *nb_base64url_decode(const char *text, size_t length, size_t *size);

#endif
