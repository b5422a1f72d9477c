/*
 * host.h - what every screen is built on: the loop, the connection and its identity, settings, keys, messages, and what
 * must be painted. It knows no view; to learn of doorbells or a new identity, observe it.
 */
#ifndef TUI_HOST_H
#define TUI_HOST_H

#include "base/loop.h"
#include "feed/feed.h"
#include "identity/vigil.h"
#include "tui/config/settings.h"
#include "tui/host/message.h"
#include "tui/host/outside.h"
#include "tui/host/values.h"
#include "tui/keys/keymap.h"

/* Any callback may be NULL. */
struct host_observer {
    /* A doorbell: rows of these subjects (NB_SUBJECT_BIT) may have changed. resync: any row may have changed. */
    void (*rang)(void *arg, unsigned subjects, bool resync);
    /* The database has reported the identity: for the first time, again, or after a new token. */
    void (*identified)(void *arg);
    /* Values that completion waits for have come (values.h), or will not. */
    void (*learned)(void *arg);
    void *arg;
    struct host_observer *next;
};

/* Private to link.c. */
struct link {
    struct nb_connection_observer observer;
    struct nb_error error; /* the connection's error since it was lost */
    struct nb_vigil *vigil;
    bool asked_ahead;       /* what only reads was asked behind the session's start, and READY is still to come */
    bool has_token;         /* false: the PostgreSQL login is the identity */
    char *token_file;       /* where the token came from, for messages; NULL: not from a file */
    struct nb_timer *timer; /* runs while something is wrong */
};

struct host {
    struct nb_loop *loop;
    struct settings settings;
    struct problems problems; /* in the files that were read */
    struct keymap *keymap;
    struct key_scope scope; /* where keys are looked up now */
    bool ascii;             /* the terminal has no Unicode: glyphs are drawn in ASCII */
    struct messages messages;
    struct outside outside; /* programs that were started */
    struct values values;   /* for completion */
    bool restricted;        /* no programs and only shipped files: for people who come through a gateway */

    struct nb_connection *connection;
    struct nb_feed *feed;
    struct nb_identity identity; /* when the token ends: still the former one, with known false and the reason */
    bool identified;             /* the database has reported the identity */
    int64_t lost_at;             /* since when the screen may be outdated; 0: it is current */
    struct link link;

    struct host_observer *observers;
    bool dirty;  /* the screen has changed: paint before the loop sleeps */
    bool urgent; /* a person waits for the paint */
    bool fresh;  /* it shows rows that a doorbell told of: it goes before paints of figures and details */
};

void host_clear(struct host *host);
void host_observe(struct host *host, struct host_observer *observer);
/* Tells all observers of a doorbell. */
void host_rang(struct host *host, unsigned subjects, bool resync);
void host_identified(struct host *host);
void host_learned(struct host *host);

/* Marks the screen as changed. */
void host_dirty(struct host *host);
/* Stays true when an operator's token ends, so that the events stay on the screen. */
bool host_is_operator(const struct host *host);
/* Whether acts are possible now; if not, says why in the message line. */
bool host_may_write(struct host *host);
/* Appends the keys that run an action here; nothing where it is not bound. */
void host_keys_of(const struct host *host, enum action action, struct nb_strbuf *out);

#endif
