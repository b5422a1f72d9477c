/*
 * search.c - a search is the view's filter and a phrase more, asked for one row at a time.
 */
#include "tui/view/search.h"

#include <stdlib.h>
#include <string.h>

#include "page/page.h"

static void ask(struct search *search, const struct nb_place *from, bool inclusive, bool backward);

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

static int search_filter(struct nb_filter **out, const struct search *search, struct nb_error *err)
{
    char *terms = as_terms(search->text);
    int rc = rows_filter_and(out, search->rows, terms, err);

    free(terms);
    return rc;
}

/* ---- which match of how many ---- */

static struct nb_request *ask_total(void *arg, nb_count_done *done, void *done_arg)
{
    struct search *search = arg;
    struct nb_filter *filter = NULL;
    struct nb_request *request;

    if (!search->text || search_filter(&filter, search, NULL) < 0)
        return NULL;
    request = nb_page_count(search->rows->host->connection, search->rows->kind->subject, filter, done, done_arg);
    nb_filter_free(&filter);
    return request;
}

static struct nb_request *ask_number(void *arg, nb_count_done *done, void *done_arg)
{
    struct search *search = arg;
    struct nb_filter *filter = NULL;
    struct nb_request *request;

    if (!search->text || search_filter(&filter, search, NULL) < 0)
        return NULL;
    request = nb_page_count_range(search->rows->host->connection, search->rows->kind->subject, filter, &search->match,
                                  &nb_place_first, NB_PRIORITY_BACKGROUND, done, done_arg);
    nb_filter_free(&filter);
    return request;
}

static void on_counted(void *arg)
{
    host_dirty(((struct search *)arg)->rows->host);
}

/* Not while one types: each letter would count anew. */
static void count(struct search *search)
{
    if (search->typing || !search->text)
        return;
    if (!search->total.known)
        counter_refresh(&search->total);
    counter_forget(&search->number);
}

bool search_number(const struct search *search, int64_t *number, int64_t *total)
{
    const struct nb_row *row = list_window_current(&search->rows->window);

    *number = search->number.value;
    *total = search->total.value;
    return search->text && !search->typing && search->number.known && search->total.known && row &&
           nb_key_compare(&row->key, &search->match.key) == 0;
}

void search_bell(struct search *search)
{
    if (!search->text || search->typing || !search->total.known)
        return;
    counter_refresh(&search->total);
    counter_refresh(&search->number);
}

static void forget_counts(struct search *search)
{
    counter_stop(&search->total);
    counter_stop(&search->number);
    search->total.known = search->number.known = false;
}

/* ---- finding ---- */

static void not_found(struct search *search, bool backward)
{
    if (search->stepping) {
        message_show(search->rows->host, ROLE_MESSAGE, "there are no more matches this way");
        count(search);
        return;
    }
    if (!search->wrapped && !search->typing) {
        search->wrapped = true;
        ask(search, NULL, true, backward);
        return;
    }
    if (!search->wrapped) {
        /* while typing, a match on the other side of the cursor counts as well */
        search->wrapped = true;
        ask(search, NULL, true, backward);
        return;
    }
    message_show(search->rows->host, ROLE_WARNING, "nothing matches %s", search->text);
}

static void on_match(struct search *search, struct nb_page *page, const struct nb_error *err, bool backward)
{
    struct nb_place place;

    search->request = NULL;
    if (err) {
        if (err->code != NB_ECANCELLED)
            message_error(search->rows->host, err);
        return;
    }
    if (page->count == 0) {
        nb_page_free(&page);
        not_found(search, backward);
        return;
    }
    place = rows_place(search->rows, page->rows[0]);
    nb_page_free(&page);
    if (search->wrapped && !search->typing)
        message_show(search->rows->host, ROLE_MESSAGE,
                     backward ? "search went on from the oldest row" : "search went on from the newest row");
    list_window_goto(&search->rows->window, &place);
    search->match = place;
    if (search->steps > 1) {
        search->steps--;
        search->stepping = true;
        ask(search, &place, false, backward);
    } else {
        count(search);
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

static void ask(struct search *search, const struct nb_place *from, bool inclusive, bool backward)
{
    struct nb_filter *filter = NULL;
    struct nb_error err;
    struct nb_page_request request = {
        .subject = search->rows->kind->subject,
        .direction = backward ? NB_NEWER : NB_OLDER,
        .from = from,
        .inclusive = inclusive,
        .limit = 1,
    };

    if (search->request)
        nb_request_abandon(&search->request);
    if (search_filter(&filter, search, &err) < 0) {
        message_error(search->rows->host, &err);
        return;
    }
    request.filter = filter;
    search->request = nb_page_fetch(search->rows->host->connection, &request, NB_PRIORITY_PAGE,
                                    backward ? on_newer : on_older, search);
    nb_filter_free(&filter);
}

void search_init(struct search *search, struct rows *rows)
{
    search->rows = rows;
    counter_init(&search->number, rows->host->loop, ask_number, on_counted, search);
    counter_init(&search->total, rows->host->loop, ask_total, on_counted, search);
}

void search_clear(struct search *search)
{
    search_stop(search);
    counter_clear(&search->number);
    counter_clear(&search->total);
}

void search_begin(struct search *search, bool backward)
{
    const struct nb_row *row = list_window_current(&search->rows->window);

    search_stop(search);
    search->backward = backward;
    search->typing = true;
    search->has_origin = row != NULL;
    search->origin_line = search->rows->window.line;
    if (row)
        search->origin = rows_place(search->rows, row);
}

static void back_to_origin(struct search *search)
{
    if (!search->has_origin)
        return;
    list_window_goto(&search->rows->window, &search->origin);
    list_window_place(&search->rows->window, search->origin_line);
}

void search_typed(struct search *search, const char *text)
{
    if (search->request)
        nb_request_abandon(&search->request);
    nb_free(&search->text);
    forget_counts(search);
    search->wrapped = false;
    search->steps = 1;
    search->stepping = false;
    message_dismiss(search->rows->host);
    host_dirty(search->rows->host);
    if (text[0] == '\0') {
        back_to_origin(search);
        return;
    }
    search->text = nb_strdup(text);
    ask(search, search->has_origin ? &search->origin : NULL, true, search->backward);
}

void search_accept(struct search *search, const char *text)
{
    if (text[0] == '\0') {
        search_stop(search);
        return;
    }
    if (!search->text || strcmp(search->text, text) != 0)
        search_typed(search, text);
    search->typing = false;
    if (!search->request) /* else its answer counts */
        count(search);
}

void search_cancel(struct search *search)
{
    back_to_origin(search);
    search_stop(search);
}

void search_next(struct search *search, bool reverse, int count)
{
    const struct nb_row *row = list_window_current(&search->rows->window);
    struct nb_place from;

    if (!search->text) {
        message_show(search->rows->host, ROLE_WARNING, "nothing has been searched for yet");
        return;
    }
    search->wrapped = false;
    search->typing = false;
    search->steps = (unsigned)count;
    search->stepping = false;
    if (row)
        from = rows_place(search->rows, row);
    ask(search, row ? &from : NULL, false, search->backward != reverse);
}

static void on_wanted(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct search *search = arg;
    struct nb_place place;

    search->request = NULL;
    if (err) {
        message_error(search->rows->host, err);
        return;
    }
    if (page->count > 0) {
        place = rows_place(search->rows, page->rows[0]);
        list_window_goto(&search->rows->window, &place);
    } else {
        message_show(search->rows->host, ROLE_MESSAGE, "no older %s is waiting", search->rows->info->noun);
    }
    nb_page_free(&page);
}

void search_wanted(struct search *search)
{
    const struct rows *rows = search->rows;
    const struct nb_row *row = list_window_current(&rows->window);
    struct nb_place from = row ? rows_place(rows, row) : nb_place_first;
    struct nb_page_request request = {.subject = rows->kind->subject, .direction = NB_OLDER, .from = &from, .limit = 1};
    struct nb_filter *filter = NULL;
    struct nb_error err;

    if (rows_filter_and(&filter, rows, rows->kind->wanted, &err) < 0) {
        message_error(rows->host, &err);
        return;
    }
    if (search->request)
        nb_request_abandon(&search->request);
    request.filter = filter;
    search->request = nb_page_fetch(rows->host->connection, &request, NB_PRIORITY_PAGE, on_wanted, search);
    nb_filter_free(&filter);
}

void search_stop(struct search *search)
{
    if (search->request)
        nb_request_abandon(&search->request);
    nb_free(&search->text);
    forget_counts(search);
    *search = (struct search){.rows = search->rows, .number = search->number, .total = search->total};
    host_dirty(search->rows->host);
}
