/*
 * rows.h - how notifications and events are shown: the members of their JSON, the columns of their
 * lists, their full text.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include <jansson.h>

#include "cli/rows/listing.h"
#include "filter/filter.h"
#include "model/event.h"
#include "model/notification.h"

/* The members of the row's JSON object, by the names of the table's columns; absent values are
 * null. Without the free-form document (data, details), which is passed through as the database
 * gives it: its numbers may be beyond what C can hold. */
json_t *rows_members(enum nb_subject subject, const struct nb_row *row);
const char *rows_document_name(enum nb_subject subject); /* "data", "details" */
/* The document's text without blanks between its parts, or "null"; the caller frees it. */
char *rows_document(enum nb_subject subject, const struct nb_row *row);
/* One line of NDJSON: `extra` members first (taken; may be NULL), the row's, the document where
 * `full`. */
void rows_print_json(struct output *output, enum nb_subject subject, const struct nb_row *row, json_t *extra_take,
                     bool full);

struct listing *rows_listing_new(struct output *output, enum nb_subject subject);
void rows_list(struct listing *listing, struct output *output, enum nb_subject subject, const struct nb_row *row,
               int64_t now);
/* Every field, one a line, then the long texts. history: of an event, oldest first; may be NULL. */
void rows_show(struct output *output, enum nb_subject subject, const struct nb_row *row,
               const struct nb_event_action *history, size_t history_count);

/* "open" "acknowledged" "snoozed" "resolved" */
const char *rows_event_state(const struct nb_event *event, int64_t now);
const char *rows_notification_status(const struct nb_notification *notification); /* "unread" "read" "archived" */
/* ▲ ● ◆ ○, or an ASCII stand-in: severity is never colour alone. */
const char *rows_severity_glyph(enum nb_severity severity, bool ascii);
enum listing_style rows_severity_style(enum nb_severity severity);

#endif
