/*
 * windows.c - the maintenance windows: what holds now, until when, and how many events it keeps from people.
 */
#include <string.h>

#include "base/clock.h"
#include "events/windows.h"
#include "tui/view/table.h"
#include "tui/views/views.h"

#define MINUTE (60 * INT64_C(1000000))

static const struct {
    const char *state, *word, *about;
    enum glyph glyph;
    enum role role;
} states[] = {
    {"holding", "holds", "holds now", GLYPH_HELD, ROLE_WARNING},
    {"waiting", "waits", "waits for its time", GLYPH_SNOOZED, ROLE_STATUS_OPEN},
    {"failed", "failed", "its rule could not be worked out", GLYPH_DOWN, ROLE_STATUS_FAILED},
    {"over", "over", "is over", GLYPH_RESOLVED, ROLE_STATUS_RESOLVED},
    {"ended", "ended", "was ended", GLYPH_RESOLVED, ROLE_STATUS_RESOLVED},
};

static size_t state_of(const struct nb_window *window)
{
    size_t i = 0;

    while (i + 1 < NB_ARRAY_SIZE(states) && strcmp(states[i].state, window->state) != 0)
        i++;
    return i;
}

static bool is_over(const void *row)
{
    return nb_window_is_over(row);
}

/* ---- columns ---- */

static void cell_state(struct cell_text *out, const void *row, const struct row_context *context)
{
    size_t state = state_of(row);

    nb_strbuf_appendf(&out->text, "%s %s", glyph_text(states[state].glyph, context->ascii), states[state].word);
    out->look.role = states[state].role;
}

static void cell_matches(struct cell_text *out, const void *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, ((const struct nb_window *)row)->matches);
    out->look.role = ROLE_TITLE_UNREAD;
}

/* Rounded up to the minute: what was made for two hours has 2h. */
static const char *left(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    return nb_time_format_age(now, time + MINUTE - 1, text);
}

/* "till 14:00, 2h", "from Sun 22:00" */
static void append_when(struct nb_strbuf *out, const struct nb_window *window, int64_t now)
{
    char when[NB_TIME_TEXT_SIZE], span[NB_TIME_TEXT_SIZE];

    if (window->starts_at == NB_TIME_NONE)
        return;
    if (window->starts_at > now)
        nb_strbuf_appendf(out, "from %s", nb_time_format_until(window->starts_at, now, when));
    else
        nb_strbuf_appendf(out, "till %s, %s", nb_time_format_until(window->ends_at, now, when),
                          left(window->ends_at, now, span));
}

static void cell_when(struct cell_text *out, const void *row, const struct row_context *context)
{
    append_when(&out->text, row, context->now);
    out->look.role = ROLE_TIME;
}

static void cell_held(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_window *window = row;

    (void)context;
    if (window->held > 0)
        nb_strbuf_appendf(&out->text, "%lld", (long long)window->held);
    out->look.role = ROLE_OCCURRENCES;
}

static void cell_reason(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_window *window = row;

    (void)context;
    nb_strbuf_append(&out->text, window->problem ? window->problem : window->reason);
    out->look.role = window->problem ? ROLE_ERROR : ROLE_TITLE;
}

static void cell_name(struct cell_text *out, const void *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, ((const struct nb_window *)row)->name);
    out->look.role = ROLE_TYPE;
}

static const struct table_column columns[] = {
    {"state", {8, 8, 0}, false, cell_state}, {"holds", {13, 30, 0}, false, cell_matches},
    {"when", {15, 24, 1}, false, cell_when}, {"held", {4, 5, 2}, true, cell_held},
    {"why", {20, 0, 3}, false, cell_reason}, {"window", {16, 28, 4}, false, cell_name},
};

/* ---- detail ---- */

static const char *behaviour_of(const struct nb_window *window)
{
    if (strcmp(window->behaviour, "escalation") == 0)
        return "escalation: nobody else is told";
    if (strcmp(window->behaviour, "events") == 0)
        return "events: nobody is told, and they count as held";
    return "notices: nobody is told";
}

/* All in the console's zone; what the window's own clock says then, where that is another time. */
static void add_times(struct detail_text *text, const struct nb_window *window, int64_t now)
{
    char when[NB_TIME_TEXT_SIZE], zone[NB_TIME_TEXT_SIZE], span[NB_TIME_TEXT_SIZE];
    bool holds = window->starts_at <= now;
    int64_t next = holds ? window->ends_at : window->starts_at;

    if (window->starts_at == NB_TIME_NONE)
        return;
    detail_text_fieldf(text, holds ? "ends" : "begins", LOOK(ROLE_TIME, 0), "%s %s, in %s",
                       nb_time_format_until(next, now, when), nb_time_zone_name(next, zone), left(next, now, span));
    detail_text_field(text, holds ? "began" : "till", LOOK(ROLE_TIME, 0),
                      holds ? nb_time_format_short(window->starts_at, now, when)
                            : nb_time_format_until(window->ends_at, now, when));
    /* "Mon 2026-11-30 10:32" and "2026-11-30 10:32:00" */
    if (strncmp(window->local_starts + strcspn(window->local_starts, " ") + 1,
                nb_time_format_local(window->starts_at, when), strlen("2026-11-30 10:32")) != 0)
        detail_text_fieldf(text, "its clock", LOOK(ROLE_TIME, 0), "%s %s %s", holds ? "began" : "begins",
                           window->local_starts, window->time_zone);
}

static void detail(struct detail_text *text, const void *row, const struct row_context *context)
{
    const struct nb_window *window = row;
    size_t state = state_of(window);
    const struct span head[] = {
        {window->name, LOOK(ROLE_DETAIL_TITLE, 0)},
        {"   ", LOOK(ROLE_DETAIL, 0)},
        {glyph_text(states[state].glyph, context->ascii), LOOK((uint8_t)states[state].role, 0)},
        {" ", LOOK(ROLE_DETAIL, 0)},
        {states[state].about, LOOK((uint8_t)states[state].role, 0)},
    };

    detail_text_spans(text, head, NB_ARRAY_SIZE(head));
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), window->reason, 0);
    detail_text_blank(text);
    detail_text_field(text, "problem", LOOK(ROLE_ERROR, 0), window->problem);
    detail_text_field(text, "matches", LOOK(ROLE_TYPE, 0), window->matches);
    detail_text_field(text, "holds", LOOK(ROLE_DETAIL_VALUE, 0), behaviour_of(window));
    add_times(text, window, context->now);
    detail_text_fieldf(text, "held", LOOK(ROLE_OCCURRENCES, 0), "%lld event%s", (long long)window->held,
                       window->held == 1 ? "" : "s");
    detail_text_field(text, "made by", LOOK(ROLE_ACTOR, 0), window->created_by);
}

/* ---- the table ---- */

static void answered(void *arg, struct nb_arena *arena_take, struct nb_window *windows, size_t count,
                     const struct nb_error *err)
{
    table_answer(arg, arena_take, windows, count, err);
}

static struct nb_request *ask(struct table *table, struct nb_connection *connection, const char *tenant)
{
    return nb_windows_list(connection, tenant, TABLE_MOST, answered, table);
}

static void key(struct nb_strbuf *out, const void *row)
{
    nb_strbuf_append(out, ((const struct nb_window *)row)->name);
}

static const struct table_kind table = {
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .row_size = sizeof(struct nb_window),
    .ask = ask,
    .key = key,
    .is_done = is_over,
    .detail = detail,
    .noun = "window",
    .nouns = "windows",
    .empty = "no window: everybody is told of everything. One is made here, or from an event that it is to hold",
};

const struct screen_kind screen_windows = {
    .context = CONTEXT_WINDOWS,
    .table = &table,
    .subjects = NB_SUBJECT_BIT(NB_SUBJECT_EVENTS),
    .operators_only = "maintenance windows are for operators",
    .caption = "maintenance windows",
    .ops = &table_ops,
};
