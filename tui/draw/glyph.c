/* glyph.c - the symbols, generated from glyph.def. */
#include "config.h"

#include "tui/draw/glyph.h"

static const char *const glyphs[GLYPH_COUNT][2] = {
#define GLYPH(identifier, symbol, ascii) {symbol, ascii},
#include "tui/draw/glyph.def"
#undef GLYPH
};

const char *glyph_text(enum glyph glyph, bool ascii)
{
    return glyphs[glyph][ascii];
}
