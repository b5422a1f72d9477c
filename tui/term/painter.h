/*
 * painter.h - the shortest bytes from what a terminal shows to what it should show. Knows no curses:
 * what the terminal can do is told to it, the bytes come back in a buffer, so that tests can count
 * them.
 */
#ifndef TUI_PAINTER_H
#define TUI_PAINTER_H

#include "tui/draw/cell.h"
#include "tui/draw/theme.h"

/* What the terminal can do. Nearly all speak ECMA-48; for the others term.c supplies two functions
 * that use terminfo. */
struct paint_terminal {
    int colors;
    bool ecma;             /* cursor moves, SGR and erasing as ECMA-48 has them */
    bool partial_off;      /* SGR 22 to 27, 39 and 49 switch single attributes off */
    bool erase_line;       /* EL */
    bool erase_characters; /* ECH */
    bool back_color_erase; /* erasing fills with the current background */
    bool spoils_corner;    /* writing into the last cell scrolls */
    const char *clear, *show_cursor, *hide_cursor;
    void (*move)(struct nb_strbuf *out, int x, int y);                               /* where ecma is false */
    void (*set_style)(struct nb_strbuf *out, const struct style *style, int colors); /* likewise */
};

struct paint {
    struct paint_terminal terminal;
    struct grid shown;
    bool blank;                /* nothing is known of the screen: it is cleared first */
    const struct theme *theme; /* whose looks are cached; compared only */
    struct {
        bool known;
        struct style style;
    } looks[ROLE_COUNT][STATE_LIMIT];
    struct nb_strbuf out;
    int x, y; /* where the terminal's cursor is; x is -1 where that is not known */
    bool styled;
    struct style style; /* what the terminal writes in */
    bool cursor_shown;
};

void paint_init(struct paint *paint, const struct paint_terminal *terminal, bool ascii);
void paint_clear(struct paint *paint);
void paint_resize(struct paint *paint, int columns, int rows);
/* Something else may have written on the screen, or the theme has changed: the next frame is a
 * whole one. */
void paint_forget(struct paint *paint);
/* The bytes that turn the last frame into grid; borrowed until the next call. Empty when there is
 * nothing to do. */
const struct nb_strbuf *paint_frame(struct paint *paint, const struct grid *grid, const struct theme *theme);

#endif
