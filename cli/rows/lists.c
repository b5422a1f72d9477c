/*
 * lists.c - list and count, the same for inbox and events: keyset pages, newest first, until the limit.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/frame/command.h"
#include "cli/rows/fetch.h"
#include "cli/rows/lists.h"
#include "cli/rows/rows.h"
#include "cli/frame/session.h"

#define LISTS_DEFAULT_LIMIT 50
#define LISTS_MAXIMUM       1000000
#define LISTS_PAGE          500

const struct command_option lists_options[] = {
    {"limit", "N", "how many rows at most (default: 50)"},
    {"before", "CURSOR", "go on behind this row: the id of the last one of the list before"},
    {NULL},
};

const char lists_description[] =
    "Newest first. On a terminal a table whose columns fit its width; in a pipe one row a line, "
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
    struct nb_key last;
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
            rows_list(list->listing, output, list->subject, page->rows[i], now);
        list->last = page->rows[i]->key;
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
    char id[NB_KEY_TEXT_SIZE];
    if (!output_is_terminal(output) || output_is_json(output))
        return;
    if (list->shown == 0 && nb_filter_is_empty(filter))
        output_remark(output, "%s", rows_empty(list->subject));
    else if (list->shown == 0)
        output_remark(output, "nothing matches: %s", nb_filter_text(filter));
    else if (list->more)
        output_remark(output, "there are more: nightbell %s list … --before %s", group,
                      nb_key_format(&list->last, list->subject, id));
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
    if (rc == NB_OK && before)
        rc = nb_cursor_parse(&list.last, subject, before, err);
    if (rc == NB_OK)
        rc = fetch_filter(&filter, call, subject, 0, err);
    if (rc == NB_OK)
        rc = session_connect_for(&connection, call, subject, err);
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
        if ((rc = fetch_page(&page, connection, &request, err)) != NB_OK)
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
        rc = session_connect_for(&connection, call, subject, err);
    if (rc == NB_OK)
        rc = fetch_count(&count, connection, subject, filter, err);
    if (rc == NB_OK && output_is_json(call->output))
        output_json_take(call->output, json_pack("{s:I}", "count", (json_int_t)count));
    else if (rc == NB_OK)
        output_line(call->output, "%" PRId64, count);
    nb_filter_free(&filter);
    return rc;
}
