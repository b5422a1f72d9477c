/*
 * deliveries.c - the Deliveries: columns, detail, and what an act makes of a delivery.
 */
#include "deliveries/deliveries.h"

#include "base/clock.h"
#include "page/ids.h"
#include "tui/view/view.h"
#include "tui/views/views.h"

static const struct nb_delivery *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_delivery, row);
}

/* ---- columns ---- */

static const struct {
    enum glyph glyph;
    enum role role;
} states[NB_DELIVERY_STATE_COUNT] = {
    [NB_DELIVERY_HELD] = {GLYPH_SNOOZED, ROLE_STATUS_SNOOZED},
    [NB_DELIVERY_QUEUED] = {GLYPH_WAITING, ROLE_STATUS_OPEN},
    [NB_DELIVERY_SENDING] = {GLYPH_RIGHT_ARROW, ROLE_STATUS_ACKNOWLEDGED},
    [NB_DELIVERY_SENT] = {GLYPH_RESOLVED, ROLE_STATUS_RESOLVED},
    [NB_DELIVERY_DELIVERED] = {GLYPH_RESOLVED, ROLE_STATUS_RESOLVED},
    [NB_DELIVERY_READ] = {GLYPH_RESOLVED, ROLE_STATUS_RESOLVED},
    [NB_DELIVERY_BOUNCED] = {GLYPH_LEFT_ARROW, ROLE_WARNING},
    [NB_DELIVERY_FAILED] = {GLYPH_DOWN, ROLE_STATUS_FAILED},
    [NB_DELIVERY_CANCELLED] = {GLYPH_HELD, ROLE_ROW_DONE},
    [NB_DELIVERY_DIGESTED] = {GLYPH_DOT, ROLE_ROW_DONE},
};

static void cell_state(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    enum nb_delivery_state state = of(row)->state;

    nb_strbuf_appendf(&out->text, "%s %s", glyph_text(states[state].glyph, context->ascii),
                      nb_delivery_state_name(state));
    out->look.role = states[state].role;
}

static void cell_age(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    char age[NB_TIME_TEXT_SIZE];

    nb_strbuf_append(&out->text, view_age(of(row)->created_at, context, age));
    out->look.role = ROLE_TIME;
}

static void cell_channel(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->channel);
    out->look.role = ROLE_TYPE;
}

/* "you" instead of one's own name. */
static const char *whom(const struct nb_delivery *delivery, const struct row_context *context)
{
    if (memcmp(&delivery->user_id, context->me, sizeof(*context->me)) == 0)
        return "you";
    return delivery->user_name ? delivery->user_name : "";
}

static void cell_to(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    nb_strbuf_append(&out->text, whom(of(row), context));
    out->look.role = ROLE_ACTOR;
}

static void cell_type(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->type);
    out->look.role = ROLE_TYPE;
}

/* "1m" until then; "now" where that is over. */
static const char *span_until(int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    return time > now ? nb_time_format_age(now, time, text) : "now";
}

/* What is to be known of it at a glance: what it waits for, why it failed. */
static void add_what(struct nb_strbuf *text, const struct nb_delivery *delivery, int64_t now)
{
    char when[NB_TIME_TEXT_SIZE];

    if (delivery->state == NB_DELIVERY_HELD)
        nb_strbuf_appendf(text, "%s until %s", nb_delivery_hold_name(delivery->held_for),
                          nb_time_format_until(delivery->held_until, now, when));
    else if (delivery->state == NB_DELIVERY_QUEUED && delivery->attempts > 0 && delivery->next_attempt_at > now)
        nb_strbuf_appendf(text, "again in %s", span_until(delivery->next_attempt_at, now, when));
    else if (delivery->state == NB_DELIVERY_DIGESTED)
        nb_strbuf_append(text, "went into a digest");
    if (delivery->error)
        nb_strbuf_appendf(text, "%s%s", text->length > 0 ? ": " : "", delivery->error);
    else if (text->length == 0 && !nb_uuid_is_nil(&delivery->fallback_of))
        nb_strbuf_append(text, "instead of one that failed");
}

static void cell_what(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    add_what(&out->text, of(row), context->now);
    out->look.role = of(row)->state == NB_DELIVERY_FAILED ? ROLE_TITLE_UNREAD : ROLE_TITLE;
}

static void cell_tries(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    if (of(row)->attempts > 0)
        nb_strbuf_appendf(&out->text, "%lld/%lld", (long long)of(row)->attempts, (long long)of(row)->max_attempts);
    out->look.role = ROLE_OCCURRENCES;
}

static void cell_provider(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    (void)context;
    nb_strbuf_append(&out->text, of(row)->provider ? of(row)->provider : "");
    out->look.role = ROLE_DETAIL_VALUE;
}

static void cell_tenant(struct cell_text *out, const struct nb_row *row, const struct row_context *context)
{
    if (context->many_tenants && of(row)->tenant_name)
        nb_strbuf_append(&out->text, of(row)->tenant_name);
    out->look.role = ROLE_TENANT;
}

static const struct column columns[] = {
    {"state", "state", {11, 11, 0}, false, cell_state},     {"age", "age", {4, 4, 1}, true, cell_age},
    {"channel", "channel", {5, 8, 2}, false, cell_channel}, {"to", "to", {4, 12, 3}, false, cell_to},
    {"type", "type", {12, 22, 6}, false, cell_type},        {"provider", "by", {4, 9, 8}, false, cell_provider},
    {"tries", "tries", {3, 5, 5}, true, cell_tries},        {"what", "what", {12, 0, 0}, false, cell_what},
    {"tenant", "tenant", {4, 10, 7}, false, cell_tenant},
};

/* ---- what acts make of a row ---- */

static void patch(struct nb_row *row, const struct row_patch *change)
{
    struct nb_delivery *delivery = NB_CONTAINER_OF(row, struct nb_delivery, row);

    switch (change->kind) {
    case PATCH_QUEUED:
        delivery->state = NB_DELIVERY_QUEUED;
        delivery->state_at = delivery->next_attempt_at = change->time;
        delivery->error = NULL;
        break;
    case PATCH_CANCELLED:
        delivery->state = NB_DELIVERY_CANCELLED;
        delivery->state_at = change->time;
        break;
    default:
        break;
    }
}

/* "email to ada" */
static void label(struct nb_strbuf *out, const struct nb_row *row, bool ascii)
{
    (void)ascii;
    nb_strbuf_appendf(out, "%s to %s", of(row)->channel, of(row)->user_name ? of(row)->user_name : "somebody");
}

static bool is_done(const struct nb_row *row)
{
    switch (of(row)->state) {
    case NB_DELIVERY_SENT:
    case NB_DELIVERY_DELIVERED:
    case NB_DELIVERY_READ:
    case NB_DELIVERY_CANCELLED:
    case NB_DELIVERY_DIGESTED:
        return true;
    default:
        return false;
    }
}

/* ---- detail ---- */

static void add_head(struct detail_text *text, const struct nb_delivery *delivery, const struct row_context *context)
{
    struct look look = LOOK((uint8_t)states[delivery->state].role, 0);
    const struct span spans[] = {
        {delivery->channel, LOOK(ROLE_DETAIL_TITLE, 0)},
        {" to ", LOOK(ROLE_DETAIL_TITLE, 0)},
        {whom(delivery, context), LOOK(ROLE_DETAIL_TITLE, 0)},
        {"   ", LOOK(ROLE_DETAIL, 0)},
        {glyph_text(states[delivery->state].glyph, context->ascii), look},
        {" ", look},
        {nb_delivery_state_name(delivery->state), look},
        {"   ", LOOK(ROLE_DETAIL, 0)},
        {delivery->type, LOOK(ROLE_TYPE, 0)},
    };

    detail_text_spans(text, spans, NB_ARRAY_SIZE(spans));
}

/* "made 14:02 UTC, failed 14:35" */
static void add_since(struct detail_text *text, const struct nb_delivery *delivery, const struct row_context *context)
{
    char made[NB_TIME_TEXT_SIZE], since[NB_TIME_TEXT_SIZE], zone[NB_TIME_TEXT_SIZE];
    char *line = nb_asprintf("made %s %s, %s %s", nb_time_format_short(delivery->created_at, context->now, made),
                             nb_time_zone_name(delivery->created_at, zone), nb_delivery_state_name(delivery->state),
                             nb_time_format_short(delivery->state_at, context->now, since));

    detail_text_paragraph(text, LOOK(ROLE_TIME, 0), line, 0);
    free(line);
}

static void add_short_id(struct detail_text *text, const char *field, const struct nb_uuid *id)
{
    struct nb_key key = nb_key_from_uuid(id);
    char short_id[NB_KEY_TEXT_SIZE];

    if (!nb_uuid_is_nil(id))
        detail_text_field(text, field, LOOK(ROLE_DETAIL_VALUE, 0),
                          nb_key_format_short(&key, NB_SUBJECT_DELIVERIES, short_id));
}

static void add_way(struct detail_text *text, const struct nb_delivery *delivery, const struct row_context *context)
{
    char when[NB_TIME_TEXT_SIZE], in[NB_TIME_TEXT_SIZE];

    detail_text_field(text, "error", LOOK(ROLE_STATUS_FAILED, 0), delivery->error);
    if (delivery->state == NB_DELIVERY_HELD)
        detail_text_fieldf(text, "held", LOOK(ROLE_STATUS_SNOOZED, 0), "by %s until %s",
                           nb_delivery_hold_name(delivery->held_for),
                           nb_time_format_until(delivery->held_until, context->now, when));
    if (delivery->attempts > 0)
        detail_text_fieldf(text, "tries", LOOK(ROLE_OCCURRENCES, 0), "%lld of %lld", (long long)delivery->attempts,
                           (long long)delivery->max_attempts);
    if (delivery->next_attempt_at != NB_TIME_NONE)
        detail_text_fieldf(text, "next try", LOOK(ROLE_TIME, 0), "%s%s, %s",
                           delivery->next_attempt_at > context->now ? "in " : "",
                           span_until(delivery->next_attempt_at, context->now, in),
                           nb_time_format_short(delivery->next_attempt_at, context->now, when));
    detail_text_field(text, "then by", LOOK(ROLE_DETAIL_VALUE, 0), delivery->fallback_channels);
    add_short_id(text, "instead of", &delivery->fallback_of);
    add_short_id(text, "in digest", &delivery->digest_id);
    detail_text_field(text, "provider", LOOK(ROLE_DETAIL_VALUE, 0), delivery->provider);
    detail_text_field(text, "message id", LOOK(ROLE_DETAIL_VALUE, 0), delivery->message_id);
}

static void detail(struct detail_text *text, const struct nb_row *row, const struct row_context *context)
{
    const struct nb_delivery *delivery = of(row);
    char id[NB_KEY_TEXT_SIZE];

    add_head(text, delivery, context);
    add_since(text, delivery, context);
    detail_text_blank(text);
    add_way(text, delivery, context);
    detail_text_field(text, "address", LOOK(ROLE_DETAIL_VALUE, 0), delivery->address);
    detail_text_field(text, "tenant", LOOK(ROLE_TENANT, 0), delivery->tenant_name);
    detail_text_field(text, "urgency", LOOK(ROLE_DETAIL_VALUE, 0), nb_urgency_name(delivery->urgency));
    detail_text_field(text, "rule", LOOK(ROLE_DETAIL_VALUE, 0), delivery->rule_id);
    detail_text_field(text, "template", LOOK(ROLE_DETAIL_VALUE, 0), delivery->template_code);
    detail_text_field(text, "locale", LOOK(ROLE_DETAIL_VALUE, 0), delivery->locale);
    detail_text_field(text, "missing", LOOK(ROLE_WARNING, 0), delivery->missing);
    detail_text_field(text, "id", LOOK(ROLE_DETAIL_VALUE, 0), nb_key_format(&row->key, NB_SUBJECT_DELIVERIES, id));
    if (!delivery->body)
        return;
    detail_text_blank(text);
    if (delivery->subject)
        detail_text_paragraph(text, LOOK(ROLE_DETAIL_TITLE, 0), delivery->subject, 0);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL, 0), delivery->body, 0);
}

static const char *document_of(const struct nb_row *row)
{
    return of(row)->payload;
}

static bool same(const struct nb_row *a, const struct nb_row *b)
{
    return of(a)->state == of(b)->state && of(a)->attempts == of(b)->attempts && of(a)->state_at == of(b)->state_at &&
           of(a)->next_attempt_at == of(b)->next_attempt_at && of(a)->held_until == of(b)->held_until;
}

static bool is_dead(const struct nb_row *row)
{
    return of(row)->state == NB_DELIVERY_FAILED;
}

static const struct tab_figure figures[] = {
    {"is:dead", is_dead, GLYPH_DOWN, ROLE_STATUS_FAILED},
};

static const struct legend legend[] = {
    {GLYPH_WAITING, "queued: will be sent"},
    {GLYPH_SNOOZED, "held: by quiet hours, a digest or a limit"},
    {GLYPH_RIGHT_ARROW, "being sent"},
    {GLYPH_RESOLVED, "sent, delivered, read; dimmed"},
    {GLYPH_LEFT_ARROW, "bounced: it came back"},
    {GLYPH_DOWN, "failed: given up"},
    {GLYPH_HELD, "cancelled; dimmed"},
    {GLYPH_DOT, "digested: went out within a digest; dimmed"},
    {GLYPH_COUNT, NULL},
};

static const struct view_kind kind = {
    .subject = NB_SUBJECT_DELIVERIES,
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .figures = figures,
    .figure_count = NB_ARRAY_SIZE(figures),
    .patch = patch,
    .same = same,
    .label = label,
    .is_done = is_done,
    .detail = detail,
    .document = document_of,
    .history = nb_delivery_story,
    .decided_as = "delivery",
    .sort_option = OPTION_COUNT,
    .legend = legend,
    .wanted = "is:dead",
    .empty = "nothing has left by an outside channel yet: e-mails, SMS, pushes appear here by themselves",
    .all_done = "nothing has failed",
};

const struct screen_kind screen_deliveries = {
    .context = CONTEXT_DELIVERIES,
    .list = &kind,
    .ops = &view_ops,
};
