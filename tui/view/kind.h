/*
 * kind.h - what a subject supplies to be shown as a list with a detail: mostly tables. What a subject can do is a member of
 * its kind, or of its row in core's table (model/subject.h); nothing asks which subject it is.
 */
#ifndef TUI_VIEW_KIND_H
#define TUI_VIEW_KIND_H

#include "base/clock.h"
#include "events/events.h"
#include "filter/filter.h"
#include "inbox/inbox.h"
#include "tui/draw/glyph.h"
#include "tui/draw/layout.h"
#include "tui/config/settings.h"
#include "tui/keys/action.h"
#include "tui/list/list_window.h"
#include "tui/list/overlay.h"
#include "tui/view/detail_text.h"

/* What the cells of a row are drawn with. */
struct row_context {
    int64_t now;
    bool ascii;
    bool many_tenants; /* a global operator looks: tenants are worth a column */
    const struct nb_uuid *me;
    const struct nb_order *order; /* of the list */
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
    const char *before, *after; /* what stands around it in the window's title; NULL: it is not told there */
};

/* What a symbol in the rows means, for the help. */
struct legend {
    enum glyph glyph;
    const char *text; /* NULL ends the list */
};

#define VIEW_FIGURES 3

struct view_kind {
    enum nb_subject subject;
    const struct column *columns;
    size_t column_count;
    const struct tab_figure *figures;
    size_t figure_count; /* at most VIEW_FIGURES */
    void (*patch)(struct nb_row *row, const struct row_patch *patch);
    bool (*same)(const struct nb_row *a, const struct nb_row *b); /* of the same key: nothing has changed about it */
    /* What messages and questions call it: "#90 job_failure". */
    void (*label)(struct nb_strbuf *out, const struct nb_row *row, bool ascii);
    /* What happened to a row again, for the message line: "raised again ×8 → ×9"; nothing when it did not. NULL: never. */
    void (*again)(struct nb_strbuf *out, const struct nb_row *before, const struct nb_row *now, bool ascii);
    bool (*is_done)(const struct nb_row *row); /* read, archived, resolved, snoozed: drawn with less weight */
    void (*detail)(struct detail_text *text, const struct nb_row *row, const struct row_context *context);
    const char *(*document)(const struct nb_row *row); /* the JSON that belongs to it; NULL: none */

    /* What some rows have and others have not: NULL where no row of this kind has it. */
    bool (*is_opened)(const struct nb_row *row);      /* false: opening it will mark it read */
    const char *(*actions)(const struct nb_row *row); /* what it offers to be taken, as JSON */
    struct nb_request *(*take_action)(struct nb_connection *connection, const struct nb_key *key, const char *action,
                                      nb_inbox_take_done *done, void *arg);
    struct nb_request *(*history)(struct nb_connection *connection, const struct nb_key *key,
                                  nb_event_history_done *done, void *arg);
    struct nb_request *(*deliveries)(struct nb_connection *connection, const struct nb_key *key,
                                     nb_event_history_done *done, void *arg); /* that came of such a row */

    const char *decided_as; /* what such a row is called where decisions are asked for (why.h); NULL: none are made */

    const struct legend *legend;
    enum option sort_option; /* how its lists are sorted where the filter does not say it; OPTION_COUNT: by key alone */
    const char *wanted;      /* the filter of next-unread */
    const char *empty;       /* what an empty list without a filter says */
    const char *all_done;    /* what it says when the filter is `wanted` */
};

/* The age of a row in at most four columns. Nothing under a minute: the screen is drawn anew with the minute, no sooner. */
const char *view_age(int64_t time, const struct row_context *context, char text[NB_TIME_TEXT_SIZE]);

#endif
