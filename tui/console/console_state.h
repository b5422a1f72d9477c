/*
 * console_state.h - the console from the inside: one struct, and what its files do for each other.
 */
#ifndef TUI_CONSOLE_STATE_H
#define TUI_CONSOLE_STATE_H

#include "base/ration.h"
#include "tui/acts/acts.h"
#include "tui/acts/export.h"
#include "tui/console/attention.h"
#include "tui/console/console.h"
#include "tui/console/waking.h"
#include "tui/draw/layout.h"
#include "tui/draw/theme.h"
#include "tui/host/link.h"
#include "tui/modal/modal.h"
#include "tui/term/term.h"
#include "tui/view/view.h"

#define CONSOLE_SIGNALS 6

struct console;

/* What an action does. */
typedef void action_handler(struct console *console, const struct command *command);

/* What waits for rows or a question (held.c). */
struct held {
    bool has_command;
    struct command command;
    NB_VEC(struct key) keys; /* behind it */
    struct nb_timer *timer;  /* until they are dropped */
};

struct console {
    struct host host;
    struct host_observer observer;
    struct term *term;
    struct theme *theme;
    struct grid grid;
    struct layout layout;
    bool no_color;

    struct screen *screens[SCREEN_COUNT];
    struct screen *current; /* the one that is shown */
    struct screen *beneath; /* the same, or the one that it covers */
    bool pane_on, pane_off;

    action_handler *const *handlers; /* by enum action */
    struct modal modal;
    struct key_state keys;
    struct held held;
    struct attention attention;
    struct waking waking;
    struct acts acts;
    struct exporter exporter;

    struct nb_source *input, *output;
    struct nb_timer *key_timer, *paint_timer, *minute_timer, *still_timer;
    struct nb_signal *signals[CONSOLE_SIGNALS];
    bool lost;          /* the terminal is gone */
    bool feed_let_go;   /* as the terminal has not read for a while */
    int64_t quit_by_ms; /* acts may finish until then; 0: not quitting */
    int64_t quit_done;  /* how far a long one was when that was set */
    struct nb_ration paints;
    char *login;       /* the PostgreSQL login that is the identity; NULL: a token is */
    char *screen_file; /* where the next frame is written as text; NULL: nowhere */
};

/* See tui/handlers/run.h. handlers: by enum action. */
NB_MUSTCHECK int console_run(const struct console_options *options, action_handler *const handlers[ACTION_COUNT],
                             struct nb_error *err);
void console_refresh(struct console *console);
void console_quit(struct console *console);
void console_suspend(struct console *console);
void console_run_command(struct console *console, const struct command *command);
void console_run_text(struct console *console, const char *text);

/* screens.c: which screens there are, and which is shown. */
void screens_open(struct console *console, const struct console_options *options);
void screens_close(struct console *console);
struct screen *screens_find(const struct console *console, enum context context); /* NULL: that is no screen's */
/* What of an option concerns lists. */
void screens_apply_option(struct console *console, enum option option);
struct screen *screens_tab(const struct console *console, size_t number);      /* from 1 on; NULL: there is none */
struct screen *screens_named(const struct console *console, const char *word); /* a name or a number; NULL */
void screens_names(struct nb_strbuf *out);                                     /* "inbox, events and help" */
void screens_step(struct console *console, int delta);
void screens_bell(struct console *console, unsigned subjects, bool resync);
void screens_identified(struct console *console);
void console_show(struct console *console, struct screen *screen);
struct view *console_view(const struct console *console); /* the list that is shown; NULL: the screen is none */
/* Gives the detail the focus, or takes it back to the list. */
void console_open_detail(struct console *console, bool open);
bool console_detail_open(const struct console *console);

/* person.c: whom the state file is about, as text; the caller frees it. NULL: not known. */
char *person_at_start(const struct console_options *options);
char *person_now(const struct console *console);

/* input.c: everything that the terminal has sent. */
void input_read(struct console *console);
void input_key(struct console *console, struct key key);
void input_key_timeout(struct console *console);

/* held.c: keys that wait. Each of the two is true when what it was given waits, or is dealt with. */
void held_init(struct console *console);
void held_clear(struct console *console);
bool held_key(struct console *console, struct key key);
bool held_command(struct console *console, const struct command *command);
void held_release(struct console *console); /* does what need not wait any more */

void console_apply_option(struct console *console, enum option option);
NB_MUSTCHECK int console_load_keymap(struct console *console, const char *name, struct nb_error *err);
NB_MUSTCHECK int console_load_theme(struct console *console, const char *name, struct nb_error *err);

/* paint.c: first where everything stands, then the whole screen into the grid, all of it each time: only what differs is
 * sent. Only the hook before sleep paints. */
void paint_layout(struct console *console);
void paint(const struct console *console, struct grid *grid);
/* status.c: the lines around the body. */
void status_draw_header(const struct console *console, struct grid *grid, struct rect rect);
void status_draw_filter(const struct console *console, struct grid *grid, struct rect rect);
void status_draw_bottom(const struct console *console, struct grid *grid, struct rect rect);
/* Whose tab is at column x of the header; NULL: none. */
struct screen *status_tab_at(const struct console *console, int x);

#endif
