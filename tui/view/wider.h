/*
 * wider.h - a hint for a filter that matches nothing: whether it would match with a * behind its type ("type:BOOK*" for
 * "type:BOOK"). The database is asked only while the list is empty and the filter has a term to widen.
 */
#ifndef TUI_WIDER_H
#define TUI_WIDER_H

#include "tui/view/rows.h"

struct wider {
    const struct rows *rows;
    char *filter;  /* the one that was asked about; NULL: none */
    char *pending; /* what can be said when a row comes */
    char *said;    /* "type:BOOK has no match: type:BOOK* would have some"; NULL: nothing */
    struct nb_request *request;
};

void wider_init(struct wider *wider, const struct rows *rows);
void wider_clear(struct wider *wider);
/* Called after each change of the list. */
void wider_follow(struct wider *wider);

#endif
