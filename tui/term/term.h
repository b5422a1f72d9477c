/*
 * term.h - the terminal. term.c is the only file that includes curses, and the only one that writes to the terminal.
 *
 * - Output: draw into a grid, then call term_flush(). It sends only what differs from the last flush; an idle console
 *   sends nothing.
 * - Input: poll term_fd(), then call term_read() until it returns false.
 * - Whatever ends the program (exit, SIGTERM, SIGHUP, a crash, out of memory), the terminal is restored.
 */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include "tui/draw/cell.h"
#include "tui/keys/input.h"
#include "tui/draw/theme.h"

enum term_background { BACKGROUND_UNKNOWN, BACKGROUND_DARK, BACKGROUND_LIGHT };

struct term_options {
    int colors;          /* -1: as many as the terminal has; otherwise an upper limit: 0, 8, 16, 256, 1 << 24 */
    bool mouse;          /* off: the terminal keeps its text selection */
    bool ask_background; /* with OSC 11; never waits for the answer */
    bool title;          /* allowed to set the window's title */
    bool force_ascii;    /* symbols and text in ASCII even in a UTF-8 locale */
};

struct term;

/* Opens the terminal: stdin and stdout where they are one, or else /dev/tty. NB_EFAILED without a terminal. Sets
 * LC_CTYPE to the environment's locale, or to C.UTF-8 where the environment names none and TERM is no plain console;
 * term_ascii() is true where the result is not UTF-8. A terminal with an unknown TERM is used like one that can only
 * print lines. */
NB_MUSTCHECK int term_open(struct term **out, const struct term_options *options, struct nb_error *err);
void term_close(struct term **term); /* restores the terminal */

int term_fd(const struct term *term);
void term_size(const struct term *term, int *columns, int *rows);
bool term_ascii(const struct term *term);
enum term_background term_background(const struct term *term);

/* Reads the next input; false when there is none yet. Esc is recognised at most 25 ms after it was pressed. Sets *lost
 * (may be NULL) when the terminal is gone: the program should end. */
bool term_read(struct term *term, struct input *input, bool *lost);

/* Output never waits for the terminal. Whether the last frame has been taken, so that the next may be sent. */
bool term_takes_frames(struct term *term);
/* Poll it for writing to learn when the terminal takes more; -1: nothing is waiting. */
int term_output_fd(const struct term *term);
/* How long the terminal has taken nothing although output is waiting; 0: it reads. */
int64_t term_still_ms(const struct term *term);
/* Sends what changed, and puts the cursor where the grid says. */
void term_flush(struct term *term, const struct grid *grid, const struct theme *theme);
/* The next flush repaints everything: another program has written on the screen, or the theme has changed. */
void term_redraw(struct term *term);
/* After SIGWINCH: asks the system for the size; true when it has changed. */
bool term_resize(struct term *term);
void term_set_mouse(struct term *term, bool on);
/* ^Z: restores the terminal, stops the process, and takes the terminal again after fg. The caller must do before what
 * the stop requires (stop listening). */
void term_suspend(struct term *term);
/* The two halves of it, to run another program on the terminal. */
void term_leave(struct term *term);
void term_enter(struct term *term);

/* The program's own sequences, each sent only where the terminal may know it. Their text is sanitised and limited. */
void term_bell(struct term *term);
void term_flash(struct term *term, bool on); /* reverses the screen, and back again */
/* Sent only when it changed. False: not now, because the terminal does not read. */
bool term_title(struct term *term, const char *title);
void term_notify(struct term *term, const char *title, const char *body); /* OSC 9 and 777 */
/* Copies text with OSC 52. NB_EINVALID when it is longer than terminals accept (74,994 bytes encoded), NB_EFAILED where
 * it cannot work. */
NB_MUSTCHECK int term_copy(struct term *term, const char *text, size_t length, struct nb_error *err);

#endif
