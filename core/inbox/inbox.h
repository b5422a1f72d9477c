/*
 * inbox.h - what a reader can do with notifications. For reading pages see page/page.h.
 *
 * read, archived and deleted are times in the reader's own state; an act sets or clears one of them. Marking read never
 * moves a time that is already set. The answer lists the rows that really changed with their previous times, which is
 * all that an undo needs.
 */
#ifndef NB_INBOX_INBOX_H
#define NB_INBOX_INBOX_H

#include "page/page.h"

struct nb_inbox_change {
    struct nb_key key;
    int64_t previous; /* NB_TIME_NONE: it was not set */
};

/* changes: the rows that really changed; borrowed for the duration of the call. */
typedef void nb_inbox_set_done(void *arg, const struct nb_inbox_change *changes, size_t count,
                               const struct nb_error *err);

/* Sets field of `count` rows to times[i], or all of them to times[0] when times_count is 1; NB_TIME_NONE clears it.
 * Rows of other readers are neither changed nor reported. */
struct nb_request *nb_inbox_set(struct nb_connection *connection, enum nb_inbox_field field, const struct nb_key *keys,
                                size_t count, const int64_t *times, size_t times_count, nb_inbox_set_done *done,
                                void *arg);

/* taken is false when the action was already taken, and when err is set. */
typedef void nb_inbox_take_done(void *arg, bool taken, const struct nb_error *err);

/* Records which action the reader took; the notification must offer it. Taking another one later replaces it. */
struct nb_request *nb_inbox_take_action(struct nb_connection *connection, const struct nb_key *key, const char *action,
                                        nb_inbox_take_done *done, void *arg);

/* A bulk act on everything that matched a filter when the act began: rows that arrive or commit later are not changed.
 * It runs in chunks, each a short transaction. All rows get the same time, by which the undo finds them again. Frees
 * itself after its last call of nb_inbox_bulk_progress; nb_inbox_bulk_cancel() stops it after the running chunk. */
struct nb_inbox_bulk;
struct nb_inbox_bulk_options {
    enum nb_inbox_field field;
    const struct nb_filter *filter;
    const char *snapshot; /* the rows visible when the key was pressed; NULL: those visible now */
    int64_t stamp;        /* the time to set; for an undo, the time that was set */
    bool undo;            /* clear field where it equals stamp */
    size_t chunk;         /* rows in a transaction; 0: as many as take some tens of milliseconds */
};
/* Called after every chunk, and once at the end with finished or err. changed is the total so far. */
typedef void nb_inbox_bulk_progress(void *arg, int64_t changed, bool finished, const struct nb_error *err);
struct nb_inbox_bulk *nb_inbox_bulk(struct nb_connection *connection, const struct nb_inbox_bulk_options *options,
                                    nb_inbox_bulk_progress *progress, void *arg);
void nb_inbox_bulk_cancel(struct nb_inbox_bulk *bulk);
/* Cancels without any further call of the callback. */
void nb_inbox_bulk_abandon(struct nb_inbox_bulk **bulk);

#endif
