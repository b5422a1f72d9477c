/*
 * nightbell.h - the public interface of libnightbell.
 *
 * Conventions, once for all functions:
 *  - A function that can fail returns 0 or a negative `enum nb_code`, and describes the failure in the caller's
 *    `struct nb_error` (last argument, may be NULL). On failure out parameters are NULL or untouched.
 * - Out parameters come first. A `struct x **out` is owned by the caller and freed by the matching `_free(struct x
 * **)`,
 *    which accepts NULL and sets the caller's pointer to NULL.
 *  - A `const` pointer that is returned or found inside a struct is borrowed and lives as long as its parent.
 *  - All text is UTF-8. All times are microseconds since 1970-01-01T00:00:00Z; NB_TIME_NONE is "no time".
 *  - A handle belongs to one thread at a time.
 *  - Running out of memory ends the process through the hook set with nb_set_fatal_hook().
 */
#ifndef NIGHTBELL_H
#define NIGHTBELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NB_TIME_NONE INT64_MIN

/* The kinds of failure that a caller can act on. The command line maps them to its exit codes. */
enum nb_code {
    NB_OK = 0,
    NB_EFAILED = -1,      /* the operation failed; message says why */
    NB_EUSAGE = -2,       /* the call or command line itself is wrong */
    NB_ENOTFOUND = -3,    /* no such row, type, file, view … (or not visible to this identity) */
    NB_EDENIED = -4,      /* missing, bad or expired token; wrong role */
    NB_EUNREACHABLE = -5, /* the database cannot be reached, or the connection was lost */
    NB_EINVALID = -6,     /* a value is malformed or out of bounds; column may say where */
    NB_ECONFLICT = -7,    /* somebody else was first; message says who and when */
    NB_ECANCELLED = -8,   /* cancelled by the caller, or superseded by a newer request */
    NB_EVERSION = -9,     /* the database's schema does not fit this program */
};

enum nb_domain {
    NB_DOMAIN_NONE = 0,
    NB_DOMAIN_DATABASE, /* sqlstate is set */
    NB_DOMAIN_SYSTEM,   /* an operating system call */
    NB_DOMAIN_INPUT,    /* text from a person or a producer */
    NB_DOMAIN_CONFIG,   /* a configuration file; message begins with file:line */
    NB_DOMAIN_IDENTITY, /* tokens, keys, roles */
};

/* Caller-owned, no pointers, nothing to free. message is one line without a trailing full stop. */
struct nb_error {
    int code;
    enum nb_domain domain;
    char sqlstate[6];
    unsigned column; /* 1-based column in the refused input; 0: none */
    char message[768];
    char hint[384]; /* what to do about it; may be empty */
};

/* Called once with a message when memory runs out; it must not return. */
typedef void nb_fatal_hook(const char *message);
void nb_set_fatal_hook(nb_fatal_hook *hook);

const char *nb_version(void);

/* ---- the client ----
 *
 * A client is one connection. nb_client_open() opens it; when it was lost, the next call opens it again. Every call
 * blocks until it is answered, or until the database has been silent for the time in the options. A reading call is
 * repeated once when the connection is lost during it; the library repeats no other call. The caller may repeat a
 * producing call whose answer was lost: within the dedup window the answer is the id of the first one. */

struct nb_client;

/* Zeroed options are valid and take everything from the environment. All pointers are borrowed only during
 * nb_client_open(). */
struct nb_client_options {
    const char *dsn;              /* conninfo or URI; NULL: $NIGHTBELL_DSN, or else libpq's PG* environment */
    const char *token;            /* a JWT; NULL: token_file */
    const char *token_file;       /* NULL: $NIGHTBELL_TOKEN_FILE, $NIGHTBELL_TOKEN, or else the PostgreSQL role */
    const char *tenant;           /* UUID for inputs without one; NULL: the identity's own */
    const char *application_name; /* as pg_stat_activity shows it; NULL: "libnightbell" */
    /* Milliseconds that connecting may take, and that a statement may wait for an answer before the connection counts
     * as lost (NB_EUNREACHABLE). 0: 10,000 and 60,000. */
    int64_t timeout;
};

int nb_client_open(struct nb_client **out, const struct nb_client_options *options, struct nb_error *err);
void nb_client_close(struct nb_client **client);

/* ---- producing ---- */

#define NB_ID_TEXT_SIZE 40

/* All text is borrowed for the duration of the call; NULL omits a member. */
struct nb_notify_input {
    const char *tenant; /* UUID; NULL: the caller's own */
    const char *user;   /* UUID; NULL: everybody in the tenant (an announcement) */
    const char *type;
    const char *title;
    const char *message;
    const char *data; /* JSON text; NULL: none */
    const char *link;
    const char *actor;           /* UUID */
    const char *const *channels; /* NULL: the type's defaults */
    size_t channel_count;
    const char *urgency;   /* NULL: the type's */
    const char *dedup_key; /* NULL: by content */
    int64_t expires_at;    /* 0 or NB_TIME_NONE: the type's ttl */
};

/* The same for a system event. */
struct nb_raise_input {
    const char *event_type;
    const char *severity;
    const char *description;
    const char *details; /* JSON text */
    const char *tenant;  /* UUID; NULL: the caller's own */
    const char *user;
    const char *fingerprint;
    const char *source;
    int64_t episode_at; /* when the source's episode began; 0 or NB_TIME_NONE: not said. Needs source and fingerprint */
};

/* What a source says is over. */
struct nb_settle_input {
    const char *source;
    const char *fingerprint;
    int64_t episode_at; /* as it was raised; 0 or NB_TIME_NONE: whatever is open */
    const char *note;   /* the resolution; NULL: none */
    const char *tenant; /* UUID; NULL: the caller's own */
};

/* What happened in the application: rules decide who hears of it. */
struct nb_publish_input {
    const char *tenant; /* UUID; NULL: the caller's own */
    const char *event_type;
    const char *module;
    const char *context;         /* JSON text, an object; NULL: {} */
    const char *idempotency_key; /* NULL: none. The same key in the tenant gives the first id and stores nothing */
    int64_t occurred_at;         /* 0 or NB_TIME_NONE: now */
};

/* id gets the notification's UUID; for a repetition within the dedup window, the UUID of the first one. */
int nb_client_notify(struct nb_client *client, const struct nb_notify_input *input, char id[NB_ID_TEXT_SIZE],
                     struct nb_error *err);
/* Writes a notification for each of many recipients, by one statement.
 *
 *   recipient_type   recipient_value
 *   "role"           the role's name
 *   "group"          the group's name or UUID
 *   "user"           UUIDs, separated by commas
 *   "tenant"         NULL: everybody in the tenant
 *
 * input's user, channels and dedup_key must be NULL. *made (may be NULL) gets the number of notifications, 0 for a
 * repetition within the dedup window. A million of them take longer than the default timeout: raise it. For a single
 * row that everybody reads, use nb_client_notify() with user NULL. */
int nb_client_broadcast(struct nb_client *client, const char *recipient_type, const char *recipient_value,
                        const struct nb_notify_input *input, int64_t *made, struct nb_error *err);
/* id gets the event's number. If an event with the same fingerprint is open, that event counts one more occurrence. */
int nb_client_raise(struct nb_client *client, const struct nb_raise_input *input, char id[NB_ID_TEXT_SIZE],
                    struct nb_error *err);

/* The counterpart of nb_client_raise(). outcome gets "settled N", N being the event; "already N" where somebody resolved
 * it before; "ignored N" where its open episode began later; or "orphan" where nobody had raised it. */
int nb_client_settle(struct nb_client *client, const struct nb_settle_input *input, char outcome[NB_ID_TEXT_SIZE],
                     struct nb_error *err);

/* id gets the app event's number. */
int nb_client_publish(struct nb_client *client, const struct nb_publish_input *input, char id[NB_ID_TEXT_SIZE],
                      struct nb_error *err);

/* The result of input `index`: its id, or why it was refused. Both are borrowed for the duration of the call. */
typedef void nb_client_result(void *arg, size_t index, const char *id, const struct nb_error *err);
/* Sends many notifications, in batches of some hundreds. `result` is called once for every input, in order; a refused
 * one does not stop the others. Fails only when the rest could not be sent; inputs with a result by then are stored. */
int nb_client_notify_many(struct nb_client *client, const struct nb_notify_input *inputs, size_t count,
                          nb_client_result *result, void *arg, struct nb_error *err);

/* ---- types ---- */

/* A notification type; text is borrowed for the duration of the call. */
struct nb_type_info {
    const char *type;
    const char *module;
    const char *description;
    const char *urgency;
    const char *channels;      /* separated by commas */
    const char *restricted_to; /* roles, separated by commas; "": nobody; NULL: every producer */
    const char *document; /* the whole type as JSON, with the data's schema, as nb_client_types_import() takes it */
};
typedef void nb_client_type(void *arg, const struct nb_type_info *type);
/* Calls `seen` for every type, in the order of their names. */
int nb_client_types(struct nb_client *client, nb_client_type *seen, void *arg, struct nb_error *err);

/* The result of document `index`: its type was "added", "changed" or already the "same"; or why it was refused.
 * Borrowed for the duration of the call. */
typedef void nb_client_type_result(void *arg, size_t index, const char *type, const char *change,
                                   const struct nb_error *err);
/* For administrators. `result` is called once for every document, in order; a refused one does not stop the others. */
int nb_client_types_import(struct nb_client *client, const char *const *documents, size_t count,
                           nb_client_type_result *result, void *arg, struct nb_error *err);
/* For administrators. NB_ENOTFOUND: no such type; NB_EINVALID: notifications of this type still exist. */
int nb_client_type_delete(struct nb_client *client, const char *type, struct nb_error *err);

/* ---- reading ---- */

/* One row of the inbox. Text is untrusted and as stored: sanitise it before you write it to a terminal. */
struct nb_inbox_item {
    char id[NB_ID_TEXT_SIZE];
    bool is_announcement;
    int64_t created_at;
    int64_t read_at;     /* NB_TIME_NONE: unread */
    int64_t archived_at; /* NB_TIME_NONE: not archived */
    int64_t expires_at;  /* NB_TIME_NONE: never */
    const char *type;
    const char *title;
    const char *message;
    const char *link;    /* NULL: none; the same for those below unless noted */
    const char *data;    /* JSON */
    const char *actions; /* JSON */
    const char *actor_name;
    const char *channel; /* never NULL */
    const char *urgency; /* never NULL: low normal high critical */
    bool silent;         /* it exceeded the recipient's rate limit: show it, but do not alert */
};

struct nb_event_item {
    char id[NB_ID_TEXT_SIZE];
    int64_t created_at;
    int64_t last_seen_at;
    int64_t occurrences;
    int64_t resolved_at;     /* NB_TIME_NONE: open */
    int64_t acknowledged_at; /* NB_TIME_NONE: not acknowledged */
    int64_t snoozed_until;   /* NB_TIME_NONE: not snoozed */
    const char *event_type;
    const char *severity; /* low medium high critical */
    const char *description;
    const char *details; /* JSON; NULL: none; the same for all below */
    const char *source;
    const char *fingerprint;
    const char *resolution;
    const char *tenant_name;
    const char *assigned_to_name, *acknowledged_by_name, *resolved_by_name;
};

struct nb_client_query {
    const char *filter; /* the filter language of the console; NULL: everything */
    const char *before; /* an id, or `next` of the page before: only what comes behind it; NULL: from the newest */
    size_t limit;       /* 1 ... 1000; 0: 50 */
};

struct nb_inbox_page {
    const struct nb_inbox_item *items; /* newest first */
    size_t count;
    bool more;        /* ask again with before = next, or the last item's id */
    const char *next; /* NULL: there are no more */
};

struct nb_event_page {
    const struct nb_event_item *items; /* newest first, or as the filter sorts */
    size_t count;
    bool more;        /* ask again with before = next: where the filter sorts, an id does not say where to go on */
    const char *next; /* NULL: there are no more */
};

/* query may be NULL. NB_EDENIED: the database does not accept the caller's identity, or no longer. NB_EINVALID, with
 * err->column: the filter cannot be parsed. */
int nb_client_inbox(struct nb_client *client, const struct nb_client_query *query, struct nb_inbox_page **out,
                    struct nb_error *err);
void nb_inbox_page_free(struct nb_inbox_page **page);
int nb_client_events(struct nb_client *client, const struct nb_client_query *query, struct nb_event_page **out,
                     struct nb_error *err);
void nb_event_page_free(struct nb_event_page **page);

/* ---- acting ---- */

enum nb_inbox_field { NB_INBOX_READ, NB_INBOX_ARCHIVED, NB_INBOX_DELETED };

/* Sets the reader's own time of these rows; NB_TIME_NONE clears it. *changed (may be NULL) counts the rows that really
 * changed. Rows of others are treated like rows that do not exist: not counted, not an error. */
int nb_client_inbox_set(struct nb_client *client, enum nb_inbox_field field, const char *const *ids, size_t count,
                        int64_t time, size_t *changed, struct nb_error *err);

enum nb_event_act {
    NB_EVENT_ACKNOWLEDGE,
    NB_EVENT_RESOLVE,
    NB_EVENT_REOPEN,
    NB_EVENT_ASSIGN,
    NB_EVENT_SNOOZE,
    NB_EVENT_NOTE,
    NB_EVENT_UNDO, /* restores what an act replaced; refused for an event that was changed since */
};

/* The arguments of an act; fields that the act does not use are ignored. */
struct nb_client_act {
    enum nb_event_act act; /* any but NB_EVENT_UNDO */
    const char *const *ids;
    size_t count;
    const char *note; /* resolve: optional; note: required */
    const char *user; /* assign: UUID; NULL removes the assignment */
    int64_t until;    /* snooze: NB_TIME_NONE ends it */
};

/* The outcome for one event. reason says why it was not changed ("resolved by bob at ..."); NULL when it already was as
 * wanted. Borrowed for the duration of the call. */
typedef void nb_client_outcome(void *arg, const char *id, bool changed, const char *reason);
/* outcome (may be NULL) is called for each event that exists and is visible. */
int nb_client_event_act(struct nb_client *client, const struct nb_client_act *act, nb_client_outcome *outcome,
                        void *arg, struct nb_error *err);

/* ---- watching ----
 *
 * A watch has its own connection and reopens it when it is lost. It reports every row that became visible or changed
 * since the watch began, including late commits and changes during a lost connection. A row that changed several times
 * between two looks at the database is reported once. */

struct nb_watch;

struct nb_watch_options {
    const char *inbox_filter; /* borrowed only during nb_client_watch() */
    const char *events_filter;
    /* NULL: not watched. created is false for a row that changed. Items are borrowed for the call. */
    void (*inbox)(void *arg, const struct nb_inbox_item *item, bool created);
    void (*event)(void *arg, const struct nb_event_item *item, bool created);
    /* May be NULL. connected is false, with the reason, while there is no connection. */
    void (*state)(void *arg, bool connected, const struct nb_error *err);
    /* May be NULL. known is false, with NB_EDENIED and the reason, when the token has expired or was revoked: nothing
     * is reported from then on. It is true when the client's token file has a valid token again: then everything that
     * happened in between is reported. */
    void (*identity)(void *arg, bool known, const struct nb_error *err);
    void *arg;
};

int nb_client_watch(struct nb_watch **out, struct nb_client *client, const struct nb_watch_options *options,
                    struct nb_error *err);
void nb_watch_free(struct nb_watch **watch);
/* A descriptor for poll(2), epoll(7) or select(2): when it is readable, call nb_watch_dispatch(). It belongs to the
 * watch and never changes. */
int nb_watch_fd(const struct nb_watch *watch);
/* Does the work that is due and calls the callbacks; never blocks. The callbacks must not free the watch. */
int nb_watch_dispatch(struct nb_watch *watch, struct nb_error *err);

#ifdef __cplusplus
}
#endif
#endif
