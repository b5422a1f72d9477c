/*
 * rescue.h - leaves the terminal sane whatever ends the program: exit, a signal, a crash, out of
 * memory.
 */
#ifndef TUI_RESCUE_H
#define TUI_RESCUE_H

#include <termios.h>

/* Installs handlers (once) for what ends a program and is not handled or ignored already, an exit
 * hook and the fatal hook. */
void rescue_install(void);
/* From now on the terminal fd is to be put back into modes, and text is written to it before. */
void rescue_arm(int fd, const struct termios *modes, const char *text);
/* Nothing is to be restored any more. */
void rescue_disarm(void);
/* Restores now, once; async-signal-safe. */
void rescue_now(void);

#endif
