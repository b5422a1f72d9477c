/*
 * cell.h - the screen as data: a grid of cells, each a grapheme cluster with a look.
 *
 * Everything draws into a grid. term_flush() sends the differences to the terminal; tests and :save-screen dump it.
 * grid_text() and everything built on it sanitise their text, so no caller can forget to. Half a wide character is
 * never shown: at the right edge of the clip rectangle it becomes a blank, and drawing over one half blanks the other.
 */
#ifndef TUI_CELL_H
#define TUI_CELL_H

#include "base/strbuf.h"

enum role {
#define ROLE(identifier, name, meaning) ROLE_##identifier,
#include "tui/draw/role.def"
#undef ROLE
    ROLE_COUNT
};

/* States modify a role: `ROLE.selected`, `*.marked` … in a theme. */
enum look_state { STATE_DIM = 1, STATE_MARKED = 2, STATE_SELECTED = 4, STATE_LIMIT = 8 };

struct look {
    uint8_t role;
    uint8_t states;
};
#define LOOK(role_, states_) ((struct look){(role_), (states_)})

/* Size of a cell's text. A longer cluster loses its last code points. */
#define CELL_TEXT_SIZE 28

struct cell {
    char text[CELL_TEXT_SIZE]; /* NUL-terminated cluster; "" in the right half of a wide one */
    uint8_t width;             /* 1, 2, or 0: the right half of the cell before */
    uint8_t spare;
    struct look look;
};

struct rect {
    int x, y, width, height;
};

static inline bool rect_has(struct rect rect, int x, int y)
{
    return x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height;
}

struct grid {
    int columns, rows;
    struct cell *cells; /* row by row */
    struct rect clip;   /* drawing outside has no effect; coordinates are those of the grid */
    bool ascii;         /* the terminal shows ASCII only: mark cuts with ~ and draw symbols as ASCII */
    bool cursor_shown;
    int cursor_x, cursor_y;   /* position of the hardware cursor */
    struct nb_strbuf scratch; /* for sanitising only */
};

void grid_init(struct grid *grid, int columns, int rows, bool ascii);
void grid_clear(struct grid *grid); /* frees */
/* Changes the size; the content becomes blank. */
void grid_resize(struct grid *grid, int columns, int rows);
/* Blanks everything and resets the clip: starts a frame. */
void grid_erase(struct grid *grid);

/* Narrows the clip to its intersection with rect; returns the old one for grid_set_clip(). */
struct rect grid_clip(struct grid *grid, struct rect rect);
void grid_set_clip(struct grid *grid, struct rect former);
void grid_set_cursor(struct grid *grid, int x, int y);
void grid_hide_cursor(struct grid *grid);

struct cell *grid_at(struct grid *grid, int x, int y); /* NULL outside */
void grid_fill(struct grid *grid, struct rect rect, const char *cluster, struct look look);
/* Draws text (untrusted; up to length bytes or NUL). Cuts it to `columns` at a grapheme boundary, with … at the end.
 * Returns the columns used. */
int grid_text(struct grid *grid, int x, int y, int columns, struct look look, const char *text);
int grid_textf(struct grid *grid, int x, int y, int columns, struct look look, const char *format, ...) NB_PRINTF(6, 7);
/* The same, ending in column x + columns - 1. Returns the columns used. */
int grid_text_right(struct grid *grid, int x, int y, int columns, struct look look, const char *text);
/* Where a rect has nothing else to show: centred, `line` lines below its upper third; one that is too wide is cut. */
void grid_notice(struct grid *grid, struct rect rect, int line, struct look look, const char *text);

struct span {
    const char *text;
    struct look look;
};
/* Draws spans one after another, cut as if they were one text. Returns the columns used. */
int grid_spans(struct grid *grid, int x, int y, int columns, const struct span *spans, size_t count);

/* Adds states to what has been drawn: for a selected, marked or dimmed row. */
void grid_add_states(struct grid *grid, struct rect rect, uint8_t states);
/* Gives every occurrence of word inside rect another role; ignores case, searches each row by itself. */
void grid_highlight(struct grid *grid, struct rect rect, const char *word, enum role role);

/* The screen as text, one line for each row, without trailing blanks. */
void grid_dump(const struct grid *grid, struct nb_strbuf *out);
/* For tests: the same rows as names of roles: "row 3: 0-9 severity.critical.selected, 10-40 title". */
void grid_dump_roles(const struct grid *grid, struct nb_strbuf *out);

const char *role_name(enum role role);
enum role role_find(const char *name); /* ROLE_COUNT when there is none */

#endif
