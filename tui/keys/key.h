/*
 * key.h - a key press: as the terminal delivers it, and as people write it ("g", "<C-x>", "<S-Tab>", "<M-Left>").
 */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include "base/error.h"
#include "base/strbuf.h"

enum key_modifier { MOD_SHIFT = 1, MOD_ALT = 2, MOD_CONTROL = 4 };

/* Codes above Unicode. */
enum named_key {
    NAMED_FIRST = 0x110000,
    NAMED_BEFORE_ = NAMED_FIRST - 1,
#define NAMED(identifier, name) NAMED_##identifier,
#include "tui/keys/key.def"
#undef NAMED
    NAMED_LIMIT
};

/* Always canonical: a character has no MOD_SHIFT (it is in the character); control with a letter is the small letter
 * with MOD_CONTROL; Enter, Tab, Esc and Backspace are named. So equal keys have equal members. */
struct key {
    uint32_t code; /* a Unicode code point or an enum named_key; 0 is no key */
    uint8_t modifiers;
};

static inline bool key_equal(struct key a, struct key b)
{
    return a.code == b.code && a.modifiers == b.modifiers;
}

/* Reads one key from the start of text, a character or <...>, and moves *text past it. NB_EINVALID for an unknown name,
 * or a key that no terminal can send; err says which. */
NB_MUSTCHECK int key_parse(struct key *out, const char **text, struct nb_error *err);
/* Appends the key as written in a keymap; key_parse() reads it back. */
void key_format(struct nb_strbuf *out, struct key key);
/* The canonical form of a key: the same for everything that different terminals send for it. */
struct key key_canonical(uint32_t code, uint8_t modifiers);
/* Whether the key is a plain character, which can be typed into a prompt. */
bool key_is_text(struct key key);

#endif
