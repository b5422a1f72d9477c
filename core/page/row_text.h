/*
 * row_text.h - a row outside: as JSON and as CSV, the same bytes from every command and from the console.
 *
 * The members are those of the subject's table (model/subject.h), then its document. Documents are passed on as text.
 */
#ifndef NB_PAGE_ROW_TEXT_H
#define NB_PAGE_ROW_TEXT_H

#include "base/strbuf.h"
#include "model/subject.h"

/* What a row can be at most, escapes included. */
#define NB_ROW_TEXT_MAX (8 * 1024 * 1024)

/* Appends the row as one object in one line, without a line end. first: members that come before its own, without the
 * braces, or NULL. full: with the document. now decides whether an event is still snoozed. */
void nb_row_json(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now,
                 const char *first, bool full);

/* Append one record as RFC 4180 has it, CRLF included. safe: a cell that a spreadsheet would take for a formula gets an
 * apostrophe in front. */
void nb_row_csv_heading(struct nb_strbuf *out, enum nb_subject subject);
void nb_row_csv(struct nb_strbuf *out, enum nb_subject subject, const struct nb_row *row, int64_t now, bool safe);

#endif
