/*
 * help.h - the help screen, generated from the loaded keymap and the action table.
 */
#ifndef TUI_HELP_H
#define TUI_HELP_H

#include "tui/draw/cell.h"
#include "tui/keys/keymap.h"
#include "tui/view/screen.h"

struct help;

/* about: the screen whose keys come first, with its filter words and its symbols; NULL: none. */
struct help *help_new(const struct keymap *keymap, const struct screen_kind *about, bool ascii);
void help_free(struct help **help);
/* Narrows to lines that contain text (case-insensitive); "" or NULL shows all. */
void help_search(struct help *help, const char *text);
void help_scroll(struct help *help, int lines); /* clamped by the layout; INT_MIN/2 and INT_MAX/2 go to the ends */
void help_layout(struct help *help, struct rect rect);
void help_draw(const struct help *help, struct grid *grid);
#endif
