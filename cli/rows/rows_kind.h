/*
 * rows_kind.h - how a subject's rows look in lists and in full: a table with an entry for each subject. Private to this
 * folder.
 */
#ifndef CLI_ROWS_KIND_H
#define CLI_ROWS_KIND_H

#include "base/clock.h"
#include "cli/rows/listing.h"
#include "model/subject.h"

struct rows_kind {
    const struct listing_column *columns;
    size_t column_count;
    void (*list)(struct listing *listing, struct output *output, const struct nb_order *order, const struct nb_row *row,
                 int64_t now);
    void (*show)(struct output *output, const struct nb_row *row);
    /* Appends the row's weight as a word padded to a fixed width; for `watch`. */
    void (*weight)(struct nb_strbuf *line, const struct output *output, const struct nb_row *row);
    const char *empty;              /* the message for a list with neither rows nor filter */
    const char *unknown, *find_out; /* for an id that does not exist */
};

extern const struct rows_kind rows_inbox, rows_events, rows_deliveries;

/* The age for people, the time for a pipe. */
const char *rows_when(const struct output *output, int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE]);
/* Print one labelled line each; nothing where the value is empty. */
void rows_show_text(struct output *output, const char *label, const char *text);
void rows_show_time(struct output *output, const char *label, int64_t time);
void rows_show_act(struct output *output, const char *label, int64_t time, const char *name);
void rows_show_block(struct output *output, const char *text);

#endif
