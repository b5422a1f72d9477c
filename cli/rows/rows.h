/*
 * rows.h - rows of any subject on standard output: a line of a list, one in full, a line of JSON.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <jansson.h>

#include "cli/rows/listing.h"
#include "model/event.h"

/* One line of NDJSON: the members of `first` (taken; may be NULL), then the row as page/row_text.h writes it. */
void rows_print_json(struct output *output, enum nb_subject subject, const struct nb_row *row, json_t *first_take);

struct listing *rows_listing_new(struct output *output, enum nb_subject subject);
void rows_list(struct listing *listing, struct output *output, enum nb_subject subject, const struct nb_row *row,
               int64_t now);
/* Every field, one a line, then the long texts. history: of an event, oldest first; may be NULL. */
void rows_show(struct output *output, enum nb_subject subject, const struct nb_row *row,
               const struct nb_event_action *history, size_t history_count);

/* How much it weighs (its severity, its urgency), in a word of fixed width. */
void rows_append_weight(struct nb_strbuf *line, const struct output *output, enum nb_subject subject,
                        const struct nb_row *row);
/* What a list without rows and without a filter says. */
const char *rows_empty(enum nb_subject subject);
/* Sets err to "ID: no such …". */
void rows_unknown(struct nb_error *err, enum nb_subject subject, const char *id);

#endif
