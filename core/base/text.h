/*
 * text.h - text on a terminal: validity, width, graphemes, and the one choke point that makes untrusted text harmless.
 *
 * Width is in columns as the terminal shows them (wide, combining, emoji, zero-width), by the Unicode library utf8proc.
 *
 * Sanitising replaces and never deletes, so nothing is hidden and nothing acts on the terminal:
 *   - C0 controls and escape sequences become control pictures (U+2400…);
 *   - bytes that are not UTF-8 become U+FFFD;
 *   - C1 controls, bidi overrides, isolates and marks, zero-width and tag characters, soft hyphens, line and paragraph
 *     separators and unassigned characters become <U+202E> and the like;
 *   - ZWJ stays inside an emoji sequence, VS15 and VS16 after a base that takes them;
 *   - a combining mark without a base gets a dotted circle, so that it cannot change what precedes the text; marks past
 *     a limit on one base are shown as symbols.
 */
#ifndef NB_BASE_TEXT_H
#define NB_BASE_TEXT_H

#include "base/strbuf.h"
#include "base/utf8.h"

enum nb_text_mode {
    NB_TEXT_LINE,  /* newline and tab are made visible too: one row of a list, a header, a title */
    NB_TEXT_BLOCK, /* newline is kept, tab becomes spaces: the detail pane, a command's block output */
};

/* Appends text sanitised. length SIZE_MAX: text ends at a NUL. ascii, for terminals without UTF-8: writes ASCII only;
 * accents are dropped, other letters become "?", controls "^[". */
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

#endif
