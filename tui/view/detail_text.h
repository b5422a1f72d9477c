/*
 * detail_text.h - the text of the detail pane: lines of spans, sanitised and wrapped to a width.
 *
 * Everything is made harmless before it is wrapped, also JSON after PostgreSQL has pretty-printed it.
 */
#ifndef TUI_DETAIL_TEXT_H
#define TUI_DETAIL_TEXT_H

#include "base/arena.h"
#include "base/vec.h"
#include "tui/draw/cell.h"

struct detail_line {
    size_t first, count; /* in spans */
    int indent;
};

struct detail_text {
    struct nb_arena *arena;
    NB_VEC(struct span) spans;
    NB_VEC(struct detail_line) lines;
    int width;
    bool ascii;
};

void detail_text_init(struct detail_text *text, int width, bool ascii);
void detail_text_clear(struct detail_text *text);

void detail_text_blank(struct detail_text *text);
/* Wrapped text; newlines are kept. Bounded: what does not fit into 64 KiB is left out. */
void detail_text_paragraph(struct detail_text *text, struct look look, const char *content, int indent);
/* "label   value"; the value wrapped and aligned behind its label. Nothing for a NULL or empty value. */
void detail_text_field(struct detail_text *text, const char *label, struct look look, const char *value);
/* The same with a look and a width for the label: a list whose entries begin with a word of theirs. */
void detail_text_item(struct detail_text *text, const char *label, struct look label_look, int label_width,
                      struct look look, const char *value);
void detail_text_fieldf(struct detail_text *text, const char *label, struct look look, const char *format, ...)
    NB_PRINTF(4, 5);
/* One line of spans (copied), cut when drawn. */
void detail_text_spans(struct detail_text *text, const struct span *spans, size_t count);
/* Pretty-printed JSON, its parts in their roles. */
void detail_text_json(struct detail_text *text, const char *json);

void detail_text_draw(const struct detail_text *text, struct grid *grid, struct rect rect, size_t first_line);

#endif
