/*
 * export.h - writes what the filter shows to a file, page by page, while the console goes on.
 */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "tui/view/view.h"

/* Refuses to write over a file that exists. One at a time. Progress and result go to the message line. */
void export_begin(struct view *view, const char *path, bool csv);
void export_stop(struct console *console);

struct export;

#endif
