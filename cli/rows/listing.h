/*
 * listing.h - rows in columns: a table on a terminal, tab-separated lines in a pipe.
 *
 * On a terminal the columns are as wide as their content. Where they do not all fit, those with the highest `drop` are
 * left out first, then the flexible one is cut. In a pipe every column is printed whole, without a heading; "-" where
 * it is empty.
 */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "base/strbuf.h"
#include "cli/frame/output.h"
#include "db/query.h"

enum listing_style {
    LISTING_PLAIN,
    LISTING_STRONG,
    LISTING_DIM,
    LISTING_LOW,
    LISTING_NOTICE,
    LISTING_WARNING,
    LISTING_ALARM
};

struct listing_column {
    const char *title;
    int minimum;   /* width that it needs at least */
    int maximum;   /* 0: no limit */
    bool flexible; /* takes the width that is left, and is cut where there is none */
    bool right;    /* aligned to the right: numbers */
    unsigned drop; /* 0: never dropped; otherwise the highest is dropped first */
};

struct listing;

/* The escape sequence that switches the style on, "" where there is no colour; "\x1b[0m" switches it off. */
const char *listing_style_code(enum listing_style style, const struct output *output);

/* columns is borrowed. */
struct listing *listing_new(struct output *output, const struct listing_column *columns, size_t count);
void listing_free(struct listing **listing);
/* Appends a cell to the current row; text is untrusted, NULL or "": empty. */
void listing_cell(struct listing *listing, const char *text, enum listing_style style);
void listing_end_row(struct listing *listing);
/* Prints the collected rows. Call it once for each page, so that memory does not grow with the list. */
void listing_print(struct listing *listing);

/* How the rows of an answer are shown. */
struct listing_of_result {
    const struct listing_column *columns;
    size_t column_count;
    void (*row)(struct listing *listing, const struct output *output, const struct nb_result *result, size_t row);
    json_t *(*json)(const struct nb_result *result, size_t row);
};
/* Prints every row of the answer: as a list for people, or as a line of JSON each. */
void listing_result(struct output *output, const struct listing_of_result *how, const struct nb_result *result);

#endif
