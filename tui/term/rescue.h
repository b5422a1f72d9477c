/*
 * rescue.h - restores the terminal whatever ends the program: exit, a signal, a crash, out of memory.
 */
#ifndef TUI_RESCUE_H
#define TUI_RESCUE_H

#include <termios.h>

/* Installs an exit hook, the fatal hook, and (once) handlers for the signals that end a program and are not handled or
 * ignored already. */
void rescue_install(void);
/* From now on, restoring means: write text to the terminal fd, then set these modes. */
void rescue_arm(int fd, const struct termios *modes, const char *text);
/* Nothing needs to be restored any more. */
void rescue_disarm(void);
/* Restores the terminal now, once; async-signal-safe. */
void rescue_now(void);

#endif
