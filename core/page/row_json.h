/*
 * row_json.h - a row as JSON, for the clipboard and for :export.
 */
#ifndef NB_PAGE_ROW_JSON_H
#define NB_PAGE_ROW_JSON_H

#include <jansson.h>

#include "filter/filter.h"
#include "model/row.h"

json_t *nb_row_json(enum nb_subject subject, const struct nb_row *row);

#endif
