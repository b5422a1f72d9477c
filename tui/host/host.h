/*
 * host.h - what every screen stands on: the loop, the connection and who we are over it, settings, keys, messages, and what
 * has to be painted. It knows no view; whoever wants to hear of doorbells or of another identity observes it.
 */
#ifndef TUI_HOST_H
#define TUI_HOST_H

#include "base/loop.h"
#include "feed/feed.h"
#include "identity/identity.h"
#include "tui/config/settings.h"
#include "tui/host/message.h"
#include "tui/host/outside.h"
#include "tui/keys/keymap.h"

/* Every callback may be NULL. */
struct host_observer {
    /* A doorbell: rows of these subjects (NB_SUBJECT_BIT) may have changed; resync: all of them may have. */
    void (*rang)(void *arg, unsigned subjects, bool resync);
    /* The database has told who we are: for the first time, again, or after a new token. */
    void (*identified)(void *arg);
    void *arg;
    struct host_observer *next;
};

/* The token file: read again when it changes, or when the database refuses the token that we have. */
struct token_watch {
    char *path;
    struct timespec modified;
    int64_t looked_ms;
};

/* Only link.c looks inside. */
struct link {
    struct nb_connection_observer observer;
    struct nb_error error; /* of the connection, since it was lost */
    struct nb_request *identity_request;
    struct token_watch token;
    struct nb_timer *timer; /* runs while something is not as it should be */
};

struct host {
    struct nb_loop *loop;
    struct settings settings;
    struct problems problems; /* with the files that were read */
    struct keymap *keymap;
    struct key_scope scope; /* where a key is looked up now */
    bool ascii;             /* the terminal has no Unicode: glyphs are drawn in ASCII */
    struct messages messages;
    struct outside outside; /* programs that were started */
    bool restricted;        /* no programs, no files but the shipped ones: for people who come through a gateway */

    struct nb_connection *connection;
    struct nb_feed *feed;
    struct nb_identity identity;
    bool identified; /* the database has told who we are */
    int64_t lost_at; /* since when what is on screen may be stale; 0: it is not */
    struct link link;

    struct host_observer *observers;
    bool dirty;  /* something changed on screen: it is painted before the loop sleeps */
    bool urgent; /* a person waits for the paint */
};

void host_clear(struct host *host);
void host_observe(struct host *host, struct host_observer *observer);
/* Tells every observer. */
void host_rang(struct host *host, unsigned subjects, bool resync);
void host_identified(struct host *host);

/* Something changed on screen. */
void host_dirty(struct host *host);
bool host_is_operator(const struct host *host);
/* Whether acts can be done now; otherwise says why not, in the message line. */
bool host_may_write(struct host *host);
/* Appends the keys that run an action here; nothing where it has none. */
void host_keys_of(const struct host *host, enum action action, struct nb_strbuf *out);

#endif
