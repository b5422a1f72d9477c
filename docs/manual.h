/*
 * manual.h - the parts of the manual's generator.
 */
#ifndef DOCS_MANUAL_H
#define DOCS_MANUAL_H

#include <stdbool.h>
#include <stddef.h>

/* Print text as mdoc needs it: escaped only, broken at sentences and paragraphs, or as one quoted argument. */
void manual_put(const char *text, size_t length);
void manual_put_text(const char *text);
void manual_put_quoted(const char *text);
/* Whether mdoc would take a line that begins so for a request. */
bool manual_starts_request(const char *line);

void manual_put_settings(void); /* manual_keys.c: the options of the console, from their table */
void manual_put_keys(void);     /* manual_keys.c: the default keymap, as a table */

#endif
