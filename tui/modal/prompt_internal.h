/*
 * prompt_internal.h - shared by prompt.c (editing) and prompt_draw.c.
 */
#ifndef TUI_PROMPT_INTERNAL_H
#define TUI_PROMPT_INTERNAL_H

#include "tui/modal/prompt.h"

struct prompt {
    char *label;
    struct nb_strbuf text;
    size_t cursor; /* a byte, at the start of a cluster */
    size_t limit;
    struct nb_strbuf killed;
    struct prompt_history *history;
    size_t past; /* the shown line of the history; its count: none */
    char *draft; /* what was typed before stepping through the history */
    prompt_complete *complete;
    void *arg;
    struct prompt_candidates candidates;
    size_t word;      /* the byte where the completed word begins */
    size_t chosen;    /* index of the chosen candidate; SIZE_MAX: none yet */
    const char *said; /* what became of the last Tab, where it completed nothing; NULL: it did */
    struct nb_error error;
};

#endif
