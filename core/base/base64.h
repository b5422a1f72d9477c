/*
 * base64.h - RFC 4648 section 5 as JOSE writes it: without padding, and with one spelling only.
 */
#ifndef NB_BASE_BASE64_H
#define NB_BASE_BASE64_H

#include "base/base.h"

/* The bytes that length characters stand for, followed by a NUL that is not counted; NULL for
 * anything that is not the canonical spelling (padding, other letters, stray bits behind the last
 * byte). The caller frees it. */
unsigned char *nb_base64url_decode(const char *text, size_t length, size_t *size);

#endif
