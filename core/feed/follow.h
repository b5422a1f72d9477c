/*
 * follow.h - look, look again when rung, remember up to where.
 *
 * A doorbell says only "look again". A follow asks what became visible since its last look, late commits included, and
 * tells it in order: each change once, across lost connections and restarts of the server. It knows no feed: whoever has
 * one passes its bells on by nb_follow_rang(), to as many follows as there are.
 */
#ifndef NB_FEED_FOLLOW_H
#define NB_FEED_FOLLOW_H

#include "page/page.h"

struct nb_follow;

/* Any may be NULL. None may free the follow. */
struct nb_follow_calls {
    /* What changed since the look, at most `limit` rows a call; borrowed for the call. */
    void (*changed)(void *arg, const struct nb_changes *changes);
    /* Everything up to now is told. After the first look this comes without a change before it: what is read from here on
     * misses nothing. */
    void (*caught_up)(void *arg);
    /* More than `limit` rows changed, and at_most is set: none of them is told, and the look has moved behind them. Read
     * the page instead. */
    void (*too_many)(void *arg);
    /* The database does not know who asks. The look stays: a new token and another bell go on from it. */
    void (*unknown)(void *arg);
    /* Not for a lost connection: the feed rings when it is back, and the look goes on where it was. */
    void (*failed)(void *arg, const struct nb_error *err);
};

struct nb_follow_options {
    enum nb_subject subject;
    const struct nb_filter *filter; /* NULL: all; copied */
    size_t limit;                   /* rows an answer; 0: 500 */
    bool at_most;                   /* a list that shows a page: see too_many */
    bool full;                      /* data and details too */
    enum nb_priority priority;
};

struct nb_follow *nb_follow_new(struct nb_connection *connection, const struct nb_follow_options *options,
                                const struct nb_follow_calls *calls, void *arg);
/* What is on its way is not told any more. */
void nb_follow_free(struct nb_follow **follow);

/* Looks now, or again as soon as the answer that is awaited has come. The first look only takes note of where it begins. */
void nb_follow_look(struct nb_follow *follow);
/* The same where its subject is among those that a feed rings for. */
void nb_follow_rang(struct nb_follow *follow, unsigned subjects);
/* Forgets its look, and follows another filter from now on: the next look is a first one. */
void nb_follow_begin_anew(struct nb_follow *follow, const struct nb_filter *filter);
enum nb_subject nb_follow_subject(const struct nb_follow *follow);

#endif
