/*
 * modal.h - a modal lies over the screen and gets the keys first: a prompt, a picker, a question or a text. One at a
 * time.
 */
#ifndef TUI_MODAL_H
#define TUI_MODAL_H

#include "tui/draw/layout.h"
#include "tui/host/host.h"
#include "tui/keys/input.h"
#include "tui/modal/picker.h"
#include "tui/modal/prompt.h"
#include "tui/modal/reader.h"

struct hint_text;

enum modal_kind { MODAL_NONE, MODAL_PROMPT, MODAL_PICKER, MODAL_QUESTION, MODAL_READER };

enum modal_history {
    HISTORY_COMMAND,
    HISTORY_SEARCH,
    HISTORY_FILTER,
    HISTORY_NOTE,
    HISTORY_OTHER,
    MODAL_HISTORY_COUNT
};

/* text: what was typed or chosen. The modal is closed before accepted or cancelled is called. */
struct modal_calls {
    void (*changed)(void *arg, const char *text); /* called while typing; may be NULL */
    void (*accepted)(void *arg, const char *text, int64_t id);
    void (*cancelled)(void *arg); /* may be NULL */
    /* Prompt only: whether text may be accepted; if not, *err is shown and the prompt stays open. May be NULL. */
    int (*check)(void *arg, const char *text, struct nb_error *err);
    prompt_complete *complete; /* prompt only; may be NULL */
    /* Picker only: a key of its own, before those of every picker; true: it was one. It may open another modal, which
     * closes the picker. May be NULL. */
    bool (*key)(void *arg, struct key key);
    const struct hint_text *hints; /* for the hint bar instead of the usual ones; may be NULL */
    void (*release)(void *arg);    /* frees arg at the end; may be NULL */
    void *arg;
};

struct modal {
    struct host *host;
    enum modal_kind kind;
    struct prompt *prompt;
    struct picker *picker;
    struct modal_calls calls;
    char *question;
    enum modal_history history;
    struct prompt_history histories[MODAL_HISTORY_COUNT];
    unsigned serial;  /* +1 each time one is opened, so that a late answer knows whether its modal is still open */
    struct rect area; /* its place on the screen */
    struct reader *reader;
};

void modal_init(struct modal *modal, struct host *host);
void modal_clear(struct modal *modal);

void modal_prompt(struct modal *modal, const char *label, const char *text, enum modal_history history,
                  const struct modal_calls *calls);
/* Takes the picker. */
void modal_picker(struct modal *modal, struct picker *picker_take, const struct modal_calls *calls);
/* Asks "text (y/n)": y accepts, any other key cancels. */
void modal_question(struct modal *modal, char *text_take, const struct modal_calls *calls);
/* Shows a text; any key that does not scroll closes it. */
void modal_reader(struct modal *modal, struct reader *reader_take);
void modal_close(struct modal *modal);

bool modal_active(const struct modal *modal);
bool modal_key(struct modal *modal, struct key key); /* false: the key is not for the modal */
void modal_paste(struct modal *modal, const char *text);
void modal_learned(struct modal *modal); /* values that a prompt's completion waits for have come */
void modal_mouse(struct modal *modal, const struct input *input);
int modal_rows(const struct modal *modal); /* rows needed at the bottom, at least 1 */
/* Computes its place on this screen, and which part of it is visible. */
void modal_layout(struct modal *modal, const struct layout *layout);
void modal_draw(const struct modal *modal, struct grid *grid);
/* Draws the hints of its keys; false where none is open. */
bool modal_draw_hints(const struct modal *modal, struct grid *grid, struct rect rect);

#endif
