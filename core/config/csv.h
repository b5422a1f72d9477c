/*
 * csv.h - documents from CSV (RFC 4180): the first record names the members, each further one is a JSON object. An empty
 * cell leaves its member out. Lines end in LF or CRLF; a byte order mark is skipped.
 */
#ifndef NB_CONFIG_CSV_H
#define NB_CONFIG_CSV_H

#include <stdio.h>

#include "base/error.h"
#include "base/strbuf.h"

struct nb_csv;

/* list: the member whose items are separated by blanks; NULL: none. longest: of a record, in bytes. The file stays the
 * caller's. */
struct nb_csv *nb_csv_new(FILE *file, const char *list, size_t longest);
void nb_csv_free(struct nb_csv **csv);

/* 1: the next record is in `document`, and began in line *line, counted from 1; or refused says what is wrong with it (its
 * code is set) and the next call reads on. 0: the file has ended. Fails where the rest of the file cannot be divided into
 * records: the first record names no members, or a quote is out of place. */
NB_MUSTCHECK int nb_csv_next(struct nb_csv *csv, size_t *line, struct nb_strbuf *document, struct nb_error *refused,
                             struct nb_error *err);

#endif
