/*
 * rows.c - notifications and events for people: lists and full texts. Their JSON is in rows_json.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cli/rows/rows.h"
#include "page/page.h"

#define ROWS_TEXT_LIMIT (8 * 1024 * 1024)

static const struct listing_column inbox_columns[] = {
    {.title = "ID", .minimum = 36, .drop = 1},
    {.title = "AGE", .minimum = 3, .right = true},
    {.title = "STATUS", .minimum = 6, .drop = 3},
    {.title = "URGENCY", .minimum = 4, .drop = 4},
    {.title = "TYPE", .minimum = 6, .maximum = 24, .drop = 6},
    {.title = "FROM", .minimum = 3, .maximum = 16, .drop = 5},
    {.title = "TITLE", .minimum = 24, .flexible = true},
};

static const struct listing_column event_columns[] = {
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

const char *rows_notification_status(const struct nb_notification *notification)
{
    switch (nb_notification_status(notification)) {
    case NB_STATUS_ARCHIVED:
        return "archived";
    case NB_STATUS_READ:
        return "read";
    case NB_STATUS_UNREAD:
        break;
    }
    return "unread";
}

const char *rows_event_state(const struct nb_event *event, int64_t now)
{
    if (event->is_resolved)
        return "resolved";
    if (event->snoozed_until != NB_TIME_NONE && event->snoozed_until > now)
        return "snoozed";
    return event->acknowledged_at != NB_TIME_NONE ? "acknowledged" : "open";
}

const char *rows_severity_glyph(enum nb_severity severity, bool ascii)
{
    static const char *const glyphs[][2] = {
        [NB_SEVERITY_LOW] = {"○", "."},
        [NB_SEVERITY_MEDIUM] = {"◆", "-"},
        [NB_SEVERITY_HIGH] = {"●", "*"},
        [NB_SEVERITY_CRITICAL] = {"▲", "!"},
    };
    return glyphs[severity][ascii];
}

enum listing_style rows_severity_style(enum nb_severity severity)
{
    static const enum listing_style styles[] = {
        [NB_SEVERITY_LOW] = LISTING_DIM,
        [NB_SEVERITY_MEDIUM] = LISTING_NOTICE,
        [NB_SEVERITY_HIGH] = LISTING_WARNING,
        [NB_SEVERITY_CRITICAL] = LISTING_ALARM,
    };
    return styles[severity];
}

/* Who has the event: the one it is assigned to, or else who acknowledged or resolved it. */
static const char *event_owner(const struct nb_event *event)
{
    if (event->is_resolved && event->resolved_by_name)
        return event->resolved_by_name;
    return event->assigned_to_name ? event->assigned_to_name : event->acknowledged_by_name;
}

struct listing *rows_listing_new(struct output *output, enum nb_subject subject)
{
    if (subject == NB_SUBJECT_INBOX)
        return listing_new(output, inbox_columns, NB_ARRAY_SIZE(inbox_columns));
    return listing_new(output, event_columns, NB_ARRAY_SIZE(event_columns));
}

/* People see the age; a pipe gets the time. */
static const char *format_when(const struct output *output, int64_t time, int64_t now, char text[NB_TIME_TEXT_SIZE])
{
    return output_is_terminal(output) ? nb_time_format_age(time, now, text) : nb_time_format_rfc3339(time, text);
}

static void list_notification(struct listing *listing, struct output *output,
                              const struct nb_notification *notification, int64_t now)
{
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    bool unread = nb_notification_status(notification) == NB_STATUS_UNREAD;
    static const enum listing_style urgency_styles[] = {
        [NB_URGENCY_LOW] = LISTING_DIM,
        [NB_URGENCY_NORMAL] = LISTING_PLAIN,
        [NB_URGENCY_HIGH] = LISTING_WARNING,
        [NB_URGENCY_CRITICAL] = LISTING_ALARM,
    };
    listing_cell(listing, nb_key_format(&notification->row.key, NB_SUBJECT_INBOX, id), LISTING_DIM);
    listing_cell(listing, format_when(output, notification->created_at, now, when), LISTING_PLAIN);
    listing_cell(listing, rows_notification_status(notification), unread ? LISTING_STRONG : LISTING_DIM);
    listing_cell(listing, nb_urgency_name(notification->urgency), urgency_styles[notification->urgency]);
    listing_cell(listing, notification->type, LISTING_PLAIN);
    listing_cell(listing, notification->actor_name, LISTING_PLAIN);
    listing_cell(listing, notification->title, unread ? LISTING_STRONG : LISTING_PLAIN);
    listing_end_row(listing);
}

static void list_event(struct listing *listing, struct output *output, const struct nb_event *event, int64_t now)
{
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE], times[32];
    enum listing_style style = event->is_resolved ? LISTING_DIM : rows_severity_style(event->severity);
    const char *severity = nb_severity_name(event->severity);
    char *shown = output_is_terminal(output)
                      ? nb_asprintf("%s %s", rows_severity_glyph(event->severity, output_is_ascii(output)), severity)
                      : nb_strdup(severity);
    snprintf(times, sizeof(times), "%" PRId64, event->occurrences);
    listing_cell(listing, nb_key_format(&event->row.key, NB_SUBJECT_EVENTS, id), LISTING_PLAIN);
    listing_cell(listing, format_when(output, event->created_at, now, when), LISTING_PLAIN);
    listing_cell(listing, shown, style);
    listing_cell(listing, rows_event_state(event, now), LISTING_PLAIN);
    listing_cell(listing, event->event_type, LISTING_PLAIN);
    listing_cell(listing, times, LISTING_PLAIN);
    listing_cell(listing, event_owner(event), LISTING_PLAIN);
    listing_cell(listing, event->tenant_name, LISTING_PLAIN);
    listing_cell(listing, event->source, LISTING_PLAIN);
    listing_cell(listing, event->description, event->is_resolved ? LISTING_DIM : LISTING_PLAIN);
    listing_end_row(listing);
    free(shown);
}

void rows_list(struct listing *listing, struct output *output, enum nb_subject subject, const struct nb_row *row,
               int64_t now)
{
    if (subject == NB_SUBJECT_INBOX)
        list_notification(listing, output, (const struct nb_notification *)row, now);
    else
        list_event(listing, output, (const struct nb_event *)row, now);
}

/* ---- one row in full ---- */

static void show_text(struct output *output, const char *label, const char *text)
{
    if (text && *text)
        output_line(output, "%-13s %s", label, text);
}

static void show_time(struct output *output, const char *label, int64_t time)
{
    char text[NB_TIME_TEXT_SIZE];
    if (time != NB_TIME_NONE)
        output_line(output, "%-13s %s", label, nb_time_format_local(time, text));
}

static void show_act(struct output *output, const char *label, int64_t time, const char *name)
{
    char text[NB_TIME_TEXT_SIZE];
    if (time != NB_TIME_NONE)
        output_line(output, "%-13s %s by %s", label, nb_time_format_local(time, text), name ? name : "the system");
}

static void show_block(struct output *output, const char *text)
{
    if (text && *text) {
        output_line(output, "%s", "");
        output_block(output, text);
    }
}

static void show_notification(struct output *output, const struct nb_notification *notification)
{
    char id[NB_KEY_TEXT_SIZE];
    show_text(output, "id", nb_key_format(&notification->row.key, NB_SUBJECT_INBOX, id));
    show_text(output, "type", notification->type);
    show_text(output, "urgency", nb_urgency_name(notification->urgency));
    show_text(output, "status", rows_notification_status(notification));
    show_text(output, "to", notification->is_announcement ? "everybody" : "you");
    show_text(output, "from", notification->actor_name);
    show_text(output, "channel", notification->channel);
    show_text(output, "silent", notification->silent ? nb_silent_reason : NULL);
    show_time(output, "created", notification->created_at);
    show_time(output, "read", notification->read_at);
    show_time(output, "archived", notification->archived_at);
    show_time(output, "expires", notification->expires_at);
    show_text(output, "link", notification->link);
    show_text(output, "actions", notification->actions);
    show_text(output, "action taken", notification->action_taken);
    show_text(output, "title", notification->title);
    show_block(output, notification->message);
    show_block(output, notification->data);
}

static void show_event(struct output *output, const struct nb_event *event)
{
    char id[NB_KEY_TEXT_SIZE];
    const char *glyph = rows_severity_glyph(event->severity, output_is_ascii(output));
    show_text(output, "id", nb_key_format(&event->row.key, NB_SUBJECT_EVENTS, id));
    show_text(output, "type", event->event_type);
    output_line(output, "%-13s %s%s%s", "severity", output_is_terminal(output) ? glyph : "",
                output_is_terminal(output) ? " " : "", nb_severity_name(event->severity));
    show_text(output, "state", rows_event_state(event, nb_now()));
    show_text(output, "tenant", event->tenant_name ? event->tenant_name : "none: of the whole installation");
    show_text(output, "about", event->user_name);
    show_text(output, "source", event->source);
    show_text(output, "fingerprint", event->fingerprint);
    show_time(output, "raised", event->created_at);
    if (event->occurrences > 1) {
        output_line(output, "%-13s %" PRId64, "times", event->occurrences);
        show_time(output, "last", event->last_seen_at);
    }
    show_act(output, "acknowledged", event->acknowledged_at, event->acknowledged_by_name);
    show_text(output, "assigned to", event->assigned_to_name);
    show_time(output, "snoozed until", event->snoozed_until);
    show_act(output, "resolved", event->resolved_at, event->resolved_by_name);
    show_text(output, "resolution", event->resolution);
    show_block(output, event->description);
    show_block(output, event->details);
}

static void show_history(struct output *output, const struct nb_event_action *history, size_t count)
{
    char when[NB_TIME_TEXT_SIZE];
    output_line(output, "%s", "");
    output_line(output, "history");
    for (size_t i = 0; i < count; i++)
        output_line(output, "  %s  %s %s%s%s", nb_time_format_local(history[i].at, when),
                    history[i].actor_name ? history[i].actor_name : "the system", history[i].action,
                    history[i].note ? ": " : "", history[i].note ? history[i].note : "");
}

void rows_show(struct output *output, enum nb_subject subject, const struct nb_row *row,
               const struct nb_event_action *history, size_t history_count)
{
    if (subject == NB_SUBJECT_INBOX)
        show_notification(output, (const struct nb_notification *)row);
    else
        show_event(output, (const struct nb_event *)row);
    if (history_count > 0)
        show_history(output, history, history_count);
}
