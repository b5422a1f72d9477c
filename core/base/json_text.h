/*
 * json_text.h - JSON handled as text, so that numbers keep every digit. A C parser would round them.
 */
#ifndef NB_BASE_JSON_TEXT_H
#define NB_BASE_JSON_TEXT_H

#include "base/strbuf.h"

/* Text as a JSON string. Invalid UTF-8, which only a database of another encoding holds, is sanitised. */
void nb_json_append_string(struct nb_strbuf *out, const char *text);
/* json, which must be valid, without insignificant blanks. */
void nb_json_append_compact(struct nb_strbuf *out, const char *json);
/* json, which must be valid, with \u escapes for characters that are unsafe or invisible on a terminal: DEL and C1,
 * bidi marks, overrides and isolates, zero-width and invisible characters, line separators, tags. ascii: escapes
 * everything that is not ASCII. */
void nb_json_append_escaped(struct nb_strbuf *out, const char *json, bool ascii);

#endif
