/*
 * heartbeats.c - the sources that must report: late before down, and what came beside what was expected.
 */
#include <string.h>

#include "base/clock.h"
#include "events/heartbeats.h"
#include "tui/view/table.h"
#include "tui/views/views.h"

static const struct {
    const char *state;
    enum glyph glyph;
    enum role role;
} states[] = {
    {"down", GLYPH_CRITICAL, ROLE_SEVERITY_CRITICAL},
    {"failed", GLYPH_DOWN, ROLE_STATUS_FAILED},
    {"late", GLYPH_STALE, ROLE_WARNING},
    {"running", GLYPH_POLLING, ROLE_STATUS_ACKNOWLEDGED},
    {"up", GLYPH_LIVE, ROLE_OK},
    {"paused", GLYPH_FROZEN, ROLE_STATUS_SNOOZED},
    {"new", GLYPH_WAITING, ROLE_STATUS_OPEN},
};

static size_t state_of(const struct nb_heartbeat *heartbeat)
{
    size_t i = 0;

    while (i + 1 < NB_ARRAY_SIZE(states) && strcmp(states[i].state, heartbeat->state) != 0)
        i++;
    return i;
}

static bool is_done(const void *row)
{
    return strcmp(((const struct nb_heartbeat *)row)->state, "paused") == 0;
}

/* "backup/db1" */
static void key(struct nb_strbuf *out, const void *row)
{
    const struct nb_heartbeat *heartbeat = row;

    nb_strbuf_appendf(out, "%s%s%s", heartbeat->name, heartbeat->instance[0] ? "/" : "", heartbeat->instance);
}

/* ---- columns ---- */

static void cell_state(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;
    size_t state = state_of(heartbeat);

    nb_strbuf_appendf(&out->text, "%s %s", glyph_text(states[state].glyph, context->ascii), heartbeat->state);
    out->look.role = states[state].role;
}

static void cell_since(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;
    char age[NB_TIME_TEXT_SIZE];

    if (heartbeat->since != NB_TIME_NONE)
        nb_strbuf_append(&out->text, view_age(heartbeat->since, context, age));
    out->look.role = ROLE_TIME;
}

static void cell_name(struct cell_text *out, const void *row, const struct row_context *context)
{
    (void)context;
    key(&out->text, row);
    out->look.role = ROLE_TITLE_UNREAD;
}

static void cell_came(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;
    char when[NB_TIME_TEXT_SIZE];

    nb_strbuf_append(&out->text, heartbeat->received_at == NB_TIME_NONE
                                     ? "never"
                                     : nb_time_format_short(heartbeat->received_at, context->now, when));
    out->look.role = ROLE_TIME;
}

static void cell_verdict(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;

    (void)context;
    nb_strbuf_append(&out->text, heartbeat->verdict ? heartbeat->verdict : "");
    out->look.role = ROLE_TITLE;
}

static void cell_expected(struct cell_text *out, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;
    char when[NB_TIME_TEXT_SIZE], span[NB_TIME_TEXT_SIZE];
    int64_t expected = heartbeat->expected_at;

    out->look.role = heartbeat->problem ? ROLE_ERROR : ROLE_TIME;
    if (heartbeat->problem)
        nb_strbuf_append(&out->text, heartbeat->problem);
    else if (expected != NB_TIME_NONE && expected > context->now)
        nb_strbuf_appendf(&out->text, "%s, in %s", nb_time_format_until(expected, context->now, when),
                          nb_time_format_age(context->now, expected, span));
    else if (expected != NB_TIME_NONE)
        nb_strbuf_appendf(&out->text, "%s, %s ago", nb_time_format_short(expected, context->now, when),
                          nb_time_format_age(expected, context->now, span));
}

static const struct table_column columns[] = {
    {"state", {9, 9, 0}, false, cell_state},        {"for", {4, 4, 3}, true, cell_since},
    {"heartbeat", {12, 30, 0}, false, cell_name},   {"came", {6, 12, 2}, false, cell_came},
    {"which was", {8, 10, 4}, false, cell_verdict}, {"expected", {14, 0, 1}, false, cell_expected},
};

/* ---- detail ---- */

static void add_head(struct detail_text *text, const struct nb_heartbeat *heartbeat, const struct row_context *context)
{
    size_t state = state_of(heartbeat);
    char since[NB_TIME_TEXT_SIZE];
    struct nb_strbuf name;

    nb_strbuf_init(&name, 4096);
    key(&name, heartbeat);
    {
        const struct span head[] = {
            {name.data, LOOK(ROLE_DETAIL_TITLE, 0)},
            {"   ", LOOK(ROLE_DETAIL, 0)},
            {glyph_text(states[state].glyph, context->ascii), LOOK((uint8_t)states[state].role, 0)},
            {" ", LOOK(ROLE_DETAIL, 0)},
            {heartbeat->state, LOOK((uint8_t)states[state].role, 0)},
            {heartbeat->since != NB_TIME_NONE ? "  since " : "", LOOK(ROLE_TIME, 0)},
            {heartbeat->since != NB_TIME_NONE ? nb_time_format_short(heartbeat->since, context->now, since) : "",
             LOOK(ROLE_TIME, 0)},
        };

        detail_text_spans(text, head, NB_ARRAY_SIZE(head));
    }
    nb_strbuf_clear(&name);
}

/* Late before down: what the next minutes bring. */
static void add_down(struct detail_text *text, const struct nb_heartbeat *heartbeat, const struct row_context *context)
{
    char when[NB_TIME_TEXT_SIZE];
    bool will_be = strcmp(heartbeat->state, "down") != 0 && strcmp(heartbeat->state, "paused") != 0;

    if (will_be && heartbeat->down_at != NB_TIME_NONE && heartbeat->down_at > context->now)
        detail_text_fieldf(text, "down", LOOK(ROLE_WARNING, 0), "at %s unless it reports",
                           nb_time_format_until(heartbeat->down_at, context->now, when));
}

/* there: the same time as the heartbeat's own clock tells it. */
static void add_time(struct detail_text *text, const char *name, int64_t time, const char *there)
{
    char when[NB_TIME_TEXT_SIZE], zone[NB_TIME_TEXT_SIZE];
    int minutes = (int)strlen("2026-11-30 10:32");

    if (time == NB_TIME_NONE)
        return;
    nb_time_format_local(time, when);
    detail_text_fieldf(text, name, LOOK(ROLE_TIME, 0), "%.*s %s", minutes, when, nb_time_zone_name(time, zone));
    if (there && strncmp(there, when, (size_t)minutes) != 0)
        detail_text_fieldf(text, "its clock", LOOK(ROLE_TIME, 0), "%s", there);
}

/* What was expected beside what came, in the console's zone. */
static void add_times(struct detail_text *text, const struct nb_heartbeat *heartbeat)
{
    add_time(text, "expected", heartbeat->expected_at, heartbeat->expected);
    if (heartbeat->received_at == NB_TIME_NONE)
        detail_text_field(text, "came", LOOK(ROLE_TIME, 0), "never");
    add_time(text, "came", heartbeat->received_at, heartbeat->received);
}

static void detail(struct detail_text *text, const void *row, const struct row_context *context)
{
    const struct nb_heartbeat *heartbeat = row;

    add_head(text, heartbeat, context);
    detail_text_blank(text);
    if (heartbeat->description) {
        detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), heartbeat->description, 0);
        detail_text_blank(text);
    }
    detail_text_field(text, "problem", LOOK(ROLE_ERROR, 0), heartbeat->problem);
    add_times(text, heartbeat);
    detail_text_field(text, "which was", LOOK(ROLE_DETAIL_VALUE, 0), heartbeat->verdict);
    add_down(text, heartbeat, context);
    detail_text_field(text, "schedule", LOOK(ROLE_DETAIL_VALUE, 0), heartbeat->schedule);
    if (heartbeat->has_exit_status)
        detail_text_fieldf(text, "exit status", LOOK(heartbeat->exit_status != 0 ? ROLE_ERROR : ROLE_OK, 0), "%lld",
                           (long long)heartbeat->exit_status);
    detail_text_field(text, "run", LOOK(ROLE_DETAIL_VALUE, 0), heartbeat->run_id);
    if (!heartbeat->output)
        return;
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL_LABEL, 0), "output", 0);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), heartbeat->output, 1);
}

/* ---- the table ---- */

static void answered(void *arg, struct nb_arena *arena_take, struct nb_heartbeat *heartbeats, size_t count,
                     const struct nb_error *err)
{
    table_answer(arg, arena_take, heartbeats, count, err);
}

static struct nb_request *ask(struct table *table, struct nb_connection *connection, const char *tenant)
{
    return nb_heartbeats_list(connection, tenant, TABLE_MOST, answered, table);
}

static const struct table_kind table = {
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .row_size = sizeof(struct nb_heartbeat),
    .ask = ask,
    .key = key,
    .is_done = is_done,
    .detail = detail,
    .noun = "heartbeat",
    .nouns = "heartbeats",
    .empty = "no source has to report: nightbell heartbeats import adds some",
};

const struct screen_kind screen_heartbeats = {
    .context = CONTEXT_HEARTBEATS,
    .table = &table,
    .subjects = NB_SUBJECT_BIT(NB_SUBJECT_EVENTS),
    .operators_only = "heartbeats are for operators",
    .caption = "heartbeats",
    .ops = &table_ops,
};
