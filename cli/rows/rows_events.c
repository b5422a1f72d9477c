/*
 * rows_events.c - system events for operators: a line of a list, and one in full.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/rows/rows_kind.h"
#include "model/event.h"
#include "page/page.h"

static const struct listing_column columns[] = {
    {.title = "ID", .minimum = 2, .right = true},
    {.title = "AGE", .minimum = 3, .right = true},
    {.title = "SEVERITY", .minimum = 6},
    {.title = "STATE", .minimum = 4, .drop = 1},
    {.title = "TYPE", .minimum = 6, .maximum = 24, .drop = 3},
    {.title = "TIMES", .minimum = 2, .right = true, .drop = 4},
    {.title = "WHO", .minimum = 3, .maximum = 16, .drop = 2},
    {.title = "TENANT", .minimum = 3, .maximum = 16, .drop = 6},
    {.title = "SOURCE", .minimum = 3, .maximum = 16, .drop = 5},
    {.title = "DESCRIPTION", .minimum = 32, .flexible = true},
};

static enum listing_style severity_style(enum nb_severity severity)
{
    static const enum listing_style styles[] = {
        [NB_SEVERITY_LOW] = LISTING_LOW,
        [NB_SEVERITY_MEDIUM] = LISTING_NOTICE,
        [NB_SEVERITY_HIGH] = LISTING_WARNING,
        [NB_SEVERITY_CRITICAL] = LISTING_ALARM,
    };
    return styles[severity];
}

/* The person in charge: the one it is assigned to, or else who acknowledged or resolved it. */
static const char *event_owner(const struct nb_event *event)
{
    if (event->is_resolved && event->resolved_by_name)
        return event->resolved_by_name;
    return event->assigned_to_name ? event->assigned_to_name : event->acknowledged_by_name;
}

static void list(struct listing *listing, struct output *output, const struct nb_order *order, const struct nb_row *row,
                 int64_t now)
{
    const struct nb_event *event = NB_CONTAINER_OF(row, struct nb_event, row);
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE], times[32];
    enum listing_style style = event->is_resolved ? LISTING_DIM : severity_style(event->severity);
    const char *severity = nb_severity_name(event->severity);
    char *shown = output_is_terminal(output)
                      ? nb_asprintf("%s %s", nb_severity_glyph(event->severity, output_is_ascii(output)), severity)
                      : nb_strdup(severity);
    snprintf(times, sizeof(times), "%" PRId64, event->occurrences);
    listing_cell(listing, nb_key_format(&event->row.key, NB_SUBJECT_EVENTS, id), LISTING_PLAIN);
    /* people see an age by which the list is sorted; a pipe's columns always mean the same */
    int64_t raised = output_is_terminal(output) ? nb_order_age(order, row, event->created_at) : event->created_at;
    listing_cell(listing, rows_when(output, raised, now, when), LISTING_PLAIN);
    listing_cell(listing, shown, style);
    listing_cell(listing, nb_event_state_name(nb_event_state(event, now)), LISTING_PLAIN);
    listing_cell(listing, event->event_type, LISTING_PLAIN);
    listing_cell(listing, times, LISTING_PLAIN);
    listing_cell(listing, event_owner(event), LISTING_PLAIN);
    listing_cell(listing, event->tenant_name, LISTING_PLAIN);
    listing_cell(listing, event->source, LISTING_PLAIN);
    listing_cell(listing, event->description, event->is_resolved ? LISTING_DIM : LISTING_PLAIN);
    listing_end_row(listing);
    free(shown);
}

/* What the clock makes of it. */
static void show_signs(struct output *output, const struct nb_event *event)
{
    rows_show_text(output, "held by", event->held_by);
    if (event->is_stale)
        output_line(output, "%-13s %s", "stale", "not raised again for much longer than usual");
    if (event->is_flapping)
        output_line(output, "%-13s %s", "flapping", "it begins and ends again and again");
}

static void show(struct output *output, const struct nb_row *row)
{
    const struct nb_event *event = NB_CONTAINER_OF(row, struct nb_event, row);
    char id[NB_KEY_TEXT_SIZE];
    const char *glyph = nb_severity_glyph(event->severity, output_is_ascii(output));
    rows_show_text(output, "id", nb_key_format(&event->row.key, NB_SUBJECT_EVENTS, id));
    rows_show_text(output, "type", event->event_type);
    output_line(output, "%-13s %s%s%s", "severity", output_is_terminal(output) ? glyph : "",
                output_is_terminal(output) ? " " : "", nb_severity_name(event->severity));
    rows_show_text(output, "state", nb_event_state_name(nb_event_state(event, nb_now())));
    rows_show_text(output, "tenant", event->tenant_name ? event->tenant_name : "none: of the whole installation");
    rows_show_text(output, "about", event->user_name);
    rows_show_text(output, "source", event->source);
    rows_show_text(output, "fingerprint", event->fingerprint);
    rows_show_time(output, "raised", event->created_at);
    rows_show_time(output, "episode", event->episode_at);
    if (event->occurrences > 1) {
        output_line(output, "%-13s %" PRId64, "times", event->occurrences);
        rows_show_time(output, "last", event->last_seen_at);
    }
    rows_show_act(output, "acknowledged", event->acknowledged_at, event->acknowledged_by_name);
    rows_show_text(output, "assigned to", event->assigned_to_name);
    if (!event->is_resolved)
        rows_show_time(output, "ack ends", event->ack_expires_at);
    rows_show_time(output, "snoozed until", event->snoozed_until);
    rows_show_time(output, "quiet until", event->auto_resolve_at);
    show_signs(output, event);
    rows_show_act(output, "resolved", event->resolved_at, event->resolved_by_name);
    rows_show_text(output, "resolution", event->resolution);
    rows_show_block(output, event->description);
    rows_show_block(output, event->details);
}

static void weight(struct nb_strbuf *line, const struct output *output, const struct nb_row *row)
{
    enum nb_severity severity = NB_CONTAINER_OF(row, struct nb_event, row)->severity;
    const char *color = listing_style_code(severity_style(severity), output);

    nb_strbuf_appendf(line, "%s%s %-8s%s", color, nb_severity_glyph(severity, output_is_ascii(output)),
                      nb_severity_name(severity), *color ? "\x1b[0m" : "");
}

const struct rows_kind rows_events = {
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .list = list,
    .show = show,
    .weight = weight,
    .empty = "there are no events",
    .unknown = "no such event",
    .find_out = "nightbell events lists those that you may see",
};
