/*
 * cursor.h - the cursors of pages: opaque text for a place, the direction from it, and the filter that it belongs to.
 */
#ifndef NB_GATEWAY_CURSOR_H
#define NB_GATEWAY_CURSOR_H

#include "base/strbuf.h"
#include "page/page.h"

/* Appends the cursor of a page in that direction from the row. */
void gateway_cursor_append(struct nb_strbuf *out, enum nb_subject subject, const struct nb_filter *filter,
                           enum nb_direction direction, const struct nb_row *row);
/* NB_EUSAGE: it is none of ours, or of another filter. */
NB_MUSTCHECK int gateway_cursor_parse(struct nb_place *place, enum nb_direction *direction, enum nb_subject subject,
                                      const struct nb_filter *filter, const char *text, struct nb_error *err);

#endif
