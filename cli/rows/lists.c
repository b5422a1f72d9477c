/*
 * lists.c - list and count, the same for inbox, events and deliveries: keyset pages, newest first, until the limit.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/rows/ids.h"
#include "cli/rows/lists.h"
#include "cli/rows/rows.h"
#include "cli/frame/session.h"
#include "page/ids.h"

#define LISTS_DEFAULT_LIMIT 50
#define LISTS_MAXIMUM       1000000
#define LISTS_PAGE          500

const struct command_option lists_options[] = {
    {"limit", "N", "how many rows at most (default: 50)"},
    {"before", "CURSOR", "go on behind this row: its id, or what the list before said at its end"},
    {NULL},
};

const char lists_description[] =
    "Newest first, or as sort: says in FILTER. On a terminal a table whose columns fit its width; in a pipe one row a "
    "line, "
    "its columns parted by tabs, "
    "without a heading, \"-\" where there is nothing; with --json one object a line.\n"
    "FILTER is the filter language of the console; nightbell(1) tells its words. Words are ANDed, "
    "as if parted by blanks.\n"
    "To walk through everything, pass the last row's id to --before until nothing comes; or use "
    "nightbell export.";

struct list {
    struct command_call *call;
    enum nb_subject subject;
    struct listing *listing;
    const struct nb_order *order;
    struct nb_place last;
    long shown;
    bool more;
};

static void print_page(struct list *list, const struct nb_page *page)
{
    int64_t now = nb_now();
    struct output *output = list->call->output;
    for (size_t i = 0; i < page->count; i++) {
        if (output_is_json(output))
            rows_print_json(output, list->subject, page->rows[i], NULL);
        else
            rows_list(list->listing, output, list->subject, list->order, page->rows[i], now);
        list->last = nb_place_of(list->order, page->rows[i]);
        list->shown++;
    }
    listing_print(list->listing);
    list->more = page->more;
}

/* Suggests what to do next, on a terminal only. */
static void print_remarks(const struct list *list, const struct nb_filter *filter)
{
    struct output *output = list->call->output;
    const char *group = list->call->group->name;
    char cursor[NB_CURSOR_TEXT_SIZE];
    if (!output_is_terminal(output) || output_is_json(output))
        return;
    if (list->shown == 0 && nb_filter_is_empty(filter))
        output_remark(output, "%s", rows_empty(list->subject));
    else if (list->shown == 0)
        output_remark(output, "nothing matches: %s", nb_filter_text(filter));
    else if (list->more)
        output_remark(output, "there are more: nightbell %s list … --before %s", group,
                      nb_cursor_format(&list->last, list->subject, list->order, cursor));
}

/* An id alone stands for the place where its row is now. */
static int read_cursor(struct list *list, struct nb_connection *connection, const char *text, struct nb_error *err)
{
    struct nb_page *page = NULL;
    struct nb_key key;
    int rc;
    if (strchr(text, '/') || (!list->order->rank && !nb_key_is_short(list->subject, text)))
        return nb_cursor_parse(&list->last, list->subject, list->order, text, err);
    rc = ids_find_one(&key, list->call, connection, list->subject, text, err);
    if (rc == NB_OK)
        rc = fetch_keys(&page, list->call, connection, list->subject, &key, 1, err);
    if (rc == NB_OK && page->count == 0) {
        rows_unknown(err, list->subject, text);
        rc = NB_ENOTFOUND;
    }
    if (rc == NB_OK)
        list->last = nb_place_of(list->order, page->rows[0]);
    nb_page_free(&page);
    return rc;
}

int lists_list(struct command_call *call, enum nb_subject subject, struct nb_error *err)
{
    struct list list = {.call = call, .subject = subject};
    struct nb_filter *filter = NULL;
    struct nb_connection *connection = NULL;
    struct nb_page *page = NULL;
    const char *before = command_text(call, "before");
    long limit;
    int rc = command_number(&limit, call, "limit", 1, LISTS_MAXIMUM, LISTS_DEFAULT_LIMIT, err);
    if (rc == NB_OK)
        rc = fetch_filter(&filter, call, subject, 0, err);
    list.order = nb_filter_order(filter, subject);
    if (rc == NB_OK)
        rc = session_begin_for(&connection, call, subject, err);
    if (rc == NB_OK && before)
        rc = read_cursor(&list, connection, before, err);
    if (rc != NB_OK)
        goto out;
    list.listing = rows_listing_new(call->output, subject);
    do {
        long left = limit - list.shown;
        struct nb_page_request request = {
            .subject = subject,
            .filter = filter,
            .direction = NB_OLDER,
            .from = before || list.shown > 0 ? &list.last : NULL,
            .limit = (size_t)(left < LISTS_PAGE ? left : LISTS_PAGE),
            .full = output_is_json(call->output),
        };
        nb_page_free(&page);
        if ((rc = fetch_page(&page, call, connection, &request, err)) != NB_OK)
            goto out;
        print_page(&list, page);
    } while (list.more && page->count > 0 && list.shown < limit && !output_closed(call->output));
    print_remarks(&list, filter);
out:
    nb_page_free(&page);
    listing_free(&list.listing);
    nb_filter_free(&filter);
    return rc;
}

int lists_count(struct command_call *call, enum nb_subject subject, struct nb_error *err)
{
    struct nb_filter *filter = NULL;
    struct nb_connection *connection = NULL;
    int64_t count = 0;
    int rc = fetch_filter(&filter, call, subject, 0, err);
    if (rc == NB_OK)
        rc = session_begin_for(&connection, call, subject, err);
    if (rc == NB_OK)
        rc = fetch_count(&count, call, connection, subject, filter, err);
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:I}", "count", (json_int_t)count));
    else if (rc == NB_OK)
        output_line(call->output, "%" PRId64, count);
    nb_filter_free(&filter);
    return rc;
}
