/*
 * term.h - the terminal. term.c is the only file that includes curses, and the only one that writes
 * to the terminal.
 *
 * Output: draw into a grid, then term_flush(). Only what differs from the last flush is sent; an
 * idle console sends nothing. Input: poll term_fd(), then call term_read() until it returns false.
 * Whatever ends the program (exit, SIGTERM, SIGHUP, a crash, out of memory), the terminal is
 * restored.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "tui/draw/cell.h"
#include "tui/keys/input.h"
#include "tui/draw/theme.h"

enum term_background { BACKGROUND_UNKNOWN, BACKGROUND_DARK, BACKGROUND_LIGHT };

struct term_options {
    int colors;          /* -1: as many as the terminal has; else an upper bound: 0, 8, 16, 256, 1 << 24 */
    bool mouse;          /* off: text selection stays the terminal's */
    bool ask_background; /* OSC 11; the answer is optional and never waited for */
    bool title;          /* may set the window title */
    bool force_ascii;    /* symbols and text in ASCII even where the locale has UTF-8 */
};

struct term;

/* Opens the terminal: the one that stdin and stdout are, else /dev/tty. Sets LC_CTYPE: the
 * environment's, else C.UTF-8 where the environment names no locale at all and TERM is no plain
 * console; term_ascii() is true where the outcome is not UTF-8. A TERM that is not known is used as
 * a terminal that can print lines only. NB_EFAILED without a terminal. */
NB_MUSTCHECK int term_open(struct term **out, const struct term_options *options, struct nb_error *err);
void term_close(struct term **term); /* restores the terminal */

int term_fd(const struct term *term);
void term_size(const struct term *term, int *columns, int *rows);
bool term_ascii(const struct term *term);
enum term_background term_background(const struct term *term);

/* The next input that is there; false when there is none now. Esc is known 25 ms after it was
 * pressed at the latest. Returns with *lost set (may be NULL) when the terminal has gone: the
 * program should end. */
bool term_read(struct term *term, struct input *input, bool *lost);

/* Output never waits for the terminal. Whether the next frame may be sent: the last one has been taken. */
bool term_takes_frames(struct term *term);
/* Becomes writable when the terminal takes more; -1: nothing is waiting for that. */
int term_output_fd(const struct term *term);
/* For how long the terminal has read nothing of what is waiting for it; 0: it reads. */
int64_t term_still_ms(const struct term *term);
/* Sends what changed and puts the cursor where the grid says. */
void term_flush(struct term *term, const struct grid *grid, const struct theme *theme);
/* The next flush repaints everything (another program has written on the screen, a new theme). */
void term_redraw(struct term *term);
/* Asks the system for the real size, after SIGWINCH; true when it changed. */
bool term_resize(struct term *term);
void term_set_mouse(struct term *term, bool on);
/* ^Z: gives the terminal back, stops the process, and takes the terminal again after fg. What must
 * happen before the stop (stop listening) is the caller's. */
void term_suspend(struct term *term);
/* The same two halves alone, to run another program on the terminal. */
void term_leave(struct term *term);
void term_enter(struct term *term);

/* The program's own sequences. Text in them is sanitised and capped; each is sent only where the
 * terminal may know it. */
void term_bell(struct term *term);
void term_flash(struct term *term, bool on);                              /* reverses the screen, and back again */
void term_title(struct term *term, const char *title);                    /* sent only when it changed */
void term_notify(struct term *term, const char *title, const char *body); /* OSC 9 and 777 */
/* OSC 52. NB_EINVALID when the text is longer than terminals take (74,994 bytes encoded),
 * NB_EFAILED where it cannot work. */
NB_MUSTCHECK int term_copy(struct term *term, const char *text, size_t length, struct nb_error *err);

#endif
