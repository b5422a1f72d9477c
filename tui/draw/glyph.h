/*
 * glyph.h - the symbols of the screen, with their ASCII replacements (glyph.def).
 */
#ifndef TUI_GLYPH_H
#define TUI_GLYPH_H

#include <stdbool.h>

enum glyph {
#define GLYPH(identifier, symbol, ascii) GLYPH_##identifier,
#include "tui/draw/glyph.def"
#undef GLYPH
    GLYPH_COUNT
};

const char *glyph_text(enum glyph glyph, bool ascii);

#endif
