/*
 * reader.h - a text in a box, to be read: paragraphs, each with a label before it, wrapped to the box and scrolled.
 */
#ifndef TUI_READER_H
#define TUI_READER_H

#include "tui/draw/cell.h"
#include "tui/keys/key.h"

struct reader;

struct reader *reader_new(const char *title);
void reader_free(struct reader **reader);
/* label: short, such as a time; NULL: none. */
void reader_add(struct reader *reader, const char *label, const char *text);
/* Scrolls; false: the key is none of the reader's. */
bool reader_key(struct reader *reader, struct key key);
/* Takes as much of `around` as the text needs. */
void reader_layout(struct reader *reader, struct rect around, bool ascii);
void reader_draw(const struct reader *reader, struct grid *grid);

#endif
