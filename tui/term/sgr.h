/*
 * sgr.h - changes colours and attributes as in ECMA-48, in as few bytes as possible.
 */
#ifndef TUI_SGR_H
#define TUI_SGR_H

#include "base/strbuf.h"
#include "tui/draw/theme.h"

/* Appends what changes `from` into `to`. from NULL: it is unknown, or the terminal cannot switch off single attributes.
 * Colours must be ones that the terminal has (color_reduce()). */
void sgr_change(struct nb_strbuf *out, const struct style *from, const struct style *to);

#endif
