/*
 * feed_internal.h - shared by feed.c (calls to the owner, pings, looks) and transport.c (how bells arrive).
 */
#ifndef NB_FEED_FEED_INTERNAL_H
#define NB_FEED_FEED_INTERNAL_H

#include "base/ration.h"
#include "base/vec.h"
#include "feed/feed.h"
#include "feed/attach.h"
#include "feed/probe.h"

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
    bool deferred;              /* the database leaves ringing to a hub */
    bool unrung;                /* the database defers ringing, and no hub rings */
    bool listens;               /* this session has a LISTEN of its own */
    struct nb_probe *probe;     /* behind a proxy, in flight: whether this session may LISTEN */
    enum nb_probe_result proof; /* what it found out about this session */
    unsigned probes;            /* how many there were in this session */
    struct nb_hub_link *hub;    /* attached or attaching */
    bool had_hub;               /* so it is worth looking for one */
    bool shuns_hub;             /* the hub did not answer: not tried until the next look for one */
    int64_t hub_wait_ms;        /* until the next look for a hub */
    struct nb_timer *hub_timer; /* limits attaching, or starts the next look for a hub */
    struct nb_request *asking;  /* in flight */
    struct nb_request *listening;
    struct nb_request *unlistening;

    /* feed.c */
    struct nb_request *pinging;
    uint64_t ping_number; /* of the ping in flight; 0: none */
    uint64_t pings;
    bool heard;       /* a bell or a ping since the last check */
    bool ping_soon;   /* something changed: shorten the wait for the next ping */
    unsigned pending; /* subjects whose bells rang while coalescing */
    bool pending_resync;
    struct nb_ration calls;      /* limits how often the owner is called */
    struct nb_timer *coalesce;   /* until the next call is allowed, which also reports the bells of this time */
    struct nb_timer *look_again; /* until the next look; while polling, the next poll */
    struct nb_timer *ping;       /* until the next ping, or the timeout of the one in flight */
};

/* feed.c */
bool feed_is_running(const struct nb_feed *feed);
void feed_rung(struct nb_feed *feed, unsigned subjects, bool resync);
/* The transport has changed: looks for what rang in between. */
void feed_transport_changed(struct nb_feed *feed);
/* No identity, an identity without bells, or a session that cannot LISTEN: the feed polls, and retries from time to
 * time. */
void feed_hears_nothing(struct nb_feed *feed);
void feed_notified(void *arg, const char *name, const char *payload);

/* transport.c */
void transport_init(struct nb_feed *feed);
void transport_clear(struct nb_feed *feed);
/* Asks for the channels again, then attaches to a hub or LISTENs. */
void transport_start(struct nb_feed *feed);
/* Drops all state; the session's LISTEN may remain. */
void transport_stop(struct nb_feed *feed);
/* A ping did not come back through the hub: switches to a LISTEN of this session. False: it has that already. */
bool transport_leave_hub(struct nb_feed *feed);
/* Checks whether there is a hub now. */
void transport_look_for_hub(struct nb_feed *feed);
const char *transport_ping_channel(const struct nb_feed *feed);
/* Sends UNLISTEN; listens is cleared when the server has answered. */
void transport_unlisten(struct nb_feed *feed);

#endif
