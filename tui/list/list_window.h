/*
 * list_window.h - the model of the one list: a bounded window of rows around a cursor, over any number of rows.
 *
 * It knows no terminal and no database: rows come from a source that answers later, or never, or with an error.
 * The cursor is a key, never an index: whatever arrives, changes or goes, it stays on its row; when that row is gone it
 * goes to the next older one, or else to the last. On screen it keeps its line, except at the top, where arrivals slide in.
 * One fetch is in flight at most; what is asked for meanwhile is coalesced into the next one. Answers that have been
 * overtaken (their ticket is not the current one) are dropped.
 */
#ifndef TUI_LIST_WINDOW_H
#define TUI_LIST_WINDOW_H

#include "tui/list/list_rows.h"

#define LIST_FETCH_MAX 1000 /* rows a fetch (page/page.h) */

struct list_fetch {
    enum nb_direction direction;
    bool has_from;
    struct nb_key from;
    bool inclusive;
    size_t limit;
};

struct list_source {
    /* Each begins a fetch that is answered, later, by list_window_answer() with the same ticket. */
    void (*fetch)(void *arg, unsigned ticket, const struct list_fetch *fetch);
    void (*fetch_keys)(void *arg, unsigned ticket, const struct nb_key *keys, size_t count);
    /* The same, answered by list_window_merge(): what changed since a look. NULL: the window is read again instead. */
    void (*fetch_changes)(void *arg, unsigned ticket, const char *look);
    void (*cancel)(void *arg); /* the fetch in flight is not wanted any more */
    /* What changed, before the rows take it over; NULL: nobody wants to know. */
    void (*merging)(void *arg, const struct nb_changes *changes);
    void (*changed)(void *arg); /* there is something new to draw */
    list_row_copy *copy;
    void *arg;
};

enum list_state {
    LIST_LOADING, /* nothing has come yet */
    LIST_READY,
    LIST_FAILED, /* the last fetch failed; rows that came before are still there */
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
    struct nb_key cursor_key;
    bool has_cursor;
    size_t cursor;        /* index into rows.items */
    size_t line;          /* the screen line on which the cursor wants to be */
    size_t top;           /* index of the first visible item */
    size_t height;        /* visible lines */
    bool following;       /* the newest row is visible: arrivals slide in */
    int64_t pending_move; /* what is left of a move that went past the rows at hand */
    bool pending_page;    /* … and it moves the view along */

    enum list_step in_flight;
    unsigned ticket;
    enum list_load wanted; /* a jump that is to be begun, or was answered with an error */
    enum list_load loading;
    struct nb_key wanted_key;
    size_t wanted_line;
    bool wanted_anew;        /* a person asked for it, so that nothing has to stay for the reader's eyes */
    bool jumping;            /* to a row that is not here yet: moves wait for it, however fast they are typed */
    struct list_fetch fetch; /* the last one begun */
    struct nb_page *held;    /* the older half of a jump, until the newer one is here */
    struct nb_key *asked;    /* keys of LIST_FETCH_STICKY */
    size_t asked_count;
    bool sticky_due;
    bool dirty;      /* to be read again */
    bool due;        /* what changed is to be asked for */
    char *since;     /* the look that all rows are at least as new as (page/page.h) */
    bool frozen;     /* not now */
    bool loaded;     /* something has been answered since the last reset */
    bool superseded; /* the rows are those of an earlier filter */
    bool failed;
    struct nb_error error;
    unsigned rounds; /* how often the whole window was asked for */
    unsigned round;  /* the last of these that is on screen */
    unsigned round_in_flight;
    char *look; /* pg_snapshot of the last time that the newest row was on screen */
};

void list_window_init(struct list_window *window, const struct list_source *source);
void list_window_clear(struct list_window *window);

/* Another filter, or the view was entered again: sticky rows are forgotten and everything is loaded anew. The cursor stays
 * on its row, or next to it, except at the top, where it stays at the top. Old rows stay visible until the answer is here. */
void list_window_reset(struct list_window *window);
void list_window_set_height(struct list_window *window, size_t height);
void list_window_move(struct list_window *window, int64_t delta);   /* the cursor */
void list_window_page(struct list_window *window, int64_t delta);   /* cursor and view together */
void list_window_scroll(struct list_window *window, int64_t delta); /* the view; the cursor stays inside it */
void list_window_select(struct list_window *window, size_t index);  /* an item that is there (a click) */
void list_window_place(struct list_window *window, size_t line);    /* puts the cursor on that screen line */
void list_window_newest(struct list_window *window);
void list_window_oldest(struct list_window *window);
void list_window_goto(struct list_window *window, const struct nb_key *key);
/* Something may have changed: ask what, and merge it (coalesced). What changed too much is read again as a whole. It misses
 * what changes by itself as time goes by, and rows that are deleted without a trace. */
void list_window_look(struct list_window *window);
/* Anything may have changed: read the window again (coalesced). Also the way to try again after an error. */
void list_window_reread(struct list_window *window);
/* One of the two is due, or under way. */
bool list_window_is_looking(const struct list_window *window);
/* The rows are those that were asked for last, and the cursor is where it was sent: nothing is awaited but news. */
bool list_window_is_settled(const struct list_window *window);
void list_window_freeze(struct list_window *window, bool frozen);
void list_window_stick(struct list_window *window, const struct nb_key *keys, size_t count);
void list_window_hide(struct list_window *window, const struct nb_key *keys, size_t count, bool hidden);

/* The source's answer. Takes page; err is NULL when page is not. */
void list_window_answer(struct list_window *window, unsigned ticket, struct nb_page *page_take,
                        const struct nb_error *err);

void list_window_merge(struct list_window *window, unsigned ticket, struct nb_changes *changes_take,
                       const struct nb_error *err);

enum list_state list_window_state(const struct list_window *window);
size_t list_window_count(const struct list_window *window);
const struct list_item *list_window_item(const struct list_window *window, size_t index);
const struct nb_row *list_window_current(const struct list_window *window); /* NULL when empty */
/* The key of the first visible row; false when empty. */
bool list_window_top_key(const struct list_window *window, struct nb_key *key);

#endif
