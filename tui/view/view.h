/*
 * view.h - one list view: its rows, marks, acts under way, filter, search, counts and detail, all the same for every
 * subject; and what a subject supplies (struct view_kind), which is mostly tables.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "base/clock.h"
#include "base/ration.h"
#include "filter/filter.h"
#include "model/event.h"
#include "model/notification.h"
#include "tui/keys/action.h"
#include "tui/list/counter.h"
#include "tui/view/detail_text.h"
#include "tui/draw/glyph.h"
#include "tui/draw/layout.h"
#include "tui/list/list_window.h"
#include "tui/list/marks.h"
#include "tui/list/overlay.h"

struct console;

/* What the cells of a row are drawn with. */
struct row_context {
    int64_t now;
    bool ascii;
    bool many_tenants; /* a global operator looks: tenants are worth a column */
    const struct nb_uuid *me;
};

struct cell_text {
    struct nb_strbuf text;
    struct look look;
};

struct column {
    const char *id, *title;
    struct column_size size;
    bool right; /* aligned to the right */
    void (*cell)(struct cell_text *out, const struct nb_row *row, const struct row_context *context);
};

/* A figure beside the view's name: how many match a filter. */
struct tab_figure {
    const char *filter;
    bool (*counts)(const struct nb_row *row); /* the same filter, of a row that is here */
    enum glyph glyph;                         /* GLYPH_COUNT: none */
    enum role role;
};

#define VIEW_FIGURES 3

struct view_kind {
    enum context context;
    enum nb_subject subject;
    const char *name, *title, *noun, *nouns;
    const struct column *columns;
    size_t column_count;
    const struct tab_figure *figures; /* VIEW_FIGURES of them; filter NULL: none */
    size_t row_size;
    list_row_copy *copy;
    void (*patch)(struct nb_row *row, const struct row_patch *patch);
    bool (*same)(const struct nb_row *a, const struct nb_row *b); /* of the same key: nothing has changed about it */
    bool (*is_done)(const struct nb_row *row);                    /* read, archived, resolved: drawn with less weight */
    void (*detail)(struct detail_text *text, const struct nb_row *row, const struct row_context *context);
    const char *(*document)(const struct nb_row *row); /* the JSON that belongs to it; NULL: none */
    const char *(*link)(const struct nb_row *row);
    bool has_history;
    const char *wanted;   /* the filter of next-unread */
    const char *empty;    /* what an empty list without a filter says */
    const char *all_done; /* what it says when the filter is `wanted` */
};

/* A row with the acts under way laid over it. */
union any_row {
    struct nb_row row;
    struct nb_notification notification;
    struct nb_event event;
};

struct search {
    char *text; /* NULL: nothing is being searched */
    bool backward;
    bool typing;
    struct nb_key origin;
    bool has_origin;
    size_t origin_line;
    struct nb_request *request;
    bool wrapped;
    unsigned steps; /* how many more matches to go on to */
};

struct detail {
    struct nb_key key;
    bool has_key;
    struct nb_page *page; /* the full row, once it has come */
    struct nb_arena *history_arena;
    struct nb_event_action *history;
    size_t history_count;
    struct nb_request *row_request, *history_request;
    bool due; /* to be fetched, or fetched again */
    struct detail_text text;
    bool text_stale;
    size_t scroll;
    int height;
    struct nb_timer *timer;
};

struct view {
    const struct view_kind *kind;
    struct console *console;
    struct list_window window;
    struct marks marks;
    struct overlays overlays;
    char *filter_text;
    struct nb_filter *filter;
    struct nb_request *page_request;
    unsigned page_ticket;
    struct counter matched, all, arrived;
    struct counter figures[VIEW_FIGURES];
    bool counts_due; /* with the rows that are on their way */
    struct search search;
    struct detail detail;
    struct nb_ration looks; /* bursts of doorbells cost at most ten looks a second */
    struct nb_timer *look_timer;
    int64_t fresh_at; /* when rows last came; 0: never */
    bool visited;
};

struct view *view_new(struct console *console, const struct view_kind *kind, const char *filter);
void view_free(struct view **view);

/* The database's side: something may have changed; resync: everything may have. */
void view_bell(struct view *view, bool resync);
/* An act of ours is done: look again, and count anew without waiting. */
void view_after_act(struct view *view);
/* The view is shown (again), or left: sticky rows and marks go when it is left. */
void view_enter(struct view *view);
void view_leave(struct view *view);

/* Applies a filter; the view keeps the old one when text is wrong. */
NB_MUSTCHECK int view_set_filter(struct view *view, const char *text, struct nb_error *err);
/* The view's filter with more terms; the caller frees it. */
NB_MUSTCHECK int view_filter_and(struct nb_filter **out, const struct view *view, const char *terms,
                                 struct nb_error *err);

/* The row as it looks with acts under way; valid until scratch is reused. */
const struct nb_row *view_row(const struct view *view, const struct nb_row *row, union any_row *scratch, bool *pending);
const struct nb_row *view_current(const struct view *view, union any_row *scratch); /* NULL: none */
void view_follow_cursor(struct view *view); /* the cursor may stand on another row */
struct row_context view_row_context(const struct view *view);
/* The age of a row in at most four columns. Nothing under a minute: the screen is drawn anew with the minute, no sooner. */
const char *view_age(int64_t time, const struct row_context *context, char text[NB_TIME_TEXT_SIZE]);

const struct view_kind *view_inbox_kind(void);
const struct view_kind *view_events_kind(void);

#endif
