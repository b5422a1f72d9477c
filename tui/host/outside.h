/*
 * outside.h - programs that the console starts: to open links and to take copies. Without a shell, and without waiting.
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
    /* Called once. err is NULL when the program succeeded, or still runs after a while (as a browser does). */
    void (*done)(void *arg, const struct nb_error *err);
    void (*release)(void *arg); /* called last, even when done was never called; may be NULL */
    void *arg;
};

/* command: a program and its arguments, separated by blanks. argument (may be NULL): one more argument, passed as it
 * is. input (may be NULL): its standard input. */
void outside_start(struct host *host, const char *command, const char *argument, const char *input,
                   const struct outside_calls *calls);
void outside_clear(struct outside *outside);

/* Whether this console must not start programs (--restricted); if so, the message line says it. */
bool outside_refuses(struct host *host);

#endif
