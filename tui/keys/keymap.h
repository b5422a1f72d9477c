/*
 * keymap.h - the bindings of keys. A keymap is a file (keymaps/NAME.keys) with a binding on each line:
 *
 *     [events]
 *     X, g x = :resolve --note     # resolve with a note
 *     o      = none
 *
 * - Blanks separate the keys of a sequence, commas separate alternatives (<Comma> is the key).
 * - The note becomes the hint; without a note the hint is the action's help.
 * - Contexts fall back: detail -> the list's own (inbox, events, deliveries) -> list -> global; help -> global.
 * - A user's file of the same name is read after the shipped one, and keymaps/user.keys after every keymap; bindings
 *   that they do not mention stay.
 * - `inherits = NAME` before the first section starts from another keymap; a user's own new keymap starts from default.
 * - A digit that is not bound begins a count (5 j). So does 0 (0 1 0 j), for keymaps in which 1 and 2 are bound.
 */
#ifndef TUI_KEYMAP_H
#define TUI_KEYMAP_H

#include "tui/keys/action.h"
#include "tui/keys/key.h"
#include "tui/files/problem.h"

#define KEYMAP_MAX_SEQUENCE 6

struct keymap;

NB_MUSTCHECK int keymap_load(struct keymap **out, const char *name, struct problems *problems, struct nb_error *err);
/* The same for text; for tests and the fuzzer. */
NB_MUSTCHECK int keymap_load_text(struct keymap **out, const char *file, const char *text, struct problems *problems,
                                  struct nb_error *err);
void keymap_free(struct keymap **keymap);
const char *keymap_name(const struct keymap *keymap);

/* The contexts in which a key is looked up, most exact first. */
struct key_scope {
    enum context contexts[4];
    size_t count;
};
/* detail: the detail of a list has the focus. */
struct key_scope key_scope(enum context screen, bool detail);

struct binding {
    enum context context;
    struct key keys[KEYMAP_MAX_SEQUENCE];
    size_t length;
    struct command command;
    bool unbound;     /* `= none`: hides the binding that it would fall back to; has no command */
    bool noted;       /* the line has a note, so the hint bar may show it */
    const char *hint; /* the note, or else the action's help */
    const char *file;
    unsigned line; /* the same for alternatives on one line */
};

/* The keys typed so far. A zeroed struct is the start. */
struct key_state {
    struct key keys[KEYMAP_MAX_SEQUENCE];
    size_t length;
    bool counting; /* digits have been typed */
    int count;
    struct key replay; /* after KEY_FIRE: feed this key next, unless its code is 0 */
};

enum key_result {
    KEY_UNBOUND, /* no binding begins like this; the state is reset */
    KEY_PENDING, /* more keys may follow: draw keymap_pending(), and start a timer when keymap_waits() */
    KEY_FIRE,    /* run *binding with *count; the state is reset */
    KEY_CANCEL,  /* Esc ended a pending sequence or count */
};

enum key_result keymap_feed(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                            struct key key, const struct binding **binding, int *count);
/* Whether a shorter binding will fire by keymap_timeout() when no key follows. Otherwise what is pending waits for
 * ever. */
bool keymap_waits(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state);
/* The timer has fired: KEY_FIRE with the shorter binding, or KEY_UNBOUND. */
enum key_result keymap_timeout(const struct keymap *keymap, const struct key_scope *scope, struct key_state *state,
                               const struct binding **binding, int *count);
/* Appends what is pending, for the status line: "5 g". */
void keymap_pending(const struct key_state *state, struct nb_strbuf *out);

/* Calls visit for each active binding in scope that begins with what is pending (every binding, for an empty or NULL
 * state). The most exact context comes first, each in the order of its lines. Bindings hidden by a more exact context
 * or by `none` are left out. */
typedef void keymap_visitor(void *arg, const struct binding *binding);
void keymap_visit(const struct keymap *keymap, const struct key_scope *scope, const struct key_state *state,
                  keymap_visitor *visit, void *arg);
/* Visits every binding of one context, for the help screen. */
void keymap_visit_context(const struct keymap *keymap, enum context context, keymap_visitor *visit, void *arg);
/* Appends the keys as written in a file: "g g". */
void binding_format(struct nb_strbuf *out, const struct binding *binding);
/* Appends the shortest keys for an action without arguments in scope ("r"); nothing when it is not bound. scope NULL:
 * in any context. */
void keymap_keys_of(const struct keymap *keymap, const struct key_scope *scope, enum action action,
                    struct nb_strbuf *out);

#endif
