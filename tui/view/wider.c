/*
 * wider.c - asks for one row of a wider filter, where the list is empty.
 */
#include "tui/view/wider.h"

#include <stdlib.h>

#include "tui/host/link.h"

void wider_init(struct wider *wider, const struct rows *rows)
{
    wider->rows = rows;
}

static void forget(struct wider *wider)
{
    if (wider->request)
        nb_request_abandon(&wider->request);
    nb_free(&wider->filter);
    nb_free(&wider->pending);
    nb_free(&wider->said);
}

void wider_clear(struct wider *wider)
{
    forget(wider);
}

static void on_page(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct wider *wider = arg;

    wider->request = NULL;
    if (!err && page->count > 0) {
        wider->said = wider->pending;
        wider->pending = NULL;
    }
    nb_page_free(&page);
    host_dirty(wider->rows->host);
}

static void ask(struct wider *wider, const char *text)
{
    const struct rows *rows = wider->rows;
    struct nb_filter *filter = NULL;
    struct nb_page_request request = {
        .subject = rows->kind->subject, .by_key = true, .direction = NB_OLDER, .limit = 1};

    if (nb_filter_parse(&filter, rows->kind->subject, text, NULL) == 0) {
        request.filter = filter;
        wider->request = nb_page_fetch(rows->host->connection, &request, NB_PRIORITY_BACKGROUND, on_page, wider);
    }
    nb_filter_free(&filter);
}

void wider_follow(struct wider *wider)
{
    const struct rows *rows = wider->rows;
    char *term = NULL, *pattern = NULL, *text;

    if (list_window_count(&rows->window) > 0 || !rows->screen->shown) {
        forget(wider);
        return;
    }
    if (list_window_state(&rows->window) != LIST_READY || !link_is_ready(rows->host) ||
        (wider->filter && strcmp(wider->filter, rows->filter_text) == 0))
        return;
    forget(wider);
    wider->filter = nb_strdup(rows->filter_text);
    text = nb_filter_widen(rows->filter, &term, &pattern);
    if (text) {
        wider->pending = nb_asprintf("%s has no match: %s would have some", term, pattern);
        ask(wider, text);
    }
    free(text);
    free(term);
    free(pattern);
}
