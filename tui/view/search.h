/*
 * search.h - / ? n N: the next row that matches, found by the database as it is typed.
 */
#ifndef TUI_SEARCH_H
#define TUI_SEARCH_H

#include "tui/list/counter.h"
#include "tui/view/rows.h"

struct search {
    struct rows *rows;
    char *text; /* NULL: nothing is being searched */
    bool backward;
    bool typing;
    struct nb_place origin;
    bool has_origin;
    size_t origin_line;
    struct nb_request *request;
    bool wrapped;
    unsigned steps;        /* how many more matches to go on to */
    bool stepping;         /* some of them are done: the last match ends them */
    struct nb_place match; /* the last one that was found */
    struct counter number,
        total; /* which match that is from the top of the list, of how many; counted once it is typed */
};

void search_init(struct search *search, struct rows *rows);
void search_clear(struct search *search);
/* Which match the cursor is on, of how many; false: it is on none, or they are not counted yet. */
bool search_number(const struct search *search, int64_t *number, int64_t *total);
/* The rows may have changed: counts the matches again. */
void search_bell(struct search *search);
/* Begins to type a search: where the cursor is now is where Esc goes back to. */
void search_begin(struct search *search, bool backward);
/* Another text: the running query is cancelled, the next one begins. */
void search_typed(struct search *search, const char *text);
void search_accept(struct search *search, const char *text);
void search_cancel(struct search *search);
/* The next match, `count` of them on, in the search's direction or against it. */
void search_next(struct search *search, bool reverse, int count);
/* The next older row that wants attention (view_kind.wanted). */
void search_wanted(struct search *search);
/* Forgets the search, and its highlights. */
void search_stop(struct search *search);

#endif
