/*
 * context.h - where a key is looked up: everywhere, in any list, in the open detail, or on one screen (screen.def).
 */
#ifndef TUI_CONTEXT_H
#define TUI_CONTEXT_H

#include "model/subject.h"

enum context {
    CONTEXT_GLOBAL,
    CONTEXT_LIST,
    CONTEXT_DETAIL,
    CONTEXT_FIRST_SCREEN,
    CONTEXT_BEFORE_SCREENS_ = CONTEXT_FIRST_SCREEN - 1,
#define SCREEN(identifier, name, title) CONTEXT_##identifier,
#include "tui/keys/screen.def"
    CONTEXT_COUNT
};

#define SCREEN_COUNT (CONTEXT_COUNT - CONTEXT_FIRST_SCREEN)

enum screen_shape {
    SCREEN_IS_NONE, /* the context is no screen's */
    SCREEN_IS_LIST,
    SCREEN_IS_PAGE,
    SCREEN_IS_TABLE,
    SCREEN_IS_ASIDE,
    SCREEN_IS_COVER,
};

const char *context_name(enum context context);  /* "global", "list", "inbox" … */
const char *context_title(enum context context); /* shown to people: "Inbox" */
enum context context_find(const char *name);     /* CONTEXT_COUNT when there is none */
enum screen_shape context_shape(enum context context);
enum nb_subject context_subject(enum context list); /* of a list's screen */

#endif
