/*
 * feed.h - the live stream: doorbells in, "look again" out.
 *
 * A doorbell is a hint, never the truth. The feed hears the caller's own channels through the
 * host's hub or, where there is none, by its own LISTEN (transport.c); it coalesces bursts, looks
 * again by itself on connect, on reconnect, when hubs come and go, and every 30 s, and pings itself
 * to find out whether bells arrive at all; where they do not (a transaction-pooling proxy, deferred
 * ringing without a hub), it polls and says so.
 */
#ifndef NB_FEED_FEED_H
#define NB_FEED_FEED_H

#include "db/connection.h"
#include "model/subject.h"

enum nb_feed_mode { NB_FEED_OFF, NB_FEED_STARTING, NB_FEED_LIVE, NB_FEED_POLLING, NB_FEED_SUSPENDED };

struct nb_feed;
struct nb_feed_options {
    int64_t coalesce_ms;      /* bells that do not stop give a call in this time; the first few are at once. 0: 50 */
    int64_t look_again_ms;    /* 0: 30 s */
    int64_t poll_ms;          /* while polling; 0: 2 s */
    int64_t ping_ms;          /* between pings while nothing rings; 0: 15 s */
    int64_t ping_patience_ms; /* for a ping's answer; 0: 3 s */
};
/* subjects: a set of NB_SUBJECT_BIT(). resync: (re)connected, or bells may have been lost: everything may have changed. */
typedef void nb_feed_changed(void *arg, unsigned subjects, bool resync);
typedef void nb_feed_mode_changed(void *arg, enum nb_feed_mode mode);

NB_MUSTCHECK int nb_feed_new(struct nb_feed **out, struct nb_connection *connection,
                             const struct nb_feed_options *options, nb_feed_changed *changed,
                             nb_feed_mode_changed *mode_changed, void *arg, struct nb_error *err);
void nb_feed_free(struct nb_feed **feed);
enum nb_feed_mode nb_feed_mode(const struct nb_feed *feed);
/* Bells come through the host's hub, not through a LISTEN of this session. mode_changed is called
 * for that too. */
bool nb_feed_has_hub(const struct nb_feed *feed);
/* Why it polls: the database defers ringing (nightbell.ring), and no hub rings. Otherwise bells do
 * not arrive. */
bool nb_feed_is_unrung(const struct nb_feed *feed);
/* Stops listening, waiting (bounded, ~500 ms) for the server to confirm, so that a stopped process
 * pins nothing there. */
void nb_feed_suspend(struct nb_feed *feed);
void nb_feed_resume(struct nb_feed *feed);

#endif
