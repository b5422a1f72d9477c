/*
 * rows_deliveries.c - deliveries for operators: a line of a list, and one in full.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/rows/rows_kind.h"
#include "model/delivery.h"
#include "page/ids.h"

static const struct listing_column columns[] = {
    {.title = "ID", .minimum = 8},
    {.title = "AGE", .minimum = 3, .right = true},
    {.title = "STATUS", .minimum = 6},
    {.title = "CHANNEL", .minimum = 4, .maximum = 12},
    {.title = "TO", .minimum = 3, .maximum = 20, .drop = 1},
    {.title = "TYPE", .minimum = 6, .maximum = 24, .drop = 2},
    {.title = "TRIES", .minimum = 3, .right = true, .drop = 3},
    {.title = "TENANT", .minimum = 3, .maximum = 16, .drop = 5},
    {.title = "PROVIDER", .minimum = 4, .maximum = 16, .drop = 4},
    {.title = "WHAT", .minimum = 24, .flexible = true},
};

static const struct nb_delivery *of(const struct nb_row *row)
{
    return NB_CONTAINER_OF(row, struct nb_delivery, row);
}

static enum listing_style state_style(enum nb_delivery_state state)
{
    static const enum listing_style styles[NB_DELIVERY_STATE_COUNT] = {
        [NB_DELIVERY_HELD] = LISTING_LOW,       [NB_DELIVERY_QUEUED] = LISTING_NOTICE,
        [NB_DELIVERY_SENDING] = LISTING_NOTICE, [NB_DELIVERY_BOUNCED] = LISTING_WARNING,
        [NB_DELIVERY_FAILED] = LISTING_ALARM,   [NB_DELIVERY_CANCELLED] = LISTING_DIM,
        [NB_DELIVERY_DIGESTED] = LISTING_DIM,
    };
    return styles[state];
}

/* What is to be known of it now: why it failed, or what it waits for. */
static void append_what(struct nb_strbuf *text, const struct nb_delivery *delivery, nb_time_format *format)
{
    char when[NB_TIME_TEXT_SIZE];

    if (delivery->state == NB_DELIVERY_HELD)
        nb_strbuf_appendf(text, "%s until %s", nb_delivery_hold_name(delivery->held_for),
                          format(delivery->held_until, when));
    else if (delivery->state == NB_DELIVERY_QUEUED && delivery->attempts > 0)
        nb_strbuf_appendf(text, "again at %s", format(delivery->next_attempt_at, when));
    if (delivery->error)
        nb_strbuf_appendf(text, "%s%s", text->length > 0 ? ": " : "", delivery->error);
}

static void list(struct listing *listing, struct output *output, const struct nb_order *order, const struct nb_row *row,
                 int64_t now)
{
    const struct nb_delivery *delivery = of(row);
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE], tries[48];
    struct nb_strbuf what;

    (void)order;
    nb_strbuf_init(&what, 16384);
    append_what(&what, delivery, output_is_terminal(output) ? nb_time_format_brief : nb_time_format_rfc3339);
    snprintf(tries, sizeof(tries), "%" PRId64 "/%" PRId64, delivery->attempts, delivery->max_attempts);
    (output_is_terminal(output) ? nb_key_format_short : nb_key_format)(&row->key, NB_SUBJECT_DELIVERIES, id);
    listing_cell(listing, id, LISTING_DIM);
    listing_cell(listing, rows_when(output, delivery->created_at, now, when), LISTING_PLAIN);
    listing_cell(listing, nb_delivery_state_name(delivery->state), state_style(delivery->state));
    listing_cell(listing, delivery->channel, LISTING_PLAIN);
    listing_cell(listing, delivery->user_name, LISTING_PLAIN);
    listing_cell(listing, delivery->type, LISTING_PLAIN);
    listing_cell(listing, tries, LISTING_PLAIN);
    listing_cell(listing, delivery->tenant_name, LISTING_PLAIN);
    listing_cell(listing, delivery->provider, LISTING_PLAIN);
    listing_cell(listing, what.data, LISTING_PLAIN);
    listing_end_row(listing);
    nb_strbuf_clear(&what);
}

static void show_uuid(struct output *output, const char *label, const struct nb_uuid *id)
{
    char text[NB_UUID_TEXT_SIZE];

    if (!nb_uuid_is_nil(id))
        rows_show_text(output, label, nb_uuid_format(id, text));
}

static void show_way(struct output *output, const struct nb_delivery *delivery)
{
    if (delivery->attempts > 0 || delivery->state != NB_DELIVERY_HELD)
        output_line(output, "%-13s %" PRId64 " of %" PRId64, "tries", delivery->attempts, delivery->max_attempts);
    if (delivery->state == NB_DELIVERY_HELD) {
        rows_show_text(output, "held for", nb_delivery_hold_name(delivery->held_for));
        rows_show_time(output, "held until", delivery->held_until);
    }
    rows_show_time(output, "next try", delivery->next_attempt_at);
    rows_show_text(output, "provider", delivery->provider);
    rows_show_text(output, "message id", delivery->message_id);
    rows_show_text(output, "worker", delivery->worker);
    rows_show_text(output, "error", delivery->error);
    rows_show_text(output, "then by", delivery->fallback_channels);
    show_uuid(output, "instead of", &delivery->fallback_of);
    show_uuid(output, "in digest", &delivery->digest_id);
}

static void show(struct output *output, const struct nb_row *row)
{
    const struct nb_delivery *delivery = of(row);
    char id[NB_KEY_TEXT_SIZE];

    rows_show_text(output, "id", nb_key_format(&row->key, NB_SUBJECT_DELIVERIES, id));
    rows_show_text(output, "status", nb_delivery_state_name(delivery->state));
    rows_show_time(output, "since", delivery->state_at);
    rows_show_text(output, "channel", delivery->channel);
    rows_show_text(output, "to", delivery->user_name);
    rows_show_text(output, "address", delivery->address);
    rows_show_text(output, "type", delivery->type);
    rows_show_text(output, "urgency", nb_urgency_name(delivery->urgency));
    rows_show_text(output, "tenant", delivery->tenant_name);
    rows_show_time(output, "created", delivery->created_at);
    show_way(output, delivery);
    rows_show_text(output, "rule", delivery->rule_id);
    rows_show_text(output, "template", delivery->template_code);
    rows_show_text(output, "locale", delivery->locale);
    rows_show_text(output, "missing", delivery->missing);
    show_uuid(output, "notification", &delivery->notification_id);
    rows_show_block(output, delivery->subject);
    rows_show_block(output, delivery->body);
    rows_show_block(output, delivery->payload);
}

static void weight(struct nb_strbuf *line, const struct output *output, const struct nb_row *row)
{
    enum nb_delivery_state state = of(row)->state;
    const char *color = listing_style_code(state_style(state), output);

    nb_strbuf_appendf(line, "%s%-10s%s", color, nb_delivery_state_name(state), *color ? "\x1b[0m" : "");
}

const struct rows_kind rows_deliveries = {
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .list = list,
    .show = show,
    .weight = weight,
    .empty = "there are no deliveries",
    .unknown = "no such delivery",
    .find_out = "nightbell deliveries lists those that you may see",
};
