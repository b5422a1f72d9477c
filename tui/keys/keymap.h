/*
 * keymap.h - which keys do what. Keymaps are files (keymaps/NAME.keys), one line a binding:
 *
 *     [events]
 *     X, g x = :resolve --note     # resolve with a note
 *     o      = none
 *
 * A key sequence is keys separated by blanks; alternatives are separated by commas (<Comma> is the
 * key). The note is the hint; without one, the action's help. Contexts fall back: detail ->
 * the list's own (inbox, events) -> list -> global; help -> global. A user's file of the same name is read over the
 * shipped one, and keymaps/user.keys over every keymap; lines not mentioned stay. `inherits = NAME`
 * before the first section starts from another keymap; a user's own new keymap starts from default.
 * A digit that is not bound begins a count (5 j); 0 does too (0 1 0 j), which helps where 1 and 2
 * are bound.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include "tui/keys/action.h"
#include "tui/keys/key.h"
#include "tui/files/problem.h"

#define KEYMAP_MAX_SEQUENCE 6

struct keymap;

NB_MUSTCHECK int keymap_load(struct keymap **out, const char *name, struct problems *problems, struct nb_error *err);
NB_MUSTCHECK int keymap_load_text(struct keymap **out, const char *file, const char *text, struct problems *problems,
                                  struct nb_error *err);
void keymap_free(struct keymap **keymap);
const char *keymap_name(const struct keymap *keymap);

/* Where a key is looked up, most exact context first. */
struct key_scope {
    enum context contexts[4];
    size_t count;
};
/* detail: a list's detail has the focus. */
struct key_scope key_scope(enum context screen, bool detail);

struct binding {
    enum context context;
    struct key keys[KEYMAP_MAX_SEQUENCE];
    size_t length;
    struct command command;
    bool unbound;     /* `= none`: hides what it would fall back to; has no command */
    bool noted;       /* the line has a note: it may stand in the hint bar */
    const char *hint; /* the note, else the action's help */
    const char *file;
    unsigned line; /* alternatives on one line share it */
};

/* What has been typed so far. Zero it to begin. */
struct key_state {
    struct key keys[KEYMAP_MAX_SEQUENCE];
    size_t length;
    bool counting; /* digits were typed */
    int count;
    struct key replay; /* after KEY_FIRE: when its code is not 0, feed this key next */
};

enum key_result {
    KEY_UNBOUND, /* nothing begins like this; the state is reset */
    KEY_PENDING, /* more keys may follow: draw keymap_pending(), start a timer when keymap_waits() */
    KEY_FIRE,    /* *binding is to be run with *count; the state is reset */
    KEY_CANCEL,  /* Esc ended a pending sequence or count */
};

enum key_result keymap_feed(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                            struct key key, const struct binding **binding, int *count);
/* Whether a shorter binding waits to fire, by keymap_timeout(), when nothing follows; else what is
 * pending waits for ever. */
bool keymap_waits(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state);
/* The timer fired: KEY_FIRE with the shorter binding, or KEY_UNBOUND. */
enum key_result keymap_timeout(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                               const struct binding **binding, int *count);
/* "5 g": what is pending, for the status line. */
void keymap_pending(const struct key_state *state, struct nb_strbuf *out);

/* Calls visit for each binding that is in force in scope and begins with what is pending (all, for
 * an empty or NULL state): the most exact context first, each in the order of its lines. What a
 * more exact context hides, or `none`, is not visited. */
typedef void keymap_visitor(void *arg, const struct binding *binding);
void keymap_visit(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                  keymap_visitor *visit, void *arg);
/* Every binding of one context, for the help screen. */
void keymap_visit_context(const struct keymap *keymap, enum context context, keymap_visitor *visit, void *arg);
/* Appends "g g" as it is written in a file. */
void binding_format(struct nb_strbuf *out, const struct binding *binding);
/* Appends the shortest keys for an action without arguments in scope ("r"); nothing when it is not
 * bound. scope NULL: in any context. */
void keymap_keys_of(const struct keymap *keymap, const struct key_scope *scope, enum action action,
                    struct nb_strbuf *out);

#endif
