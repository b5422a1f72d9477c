/*
 * picker.h - choose one of many by typing a few of its letters: actions (palette), people, saved
 * views, themes.
 */
#ifndef TUI_PICKER_H
#define TUI_PICKER_H

#include "tui/draw/cell.h"
#include "tui/keys/key.h"

struct picker;

struct picker_item {
    const char *label; /* what is matched and shown first; copied, as all texts here */
    const char *note;  /* shown dim behind; matched with less weight; may be NULL */
    const char *key;   /* shown at the right edge; may be NULL */
    int64_t id;        /* the caller's */
};

enum picker_result { PICKER_IGNORED, PICKER_CHANGED, PICKER_ACCEPT, PICKER_CANCEL };

struct picker *picker_new(const char *title);
void picker_free(struct picker **picker);
/* Items may be added at any time (people arrive from the database while it is open). */
void picker_add(struct picker *picker, const struct picker_item *item);
void picker_remove_all(struct picker *picker);
/* Shown while there is nothing to choose from: "loading …", or an error. */
void picker_set_status(struct picker *picker, const char *status);
enum picker_result picker_key(struct picker *picker, struct key key);
enum picker_result picker_paste(struct picker *picker, const char *text);
enum picker_result picker_click(struct picker *picker, int x, int y, bool twice);
/* The chosen item, or NULL when nothing matches. Borrowed. */
const struct picker_item *picker_chosen(const struct picker *picker);
const char *picker_text(const struct picker *picker); /* what was typed */
/* A box of its content's size over `around`, scrolled so that the chosen row is in it; that is where it is drawn, and
 * clicked at. */
void picker_layout(struct picker *picker, struct rect around);
void picker_draw(const struct picker *picker, struct grid *grid);

/* How well pattern's letters occur in text in this order, case-insensitively: -1 not at all, else
 * higher is better (starts of words, neighbouring letters, early ones). positions (may be NULL)
 * gets a bit for each of the first 64 matched bytes. */
int fuzzy_score(const char *pattern, const char *text, uint64_t *positions);

#endif
