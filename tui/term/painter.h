/*
 * painter.h - finds the fewest bytes that turn the terminal's screen into another. Independent of curses: it is told
 * what the terminal can do and returns the bytes in a buffer, so that tests can count them.
 */
#ifndef TUI_PAINTER_H
#define TUI_PAINTER_H

#include "tui/draw/cell.h"
#include "tui/draw/theme.h"

/* What the terminal can do. Nearly all speak ECMA-48; for others term.c supplies two functions that use terminfo. */
struct painter_terminal {
    int colors;
    bool ecma;             /* cursor moves, SGR and erasing as in ECMA-48 */
    bool partial_off;      /* SGR 22 to 27, 39 and 49 switch off single attributes */
    bool erase_line;       /* EL */
    bool erase_characters; /* ECH */
    bool back_color_erase; /* erasing fills with the current background colour */
    bool spoils_corner;    /* writing the last cell scrolls */
    const char *clear, *show_cursor, *hide_cursor;
    void (*move)(struct nb_strbuf *out, int x, int y);                               /* where ecma is false */
    void (*set_style)(struct nb_strbuf *out, const struct style *style, int colors); /* where ecma is false */
};

struct painter {
    struct painter_terminal terminal;
    struct grid shown;
    bool blank;                /* the screen's content is unknown: clear it first */
    const struct theme *theme; /* the theme of the cached looks; compared only */
    struct {
        bool known;
        struct style style;
    } looks[ROLE_COUNT][STATE_LIMIT];
    struct nb_strbuf out;
    int x, y; /* position of the terminal's cursor; x is -1 where that is unknown */
    bool styled;
    struct style style; /* the terminal's current style */
    bool cursor_shown;
};

void painter_init(struct painter *painter, const struct painter_terminal *terminal, bool ascii);
void painter_clear(struct painter *painter);
void painter_resize(struct painter *painter, int columns, int rows);
/* Forgets the screen, because something else may have written on it or the theme has changed: the next frame is drawn
 * whole. */
void painter_forget(struct painter *painter);
/* The bytes that turn the last frame into grid; empty when nothing differs. Borrowed until the next call. */
const struct nb_strbuf *painter_frame(struct painter *painter, const struct grid *grid, const struct theme *theme);

#endif
