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
#include "tui/views/help.h"
#include "tui/draw/layout.h"
#include "tui/draw/theme.h"
#include "tui/host/link.h"
#include "tui/modal/modal.h"
#include "tui/term/term.h"
#include "tui/view/view.h"

#define CONSOLE_SIGNALS 6

enum { VIEW_INBOX, VIEW_EVENTS, VIEW_COUNT };

struct console {
    struct host host;
    struct host_observer observer;
    bool was_operator; /* when the database told last who we are */
    struct term *term;
    struct theme *theme;
    struct grid grid;
    struct layout layout;
    bool no_color;

    struct view *views[VIEW_COUNT];
    enum context current; /* CONTEXT_INBOX, CONTEXT_EVENTS or CONTEXT_HELP */
    enum context before_help;
    struct help *help;
    bool detail_open; /* it has the focus */
    bool pane_on, pane_off;

    struct modal modal;
    struct key_state keys;
    struct attention attention;
    struct acts acts;
    struct exporter exporter;

    struct nb_source *input, *output;
    struct nb_timer *key_timer, *paint_timer, *minute_timer, *still_timer;
    struct nb_signal *signals[CONSOLE_SIGNALS];
    bool lost;          /* the terminal is gone */
    bool feed_let_go;   /* as the terminal has not read for a while */
    int64_t quit_by_ms; /* acts may finish until then; 0: not quitting */
    struct nb_ration paints;
};

struct view *console_view(struct console *console); /* the list view that is shown; NULL: help is */
void console_show(struct console *console, enum context context);
void console_refresh(struct console *console);
void console_quit(struct console *console);
void console_suspend(struct console *console);
void console_run_command(struct console *console, const struct command *command);
void console_run_text(struct console *console, const char *text);
/* Gives the detail the focus, or takes it back to the list. */
void console_open_detail(struct console *console, bool open);
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

#endif
