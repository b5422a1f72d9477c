/*
 * list_window.h - the model of a list: a bounded window of rows around a cursor, over any number of rows.
 *
 * It knows neither terminal nor database: rows come from a source that answers later, or never, or with an error.
 *
 * The cursor is on a row, not at an index, so it stays there whatever comes, changes, moves or goes. When its row is gone
 * it moves to the next older one, or else to the last. On screen it keeps its line, except at the top, where new rows push
 * in above.
 *
 * At most one fetch is in flight; what is asked for meanwhile is combined into the next one. An answer whose ticket is
 * not the current one is dropped.
 */
#ifndef TUI_LIST_WINDOW_H
#define TUI_LIST_WINDOW_H

#include "tui/list/list_rows.h"

#define LIST_FETCH_MAX 1000 /* rows in a fetch (page/page.h) */

struct list_fetch {
    enum nb_direction direction;
    bool has_from;
    struct nb_place from;
    bool inclusive;
    size_t limit;
};

struct list_source {
    /* Starts a fetch; list_window_answer() answers it later with the same ticket. */
    void (*fetch)(void *arg, unsigned ticket, const struct list_fetch *fetch);
    void (*fetch_keys)(void *arg, unsigned ticket, const struct nb_key *keys, size_t count);
    /* Fetches what changed since a look; list_window_merge() answers. NULL: re-read the window instead. */
    void (*fetch_changes)(void *arg, unsigned ticket, const char *look);
    void (*cancel)(void *arg); /* the fetch in flight is not needed any more */
    /* Shows the changes before the rows take them over; may be NULL. */
    void (*merging)(void *arg, const struct nb_changes *changes);
    void (*changed)(void *arg); /* the list must be drawn again */
    list_row_copy *copy;
    void *arg;
};

enum list_state {
    LIST_LOADING, /* no answer yet */
    LIST_READY,
    LIST_FAILED, /* the last fetch failed; earlier rows are still there */
};

enum list_load { LIST_LOAD_NONE, LIST_LOAD_NEWEST, LIST_LOAD_OLDEST, LIST_LOAD_AROUND };

enum list_step {
    LIST_IDLE,
    LIST_FETCH_LOAD,
    LIST_FETCH_ABOVE,
    LIST_FETCH_REREAD,
    LIST_FETCH_OLDER,
    LIST_FETCH_NEWER,
    LIST_FETCH_STICKY,
    LIST_FETCH_CHANGES
};

struct list_window {
    struct list_source source;
    struct list_rows rows;
    struct nb_place cursor_place; /* the key of its row, and where that was last seen */
    bool has_cursor;
    size_t cursor;        /* index into rows.items */
    size_t line;          /* the cursor's preferred line on the screen */
    size_t top;           /* index of the first visible item */
    size_t height;        /* visible lines */
    bool following;       /* the newest row is visible: new rows push in */
    int64_t pending_move; /* the rest of a move that went beyond the loaded rows */
    bool pending_page;    /* that move also moves the view */

    enum list_step in_flight;
    unsigned ticket;
    enum list_load wanted; /* a jump that has not begun, or has failed */
    enum list_load loading;
    struct nb_place wanted_place;
    size_t wanted_line;
    bool wanted_anew;        /* a person asked for it, so no row needs to become sticky */
    bool jumping;            /* to a row that is not loaded: further moves wait for it */
    struct list_fetch fetch; /* the last one that was started */
    struct nb_page *held;    /* the older half of a jump, until the newer half has come */
    struct nb_key *asked;    /* keys of LIST_FETCH_STICKY */
    size_t asked_count;
    bool sticky_due;
    bool dirty;      /* must be re-read */
    bool due;        /* must ask for changes */
    char *since;     /* a look that no loaded row is older than (page/page.h) */
    bool frozen;     /* does not fetch for now */
    bool loaded;     /* an answer has come since the last reset */
    bool superseded; /* the rows are still those of the previous filter */
    bool failed;
    struct nb_error error;
    unsigned rounds; /* number of times that the whole window was asked for */
    unsigned round;  /* the last of these that is on screen */
    unsigned round_in_flight;
    char *look;                 /* pg_snapshot of the last time that the newest row was on screen … */
    struct nb_place look_place; /* … and that row's place; nb_place_last: there was none */
};

void list_window_init(struct list_window *window, const struct list_source *source);
void list_window_clear(struct list_window *window);

/* Starts over, for a new filter or on entering the view: forgets sticky rows and loads everything. The cursor stays on
 * its row or next to it; at the top it stays at the top. The old rows stay visible until the answer comes. */
void list_window_reset(struct list_window *window);
/* The same, in another order. */
void list_window_sort(struct list_window *window, const struct nb_order *order);
void list_window_set_height(struct list_window *window, size_t height);
void list_window_move(struct list_window *window, int64_t delta);   /* moves the cursor */
void list_window_page(struct list_window *window, int64_t delta);   /* moves cursor and view together */
void list_window_scroll(struct list_window *window, int64_t delta); /* moves the view; the cursor stays inside it */
void list_window_select(struct list_window *window, size_t index);  /* moves the cursor to a loaded item (a click) */
void list_window_place(struct list_window *window, size_t line);    /* scrolls the cursor to that line */
void list_window_newest(struct list_window *window);
void list_window_oldest(struct list_window *window);
void list_window_goto(struct list_window *window, const struct nb_place *place);
/* Asks what changed, and merges it; several calls are combined. Where too much changed, re-reads the window. It misses
 * changes that come with time alone, and rows deleted without a trace. */
void list_window_look(struct list_window *window);
/* Re-reads the window; several calls are combined. Also retries after an error. */
void list_window_reread(struct list_window *window);
/* Whether a look or a re-read is due or running. */
bool list_window_is_looking(const struct list_window *window);
/* The rows are those that were asked for last, and the cursor is where it was sent: nothing is awaited but news. */
bool list_window_is_settled(const struct list_window *window);
void list_window_freeze(struct list_window *window, bool frozen);
void list_window_stick(struct list_window *window, const struct nb_key *keys, size_t count);
void list_window_hide(struct list_window *window, const struct nb_key *keys, size_t count, bool hidden);

/* The source's answer. Takes page; page is NULL when err is set. */
void list_window_answer(struct list_window *window, unsigned ticket, struct nb_page *page_take,
                        const struct nb_error *err);

void list_window_merge(struct list_window *window, unsigned ticket, struct nb_changes *changes_take,
                       const struct nb_error *err);

enum list_state list_window_state(const struct list_window *window);
size_t list_window_count(const struct list_window *window);
const struct list_item *list_window_item(const struct list_window *window, size_t index);
const struct nb_row *list_window_current(const struct list_window *window); /* NULL when empty */
/* The place of the first visible row; false when there is none. */
bool list_window_top_place(const struct list_window *window, struct nb_place *place);

#endif
