/*
 * status.c - the header with tabs and counts, the filter line, the message line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"
#include "tui/console/console_state.h"
#include "base/number.h"

#define SOON_US            (15 * 60 * INT64_C(1000000)) /* before a token ends */
#define TABS_COLUMNS       60                           /* from here on the tabs stay beside what stands aside … */
#define ROOMY_COLUMNS      100                          /* … and from here on with their figures */
#define ROW_NUMBER_COLUMNS 60 /* from here on the filter line has room for the number of the row */

/* Spans are collected with their texts owned, drawn, and dropped. */
struct line {
    NB_VEC(struct span) spans;
    struct nb_arena *arena;
    int width;
};

static void line_begin(struct line *line)
{
    *line = (struct line){.arena = nb_arena_new()};
}

static void line_add(struct line *line, enum role role, const char *format, ...) NB_PRINTF(3, 4);

static void line_add(struct line *line, enum role role, const char *format, ...)
{
    struct span span = {.look = LOOK((uint8_t)role, 0)};
    struct nb_strbuf shown; /* made harmless here already: the width that counts is that of what is drawn */
    char *text;
    va_list args;

    va_start(args, format);
    text = nb_vasprintf(format, args);
    va_end(args);
    nb_strbuf_init(&shown, 4096);
    nb_text_sanitize(&shown, text, SIZE_MAX, NB_TEXT_LINE, false);
    span.text = nb_arena_strdup(line->arena, shown.data);
    nb_strbuf_clear(&shown);
    free(text);
    line->width += nb_text_width(span.text);
    nb_vec_push(&line->spans, span);
}

static void line_end(struct line *line)
{
    nb_arena_free(&line->arena);
    nb_vec_clear(&line->spans);
}

static void line_draw(struct line *line, struct grid *grid, int x, int y, int columns)
{
    if (line->spans.count > 0 && columns > 0)
        grid_spans(grid, x, y, columns, line->spans.data, line->spans.count);
    line_end(line);
}

/* ---- header ---- */

struct link_state {
    enum role role;
    enum glyph glyph;
    char text[64];
};

static struct link_state live_state(const struct console *console)
{
    struct link_state state = {ROLE_LINK_LIVE, GLYPH_LIVE, "live"};

    if (nb_feed_has_hub(console->host.feed))
        snprintf(state.text, sizeof(state.text), console->host.ascii ? "live, hub" : "live · hub");
    return state;
}

static struct link_state link_state(const struct console *console)
{
    struct link_state state = {ROLE_LINK_WAITING, GLYPH_WAITING, "connecting"};
    int64_t silent = nb_connection_silent_ms(console->host.connection);

    switch (nb_connection_state(console->host.connection)) {
    case NB_CONNECTION_WAITING:
        snprintf(state.text, sizeof(state.text), "retry in %d s",
                 (int)((nb_connection_retry_in_ms(console->host.connection) + 999) / 1000));
        return state;
    case NB_CONNECTION_FAILED:
        return (struct link_state){ROLE_LINK_DOWN, GLYPH_DOWN, "no database"};
    case NB_CONNECTION_READY:
        break;
    default:
        return state;
    }
    if (silent >= 1500)
        snprintf(state.text, sizeof(state.text), "no answer for %d s", (int)(silent / 1000));
    else if (link_is_refused(&console->host))
        state = (struct link_state){ROLE_LINK_DOWN, GLYPH_DOWN, "read-only"};
    else if (nb_feed_mode(console->host.feed) == NB_FEED_LIVE)
        state = live_state(console);
    else if (nb_feed_mode(console->host.feed) == NB_FEED_POLLING)
        state = (struct link_state){ROLE_LINK_POLLING, GLYPH_POLLING, "polling"};
    else if (nb_feed_mode(console->host.feed) == NB_FEED_SUSPENDED)
        state = (struct link_state){ROLE_LINK_WAITING, GLYPH_WAITING, "suspended"};
    else
        state = (struct link_state){ROLE_LINK_WAITING, GLYPH_WAITING, "starting"};
    return state;
}

/* Until when one is known: always when that is soon, else where there is room. */
static bool until_shown(const struct console *console, int columns)
{
    const struct nb_identity *identity = &console->host.identity;

    return identity->expires_at != NB_TIME_NONE && !link_is_refused(&console->host) &&
           (columns >= 100 || identity->expires_at - nb_now() < SOON_US);
}

static void add_right_side(const struct console *console, struct line *line, int columns, bool until_too)
{
    const struct nb_identity *identity = &console->host.identity;
    struct link_state state = link_state(console);
    time_t now = (time_t)(nb_now() / 1000000);
    struct tm local;
    char until[NB_TIME_TEXT_SIZE];

    if (console->host.identified && identity->known && columns >= 70) {
        line_add(line, ROLE_HEADER_WHO, "%s@%s  ", identity->user_name,
                 identity->is_global ? "*" : identity->tenant_name);
        if (until_too)
            line_add(line, ROLE_HEADER_CLOCK, "until %s  ",
                     nb_time_format_short(identity->expires_at, nb_now(), until));
    }
    line_add(line, (enum role)state.role, "%s %s", glyph_text(state.glyph, console->host.ascii), state.text);
    if (columns >= 56 && localtime_r(&now, &local))
        line_add(line, ROLE_HEADER_CLOCK, "  %02d:%02d", local.tm_hour, local.tm_min);
    line_add(line, ROLE_HEADER, " ");
}

/* The tab of what is shown is one filled chip, its figures included. */
static void add_figures(const struct console *console, struct line *line, const struct view *view, bool active)
{
    char number[NB_NUMBER_TEXT_SIZE];

    for (size_t i = 0; i < view->rows.kind->figure_count; i++) {
        const struct tab_figure *figure = &view->rows.kind->figures[i];

        if (!view->counts.figures[i].counter.known || view->counts.figures[i].counter.value == 0)
            continue;
        line_add(line, active ? ROLE_TAB_ACTIVE : ROLE_TAB, " ");
        line_add(line, active ? ROLE_TAB_ACTIVE : (enum role)figure->role, "%s%s",
                 figure->glyph < GLYPH_COUNT ? glyph_text(figure->glyph, console->host.ascii) : "",
                 nb_number_format(view->counts.figures[i].counter.value, number));
    }
}

/* On a narrow screen the tabs lose their figures, to leave room for the name of a screen that has no tab. */
static bool has_figures(const struct console *console)
{
    return console->current == console->beneath || console->grid.columns >= ROOMY_COLUMNS;
}

static void add_tab(const struct console *console, struct line *line, size_t number, struct screen *screen)
{
    bool active = console->current == screen;
    const struct view *view = view_of(screen);

    line_add(line, active ? ROLE_TAB_ACTIVE : ROLE_TAB, " %zu %s", number, context_title(screen->kind->context));
    if (view && has_figures(console))
        add_figures(console, line, view, active);
    line_add(line, active ? ROLE_TAB_ACTIVE : ROLE_TAB, " ");
    line_add(line, ROLE_HEADER, " ");
}

/* On the narrowest screens the name of a screen that has no tab replaces the tabs. */
static bool tabs_shown(const struct console *console)
{
    return console->current == console->beneath || console->grid.columns >= TABS_COLUMNS;
}

static bool name_shown(const struct console *console)
{
    return console->grid.columns >= 80;
}

static void add_left_side(const struct console *console, struct line *line)
{
    struct screen *screen;

    if (name_shown(console))
        line_add(line, ROLE_HEADER_NAME, " nightbell  ");
    for (size_t i = 1; tabs_shown(console) && (screen = screens_tab(console, i)); i++)
        if (screen_may_be_seen(screen))
            add_tab(console, line, i, screen);
    if (console->current != console->beneath)
        line_add(line, ROLE_TAB_ACTIVE, " %s ", context_title(console->current->kind->context));
}

void status_draw_header(const struct console *console, struct grid *grid, struct rect rect)
{
    struct line left, right;
    int width;

    grid_fill(grid, rect, " ", LOOK(ROLE_HEADER, 0));
    line_begin(&left);
    add_left_side(console, &left);
    line_begin(&right);
    add_right_side(console, &right, rect.width, until_shown(console, rect.width));
    if (left.width + right.width >= rect.width && !until_shown(console, 0)) { /* rather than a tab that is cut */
        line_end(&right);
        line_begin(&right);
        add_right_side(console, &right, rect.width, false);
    }
    width = right.width < rect.width ? right.width : rect.width;
    line_draw(&right, grid, rect.x + rect.width - width, rect.y, width);
    line_draw(&left, grid, rect.x, rect.y, rect.width - width - 1);
}

struct screen *status_tab_at(const struct console *console, int x)
{
    int at = name_shown(console) ? 12 : 0;
    struct screen *screen;

    for (size_t i = 1; tabs_shown(console) && (screen = screens_tab(console, i)); i++) {
        struct line line;
        int width;

        if (!screen_may_be_seen(screen))
            continue;
        line_begin(&line);
        add_tab(console, &line, i, screen);
        width = line.width;
        line_end(&line);
        if (x >= at && x < at + width)
            return screen;
        at += width;
    }
    return NULL;
}

/* ---- filter line ---- */

/* Where the cursor is, as far as that is known. */
static void add_row_number(const struct view *view, struct line *line, const char *behind)
{
    int64_t row = view_counts_row(&view->counts);
    char number[NB_NUMBER_TEXT_SIZE];

    if (row > 0)
        line_add(line, ROLE_TOTAL, " row %s%s", nb_number_format(row, number), behind);
}

static void add_counts(const struct console *console, const struct view *view, struct line *line)
{
    char matched[NB_NUMBER_TEXT_SIZE], all[NB_NUMBER_TEXT_SIZE];
    bool filtered = !nb_filter_is_empty(view->rows.filter) && view->counts.all.known;

    if (!view->counts.matched.known) {
        line_add(line, ROLE_TOTAL, " …");
        return;
    }
    if (console->grid.columns >= ROW_NUMBER_COLUMNS)
        add_row_number(view, line, filtered ? (console->host.ascii ? " -" : " ·") : " of");
    line_add(line, ROLE_TOTAL, " %s", nb_number_format(view->counts.matched.value, matched));
    if (filtered)
        line_add(line, ROLE_TOTAL, " of %s", nb_number_format(view->counts.all.value, all));
}

static void add_marked(const struct console *console, const struct view *view, struct line *line)
{
    const struct marks *marks = &view->rows.marks;
    const char *dot = glyph_text(GLYPH_DOT, console->host.ascii);
    char number[NB_NUMBER_TEXT_SIZE];

    if (marks->selecting)
        line_add(line, ROLE_MARK, " %s marking", dot);
    else if (marks_is_all(marks))
        line_add(line, ROLE_MARK, " %s all marked", dot);
    else if (marks_have_ranges(marks))
        line_add(line, ROLE_MARK, " %s ranges marked", dot);
    else if (marks_any(marks))
        line_add(line, ROLE_MARK, " %s %s marked", dot, nb_number_format((int64_t)marks_count(marks), number));
}

static void add_news(const struct console *console, const struct view *view, struct line *line)
{
    bool ascii = console->host.ascii;
    const char *dot = glyph_text(GLYPH_DOT, ascii);
    char number[NB_NUMBER_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];

    if (view->counts.arrived.known && view->counts.arrived.value > 0)
        line_add(line, ROLE_NEWS, " %s %s %s new", dot, glyph_text(GLYPH_UP_ARROW, ascii),
                 nb_number_format(view->counts.arrived.value, number));
    if (view->rows.window.frozen)
        line_add(line, ROLE_FROZEN, " %s %s frozen", dot, glyph_text(GLYPH_FROZEN, ascii));
    if (console->host.lost_at)
        line_add(line, ROLE_STALE, " %s stale since %s", dot,
                 nb_time_format_short(console->host.lost_at, nb_now(), when));
    else if (list_window_state(&view->rows.window) == LIST_FAILED && list_window_count(&view->rows.window) > 0)
        line_add(line, ROLE_ERROR, " %s not up to date", dot);
    else if (view->rows.window.superseded)
        line_add(line, ROLE_TOTAL, " %s loading", dot);
}

static void add_terms(const struct console *console, const char *text, const struct nb_order *order, struct line *line)
{
    if (text[0] == '\0')
        line_add(line, ROLE_FILTER, " all ");
    else
        line_add(line, ROLE_FILTER_TERM, " %s ", text);
    if (order->rank)
        line_add(line, ROLE_FILTER, "%s by %s ", glyph_text(GLYPH_DOWN_ARROW, console->host.ascii), order->title);
}

/* The rows are still those of the former filter, and will be for a while. */
static bool filter_waits(const struct console *console, const struct view *view)
{
    char trouble[LINK_TROUBLE_SIZE];

    return view->rows.former_text && view->rows.window.superseded && list_window_count(&view->rows.window) > 0 &&
           link_trouble(&console->host, trouble, sizeof(trouble));
}

static void add_filter(const struct console *console, const struct view *view, struct line *line)
{
    char number_text[NB_NUMBER_TEXT_SIZE], total_text[NB_NUMBER_TEXT_SIZE];
    int64_t number, total;

    if (filter_waits(console, view)) {
        add_terms(console, view->rows.former_text, view->rows.former_order, line);
        line_add(line, ROLE_STALE, " waiting:");
    }
    add_terms(console, view->rows.filter_text, rows_order(&view->rows), line);
    if (view->search.text)
        line_add(line, ROLE_SEARCH_MATCH, "/%s", view->search.text);
    if (search_number(&view->search, &number, &total))
        line_add(line, ROLE_FILTER, " match %s of %s", nb_number_format(number, number_text),
                 nb_number_format(total, total_text));
    if (view->search.text)
        line_add(line, ROLE_FILTER, " ");
    if (view->search.text && view->search.request)
        line_add(line, ROLE_FILTER, "%s", glyph_text(GLYPH_ELLIPSIS, console->host.ascii));
}

static void draw_caption(const struct screen *screen, struct grid *grid, struct rect rect)
{
    struct line right;
    struct nb_strbuf told;
    int width;

    nb_strbuf_init(&told, 4096);
    if (screen->kind->ops->tell)
        screen->kind->ops->tell(screen, &told);
    line_begin(&right);
    if (told.length > 0)
        line_add(&right, ROLE_TOTAL, " %s ", told.data);
    nb_strbuf_clear(&told);
    width = right.width < rect.width / 2 ? right.width : rect.width / 2;
    grid_textf(grid, rect.x, rect.y, rect.width - width, LOOK(ROLE_FILTER, 0), " %s ", screen->kind->caption);
    line_draw(&right, grid, rect.x + rect.width - width, rect.y, width);
}

void status_draw_filter(const struct console *console, struct grid *grid, struct rect rect)
{
    struct view *view = console_view(console);
    struct line left, right;
    int width;

    grid_fill(grid, rect, glyph_text(GLYPH_HORIZONTAL, console->host.ascii), LOOK(ROLE_BORDER, 0));
    if (!view) {
        draw_caption(console->current, grid, rect);
        return;
    }
    line_begin(&left);
    add_filter(console, view, &left);
    line_begin(&right);
    add_counts(console, view, &right);
    add_marked(console, view, &right);
    add_news(console, view, &right);
    line_add(&right, ROLE_TOTAL, " ");
    width = right.width < rect.width - 8 ? right.width : rect.width - 8;
    line_draw(&left, grid, rect.x, rect.y, rect.width - width - 1);
    line_draw(&right, grid, rect.x + rect.width - width, rect.y, width);
}

/* ---- message line ---- */

static bool draw_progress(const struct console *console, struct grid *grid, struct rect rect)
{
    bool ascii = console->host.ascii;
    const char *verb;
    int64_t done, total;
    char done_text[NB_NUMBER_TEXT_SIZE], total_text[NB_NUMBER_TEXT_SIZE];
    struct line line;
    struct nb_strbuf bar;
    int full = 0;

    if (!acts_progress(&console->acts, &verb, &done, &total))
        return false;
    line_begin(&line);
    nb_strbuf_init(&bar, 256);
    if (total > 0) {
        full = (int)(20 * done / total);
        for (int i = 0; i < 20; i++)
            nb_strbuf_append(&bar, glyph_text(i < full ? GLYPH_PROGRESS_FULL : GLYPH_PROGRESS_EMPTY, ascii));
        line_add(&line, ROLE_PROGRESS, " %s", bar.data);
        line_add(&line, ROLE_MESSAGE, "  %s: %s of %s", verb, nb_number_format(done, done_text),
                 nb_number_format(total, total_text));
    } else {
        line_add(&line, ROLE_MESSAGE, " %s: %s", verb, nb_number_format(done, done_text));
    }
    nb_strbuf_clear(&bar);
    if (console->quit_by_ms != 0)
        line_add(&line, ROLE_WARNING, "  then quits; to quit again leaves the rest undone");
    line_draw(&line, grid, rect.x, rect.y, rect.width);
    return true;
}

/* What does not fit is cut, and then the key that shows all of it stands at the right. */
static void draw_cut(const struct console *console, struct grid *grid, struct rect line, const char *text,
                     struct look look)
{
    struct nb_strbuf clean, more;

    nb_strbuf_init(&clean, SIZE_MAX / 2);
    nb_text_sanitize(&clean, text, SIZE_MAX, NB_TEXT_LINE, grid->ascii);
    nb_strbuf_init(&more, 256);
    if (nb_text_width(clean.data) + 1 > line.width) {
        host_keys_of(&console->host, ACTION_MESSAGES, &more);
        nb_strbuf_append(&more, more.length > 0 ? ": all of it" : ":messages shows all of it");
        line.width -= grid_text_right(grid, line.x, line.y, line.width - 1, LOOK(ROLE_HINT_TEXT, 0), more.data) + 3;
    }
    grid_textf(grid, line.x, line.y, line.width, look, " %s", clean.data);
    nb_strbuf_clear(&more);
    nb_strbuf_clear(&clean);
}

void status_draw_bottom(const struct console *console, struct grid *grid, struct rect rect)
{
    const struct message *message = message_current(&console->host.messages);
    struct nb_strbuf pending;
    char trouble[LINK_TROUBLE_SIZE];
    const char *why = link_trouble(&console->host, trouble, sizeof(trouble));
    struct rect line = {rect.x, rect.y + rect.height - 1, rect.width, 1};
    int left = 0;

    grid_fill(grid, rect, " ", LOOK(ROLE_MESSAGE, 0));
    nb_strbuf_init(&pending, 256);
    keymap_pending(&console->keys, &pending);
    if (pending.length > 0)
        left = grid_text_right(grid, line.x, line.y, line.width - 1, LOOK(ROLE_PENDING, 0), pending.data) + 2;
    nb_strbuf_clear(&pending);
    if (draw_progress(console, grid, line))
        return;
    line.width -= left;
    if (message)
        draw_cut(console, grid, line, message->text, LOOK((uint8_t)message->role, 0));
    else if (why)
        draw_cut(console, grid, line, why, LOOK(ROLE_LINK_WAITING, 0));
}
