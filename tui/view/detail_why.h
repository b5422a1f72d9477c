/*
 * detail_why.h - the part of the detail that says why somebody heard of the row, or did not, and what would change it: the
 * sentences of `nightbell why`.
 */
#ifndef TUI_DETAIL_WHY_H
#define TUI_DETAIL_WHY_H

#include "db/query.h"
#include "tui/view/detail_text.h"

struct why_line;

/* A zeroed one is empty. */
struct detail_why {
    struct nb_request *request;
    struct nb_arena *arena;
    struct why_line *lines;
    size_t count;
    char *id;
    bool more; /* than are shown */
    void (*changed)(void *arg);
    void *arg;
};

/* Asks what was decided about a thing; kind as in nb_why(). What is known stays until the answer is there, for which changed
 * is called. */
void detail_why_ask(struct detail_why *why, struct nb_connection *connection, const char *kind, const char *id,
                    void (*changed)(void *arg), void *arg);
void detail_why_drop(struct detail_why *why);
void detail_why_write(const struct detail_why *why, struct detail_text *text, int64_t now);

#endif
