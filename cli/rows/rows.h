/*
 * rows.h - rows of any subject on standard output: as a line of a list, in full, and as a line of JSON.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <jansson.h>

#include "cli/rows/listing.h"
#include "model/event.h"

/* Prints a line of NDJSON: the members of `first` (taken; may be NULL), then the row as page/row_text.h writes it. */
void rows_print_json(struct output *output, enum nb_subject subject, const struct nb_row *row, json_t *first_take);

struct listing *rows_listing_new(struct output *output, enum nb_subject subject);
/* order: that of the list, NULL where it has none. */
void rows_list(struct listing *listing, struct output *output, enum nb_subject subject, const struct nb_order *order,
               const struct nb_row *row, int64_t now);
/* Prints every field, one on each line, then the long texts. history: of an event, oldest first; may be NULL. */
void rows_show(struct output *output, enum nb_subject subject, const struct nb_row *row,
               const struct nb_event_action *history, size_t history_count);

/* Appends the row's weight (severity or urgency) as a word padded to a fixed width. */
void rows_append_weight(struct nb_strbuf *line, const struct output *output, enum nb_subject subject,
                        const struct nb_row *row);
/* The message for a list with neither rows nor filter. */
const char *rows_empty(enum nb_subject subject);
/* Sets err to "ID: no such …". */
void rows_unknown(struct nb_error *err, enum nb_subject subject, const char *id);

#endif
