/*
 * prompt.h - the one-line editor behind `:`, `/`, the filter line, notes and questions.
 *
 * - The text is UTF-8; moving and deleting works on grapheme clusters.
 * - Keys as in readline: ^A ^E ^B ^F ^D ^H ^K ^U ^W ^Y ^T, M-b M-f M-d, arrows, Home, End, Up and Down for the history,
 *   Tab for completion.
 * - Pasted text loses its newlines and control characters.
 * - Only prompt_draw() draws.
 */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include "tui/draw/cell.h"
#include "tui/keys/key.h"
#include "base/vec.h"

struct prompt;

enum prompt_result {
    PROMPT_IGNORED, /* the key has no meaning here */
    PROMPT_MOVED,   /* draw again; the text has not changed */
    PROMPT_CHANGED, /* draw again; the text has changed (incremental search and filters act now) */
    PROMPT_ACCEPT,  /* Enter */
    PROMPT_CANCEL,  /* Esc, ^G, ^C; also Backspace in an empty prompt */
};

/* Earlier lines, newest last; shared by prompts of one kind. A zeroed struct is empty. */
struct prompt_history {
    NB_VEC(char *) lines;
};
void prompt_history_add(struct prompt_history *history, const char *line); /* a known line moves to the end */
void prompt_history_clear(struct prompt_history *history);

/* Finds candidates for the word that ends at the cursor: push malloc'd strings to candidates. *start: the byte where
 * the word begins, preset to the one after the last blank. */
struct prompt_candidates {
    NB_VEC(char *) list;
    bool awaited;     /* they are under way: prompt_resume() when they have come */
    const char *lack; /* why there may be others; NULL: these are all */
};
typedef void prompt_complete(void *arg, const char *text, size_t cursor, size_t *start,
                             struct prompt_candidates *candidates);

struct prompt_options {
    const char *label;              /* ":", "/", "Resolve 3 events with note: " */
    const char *text;               /* initial text; may be NULL */
    struct prompt_history *history; /* borrowed; may be NULL */
    prompt_complete *complete;      /* may be NULL */
    void *arg;
    size_t limit; /* bytes; 0: those of a note */
};

struct prompt *prompt_new(const struct prompt_options *options);
void prompt_free(struct prompt **prompt);
enum prompt_result prompt_key(struct prompt *prompt, struct key key);
enum prompt_result prompt_paste(struct prompt *prompt, const char *text);
/* What a Tab waited for has come: completes now. */
enum prompt_result prompt_resume(struct prompt *prompt);
const char *prompt_text(const struct prompt *prompt);
void prompt_set_text(struct prompt *prompt, const char *text);
/* Shows an error beside the text, with a pointer at its column (bytes, from 1; 0: none), until the next change. NULL
 * removes it. */
void prompt_set_error(struct prompt *prompt, const struct nb_error *err);
/* How many rows it needs: 1, or 2 with an error, candidates, or what became of a Tab. */
int prompt_rows(const struct prompt *prompt);
/* Draws into rect, the text in the last row, scrolled to the cursor; puts the hardware cursor there. */
void prompt_draw(const struct prompt *prompt, struct grid *grid, struct rect rect);

#endif
