/*
 * outside.h - programs that the console starts: what opens links, what takes copies. Without a shell, and without
 * waiting for them.
 */
#ifndef TUI_OUTSIDE_H
#define TUI_OUTSIDE_H

#include "base/vec.h"
#include "tui/host/message.h"

struct host;
struct outside_run;

struct outside {
    NB_VEC(struct outside_run *) running;
};

struct outside_calls {
    /* How it went, once: err is NULL when the program ended well, or still runs after a while (a browser does). */
    void (*done)(void *arg, const struct nb_error *err);
    void (*release)(void *arg); /* last of all, also when done was never called; may be NULL */
    void *arg;
};

/* command: a program and its arguments, parted by blanks; argument (may be NULL) is one more, as it is; input (may be
 * NULL) is what it reads. */
void outside_start(struct host *host, const char *command, const char *argument, const char *input,
                   const struct outside_calls *calls);
void outside_clear(struct outside *outside);

/* Whether doors are closed in this console (--restricted): then the message line says so. */
bool outside_refuses(struct host *host);

#endif
