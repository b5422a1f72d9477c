/*
 * feed_internal.h - what feed.c (what the owner is told, pings, looks) and transport.c (through
 * what bells come) share.
 */
#ifndef NB_FEED_FEED_INTERNAL_H
#define NB_FEED_FEED_INTERNAL_H

#include "base/ration.h"
#include "base/vec.h"
#include "feed/feed.h"
#include "feed/attach.h"

enum transport { TRANSPORT_NONE, TRANSPORT_DIRECT, TRANSPORT_HUB };

struct channel {
    char *name;
    unsigned subjects; /* 0: the ping channel */
};

struct nb_feed {
    struct nb_connection *connection;
    struct nb_feed_options options;
    nb_feed_changed *changed;
    nb_feed_mode_changed *mode_changed;
    void *arg;

    enum nb_feed_mode mode;
    struct nb_connection_observer observer;

    /* transport.c */
    enum transport transport;
    NB_VEC(struct channel) channels;
    char *installation;         /* NULL: not asked yet */
    bool deferred;              /* the database leaves ringing to hubs */
    bool unrung;                /* the database defers ringing, and no hub rings */
    bool listens;               /* the session LISTENs by itself */
    struct nb_hub_link *hub;    /* attached, or on the way to it */
    bool had_hub;               /* so one is worth looking for */
    bool shuns_hub;             /* until the next time it is worth a try: it did not answer */
    int64_t hub_wait_ms;        /* until one is looked for again */
    struct nb_timer *hub_timer; /* patience with the one we attach to, or time to look for one */
    struct nb_request *asking;  /* in flight */
    struct nb_request *listening;
    struct nb_request *unlistening;

    /* feed.c */
    struct nb_request *pinging;
    uint64_t ping_number; /* of the ping that is awaited; 0: none */
    uint64_t pings;
    bool heard;       /* a bell or a ping since the last check */
    bool ping_soon;   /* something changed: ask again before long */
    unsigned pending; /* subjects rung for while coalescing */
    bool pending_resync;
    struct nb_ration calls;      /* a burst of bells is not one of calls */
    struct nb_timer *coalesce;   /* until the next call is allowed: what rings meanwhile is told with it */
    struct nb_timer *look_again; /* or poll */
    struct nb_timer *ping;       /* time for the next one, or patience with the one that is under way */
};

/* feed.c */
bool feed_is_running(const struct nb_feed *feed);
void feed_rung(struct nb_feed *feed, unsigned subjects, bool resync);
/* Bells come through another way than before, from now on: what rang in between is looked for. */
void feed_transport_changed(struct nb_feed *feed);
/* Nobody, an identity without bells, or a session that cannot LISTEN: it polls, and tries again now and then. */
void feed_hears_nothing(struct nb_feed *feed);
void feed_notified(void *arg, const char *name, const char *payload);

/* transport.c */
void transport_init(struct nb_feed *feed);
void transport_clear(struct nb_feed *feed);
/* Asks for the channels anew, then attaches to a hub or LISTENs. */
void transport_start(struct nb_feed *feed);
/* Forgets everything; the session may LISTEN on. */
void transport_stop(struct nb_feed *feed);
/* A ping did not come back through the hub: the session LISTENs by itself. False: it did so
 * already. */
bool transport_leave_hub(struct nb_feed *feed);
/* Time for a look whether there is a hub now. */
void transport_look_for_hub(struct nb_feed *feed);
const char *transport_ping_channel(const struct nb_feed *feed);
/* Sends UNLISTEN; listens is cleared when the server has answered. */
void transport_unlisten(struct nb_feed *feed);

#endif
