/*
 * colors.h - what the commands colour with: the roles of the person's theme, as in the console.
 */
#ifndef CLI_COLORS_H
#define CLI_COLORS_H

#include "tui/draw/theme.h"

/* The escape sequence that switches to a role's look, "" where it has none of its own. Reduced to the colours that the
 * terminal has. Valid until the program ends. */
const char *colors_code(struct look look);

#endif
