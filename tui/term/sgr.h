/*
 * sgr.h - ECMA-48's way to change colors and attributes, with as few bytes as there can be.
 */
#ifndef TUI_SGR_H
#define TUI_SGR_H

#include "base/strbuf.h"
#include "tui/draw/theme.h"

/* Appends what turns `from` (NULL: not known, or nothing can be switched off alone) into `to`.
 * Colors are those that the terminal has already (color_reduce()). */
void sgr_change(struct nb_strbuf *out, const struct style *from, const struct style *to);

#endif
