/*
 * wider.h - where a filter matches nothing: whether the beginning of its type would ("type:BOOK" and "type:BOOK*"). Nothing is
 * asked where there are rows, or where the filter has no such term.
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
