/*
 * views.h - the tables of all screens, each in the file of its name.
 */
#ifndef TUI_VIEWS_H
#define TUI_VIEWS_H

#include "tui/view/screen.h"

#define SCREEN(identifier, name, title) extern const struct screen_kind screen_##name;
#include "tui/keys/screen.def"

#endif
