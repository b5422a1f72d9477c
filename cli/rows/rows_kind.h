/*
 * rows_kind.h - what a subject's rows look like in lists and in full: a table, one entry a subject. Private to this folder.
 */
#ifndef CLI_ROWS_KIND_H
#define CLI_ROWS_KIND_H

#include "base/clock.h"
#include "cli/rows/listing.h"
#include "model/row.h"

struct rows_kind {
    const struct listing_column *columns;
    size_t column_count;
    void (*list)(struct listing *listing, struct output *output, const struct nb_row *row, int64_t now);
    void (*show)(struct output *output, const struct nb_row *row);
    /* How much it weighs, in a word of fixed width, for those who watch. */
    void (*weight)(struct nb_strbuf *line, const struct output *output, const struct nb_row *row);
    const char *empty;              /* what a list without rows and filter says */
    const char *unknown, *find_out; /* of an id that is not there */
};

extern const struct rows_kind rows_inbox, rows_events;

/* People see the age; a pipe gets the time. */
const char *rows_when(const struct output *output, int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE]);
/* One labelled line each; nothing where there is nothing. */
void rows_show_text(struct output *output, const char *label, const char *text);
void rows_show_time(struct output *output, const char *label, int64_t time);
void rows_show_act(struct output *output, const char *label, int64_t time, const char *name);
void rows_show_block(struct output *output, const char *text);

#endif
