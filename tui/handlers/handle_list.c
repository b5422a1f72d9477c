/*
 * handle_list.c - marks, search and filters.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/console/console_state.h"
#include "tui/handlers/complete.h"
#include "tui/handlers/handlers.h"
#include "base/number.h"
#include "tui/view/search.h"

/* ---- marks ---- */

void handle_mark(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    for (int i = 0; i < command_amount(command, 1); i++) {
        const struct nb_row *row = list_window_current(&view->rows.window);
        struct nb_place place;

        if (!row)
            return;
        place = rows_place(&view->rows, row);
        marks_toggle(&view->rows.marks, &place);
        list_window_move(&view->rows.window, 1);
    }
    host_dirty(&console->host);
}

void handle_mark_range(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    const struct nb_row *row = list_window_current(&view->rows.window);

    (void)command;
    if (view->rows.marks.selecting) {
        rows_end_range(&view->rows);
    } else if (row) {
        struct nb_place place = rows_place(&view->rows, row);

        marks_begin_range(&view->rows.marks, &place);
    }
    host_dirty(&console->host);
}

/* All that match now: what arrives later is newer than the newest row, and stays out. */
void handle_mark_all(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    struct nb_place newest = nb_place_first;

    (void)command;
    if (list_window_count(&view->rows.window) == 0)
        return;
    if (view->rows.window.rows.newest)
        newest = rows_place(&view->rows, list_window_item(&view->rows.window, 0)->row);
    marks_all(&view->rows.marks, &newest);
    host_dirty(&console->host);
}

void handle_unmark_all(struct console *console, const struct command *command)
{
    (void)command;
    marks_clear(&console_view(console)->rows.marks);
    host_dirty(&console->host);
}

/* ---- search ---- */

static void on_search_typed(void *arg, const char *text)
{
    search_typed(arg, text);
}

static void on_search(void *arg, const char *text, int64_t id)
{
    (void)id;
    search_accept(arg, text);
}

static void on_search_cancelled(void *arg)
{
    search_cancel(arg);
}

static void on_page_search_typed(void *arg, const char *text)
{
    struct screen *screen = arg;

    screen->kind->ops->search(screen, text);
}

static void on_page_search(void *arg, const char *text, int64_t id)
{
    (void)id;
    on_page_search_typed(arg, text);
}

/* A screen that is no list narrows, or scrolls, to what is typed. */
static void begin_page_search(struct console *console)
{
    const struct modal_calls calls = {
        .changed = on_page_search_typed, .accepted = on_page_search, .arg = console->current};

    if (console->current->kind->ops->search)
        modal_prompt(&console->modal, "/", "", HISTORY_SEARCH, &calls);
    else
        message_show(&console->host, ROLE_WARNING, "there is nothing to search for here");
}

static void begin_search(struct console *console, const struct command *command, bool backward)
{
    struct view *view = console_view(console);
    struct modal_calls calls = {.changed = on_search_typed, .accepted = on_search, .cancelled = on_search_cancelled};

    if (!view) {
        begin_page_search(console);
        return;
    }
    search_begin(&view->search, backward);
    calls.arg = &view->search;
    if (command->argc > 0)
        search_accept(&view->search, command->argv[0]);
    else
        modal_prompt(&console->modal, backward ? "?" : "/", "", HISTORY_SEARCH, &calls);
}

void handle_search(struct console *console, const struct command *command)
{
    begin_search(console, command, false);
}

void handle_search_backward(struct console *console, const struct command *command)
{
    begin_search(console, command, true);
}

void handle_search_next(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    if (view)
        search_next(&view->search, false, command_amount(command, 1));
}

void handle_search_previous(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    if (view)
        search_next(&view->search, true, command_amount(command, 1));
}

/* ---- filters ---- */

static int check_filter(void *arg, const char *text, struct nb_error *err)
{
    struct view *view = arg;
    struct nb_filter *filter = NULL;
    int rc = nb_filter_parse(&filter, view->rows.kind->subject, text, err);

    nb_filter_free(&filter);
    return rc;
}

static void set_filter(struct view *view, const char *text)
{
    struct nb_error err;

    if (view_set_filter(view, text, &err) < 0)
        message_error(view->host, &err);
}

static void on_filter(void *arg, const char *text, int64_t id)
{
    (void)id;
    set_filter(arg, text);
}

void handle_filter(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    struct modal_calls calls = {.accepted = on_filter, .check = check_filter, .complete = complete_filter, .arg = view};
    char *text;

    if (command->argc > 0) {
        set_filter(view, command->argv[0]);
        return;
    }
    text = nb_asprintf("%s%s", view->rows.filter_text, view->rows.filter_text[0] ? " " : "");
    complete_prepare(console);
    modal_prompt(&console->modal, "filter: ", text, HISTORY_FILTER, &calls);
    free(text);
}

static void toggle(struct console *console, const char *term)
{
    struct view *view = console_view(console);
    struct nb_error err;
    char *text = NULL;

    if (nb_filter_toggle(&text, view->rows.kind->subject, view->rows.filter_text, term, &err) < 0) {
        message_error(&console->host, &err);
        return;
    }
    set_filter(view, text);
    free(text);
}

void handle_filter_toggle(struct console *console, const struct command *command)
{
    toggle(console, command->argv[0]);
}

/* The term that asks for an order, "" for the one that applies without. */
static char *sort_term(const struct view *view, const struct nb_order *order)
{
    bool needs_none = order == rows_default_order(&view->rows);

    return needs_none ? nb_strdup("") : nb_asprintf("sort:%s", order->name);
}

/* What is cleared is what hides rows: the order stays. */
void handle_filter_clear(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);
    char *text = sort_term(view, rows_order(&view->rows));

    (void)command;
    set_filter(view, text);
    free(text);
}

/* ---- order ---- */

static void sort_by(struct console *console, const struct nb_order *order)
{
    struct view *view = console_view(console);
    const struct nb_order *former = rows_order(&view->rows);
    char *said = nb_asprintf("sort:%s", former->name), *wanted = sort_term(view, order);

    if (order == former)
        message_show(&console->host, ROLE_MESSAGE, "sorted by %s already", order->title);
    else if (wanted[0] != '\0')
        toggle(console, wanted); /* takes the place of the former one */
    else
        toggle(console, said);
    free(said);
    free(wanted);
}

static void on_order(void *arg, const char *text, int64_t id)
{
    struct console *console = arg;

    (void)text;
    sort_by(console, &console_view(console)->rows.info->orders[id]);
}

void handle_sort(struct console *console, const struct command *command)
{
    const struct view *view = console_view(console);
    const struct nb_order *orders = view->rows.info->orders;
    struct modal_calls calls = {.accepted = on_order, .arg = console};
    struct picker *picker;

    if (command->argc > 0) {
        sort_by(console, nb_order_find(view->rows.kind->subject, command->argv[0]));
        return;
    }
    picker = picker_new("sort by");
    for (int64_t i = 0; orders[i].name; i++) {
        struct picker_item item = {
            .label = orders[i].title, .note = &orders[i] == rows_order(&view->rows) ? "as it is now" : NULL, .id = i};

        picker_add(picker, &item);
    }
    modal_picker(&console->modal, picker, &calls);
}

void handle_toggle_severity(struct console *console, const struct command *command)
{
    static const char *const by_number[] = {"severity:low", "severity:medium", "severity:high", "severity:critical"};
    const char *word = command->argv[0];
    char *term;

    if (word[0] >= '1' && word[0] <= '4' && word[1] == '\0') {
        toggle(console, by_number[word[0] - '1']);
        return;
    }
    term = nb_asprintf("severity:%s", word);
    toggle(console, term);
    free(term);
}

void handle_toggle_unread(struct console *console, const struct command *command)
{
    (void)command;
    toggle(console, "is:unread");
}

void handle_toggle_open(struct console *console, const struct command *command)
{
    (void)command;
    toggle(console, "is:open");
}

void handle_freeze(struct console *console, const struct command *command)
{
    struct view *view = console_view(console);

    (void)command;
    list_window_freeze(&view->rows.window, !view->rows.window.frozen);
    if (!view->rows.window.frozen)
        counter_stop(&view->counts.arrived);
}
