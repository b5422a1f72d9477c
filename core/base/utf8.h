/*
 * utf8.h - whether bytes are UTF-8, and text in buffers of a fixed size. Knows nothing of errors, which are made of it.
 */
#ifndef NB_BASE_UTF8_H
#define NB_BASE_UTF8_H

#include "base/base.h"

bool nb_utf8_valid(const char *text, size_t length);

/* ---- fixed buffers ---- */

/* Makes text valid UTF-8 in place: an incomplete character (somebody cut it) is removed, any other invalid byte becomes
 * "?". */
void nb_utf8_mend(char *text);
/* Copies text (NULL: "") into a buffer, cut between characters when too long, so that valid UTF-8 stays valid. */
void nb_text_copy(char *buffer, size_t size, const char *text);
/* snprintf() with the same rule. False: it was cut. */
bool nb_text_format(char *buffer, size_t size, const char *format, ...) NB_PRINTF(3, 4);
bool nb_text_vformat(char *buffer, size_t size, const char *format, va_list args) NB_PRINTF(3, 0);

#endif
