/*
 * console_state.h - the console from the inside: one struct, and what its files do for each other.
 */
#ifndef TUI_CONSOLE_STATE_H
#define TUI_CONSOLE_STATE_H

#include <time.h>

#include "base/loop.h"
#include "feed/feed.h"
#include "identity/identity.h"
#include "tui/acts/acts.h"
#include "tui/console/attention.h"
#include "tui/console/console.h"
#include "tui/views/help.h"
#include "tui/keys/keymap.h"
#include "tui/draw/layout.h"
#include "tui/host/message.h"
#include "tui/modal/modal.h"
#include "tui/config/settings.h"
#include "tui/term/term.h"
#include "tui/acts/undo.h"
#include "tui/view/view.h"

#define CONSOLE_SIGNALS 6

enum { VIEW_INBOX, VIEW_EVENTS, VIEW_COUNT };

/* The token file: read again when it changes, or when the database refuses the token that we have. */
struct token_watch {
    char *path;
    struct timespec modified;
    int64_t looked_ms;
};

struct console {
    struct nb_loop *loop;
    struct term *term;
    struct grid grid;
    struct layout layout;
    struct settings settings;
    struct problems problems;
    struct keymap *keymap;
    struct theme *theme;
    bool no_color;

    struct nb_connection *connection;
    struct nb_connection_observer observer;
    struct nb_feed *feed;
    struct nb_error connection_error;
    struct nb_identity identity;
    bool identified; /* the database has told who we are */
    struct nb_request *identity_request;
    struct token_watch token;
    int64_t lost_at; /* since when what is on screen may be stale; 0: it is not */

    struct view *views[VIEW_COUNT];
    enum context current; /* CONTEXT_INBOX, CONTEXT_EVENTS or CONTEXT_HELP */
    enum context before_help;
    struct help *help;
    bool detail_open; /* it has the focus */
    bool pane_on, pane_off;

    struct modal modal;
    struct prompt_history histories[MODAL_HISTORY_COUNT];
    struct key_state keys;
    struct messages messages;
    struct attention attention;
    struct acts acts;
    struct undo undo;
    struct export *export; /* under way; NULL: none */

    struct nb_source *input;
    struct nb_timer *key_timer, *paint_timer, *minute_timer, *second_timer;
    struct nb_signal *signals[CONSOLE_SIGNALS];
    bool dirty;
    bool urgent;        /* a person waits for the paint */
    bool lost;          /* the terminal is gone */
    int64_t quit_by_ms; /* acts may finish until then; 0: not quitting */
    int paint_tokens;
    int64_t paint_refilled_ms;
};

/* Something changed on screen; it is painted before the loop sleeps. */
void console_dirty(struct console *console);
struct view *console_view(struct console *console); /* the list view that is shown; NULL: help is */
bool console_is_operator(const struct console *console);
/* Whether acts can be done now; otherwise says why not, in the message line. */
bool console_may_write(struct console *console);
void console_show(struct console *console, enum context context);
void console_refresh(struct console *console);
void console_quit(struct console *console);
void console_suspend(struct console *console);
void console_run_command(struct console *console, const struct command *command);
void console_run_text(struct console *console, const char *text);
struct key_scope console_scope(const struct console *console);
/* input.c: everything that the terminal has sent. */
void input_read(struct console *console);
void input_key_timeout(struct console *console);
void console_apply_option(struct console *console, enum option option);
NB_MUSTCHECK int console_load_keymap(struct console *console, const char *name, struct nb_error *err);
NB_MUSTCHECK int console_load_theme(struct console *console, const char *name, struct nb_error *err);

/* paint.c: the whole screen into the grid, all of it each time: only what differs is sent. */
void paint(struct console *console);
/* status.c: the lines around the body. */
void status_draw_header(struct console *console, struct rect rect);
void status_draw_filter(struct console *console, struct rect rect);
void status_draw_bottom(struct console *console, struct rect rect);
/* Which view's tab is at column x of the header: CONTEXT_COUNT for none. */
enum context status_tab_at(const struct console *console, int x);
/* link.c: the connection, the feed, the identity and its token. */
NB_MUSTCHECK int link_open(struct console *console, const struct console_options *options, struct nb_error *err);
void link_close(struct console *console);
void link_tick(struct console *console); /* each second while something is not as it should be */
/* The last word before poll: starts the ticking when an answer is awaited. */
void link_before_sleep(struct console *console);
bool link_is_ready(const struct console *console);
/* The database does not know us, or not any more: an unknown login, a bad or expired token. */
bool link_is_refused(const struct console *console);
/* Why what is shown cannot be trusted or changed now; NULL: all is well. Into buffer, if anywhere. */
const char *link_trouble(const struct console *console, char *buffer, size_t size);

#endif
