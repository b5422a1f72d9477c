/*
 * table.h - a screen of few rows that are read as a whole, with a detail: rows in columns, a cursor that stays on its row,
 * narrowing by what is typed. A list (view.h) is for subjects of which there may be millions; this is for what there is a
 * handful of.
 */
#ifndef TUI_TABLE_H
#define TUI_TABLE_H

#include "tui/view/screen.h"

#define TABLE_MOST 1000 /* rows that are asked for */

struct table;

struct table_column {
    const char *title;
    struct column_size size;
    bool right; /* aligned to the right */
    void (*cell)(struct cell_text *out, const void *row, const struct row_context *context);
};

struct table_kind {
    const struct table_column *columns;
    size_t column_count;
    size_t row_size;
    /* Asks for the rows; the answer goes to table_answer(). */
    struct nb_request *(*ask)(struct table *table, struct nb_connection *connection, const char *tenant);
    /* By which the cursor finds its row again, appended. */
    void (*key)(struct nb_strbuf *out, const void *row);
    bool (*is_done)(const void *row); /* drawn with less weight */
    void (*detail)(struct detail_text *text, const void *row, const struct row_context *context);
    const char *noun, *nouns; /* "window", "windows" */
    const char *empty;        /* what is said where there is none */
};

struct table {
    struct screen screen;
    const struct table_kind *kind;
    char *tenant; /* whose rows; NULL: one's own */
    struct nb_request *request;
    struct nb_timer *timer; /* until they are asked for again */
    struct nb_arena *arena;
    char *rows;
    size_t count;
    NB_VEC(size_t) shown; /* the rows that what is typed leaves */
    char *narrowed;       /* NULL: nothing is */
    size_t cursor, top;   /* in shown */
    bool answered;
    struct nb_error error; /* of the last answer */
    struct rect list, pane;
    struct detail_text text;
    size_t scroll; /* of the detail */
};

/* What every table does as a screen. */
extern const struct screen_ops table_ops;
/* NULL where the screen is not a table, or is NULL because the console ends. */
struct table *table_of(const struct screen *screen);

/* The callback of ask() passes the answer on. The table takes over the arena, which holds the rows and their texts. */
void table_answer(struct table *table, struct nb_arena *arena_take, void *rows, size_t count,
                  const struct nb_error *err);
/* Asks again now: an act is done. NULL: nothing. */
void table_again(struct table *table);
const void *table_row(const struct table *table, size_t index); /* of those that are shown; NULL behind the last */
const void *table_current(const struct table *table);           /* NULL: there is none */
struct row_context table_context(const struct table *table);
void table_move(struct table *table, long rows);
void table_scroll_detail(struct table *table, long lines);
/* The columns that it needs beside a pane. */
int table_least_columns(const struct table *table);

/* table_draw.c */
void table_draw(const struct table *table, struct grid *grid, const struct layout *layout);
/* Appends the texts of a row, as the narrowing searches them. */
void table_row_text(const struct table *table, const void *row, struct nb_strbuf *out);

#endif
