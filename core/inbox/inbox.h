/*
 * inbox.h - what a reader can do with notifications. Reading pages is page/page.h.
 *
 * read, archived and deleted are times in the reader's own state; an act sets or clears one of
 * them. mark read never moves a time that is set. The answer names the rows that really changed
 * with what they had before, which is all an undo needs.
 */
#ifndef NB_INBOX_INBOX_H
#define NB_INBOX_INBOX_H

#include "page/page.h"

struct nb_inbox_change {
    struct nb_key key;
    int64_t previous; /* NB_TIME_NONE: was not set */
};

/* changes is borrowed for the duration of the call: the rows that really changed. */
typedef void nb_inbox_set_done(void *arg, const struct nb_inbox_change *changes, size_t count,
                               const struct nb_error *err);

/* Sets field of `count` rows: times[i] for row i, or the one time for all when times_count is 1;
 * NB_TIME_NONE clears. Rows that are not this reader's are not touched and not mentioned. */
struct nb_request *nb_inbox_set(struct nb_connection *connection, enum nb_inbox_field field, const struct nb_key *keys,
                                size_t count, const int64_t *times, size_t times_count, nb_inbox_set_done *done,
                                void *arg);

/* taken is false when it was taken already, or when err says why not. */
typedef void nb_inbox_take_done(void *arg, bool taken, const struct nb_error *err);

/* Notes which action the reader took; it must be one that this notification offers. Taking another
 * one later replaces it. */
struct nb_request *nb_inbox_take_action(struct nb_connection *connection, const struct nb_key *key, const char *action,
                                        nb_inbox_take_done *done, void *arg);

/* A bulk act over everything that matches a filter, exactly as it stood when it was begun: rows
 * that arrive or commit later are not touched. It runs in chunks, each its own short transaction.
 * All rows get the same time, by which the undo finds them again. Freed by itself after `done`;
 * nb_inbox_bulk_cancel() stops it after the running chunk. */
struct nb_inbox_bulk;
struct nb_inbox_bulk_options {
    enum nb_inbox_field field;
    const struct nb_filter *filter;
    const char *snapshot; /* what was visible when the key was pressed; NULL: now */
    int64_t stamp;        /* the time to set; for an undo the time that was set */
    bool undo;            /* clear field where it equals stamp */
    size_t chunk;         /* rows a transaction; 0: as many as take some tens of milliseconds */
};
/* Called after every chunk, and with finished (or err) once at the end. changed is the sum so far. */
typedef void nb_inbox_bulk_progress(void *arg, int64_t changed, bool finished, const struct nb_error *err);
struct nb_inbox_bulk *nb_inbox_bulk(struct nb_connection *connection, const struct nb_inbox_bulk_options *options,
                                    nb_inbox_bulk_progress *progress, void *arg);
void nb_inbox_bulk_cancel(struct nb_inbox_bulk *bulk);
/* The same, and its callback will not be called any more. */
void nb_inbox_bulk_abandon(struct nb_inbox_bulk **bulk);

#endif
