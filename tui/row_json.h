/*
 * row_json.h - a row as JSON, for the clipboard and for :export.
 */
#ifndef TUI_ROW_JSON_H
#define TUI_ROW_JSON_H

#include <jansson.h>

#include "tui/view.h"

json_t *row_json(enum nb_subject subject, const struct nb_row *row);

#endif
