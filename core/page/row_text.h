/*
 * row_text.h - a row as JSON and as CSV: the same bytes from every command and from the console.
 *
 * The members are those of the subject's table (model/subject.h), then its document. Documents are copied as text.
 */
#ifndef NB_PAGE_ROW_TEXT_H
#define NB_PAGE_ROW_TEXT_H

#include "base/strbuf.h"
#include "model/subject.h"

/* The longest text of a row, escapes included. */
#define NB_ROW_TEXT_MAX (8 * 1024 * 1024)

/* Appends the row as one JSON object on one line, without a newline. first: members to put before its own, without
 * braces, or NULL. full: with the document. now decides whether an event is still snoozed. */
void nb_row_json(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now,
                 const char *first, bool full);

/* Append one record as in RFC 4180, with its CRLF. safe: puts an apostrophe before a cell that a spreadsheet would take
 * for a formula. */
void nb_row_csv_heading(struct nb_strbuf *out, enum nb_subject subject);
void nb_row_csv(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now, bool safe);

#endif
