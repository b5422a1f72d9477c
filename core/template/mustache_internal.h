/*
 * mustache_internal.h - what compiling and rendering share: the operations that a template becomes.
 */
#ifndef NB_TEMPLATE_MUSTACHE_INTERNAL_H
#define NB_TEMPLATE_MUSTACHE_INTERNAL_H

#include "base/arena.h"
#include "base/vec.h"
#include "template/mustache.h"

enum op_kind { OP_TEXT, OP_ESCAPED, OP_RAW, OP_SECTION, OP_INVERTED, OP_END, OP_PARTIAL };

struct op_part {
    const char *text;
    size_t length;
};

struct op {
    enum op_kind kind;
    bool starts_line; /* first on its line of the source: the indentation of a partial goes before it */
    unsigned line, column;
    const char *text; /* OP_TEXT: what to write; otherwise the name, "." for the implicit iterator */
    size_t length;
    struct op_part *parts; /* of a dotted name; none for the implicit iterator */
    size_t part_count;     /* OP_PARTIAL alone on its line: one, the blanks before it */
    size_t end;            /* OP_SECTION, OP_INVERTED: the index of their OP_END */
};

struct nb_mustache {
    struct nb_arena *arena; /* texts and parts */
    NB_VEC(struct op) ops;
    bool names_user;
};

/* ---- values of the context (value.c) ---- */

bool value_is_true(const json_t *value);
/* "string", "number", "boolean", "list", "object" or "null". */
const char *value_type(const json_t *value);
/* Appends the value as text, escaped for HTML where html is set. */
void value_append(struct nb_strbuf *out, const json_t *value, bool html);

#endif
