/*
 * text.h - what text looks like on a terminal: validity, width, graphemes, and the one choke point that makes
 * untrusted text harmless.
 *
 * Width is what the terminal shows (wide, combining, emoji, zero-width), by the Unicode library utf8proc.
 * Sanitising replaces, never deletes: C0 and C1 controls, escape sequences, bidi overrides, isolates and marks,
 * zero-width and tag characters, soft hyphens, line and paragraph separators, unassigned characters and invalid UTF-8
 * become visible symbols (C0 as control pictures U+2400…, bytes that are not UTF-8 as U+FFFD, the rest as <U+202E>), so
 * nothing can hide and nothing reaches the terminal.
 * ZWJ and VS16 stay where they are part of an emoji sequence, VS15/VS16 after a base that takes them. A combining mark
 * without a base gets a dotted circle, so that it cannot sit on what stands before the text; a pile of marks is cut short.
 */
#ifndef NB_BASE_TEXT_H
#define NB_BASE_TEXT_H

#include "base/strbuf.h"

enum nb_text_mode {
    NB_TEXT_LINE,  /* newline and tab are made visible too: one row of a list, a header, a title */
    NB_TEXT_BLOCK, /* newline is kept, tab becomes spaces: the detail pane, a command's block output */
};

/* Appends text in its harmless form. length may be SIZE_MAX for NUL-terminated text. ascii, for terminals without UTF-8:
 * what comes out is ASCII only; accents are dropped, other letters become "?", controls "^[". */
void nb_text_sanitize(struct nb_strbuf *out, const char *text, size_t length, enum nb_text_mode mode, bool ascii);

/* The next grapheme cluster: its length in bytes, and its width in columns (0, 1 or 2). 0 at the end of the text.
 * Expects sanitised text; anything else counts as one column a byte. */
size_t nb_text_grapheme(const char *text, int *width);
/* Columns that text takes. */
int nb_text_width(const char *text);
/* Bytes of the longest prefix of whole graphemes that fits into `columns`; *used gets the columns it takes. */
size_t nb_text_fit(const char *text, int columns, int *used);
/* Appends text cut to `columns` with … (or "~" where ascii) and, where pad is set, filled up with spaces. */
void nb_text_append_cut(struct nb_strbuf *out, const char *text, int columns, bool pad, bool ascii);
/* The length of the line to take from text when it is wrapped at `columns`: at a blank where there is one.
 * *next gets the offset where the next line starts. */
size_t nb_text_wrap(const char *text, int columns, size_t *next);

bool nb_utf8_valid(const char *text, size_t length);

/* ---- fixed buffers ---- */

/* Makes what is no UTF-8 valid, in place: a character of which only the first bytes are there (it was cut, here or by a library)
 * goes, any other byte becomes "?". */
void nb_utf8_mend(char *text);
/* Copies text (NULL: "") into a buffer, cut at a character where it is too long. What was cut is valid UTF-8. */
void nb_text_copy(char *buffer, size_t size, const char *text);
/* snprintf() likewise. False: it was cut. */
bool nb_text_format(char *buffer, size_t size, const char *format, ...) NB_PRINTF(3, 4);
bool nb_text_vformat(char *buffer, size_t size, const char *format, va_list args) NB_PRINTF(3, 0);

#endif
