/*
 * decoder.h - decodes keys, mouse events and pastes from what a terminal sends. Independent of curses: it reads items
 * from a source, so that tests can feed it bytes.
 *
 * It understands what xterm-like terminals send, whatever TERM says. It swallows sequences that it does not know, so
 * that no part of them becomes a key, and keeps its state when a sequence arrives in pieces.
 */
#ifndef TUI_DECODER_H
#define TUI_DECODER_H

#include "tui/term/term.h"

/* A character, or a key that terminfo knows. */
struct decoder_item {
    bool is_key;
    uint32_t character;
    struct key key;
};
/* Reads the next item that has arrived; false when there is none. */
typedef bool decoder_source(void *arg, struct decoder_item *item);

enum decoder_state { DECODER_GROUND, DECODER_CSI, DECODER_PASTE, DECODER_REPLY };

struct decoder {
    enum decoder_state state;
    struct nb_strbuf text; /* of the sequence, paste or reply so far */
    bool expects_background;
    enum term_background background;
    bool has_held; /* an item was read too early */
    struct decoder_item held;
    int64_t last_ms;  /* when the last item arrived */
    int64_t press_ms; /* for double clicks */
    int press_x, press_y;
};

void decoder_init(struct decoder *decoder);
void decoder_clear(struct decoder *decoder);
/* Reads the next input; false when there is none yet. now is nb_monotonic_ms(). */
bool decoder_read(struct decoder *decoder, decoder_source *source, void *arg, int64_t now, struct input *input);

#endif
