/*
 * search.c - a search is the view's filter and a phrase more, asked for one row at a time.
 */
#include "tui/view/search.h"

#include <stdlib.h>
#include <string.h>

#include "tui/console/console_state.h"

static void ask(struct view *view, const struct nb_key *from, bool inclusive, bool backward);

/* The phrase in the filter's own quoting; a quote inside separates two phrases. */
static char *as_terms(const char *text)
{
    struct nb_strbuf terms;

    nb_strbuf_init(&terms, 4096);
    nb_strbuf_append_char(&terms, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"')
            nb_strbuf_append(&terms, "\" \"");
        else
            nb_strbuf_append_char(&terms, *c);
    }
    nb_strbuf_append_char(&terms, '"');
    return nb_strbuf_take(&terms);
}

static int search_filter(struct nb_filter **out, const struct view *view, struct nb_error *err)
{
    char *terms = as_terms(view->search.text);
    int rc = view_filter_and(out, view, terms, err);

    free(terms);
    return rc;
}

static void not_found(struct view *view, bool backward)
{
    struct search *search = &view->search;

    if (!search->wrapped && !search->typing) {
        search->wrapped = true;
        ask(view, NULL, true, backward);
        return;
    }
    if (!search->wrapped) {
        /* while typing, a match on the other side of the cursor counts as well */
        search->wrapped = true;
        ask(view, NULL, true, backward);
        return;
    }
    message_show(&view->console->host, ROLE_WARNING, "nothing matches %s", search->text);
}

static void on_match(struct view *view, struct nb_page *page, const struct nb_error *err, bool backward)
{
    struct search *search = &view->search;
    struct nb_key key;

    search->request = NULL;
    if (err) {
        if (err->code != NB_ECANCELLED)
            message_error(&view->console->host, err);
        return;
    }
    if (page->count == 0) {
        nb_page_free(&page);
        not_found(view, backward);
        return;
    }
    key = page->rows[0]->key;
    nb_page_free(&page);
    if (search->wrapped && !search->typing)
        message_show(&view->console->host, ROLE_MESSAGE,
                     backward ? "search went on from the oldest row" : "search went on from the newest row");
    list_window_goto(&view->window, &key);
    if (search->steps > 1) {
        search->steps--;
        ask(view, &key, false, backward);
    }
}

static void on_older(void *arg, struct nb_page *page, const struct nb_error *err)
{
    on_match(arg, page, err, false);
}

static void on_newer(void *arg, struct nb_page *page, const struct nb_error *err)
{
    on_match(arg, page, err, true);
}

static void ask(struct view *view, const struct nb_key *from, bool inclusive, bool backward)
{
    struct search *search = &view->search;
    struct nb_filter *filter = NULL;
    struct nb_error err;
    struct nb_page_request request = {
        .subject = view->kind->subject,
        .direction = backward ? NB_NEWER : NB_OLDER,
        .from = from,
        .inclusive = inclusive,
        .limit = 1,
    };

    if (search->request)
        nb_request_abandon(&search->request);
    if (search_filter(&filter, view, &err) < 0) {
        message_error(&view->console->host, &err);
        return;
    }
    request.filter = filter;
    search->request =
        nb_page_fetch(view->console->host.connection, &request, NB_PRIORITY_PAGE, backward ? on_newer : on_older, view);
    nb_filter_free(&filter);
}

void search_begin(struct view *view, bool backward)
{
    const struct nb_row *row = list_window_current(&view->window);

    search_stop(view);
    view->search.backward = backward;
    view->search.typing = true;
    view->search.has_origin = row != NULL;
    view->search.origin_line = view->window.line;
    if (row)
        view->search.origin = row->key;
}

static void back_to_origin(struct view *view)
{
    if (!view->search.has_origin)
        return;
    list_window_goto(&view->window, &view->search.origin);
    list_window_place(&view->window, view->search.origin_line);
}

void search_typed(struct view *view, const char *text)
{
    struct search *search = &view->search;

    if (search->request)
        nb_request_abandon(&search->request);
    nb_free(&search->text);
    search->wrapped = false;
    search->steps = 1;
    message_dismiss(&view->console->host);
    host_dirty(&view->console->host);
    if (text[0] == '\0') {
        back_to_origin(view);
        return;
    }
    search->text = nb_strdup(text);
    ask(view, search->has_origin ? &search->origin : NULL, true, search->backward);
}

void search_accept(struct view *view, const char *text)
{
    if (text[0] == '\0') {
        search_stop(view);
        return;
    }
    if (!view->search.text || strcmp(view->search.text, text) != 0)
        search_typed(view, text);
    view->search.typing = false;
}

void search_cancel(struct view *view)
{
    back_to_origin(view);
    search_stop(view);
}

void search_next(struct view *view, bool reverse, int count)
{
    struct search *search = &view->search;
    const struct nb_row *row = list_window_current(&view->window);

    if (!search->text) {
        message_show(&view->console->host, ROLE_WARNING, "nothing has been searched for yet");
        return;
    }
    search->wrapped = false;
    search->typing = false;
    search->steps = (unsigned)count;
    ask(view, row ? &row->key : NULL, false, search->backward != reverse);
}

void search_stop(struct view *view)
{
    struct search *search = &view->search;

    if (search->request)
        nb_request_abandon(&search->request);
    nb_free(&search->text);
    *search = (struct search){0};
    host_dirty(&view->console->host);
}
