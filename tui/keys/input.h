/*
 * input.h - an input event from the terminal: a key, the mouse, a paste.
 */
#ifndef TUI_INPUT_H
#define TUI_INPUT_H

#include "tui/keys/key.h"

enum mouse_action { MOUSE_PRESS, MOUSE_DOUBLE, MOUSE_WHEEL_UP, MOUSE_WHEEL_DOWN };

enum input_kind {
    INPUT_KEY,
    INPUT_MOUSE,
    INPUT_PASTE,      /* text is the whole paste, unsanitised */
    INPUT_BACKGROUND, /* the terminal has reported its background: see term_background() */
};

struct input {
    enum input_kind kind;
    struct key key;
    enum mouse_action mouse;
    int x, y;
    const char *text; /* borrowed until the next input is read */
};

#endif
