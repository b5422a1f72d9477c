/*
 * export.h - writes what the filter shows to a file, page by page, while the console goes on.
 */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include "tui/view/view.h"

struct export;

/* One at a time. */
struct exporter {
    struct host *host;
    struct export *running; /* NULL: none */
};

/* Refuses to write over a file that exists. Progress and result go to the message line. */
void export_begin(struct exporter *exporter, struct view *view, const char *path, bool csv);
void export_stop(struct exporter *exporter);

#endif
