/*
 * picker.h - choose one of many by typing a few letters: actions (palette), people, saved views, themes.
 */
#ifndef TUI_PICKER_H
#define TUI_PICKER_H

#include "tui/draw/cell.h"
#include "tui/keys/key.h"

struct picker;

struct picker_item {
    const char *label; /* matched and shown first; copied, like all texts here */
    const char *note;  /* shown dimmed after the label; matched with less weight; may be NULL */
    const char *key;   /* shown at the right edge; may be NULL */
    int64_t id;        /* for the caller */
};

enum picker_result {
    PICKER_IGNORED,
    PICKER_MOVED,   /* another item is chosen, or the cursor moved: draw again */
    PICKER_CHANGED, /* another text is typed: draw again */
    PICKER_ACCEPT,
    PICKER_CANCEL,
};

struct picker *picker_new(const char *title);
void picker_free(struct picker **picker);
/* Items may be added at any time: people arrive from the database while the picker is open. */
void picker_add(struct picker *picker, const struct picker_item *item);
void picker_remove_all(struct picker *picker);
/* Shown while there is no item: "loading …", or an error. */
void picker_set_status(struct picker *picker, const char *status);
/* Shown, dimmed, until something is typed: what may be typed. */
void picker_set_placeholder(struct picker *picker, const char *placeholder);
enum picker_result picker_key(struct picker *picker, struct key key);
enum picker_result picker_paste(struct picker *picker, const char *text);
enum picker_result picker_click(struct picker *picker, int x, int y, bool twice);
/* The chosen item, or NULL when nothing matches. Borrowed. */
const struct picker_item *picker_chosen(const struct picker *picker);
const char *picker_text(const struct picker *picker); /* what was typed */
/* Sizes the box for its content, places it in `around`, and scrolls to the chosen row. Drawing and clicks use this
 * place. */
void picker_layout(struct picker *picker, struct rect around);
void picker_draw(const struct picker *picker, struct grid *grid);

/* How well pattern's letters occur in text in this order, ignoring case. -1: not at all; otherwise higher is better
 * (starts of words, neighbouring letters, early ones). positions (may be NULL): a bit for each of the first 64 bytes
 * that matched. */
int fuzzy_score(const char *pattern, const char *text, uint64_t *positions);

#endif
