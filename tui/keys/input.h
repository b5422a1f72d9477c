/*
 * input.h - what a person does at the terminal: a key, the mouse, a paste.
 */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include "tui/keys/key.h"

enum mouse_action { MOUSE_PRESS, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

enum input_kind {
    INPUT_KEY,
    INPUT_MOUSE,
    INPUT_PASTE,      /* text is the whole paste, raw: what uses it sanitises it */
    INPUT_BACKGROUND, /* the terminal told its background: term_background() knows it now */
};

struct input {
    enum input_kind kind;
    struct key key;
    enum mouse_action mouse;
    int x, y;
    const char *text; /* borrowed until the next input is read */
};

#endif
