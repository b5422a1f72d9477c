/*
 * rows_inbox.c - notifications for people: a line of a list, and one in full.
 */
#include <string.h>

#include "cli/rows/rows_kind.h"
#include "model/notification.h"
#include "page/ids.h"

static const struct listing_column columns[] = {
    {.title = "ID", .minimum = 8, .drop = 1},
    {.title = "AGE", .minimum = 3, .right = true},
    {.title = "STATUS", .minimum = 6, .drop = 3},
    {.title = "URGENCY", .minimum = 4, .drop = 4},
    {.title = "TYPE", .minimum = 6, .maximum = 24, .drop = 6},
    {.title = "FROM", .minimum = 3, .maximum = 16, .drop = 5},
    {.title = "TITLE", .minimum = 24, .flexible = true},
};

static void list(struct listing *listing, struct output *output, const struct nb_order *order, const struct nb_row *row,
                 int64_t now)
{
    const struct nb_notification *notification = NB_CONTAINER_OF(row, struct nb_notification, row);
    char id[NB_KEY_TEXT_SIZE], when[NB_TIME_TEXT_SIZE];
    (void)order;
    bool unread = nb_notification_status(notification) == NB_STATUS_UNREAD;
    static const enum listing_style urgency_styles[] = {
        [NB_URGENCY_LOW] = LISTING_LOW,
        [NB_URGENCY_NORMAL] = LISTING_PLAIN,
        [NB_URGENCY_HIGH] = LISTING_WARNING,
        [NB_URGENCY_CRITICAL] = LISTING_ALARM,
    };
    if (output_is_terminal(output))
        nb_key_format_short(&notification->row.key, NB_SUBJECT_INBOX, id);
    else
        nb_key_format(&notification->row.key, NB_SUBJECT_INBOX, id);
    listing_cell(listing, id, LISTING_DIM);
    listing_cell(listing, rows_when(output, notification->created_at, now, when), LISTING_PLAIN);
    listing_cell(listing, nb_notification_status_name(nb_notification_status(notification)),
                 unread ? LISTING_STRONG : LISTING_DIM);
    listing_cell(listing, nb_urgency_name(notification->urgency), urgency_styles[notification->urgency]);
    listing_cell(listing, notification->type, LISTING_PLAIN);
    listing_cell(listing, notification->actor_name, LISTING_PLAIN);
    listing_cell(listing, notification->title, unread ? LISTING_STRONG : LISTING_PLAIN);
    listing_end_row(listing);
}

static void show(struct output *output, const struct nb_row *row)
{
    const struct nb_notification *notification = NB_CONTAINER_OF(row, struct nb_notification, row);
    char id[NB_KEY_TEXT_SIZE];
    rows_show_text(output, "id", nb_key_format(&notification->row.key, NB_SUBJECT_INBOX, id));
    rows_show_text(output, "type", notification->type);
    rows_show_text(output, "urgency", nb_urgency_name(notification->urgency));
    rows_show_text(output, "status", nb_notification_status_name(nb_notification_status(notification)));
    rows_show_text(output, "to", notification->is_announcement ? "everybody" : "you");
    rows_show_text(output, "from", notification->actor_name);
    rows_show_text(output, "channel", notification->channel);
    rows_show_text(output, "silent", notification->silent ? nb_silent_reason : NULL);
    rows_show_time(output, "created", notification->created_at);
    rows_show_time(output, "read", notification->read_at);
    rows_show_time(output, "archived", notification->archived_at);
    rows_show_time(output, "expires", notification->expires_at);
    rows_show_text(output, "link", notification->link);
    rows_show_text(output, "actions", notification->actions);
    rows_show_text(output, "action taken", notification->action_taken);
    rows_show_text(output, "title", notification->title);
    rows_show_block(output, notification->message);
    rows_show_block(output, notification->data);
}

static void weight(struct nb_strbuf *line, const struct output *output, const struct nb_row *row)
{
    (void)output;
    nb_strbuf_appendf(line, "%-10s", nb_urgency_name(NB_CONTAINER_OF(row, struct nb_notification, row)->urgency));
}

const struct rows_kind rows_inbox = {
    .columns = columns,
    .column_count = NB_ARRAY_SIZE(columns),
    .list = list,
    .show = show,
    .weight = weight,
    .empty = "the inbox is empty",
    .unknown = "no such notification in your inbox",
    .find_out = "nightbell inbox lists those that are there",
};
