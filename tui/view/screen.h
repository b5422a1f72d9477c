/*
 * screen.h - what every screen is, a list or not: a table of what it does. The tables are in tui/views/; which there are,
 * stands in tui/keys/screen.def.
 */
#ifndef TUI_SCREEN_H
#define TUI_SCREEN_H

#include "tui/draw/layout.h"
#include "tui/host/host.h"
#include "tui/keys/input.h"
#include "tui/view/kind.h"

#define WHEEL_ROWS 3 /* lines that a turn of the wheel scrolls */

struct screen;
struct screen_kind;
struct table_kind;

/* What a screen is made with. */
struct screen_wish {
    struct host *host;
    const char *filter; /* a list's first one */
    const char *tenant; /* whose rows, for global operators; NULL: one's own, or all */
    /* A figure on its tab is another. */
    void (*counted)(void *arg);
    void *arg;
};

/* Those that are marked with "may be NULL" do nothing then. */
struct screen_ops {
    struct screen *(*open)(const struct screen_kind *kind, const struct screen_wish *wish);
    void (*close)(struct screen *screen);
    /* It is gone to, or fetched again. (The first screen is not entered: it hears of the connection by bell.) */
    void (*enter)(struct screen *screen);
    void (*leave)(struct screen *screen); /* may be NULL */
    /* Something of its subjects may have changed; resync: everything may have. May be NULL. */
    void (*bell)(struct screen *screen, bool resync);
    void (*aged)(struct screen *screen);         /* a minute has passed: times are told otherwise; may be NULL */
    void (*keys_changed)(struct screen *screen); /* another keymap; may be NULL */
    /* Where its parts stand on this screen, and what of them is to be seen. Nothing else may fetch or wrap for a frame. */
    void (*layout)(struct screen *screen, const struct layout *layout);
    void (*draw)(const struct screen *screen, struct grid *grid, const struct layout *layout);
    /* Wheel and clicks. True: a second click here opens what is under it, or turns the switch. May be NULL. */
    bool (*mouse)(struct screen *screen, const struct input *input, const struct layout *layout);

    /* What the keys that move do here, where it is no list. */
    void (*scroll)(struct screen *screen, int lines);
    void (*search)(struct screen *screen, const char *text); /* as it is typed; NULL: it cannot be searched */
    /* A key may mean the row under the cursor: it is the one that the screen promises. NULL: always. */
    bool (*settled)(const struct screen *screen);
    /* What stands at the end of the line that a list has for its counts; may be NULL. */
    void (*tell)(const struct screen *screen, struct nb_strbuf *out);
};

struct screen_kind {
    enum context context;           /* its name, title and keys */
    const struct view_kind *list;   /* NULL: it is no list, and the rest is not known from its subject */
    const struct table_kind *table; /* NULL: it is none */
    unsigned subjects;              /* whose doorbells concern it (NB_SUBJECT_BIT()) */
    const char *operators_only;     /* what to tell others; NULL: everybody may see it */
    const char *caption;            /* stands where a list has its filter */
    const struct screen_ops *ops;
};

/* The beginning of what a screen's open() gives. */
struct screen {
    const struct screen_kind *kind;
    struct host *host;
    bool shown;            /* somebody looks at it */
    bool detail_open;      /* of a list or a table: it has the focus */
    struct screen *covers; /* the one beneath, while it covers another one; else NULL */
};

struct screen *screen_open(const struct screen_kind *kind, const struct screen_wish *wish);
void screen_close(struct screen **screen);
void screen_leave(struct screen *screen);
void screen_bell(struct screen *screen, bool resync);
void screen_aged(struct screen *screen);
void screen_keys_changed(struct screen *screen);
bool screen_mouse(struct screen *screen, const struct input *input, const struct layout *layout);
unsigned screen_subjects(const struct screen *screen);
const char *screen_operators_only(const struct screen *screen);
bool screen_is_settled(const struct screen *screen);
bool screen_may_be_seen(const struct screen *screen);

#endif
