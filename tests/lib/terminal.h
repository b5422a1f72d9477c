/*
 * terminal.h - a real terminal for tests and measurements: a program in a pty, its output in libvterm.
 *
 * Only terminal_pump() blocks. A failure during set-up ends the process with a message.
 */
#ifndef TESTS_LIB_TERMINAL_H
#define TESTS_LIB_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct terminal;

struct terminal_options {
    int columns, rows;
    const char *raw_log; /* every byte that the program sends is written there; may be NULL */
    bool deaf;           /* never answers the program's queries */
    bool plain;          /* only counts and logs, draws nothing: for measurements */
};

struct terminal *terminal_new(const struct terminal_options *options, char *const argv[]);
void terminal_free(struct terminal **terminal); /* kills the program if it still runs */

int terminal_fd(const struct terminal *terminal); /* -1 after a hang-up, and while held */
/* Stops (or continues) reading what the program sends, like a terminal whose window hangs. Keys are still sent. */
void terminal_hold(struct terminal *terminal, bool held);
/* Reads what has come; waits up to timeout_ms for the first byte. Returns the number of bytes, 0: none. */
size_t terminal_pump(struct terminal *terminal, int timeout_ms);
void terminal_send(struct terminal *terminal, const char *bytes, size_t length);
/* Sends text with names of keys: "j", "12<Down>", "<C-r>", "<M-x>", "<S-Tab>", "<F5>", "<Lt>". Returns NULL, or the
 * part that it does not understand. */
const char *terminal_keys(struct terminal *terminal, const char *keys);
/* event: 'p'ress, 'r'elease or 'm'ove; buttons 4 and 5 are the wheel. Does nothing while the program has not asked for
 * the mouse. */
void terminal_mouse(struct terminal *terminal, char event, int button, int row, int column);
void terminal_paste(struct terminal *terminal, const char *text);
void terminal_resize(struct terminal *terminal, int columns, int rows);
void terminal_hang_up(struct terminal *terminal);

/* The screen's rows without trailing blanks, one on each line. The caller frees the text. */
char *terminal_text(const struct terminal *terminal);
char *terminal_row(const struct terminal *terminal, int row);
/* The attributes of a row as runs: "0-9 bold fg=1 bg=#102030". The caller frees the text. */
char *terminal_row_attributes(const struct terminal *terminal, int row);

struct terminal_state {
    int columns, rows;
    int cursor_row, cursor_column;
    bool cursor_visible, alternate_screen;
    int mouse; /* VTERM_PROP_MOUSE_… */
    unsigned bells;
    uint64_t bytes;    /* received in total */
    const char *title; /* of the last OSC 0 or 2; "" before the first */
    const char *osc;   /* every OSC string received, one on each line */
    int pid;
    bool exited;
    int status; /* from waitpid() */
};
void terminal_state(struct terminal *terminal, struct terminal_state *state);
/* The terminal's line settings in words, to compare before and after. The caller frees the text. */
char *terminal_settings(const struct terminal *terminal);
/* The settings before the program was started. Borrowed. */
const char *terminal_settings_before(const struct terminal *terminal);

int64_t terminal_clock_us(void);

#endif
