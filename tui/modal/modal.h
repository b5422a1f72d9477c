/*
 * modal.h - what stands over the screen and gets the keys first: a prompt, a picker, a question. One at a time.
 */
#ifndef TUI_MODAL_H
#define TUI_MODAL_H

#include "tui/modal/picker.h"
#include "tui/modal/prompt.h"
#include "tui/term/term.h"

struct console;

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
    void (*changed)(struct console *console, void *arg, const char *text); /* as it is typed; may be NULL */
    void (*accepted)(struct console *console, void *arg, const char *text, int64_t id);
    void (*cancelled)(struct console *console, void *arg); /* may be NULL */
    /* Prompt: whether text may be accepted; else *err is shown and it stays open. May be NULL. */
    int (*check)(struct console *console, void *arg, const char *text, struct nb_error *err);
    void (*release)(void *arg); /* frees arg in the end; may be NULL */
    void *arg;
};

struct modal {
    enum modal_kind kind;
    struct prompt *prompt;
    struct picker *picker;
    struct modal_calls calls;
    char *question;
    enum modal_history history;
    unsigned serial;      /* +1 with each one opened: late answers know whether they are still wanted */
    struct rect area;     /* where it was drawn, for the mouse */
    NB_VEC(char *) lines; /* MODAL_TEXT */
    size_t scroll;
};

/* complete may be NULL. */
void modal_prompt(struct console *console, const char *label, const char *text, enum modal_history history,
                  prompt_complete *complete, const struct modal_calls *calls);
/* Takes picker. */
void modal_picker(struct console *console, struct picker *picker_take, const struct modal_calls *calls);
/* "text (y/n)": accepted with y, cancelled with any other key. */
void modal_question(struct console *console, char *text_take, const struct modal_calls *calls);
/* A page of lines, closed by any key but those that scroll. */
void modal_text(struct console *console, char **lines_take, size_t count);
void modal_close(struct console *console);

bool modal_active(const struct console *console);
bool modal_key(struct console *console, struct key key); /* false: not for the modal */
void modal_paste(struct console *console, const char *text);
void modal_mouse(struct console *console, const struct input *input);
int modal_rows(const struct console *console); /* rows it wants at the bottom, at least 1 */
void modal_draw(struct console *console);

#endif
