/*
 * follow.h - reads the changes since the last look, again at every bell.
 *
 * A doorbell says only "look again". A follow asks which rows became visible since its last look, late commits
 * included, and reports each change once, in order, across lost connections and server restarts. It has no feed of its
 * own: the owner of a feed passes the bells on to its follows by nb_follow_rang().
 *
 * The console's lists ask nb_page_changes() themselves: their look is that of the page they show and begins anew with every
 * page, and they have one request on its way, a page or the changes, whichever is due (tui/list/list_window.c).
 */
#ifndef NB_FEED_FOLLOW_H
#define NB_FEED_FOLLOW_H

#include "page/page.h"

struct nb_follow;

/* Any may be NULL. None may free the follow. */
struct nb_follow_calls {
    /* The changes since the last look, at most `limit` rows a call; borrowed for the call. */
    void (*changed)(void *arg, const struct nb_changes *changes);
    /* Every change up to now has been reported. After the first look it comes without changes: a page that is read from
     * then on, together with the later changes, misses nothing. */
    void (*caught_up)(void *arg);
    /* The database does not know the caller. The look stays, so that a new token and the next bell continue from it. */
    void (*unknown)(void *arg);
    /* Not called for a lost connection: when it is back the feed rings, and the follow continues from its look. */
    void (*failed)(void *arg, const struct nb_error *err);
};

struct nb_follow_options {
    enum nb_subject subject;
    const struct nb_filter *filter; /* NULL: all; copied */
    size_t limit;                   /* rows per answer; 0: 500 */
    bool full;                      /* with data and details */
    bool wakes;                     /* also looks when a snooze has ended, which rings no bell */
    enum nb_priority priority;
};

struct nb_follow *nb_follow_new(struct nb_connection *connection, const struct nb_follow_options *options,
                                const struct nb_follow_calls *calls, void *arg);
/* A look in flight is abandoned. */
void nb_follow_free(struct nb_follow **follow);

/* Looks now, or after the look in flight. The first look only records where to start. */
void nb_follow_look(struct nb_follow *follow);
/* nb_follow_look() if the follow's subject is among `subjects`, as a feed reports them. */
void nb_follow_rang(struct nb_follow *follow, unsigned subjects);

#endif
