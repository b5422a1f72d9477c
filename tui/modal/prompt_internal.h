/*
 * prompt_internal.h - what prompt.c (editing) and prompt_draw.c share.
 */
#ifndef TUI_PROMPT_INTERNAL_H
#define TUI_PROMPT_INTERNAL_H

#include "tui/modal/prompt.h"

struct prompt {
    char *label;
    struct nb_strbuf text;
    size_t cursor; /* byte, at the start of a cluster */
    size_t limit;
    struct nb_strbuf killed;
    struct prompt_history *history;
    size_t past; /* the line of the history that is shown; its count: none */
    char *draft; /* what was typed before the history was entered */
    prompt_complete *complete;
    void *arg;
    struct prompt_candidates candidates;
    size_t word;   /* where the completed word begins */
    size_t chosen; /* of the candidates; SIZE_MAX: none yet */
    struct nb_error error;
};

#endif
