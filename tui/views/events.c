/*
 * events.c - the Events: columns, detail, and what an act makes of an event.
 */
#include "base/clock.h"
#include "deliveries/deliveries.h"
#include "model/event.h"
#include "tui/view/view.h"
#include "tui/views/views.h"

#define MINUTE (60 * INT64_C(1000000))

static const struct nb_event *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_event, row);
}

/* ---- columns ---- */

static const struct {
    enum glyph glyph;
    const char *word;
    enum role role;
} severities[] = {
    [NB_SEVERITY_LOW] = {GLYPH_LOW, "LOW", ROLE_SEVERITY_LOW},
    [NB_SEVERITY_MEDIUM] = {GLYPH_MEDIUM, "MED", ROLE_SEVERITY_MEDIUM},
    [NB_SEVERITY_HIGH] = {GLYPH_HIGH, "HIGH", ROLE_SEVERITY_HIGH},
    [NB_SEVERITY_CRITICAL] = {GLYPH_CRITICAL, "CRIT", ROLE_SEVERITY_CRITICAL},
};

static void cell_severity(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    enum nb_severity severity = of(row)->severity;

    nb_strbuf_appendf(&out->text, "%s %s", glyph_text(severities[severity].glyph, context->ascii),
                      severities[severity].word);
    out->look.role = severities[severity].role;
}

static void cell_age(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    char age[NB_TIME_TEXT_SIZE];

    nb_strbuf_append(&out->text, view_age(nb_order_age(context->order, row, of(row)->created_at), context, age));
    out->look.role = ROLE_TIME;
}

static void cell_type(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->event_type);
    out->look.role = ROLE_TYPE;
}

static void cell_description(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->description);
    out->look.role = of(row)->is_resolved ? ROLE_TITLE : ROLE_TITLE_UNREAD;
}

static void cell_occurrences(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    if (of(row)->occurrences > 1)
        nb_strbuf_appendf(&out->text, "%s%lld", glyph_text(GLYPH_TIMES, context->ascii),
                          (long long)of(row)->occurrences);
    out->look.role = ROLE_OCCURRENCES;
}

static bool is_snoozed(const struct nb_event *event, int64_t now)
{
    return event->snoozed_until != NB_TIME_NONE && event->snoozed_until > now;
}

/* "you" instead of one's own name. */
static const char *who(const struct nb_uuid *id, const char *name, const struct row_context *context)
{
    if (!nb_uuid_is_nil(id) && memcmp(id, context->me, sizeof(*id)) == 0)
        return "you";
    return name ? name : "";
}

/* What the clock makes of an open event, as a sign before its state. */
static void add_signs(struct cell_text *out, const struct nb_event *event, const struct row_context *context)
{
    if (event->held_by)
        nb_strbuf_appendf(&out->text, "%s ", glyph_text(GLYPH_HELD, context->ascii));
    if (event->is_flapping)
        nb_strbuf_appendf(&out->text, "%s ", glyph_text(GLYPH_FLAPPING, context->ascii));
    if (event->is_stale)
        nb_strbuf_appendf(&out->text, "%s ", glyph_text(GLYPH_STALE, context->ascii));
}

/* Who has it, or what keeps it off the list; `unowned` when nobody has it. */
static void add_state(struct cell_text *out, const struct nb_event *event, const struct row_context *context,
                      const char *unowned)
{
    char when[NB_TIME_TEXT_SIZE];

    if (!event->is_resolved)
        add_signs(out, event, context);
    if (event->is_resolved) {
        nb_strbuf_appendf(&out->text, "%s %s", glyph_text(GLYPH_RESOLVED, context->ascii),
                          who(&event->resolved_by, event->resolved_by_name, context));
        out->look.role = ROLE_STATUS_RESOLVED;
    } else if (is_snoozed(event, context->now)) {
        /* rounded up to the minute: what has just been snoozed for 15 minutes is, for 15m */
        nb_strbuf_appendf(&out->text, "%s for %s", glyph_text(GLYPH_SNOOZED, context->ascii),
                          nb_time_format_age(context->now, event->snoozed_until + MINUTE - 1, when));
        out->look.role = ROLE_STATUS_SNOOZED;
    } else if (!nb_uuid_is_nil(&event->assigned_to)) {
        nb_strbuf_appendf(&out->text, "%s %s", glyph_text(GLYPH_RIGHT_ARROW, context->ascii),
                          who(&event->assigned_to, event->assigned_to_name, context));
        out->look.role = ROLE_STATUS_ACKNOWLEDGED;
    } else if (event->acknowledged_at != NB_TIME_NONE) {
        nb_strbuf_appendf(&out->text, "ack %s", who(&event->acknowledged_by, event->acknowledged_by_name, context));
        out->look.role = ROLE_STATUS_ACKNOWLEDGED;
    } else {
        nb_strbuf_append(&out->text, unowned);
        out->look.role = ROLE_STATUS_OPEN;
    }
}

/* The filter line says already that it is open: what is looked for here is whether somebody has it. */
static void cell_state(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    add_state(out, of(row), context, "nobody");
}

static void cell_tenant(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    if (context->many_tenants)
        nb_strbuf_append(&out->text, of(row)->tenant_name ? of(row)->tenant_name : "*");
    out->look.role = ROLE_TENANT;
}

static const struct column columns[] = {
    {"severity", "severity", {6, 6, 0}, false, cell_severity},
    {"age", "age", {4, 4, 1}, true, cell_age},
    {"type", "type", {14, 20, 5}, false, cell_type},
    {"description", "description", {18, 0, 0}, false, cell_description},
    {"tenant", "tenant", {4, 10, 6}, false, cell_tenant},
    {"occurrences", "times", {4, 5, 4}, true, cell_occurrences},
    {"state", "state", {7, 12, 2}, false, cell_state},
};

/* ---- what acts make of a row ---- */

static void patch_resolved(struct nb_event *event, const struct row_patch *change)
{
    event->is_resolved = change->time != NB_TIME_NONE;
    event->resolved_at = change->time;
    event->resolved_by = change->user;
    event->resolved_by_name = change->user_name;
    event->resolution = change->text;
}

static void patch(struct nb_row *row, const struct row_patch *change)
{
    struct nb_event *event = NB_CONTAINER_OF(row, struct nb_event, row);

    switch (change->kind) {
    case PATCH_ACKNOWLEDGED:
        event->acknowledged_at = change->time;
        event->acknowledged_by = change->user;
        event->acknowledged_by_name = change->user_name;
        break;
    case PATCH_RESOLVED:
        patch_resolved(event, change);
        break;
    case PATCH_ASSIGNED:
        event->assigned_to = change->user;
        event->assigned_to_name = change->user_name;
        break;
    case PATCH_SNOOZED:
        event->snoozed_until = change->time;
        break;
    default:
        break;
    }
}

static bool is_open(const struct nb_row *row)
{
    enum nb_event_state state = nb_event_state(of(row), nb_now());

    return state != NB_STATE_RESOLVED && state != NB_STATE_SNOOZED;
}

static void label(struct nb_strbuf *out, const struct nb_row *row, bool ascii)
{
    (void)ascii;
    nb_strbuf_appendf(out, "#%lld %s", (long long)nb_key_to_int(&row->key), of(row)->event_type);
}

static void again(struct nb_strbuf *out, const struct nb_row *before, const struct nb_row *now, bool ascii)
{
    const char *times = glyph_text(GLYPH_TIMES, ascii);

    if (of(now)->occurrences > of(before)->occurrences)
        nb_strbuf_appendf(out, "raised again %s%lld %s %s%lld", times, (long long)of(before)->occurrences,
                          glyph_text(GLYPH_RIGHT_ARROW, ascii), times, (long long)of(now)->occurrences);
}

static bool is_done(const struct nb_row *row)
{
    return !is_open(row);
}

/* ---- detail ---- */

static void add_head(struct detail_text *text, const struct nb_event *event, const struct row_context *context)
{
    struct cell_text state = {.look = LOOK(ROLE_STATUS_OPEN, 0)};

    nb_strbuf_init(&state.text, 256);
    add_state(&state, event, context, "nobody has it");
    {
        const struct span spans[] = {
            {event->event_type, LOOK(ROLE_DETAIL_TITLE, 0)},
            {"   ", LOOK(ROLE_DETAIL, 0)},
            {glyph_text(severities[event->severity].glyph, context->ascii),
             LOOK((uint8_t)severities[event->severity].role, 0)},
            {" ", LOOK((uint8_t)severities[event->severity].role, 0)},
            {nb_severity_name(event->severity), LOOK((uint8_t)severities[event->severity].role, 0)},
            {"   ", LOOK(ROLE_DETAIL, 0)},
            {state.text.data, state.look},
        };

        detail_text_spans(text, spans, NB_ARRAY_SIZE(spans));
    }
    nb_strbuf_clear(&state.text);
}

static void add_raised(struct detail_text *text, const struct nb_event *event, const struct row_context *context)
{
    char first[NB_TIME_TEXT_SIZE], last[NB_TIME_TEXT_SIZE], zone[NB_TIME_TEXT_SIZE];
    struct nb_strbuf line;

    nb_strbuf_init(&line, 4096);
    nb_strbuf_appendf(&line, "raised %s %s", nb_time_format_short(event->created_at, context->now, first),
                      nb_time_zone_name(event->created_at, zone)); /* said once: all times are in it */
    if (event->source)
        nb_strbuf_appendf(&line, " by %s", event->source);
    if (event->occurrences > 1)
        nb_strbuf_appendf(&line, ", %s%lld, last %s", glyph_text(GLYPH_TIMES, context->ascii),
                          (long long)event->occurrences, nb_time_format_short(event->last_seen_at, context->now, last));
    detail_text_paragraph(text, LOOK(ROLE_TIME, 0), line.data, 0);
    nb_strbuf_clear(&line);
}

/* "bob, 14:02" */
static void add_person(struct detail_text *text, const char *label, const struct nb_uuid *id, const char *name,
                       int64_t time, const struct row_context *context)
{
    char when[NB_TIME_TEXT_SIZE];

    if (time != NB_TIME_NONE)
        detail_text_fieldf(text, label, LOOK(ROLE_ACTOR, 0), "%s, %s", name ? who(id, name, context) : "system",
                           nb_time_format_short(time, context->now, when));
    else if (!nb_uuid_is_nil(id))
        detail_text_field(text, label, LOOK(ROLE_ACTOR, 0), who(id, name, context));
}

/* What the clock makes of it, now and later. */
static void add_times(struct detail_text *text, const struct nb_event *event, const struct row_context *context)
{
    char when[NB_TIME_TEXT_SIZE], in[NB_TIME_TEXT_SIZE];

    if (event->episode_at != NB_TIME_NONE)
        detail_text_field(text, "episode", LOOK(ROLE_TIME, 0),
                          nb_time_format_short(event->episode_at, context->now, when));
    if (!event->is_resolved && event->ack_expires_at != NB_TIME_NONE)
        detail_text_fieldf(text, "ack ends", LOOK(ROLE_STATUS_ACKNOWLEDGED, 0), "in %s, %s",
                           nb_time_format_age(context->now, event->ack_expires_at, in),
                           nb_time_format_short(event->ack_expires_at, context->now, when));
    if (event->auto_resolve_at != NB_TIME_NONE)
        detail_text_fieldf(text, "resolves", LOOK(ROLE_STATUS_RESOLVED, 0), "by itself in %s unless it comes again",
                           nb_time_format_age(context->now, event->auto_resolve_at, in));
    if (event->held_by)
        detail_text_fieldf(text, "held", LOOK(ROLE_DETAIL_VALUE, 0), "%s by the window %s",
                           glyph_text(GLYPH_HELD, context->ascii), event->held_by);
    if (event->is_flapping)
        detail_text_fieldf(text, "flapping", LOOK(ROLE_DETAIL_VALUE, 0), "%s it begins and ends again and again",
                           glyph_text(GLYPH_FLAPPING, context->ascii));
    if (event->is_stale)
        detail_text_fieldf(text, "stale", LOOK(ROLE_DETAIL_VALUE, 0), "%s not raised again for much longer than usual",
                           glyph_text(GLYPH_STALE, context->ascii));
}

static void detail(struct detail_text *text, const struct nb_row *row, const struct row_context *context)
{
    const struct nb_event *event = of(row);
    char when[NB_TIME_TEXT_SIZE];

    add_head(text, event, context);
    add_raised(text, event, context);
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), event->description, 0);
    detail_text_blank(text);
    add_person(text, "assigned to", &event->assigned_to, event->assigned_to_name, NB_TIME_NONE, context);
    add_person(text, "acked by", &event->acknowledged_by, event->acknowledged_by_name, event->acknowledged_at, context);
    if (is_snoozed(event, context->now))
        detail_text_fieldf(text, "snoozed", LOOK(ROLE_STATUS_SNOOZED, 0), "until %s",
                           nb_time_format_until(event->snoozed_until, context->now, when));
    add_times(text, event, context);
    if (event->is_resolved)
        add_person(text, "resolved by", &event->resolved_by, event->resolved_by_name, event->resolved_at, context);
    detail_text_field(text, "resolution", LOOK(ROLE_STATUS_RESOLVED, 0), event->resolution);
    detail_text_field(text, "tenant", LOOK(ROLE_TENANT, 0), event->tenant_name);
    detail_text_field(text, "about", LOOK(ROLE_DETAIL_VALUE, 0), event->user_name);
    detail_text_field(text, "fingerprint", LOOK(ROLE_DETAIL_VALUE, 0), event->fingerprint);
    detail_text_fieldf(text, "id", LOOK(ROLE_DETAIL_VALUE, 0), "%lld", (long long)nb_key_to_int(&row->key));
}

static const char *document_of(const struct nb_row *row)
{
    return of(row)->details;
}

static bool same(const struct nb_row *a, const struct nb_row *b)
{
    return of(a)->version == of(b)->version && of(a)->occurrences == of(b)->occurrences &&
           of(a)->last_seen_at == of(b)->last_seen_at && of(a)->is_stale == of(b)->is_stale &&
           of(a)->is_flapping == of(b)->is_flapping && !of(a)->held_by == !of(b)->held_by;
}

static bool is_open_critical(const struct nb_row *row)
{
    return is_open(row) && of(row)->severity == NB_SEVERITY_CRITICAL;
}

static bool is_open_high(const struct nb_row *row)
{
    return is_open(row) && of(row)->severity == NB_SEVERITY_HIGH;
}

static bool is_snoozed_now(const struct nb_row *row)
{
    return nb_event_state(of(row), nb_now()) == NB_STATE_SNOOZED;
}

static const struct tab_figure figures[] = {
    {"is:open severity:critical", is_open_critical, GLYPH_CRITICAL, ROLE_SEVERITY_CRITICAL, .before = " ! ",
     .after = " critical"},
    {"is:open severity:high", is_open_high, GLYPH_HIGH, ROLE_SEVERITY_HIGH},
    {"is:snoozed", is_snoozed_now, GLYPH_SNOOZED, ROLE_STATUS_SNOOZED}, /* what is hidden is not forgotten */
};

static const struct legend legend[] = {
    {GLYPH_CRITICAL, "critical"},
    {GLYPH_HIGH, "high"},
    {GLYPH_MEDIUM, "medium"},
    {GLYPH_LOW, "low"},
    {GLYPH_TIMES, "raised so many times"},
    {GLYPH_RIGHT_ARROW, "assigned to"},
    {GLYPH_RESOLVED, "resolved by; dimmed"},
    {GLYPH_SNOOZED, "snoozed for so long: hidden until then; dimmed"},
    {GLYPH_HELD, "held: a maintenance window keeps it from people"},
    {GLYPH_STALE, "stale: not raised again for much longer than usual"},
    {GLYPH_FLAPPING, "flapping: begins and ends again and again"},
    {GLYPH_COUNT, NULL},
};

static const struct view_kind kind = {
    .subject = NB_SUBJECT_EVENTS,
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .figures = figures,
    .figure_count = NB_ARRAY_SIZE(figures),
    .patch = patch,
    .same = same,
    .label = label,
    .again = again,
    .is_done = is_done,
    .detail = detail,
    .document = document_of,
    .history = nb_event_history,
    .deliveries = nb_deliveries_of_event,
    .decided_as = "event",
    .sort_option = OPTION_EVENTS_SORT,
    .legend = legend,
    .wanted = "is:open",
    .empty = "no event has been raised yet: what programs raise appears here by itself",
    .all_done = "nothing is open: all events are resolved or snoozed",
};

const struct screen_kind screen_events = {
    .context = CONTEXT_EVENTS,
    .list = &kind,
    .ops = &view_ops,
};
