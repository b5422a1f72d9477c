/*
 * page.h - keyset pages of any subject (inbox, events, deliveries): the same code fetches, counts and catches up for each.
 *
 * A page is sorted newest first, whichever way it was fetched; where the filter asks for another order, by that (the
 * largest first), and then "newest", "older" and so on mean places in it. No query uses OFFSET. All rows of a page live in its
 * arena.
 *
 * A session that the database does not know (any longer) gets NB_EDENIED with the reason, never an empty page or a count
 * of 0.
 */
#ifndef NB_PAGE_PAGE_H
#define NB_PAGE_PAGE_H

#include "db/connection.h"
#include "filter/filter.h"
#include "model/row.h"

struct nb_page {
    struct nb_arena *arena;
    struct nb_row *
        *rows; /* newest first; struct nb_notification *, struct nb_event * or struct nb_delivery * by subject */
    size_t count;
    bool more;      /* there are more rows in the direction asked for */
    char *snapshot; /* pg_current_snapshot() of the query: which rows it could see */
    char *look;     /* for nb_page_changes(): what changed since this page */
};

void nb_page_free(struct nb_page **page);

enum nb_direction { NB_OLDER, NB_NEWER };

struct nb_page_request {
    enum nb_subject subject;
    const struct nb_filter *filter; /* NULL: all */
    bool by_key; /* whatever order the filter asks for: no row is missed or comes twice that moves meanwhile */
    enum nb_direction direction;
    const struct nb_place *from; /* NULL: from the newest (OLDER) or from the oldest (NEWER) */
    bool inclusive;              /* include the row at `from` */
    size_t limit;                /* 1 … 1000 */
    bool full;                   /* with data and details (--json, export), which lists on the screen leave out */
};

/* The callee owns page; it is NULL when err is set. */
typedef void nb_page_done(void *arg, struct nb_page *page, const struct nb_error *err);
typedef void nb_count_done(void *arg, int64_t count, const struct nb_error *err);

/* Each copies the request; the filter is used only during the call. */
struct nb_request *nb_page_fetch(struct nb_connection *connection, const struct nb_page_request *request,
                                 enum nb_priority priority, nb_page_done *done, void *arg);
/* Reads the rows with these keys, whatever the filter, with data and details: for the detail pane and sticky rows. */
struct nb_request *nb_page_fetch_keys(struct nb_connection *connection, enum nb_subject subject,
                                      const struct nb_key *keys, size_t count, enum nb_priority priority,
                                      nb_page_done *done, void *arg);
/* Counts exactly, at background priority. */
struct nb_request *nb_page_count(struct nb_connection *connection, enum nb_subject subject,
                                 const struct nb_filter *filter, nb_count_done *done, void *arg);
/* Counts exactly what matches between two places, both included. */
struct nb_request *nb_page_count_range(struct nb_connection *connection, enum nb_subject subject,
                                       const struct nb_filter *filter, const struct nb_place *oldest,
                                       const struct nb_place *newest, enum nb_priority priority, nb_count_done *done,
                                       void *arg);
/* Counts the "n new": matching rows before `above` (NULL: all) whose transactions were not visible in `snapshot`; in an
 * order of another kind than by key, also those that moved before `first`, where the first row was then. */
struct nb_request *nb_page_count_new(struct nb_connection *connection, enum nb_subject subject,
                                     const struct nb_filter *filter, const struct nb_place *above,
                                     const struct nb_place *first, const char *snapshot, nb_count_done *done,
                                     void *arg);

/* One change since a look. */
struct nb_change {
    const struct nb_row *row;
    bool created; /* false: an older row that changed */
    bool matches; /* the filter shows it */
    bool gone;    /* deleted or expired: no filter shows it */
};
struct nb_changes {
    struct nb_arena *arena;
    struct nb_change *items; /* oldest first, by key in any order */
    size_t count;
    bool more;      /* the limit was reached: ask again with `after` = the last row's key and `until` = this look, which
                     * is then the one to keep; no row is missed or returned twice in between */
    bool known;     /* false: the database does not (or no longer) know the reader. There are no rows then, and the look
                     * must not be kept */
    char *snapshot; /* pg_current_snapshot() of the query: which rows it could see */
    char *look;     /* the look for the next call, never NULL; opaque */
};
void nb_changes_free(struct nb_changes **changes);
typedef void nb_changes_done(void *arg, struct nb_changes *changes, const struct nb_error *err);
struct nb_changes_request {
    enum nb_subject subject;
    const struct nb_filter *filter; /* NULL: all; used only during the call */
    const char *look;               /* the last look; NULL: return only a first look */
    const char *until;              /* NULL, or after `more`: the look of the previous answer */
    const struct nb_key *after;     /* NULL, or after `more`: the last key of the previous answer */
    size_t limit;                   /* 1 … 1000 */
    bool full;                      /* with data and details */
    bool all;                       /* also rows that do not (or no longer) match, and deleted or expired ones */
};
/* Reads what became visible since a look, exactly: late commits are included, and it holds across lost sessions and a
 * crash of the server. */
struct nb_request *nb_page_changes(struct nb_connection *connection, const struct nb_changes_request *request,
                                   enum nb_priority priority, nb_changes_done *done, void *arg);

/* An id as text. */
#define NB_KEY_TEXT_SIZE 40
NB_MUSTCHECK int nb_key_parse(struct nb_key *out, enum nb_subject subject, const char *text, struct nb_error *err);
const char *nb_key_format(const struct nb_key *key, enum nb_subject subject, char text[NB_KEY_TEXT_SIZE]);

/* A cursor (--before CURSOR) is a row's place as text: its id, in another order RANK/ID. Treat it as opaque. */
#define NB_CURSOR_TEXT_SIZE (NB_KEY_TEXT_SIZE + 24)
NB_MUSTCHECK int nb_cursor_parse(struct nb_place *out, enum nb_subject subject, const struct nb_order *order,
                                 const char *text, struct nb_error *err);
const char *nb_cursor_format(const struct nb_place *place, enum nb_subject subject, const struct nb_order *order,
                             char text[NB_CURSOR_TEXT_SIZE]);

#endif
