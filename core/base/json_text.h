/*
 * json_text.h - JSON as text: for what must keep each digit of its numbers, which no parser of C would.
 */
#ifndef NB_BASE_JSON_TEXT_H
#define NB_BASE_JSON_TEXT_H

#include "base/strbuf.h"

/* Text as a JSON string. What is not UTF-8 is sanitised; only a database of another encoding has such. */
void nb_json_append_string(struct nb_strbuf *out, const char *text);
/* Valid JSON, without the blanks between its parts. */
void nb_json_append_compact(struct nb_strbuf *out, const char *json);
/* Valid JSON with \u escapes for what a terminal or a person must not meet raw: DEL and C1, bidi marks, overrides and
 * isolates, zero-width and invisible characters, separators of lines, tags. ascii: for all that is not ASCII. */
void nb_json_append_escaped(struct nb_strbuf *out, const char *json, bool ascii);

#endif
