/*
 * why.h - why somebody heard of something, or did not: the decisions that the database has kept, and what they say.
 */
#ifndef NB_WHY_WHY_H
#define NB_WHY_WHY_H

#include <jansson.h>

#include "base/strbuf.h"
#include "db/query.h"

struct nb_decision {
    int64_t at;
    const char *subject; /* notification, delivery, event, app_event */
    const char *subject_id;
    int64_t app_event; /* 0: of none */
    const char *event_type;
    struct nb_uuid user_id; /* nil: about nobody in particular */
    const char *user_name;
    const char *channel;
    const char *rule_id;
    const char *code;
    const char *outcome; /* yes, no, later, note */
    json_t *detail;      /* NULL: none */
    bool is_own;         /* about the reader */
};

#define NB_WHY_ALL 0

/* What the caller may see about a thing, in the order in which it was decided. kind: notification, delivery, event or
 * app_event; NULL: whatever has that id. most: at most so many, what concerns the caller before what concerns others. None:
 * nothing was decided, or nothing that the caller may see. Borrowed for the duration of the call. */
typedef void nb_why_done(void *arg, const struct nb_decision *decisions, size_t count, const struct nb_error *err);
struct nb_request *nb_why(struct nb_connection *connection, const char *kind, const char *id, size_t most,
                          nb_why_done *done, void *arg);

/* A detail as it is stored; NULL for NULL. The caller gives it back by json_decref(). */
json_t *nb_decision_detail(const char *text);

/* ---- words ---- */

struct nb_decision_words {
    const char *code;
    const char *recipient; /* templates: see decision.def */
    const char *operator;
    const char *change;
};

extern const struct nb_decision_words nb_decision_words[]; /* ends with a NULL code */

/* NULL: the database is newer than this program and knows more codes. */
const struct nb_decision_words *nb_decision_words_find(const char *code);

#define NB_DECISION_TEXT_MAX 32768 /* a detail has at most 8192 bytes, and a sentence names few of its members */

extern const char nb_decision_changes[]; /* "to change it: ", the words before what nb_decision_say_change() appends */

/* Appends what was decided, said to the reader (who is that person, or operates), and what would change it. */
void nb_decision_say(struct nb_strbuf *out, const struct nb_decision *decision);
void nb_decision_say_change(struct nb_strbuf *out, const struct nb_decision *decision);

#endif
