/*
 * feed.h - the live stream: doorbells in, "look again" out.
 *
 * A doorbell is only a hint. The feed gets the bells of the caller's own channels through the host's hub or, without
 * one, by its own LISTEN (transport.c). It
 *   - coalesces bursts;
 *   - asks to look again on connect and reconnect, when hubs come and go, and every 30 s;
 *   - pings itself to find out whether bells arrive. If they do not (a transaction-pooling proxy, deferred ringing
 *     without a hub), it polls and reports that as its mode.
 */
#ifndef NB_FEED_FEED_H
#define NB_FEED_FEED_H

#include "db/connection.h"
#include "model/subject.h"

enum nb_feed_mode { NB_FEED_OFF, NB_FEED_STARTING, NB_FEED_LIVE, NB_FEED_POLLING, NB_FEED_SUSPENDED };

struct nb_feed;
struct nb_feed_options {
    int64_t coalesce_ms;      /* in a long burst, time between calls; the first few are at once. 0: 50 */
    int64_t look_again_ms;    /* 0: 30 s */
    int64_t poll_ms;          /* while polling; 0: 2 s */
    int64_t ping_ms;          /* between pings while no bells come; 0: 15 s */
    int64_t ping_patience_ms; /* how long to wait for a ping's answer; 0: 3 s */
};
/* subjects: a set of NB_SUBJECT_BIT(). resync: anything may have changed, after a (re)connect or possibly lost
 * bells. */
typedef void nb_feed_changed(void *arg, unsigned subjects, bool resync);
typedef void nb_feed_mode_changed(void *arg, enum nb_feed_mode mode);

NB_MUSTCHECK int nb_feed_new(struct nb_feed **out, struct nb_connection *connection,
                             const struct nb_feed_options *options, nb_feed_changed *changed,
                             nb_feed_mode_changed *mode_changed, void *arg, struct nb_error *err);
void nb_feed_free(struct nb_feed **feed);
enum nb_feed_mode nb_feed_mode(const struct nb_feed *feed);
/* Whether bells come through the host's hub instead of this session's LISTEN. mode_changed is called for that too. */
bool nb_feed_has_hub(const struct nb_feed *feed);
/* Why it polls. True: the database defers ringing (nightbell.ring) and no hub rings; false: bells do not arrive. */
bool nb_feed_is_unrung(const struct nb_feed *feed);
/* Stops listening, and waits up to about 500 ms for the server to confirm: the server keeps every notification until
 * all listeners have read it, so a stopped process must not listen. */
void nb_feed_suspend(struct nb_feed *feed);
void nb_feed_resume(struct nb_feed *feed);

#endif
