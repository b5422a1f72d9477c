/*
 * modal.h - what stands over the screen and gets the keys first: a prompt, a picker, a question. One at a time.
 */
#ifndef TUI_MODAL_H
#define TUI_MODAL_H

#include "tui/draw/layout.h"
#include "tui/host/host.h"
#include "tui/keys/input.h"
#include "tui/modal/picker.h"
#include "tui/modal/prompt.h"

enum modal_kind { MODAL_NONE, MODAL_PROMPT, MODAL_PICKER, MODAL_QUESTION, MODAL_TEXT };

enum modal_history {
    HISTORY_COMMAND,
    HISTORY_SEARCH,
    HISTORY_FILTER,
    HISTORY_NOTE,
    HISTORY_OTHER,
    MODAL_HISTORY_COUNT
};

/* text: what was typed or chosen. The modal is closed before accepted and cancelled are called. */
struct modal_calls {
    void (*changed)(void *arg, const char *text); /* as it is typed; may be NULL */
    void (*accepted)(void *arg, const char *text, int64_t id);
    void (*cancelled)(void *arg); /* may be NULL */
    /* Prompt: whether text may be accepted; else *err is shown and it stays open. May be NULL. */
    int (*check)(void *arg, const char *text, struct nb_error *err);
    prompt_complete *complete;  /* of a prompt; may be NULL */
    void (*release)(void *arg); /* frees arg in the end; may be NULL */
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
    unsigned serial;      /* +1 with each one opened: late answers know whether they are still wanted */
    struct rect area;     /* where it stands */
    NB_VEC(char *) lines; /* MODAL_TEXT */
    size_t scroll;
};

void modal_init(struct modal *modal, struct host *host);
void modal_clear(struct modal *modal);

void modal_prompt(struct modal *modal, const char *label, const char *text, enum modal_history history,
                  const struct modal_calls *calls);
/* Takes picker. */
void modal_picker(struct modal *modal, struct picker *picker_take, const struct modal_calls *calls);
/* "text (y/n)": accepted with y, cancelled with any other key. */
void modal_question(struct modal *modal, char *text_take, const struct modal_calls *calls);
/* A page of lines, closed by any key but those that scroll. */
void modal_text(struct modal *modal, char **lines_take, size_t count);
void modal_close(struct modal *modal);

bool modal_active(const struct modal *modal);
bool modal_key(struct modal *modal, struct key key); /* false: not for the modal */
void modal_paste(struct modal *modal, const char *text);
void modal_mouse(struct modal *modal, const struct input *input);
int modal_rows(const struct modal *modal); /* rows it wants at the bottom, at least 1 */
/* Where it stands on this screen, and what of it is to be seen. */
void modal_layout(struct modal *modal, const struct layout *layout);
void modal_draw(const struct modal *modal, struct grid *grid);
/* Its own keys, in the hint bar; false where none is open. */
bool modal_draw_hints(const struct modal *modal, struct grid *grid, struct rect rect);

#endif
