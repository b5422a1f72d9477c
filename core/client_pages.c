/*
 * client_pages.c - the public interface: reading pages.
 */
#include "client_internal.h"

#include <stdlib.h>

#include "identity/identity.h"
#include "model/event.h"
#include "model/notification.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX     1000

struct fetched {
    bool done;
    int rc;
    struct nb_page *page;
    struct nb_error *err;
};

/* Each begins with the public page, which is what the caller sees; the arena owns all its memory. */
struct inbox_page {
    struct nb_inbox_page public;
    struct nb_page *page;
};

struct event_page {
    struct nb_event_page public;
    struct nb_page *page;
};

void client_inbox_item(struct nb_inbox_item *item, const struct nb_row *row)
{
    const struct nb_notification *n = (const struct nb_notification *)row;

    nb_key_format(&row->key, NB_SUBJECT_INBOX, item->id);
    item->is_announcement = n->is_announcement;
    item->silent = n->silent;
    item->created_at = n->created_at;
    item->read_at = n->read_at;
    item->archived_at = n->archived_at;
    item->expires_at = n->expires_at;
    item->type = n->type;
    item->title = n->title;
    item->message = n->message;
    item->link = n->link;
    item->data = n->data;
    item->actions = n->actions;
    item->actor_name = n->actor_name;
    item->channel = n->channel;
    item->urgency = nb_urgency_name(n->urgency);
}

void client_event_item(struct nb_event_item *item, const struct nb_row *row)
{
    const struct nb_event *event = (const struct nb_event *)row;

    nb_key_format(&row->key, NB_SUBJECT_EVENTS, item->id);
    item->created_at = event->created_at;
    item->last_seen_at = event->last_seen_at;
    item->occurrences = event->occurrences;
    item->resolved_at = event->resolved_at;
    item->acknowledged_at = event->acknowledged_at;
    item->snoozed_until = event->snoozed_until;
    item->event_type = event->event_type;
    item->severity = nb_severity_name(event->severity);
    item->description = event->description;
    item->details = event->details;
    item->source = event->source;
    item->fingerprint = event->fingerprint;
    item->resolution = event->resolution;
    item->tenant_name = event->tenant_name;
    item->assigned_to_name = event->assigned_to_name;
    item->acknowledged_by_name = event->acknowledged_by_name;
    item->resolved_by_name = event->resolved_by_name;
}

static void page_fetched(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct fetched *fetched = arg;

    fetched->done = true;
    fetched->page = page;
    fetched->rc = err ? err->code : 0;
    if (err && fetched->err)
        *fetched->err = *err;
}

static int fetch_once(struct nb_page **out, struct nb_client *client, const struct nb_page_request *request,
                      struct nb_error *err)
{
    struct fetched fetched = {.err = err};
    struct nb_request *asking;
    int rc = client_ready(client, err);

    if (rc < 0)
        return rc;
    asking = nb_page_fetch(client->connection, request, NB_PRIORITY_PAGE, page_fetched, &fetched);
    while (!fetched.done && rc == 0)
        rc = nb_loop_turn(client->loop, -1, err);
    if (rc < 0 && !fetched.done)
        nb_request_abandon(&asking);
    else if (rc < 0)
        nb_page_free(&fetched.page);
    *out = fetched.page;
    return rc < 0 ? rc : fetched.rc;
}

/* The cursor of the next page, in the page's memory. */
static const char *next_cursor(const struct nb_page *page, enum nb_subject subject, const struct nb_order *order)
{
    char text[NB_CURSOR_TEXT_SIZE];
    struct nb_place last;

    if (!page->more || page->count == 0)
        return NULL;
    last = nb_place_of(order, page->rows[page->count - 1]);
    return nb_arena_strdup(page->arena, nb_cursor_format(&last, subject, order, text));
}

static int fetch(struct nb_page **out, const char **next, struct nb_client *client, enum nb_subject subject,
                 const struct nb_client_query *query, struct nb_error *err)
{
    static const struct nb_client_query everything;
    struct nb_page_request request = {.subject = subject, .direction = NB_OLDER, .full = true};
    struct nb_filter *filter = NULL;
    const struct nb_order *order;
    struct nb_place before;
    int rc;

    if (!query)
        query = &everything;
    request.limit = query->limit ? query->limit : LIMIT_DEFAULT;
    if (request.limit > LIMIT_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "limit: at most %d", LIMIT_MAX);
    if ((rc = nb_filter_parse(&filter, subject, query->filter, err)) < 0)
        return rc;
    order = nb_filter_order(filter, subject);
    if (query->before && (rc = nb_cursor_parse(&before, subject, order, query->before, err)) < 0)
        goto out;
    request.filter = filter;
    request.from = query->before ? &before : NULL;
    /* Reading changes nothing, so it is repeated once when the connection is lost. */
    if ((rc = fetch_once(out, client, &request, err)) == NB_EUNREACHABLE)
        rc = fetch_once(out, client, &request, err);
    if (rc == 0)
        *next = next_cursor(*out, subject, order);
out:
    nb_filter_free(&filter);
    return rc;
}

int nb_client_inbox(struct nb_client *client, const struct nb_client_query *query, struct nb_inbox_page **out,
                    struct nb_error *err)
{
    struct nb_inbox_item *items;
    struct nb_page *page = NULL;
    struct inbox_page *inbox;
    const char *next = NULL;
    int rc = fetch(&page, &next, client, NB_SUBJECT_INBOX, query, err);

    *out = NULL;
    if (rc < 0)
        return rc;
    items = nb_arena_alloc(page->arena, (page->count + 1) * sizeof(*items));
    for (size_t i = 0; i < page->count; i++)
        client_inbox_item(&items[i], page->rows[i]);
    inbox = nb_calloc(1, sizeof(*inbox));
    inbox->public = (struct nb_inbox_page){items, page->count, page->more, next};
    inbox->page = page;
    *out = &inbox->public;
    return 0;
}

void nb_inbox_page_free(struct nb_inbox_page **page)
{
    struct inbox_page *inbox;

    if (!page || !*page)
        return;
    inbox = NB_CONTAINER_OF(*page, struct inbox_page, public);
    nb_page_free(&inbox->page);
    free(inbox);
    *page = NULL;
}

int nb_client_events(struct nb_client *client, const struct nb_client_query *query, struct nb_event_page **out,
                     struct nb_error *err)
{
    struct nb_event_item *items;
    struct nb_page *page = NULL;
    struct event_page *events;
    const char *next = NULL;
    int rc = fetch(&page, &next, client, NB_SUBJECT_EVENTS, query, err);

    *out = NULL;
    if (rc < 0)
        return rc;
    items = nb_arena_alloc(page->arena, (page->count + 1) * sizeof(*items));
    for (size_t i = 0; i < page->count; i++)
        client_event_item(&items[i], page->rows[i]);
    events = nb_calloc(1, sizeof(*events));
    events->public = (struct nb_event_page){items, page->count, page->more, next};
    events->page = page;
    *out = &events->public;
    return 0;
}

void nb_event_page_free(struct nb_event_page **page)
{
    struct event_page *events;

    if (!page || !*page)
        return;
    events = NB_CONTAINER_OF(*page, struct event_page, public);
    nb_page_free(&events->page);
    free(events);
    *page = NULL;
}
