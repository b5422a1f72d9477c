/*
 * detail.c - fetches the full row and its history when the cursor rests, builds its text, scrolls it.
 */
#include "tui/view/detail.h"

#include <stdlib.h>

#include "base/clock.h"
#include "events/events.h"
#include "tui/console/console_state.h"

#define REST_MS 40

static void drop_content(struct detail *detail)
{
    if (detail->row_request)
        nb_request_abandon(&detail->row_request);
    if (detail->history_request)
        nb_request_abandon(&detail->history_request);
    nb_page_free(&detail->page);
    nb_arena_free(&detail->history_arena);
    detail->history = NULL;
    detail->history_count = 0;
}

static void changed(struct view *view)
{
    view->detail.text_stale = true;
    host_dirty(&view->console->host);
}

static void on_row(void *arg, struct nb_page *page, const struct nb_error *err)
{
    struct view *view = arg;

    view->detail.row_request = NULL;
    if (err)
        return; /* what the list knows stays; the next bell asks again */
    nb_page_free(&view->detail.page);
    view->detail.page = page;
    changed(view);
}

static void on_history(void *arg, const struct nb_event_action *actions, size_t count, const struct nb_error *err)
{
    struct view *view = arg;
    struct detail *detail = &view->detail;

    detail->history_request = NULL;
    if (err)
        return;
    nb_arena_free(&detail->history_arena);
    detail->history_arena = nb_arena_new();
    detail->history = nb_arena_alloc(detail->history_arena, (count + 1) * sizeof(*detail->history));
    for (size_t i = 0; i < count; i++) {
        detail->history[i].at = actions[i].at;
        detail->history[i].actor_name = nb_arena_strdup(detail->history_arena, actions[i].actor_name);
        detail->history[i].action = nb_arena_strdup(detail->history_arena, actions[i].action);
        detail->history[i].note = nb_arena_strdup(detail->history_arena, actions[i].note);
    }
    detail->history_count = count;
    changed(view);
}

static void on_rest(void *arg)
{
    struct view *view = arg;
    struct detail *detail = &view->detail;
    struct nb_connection *connection = view->console->host.connection;

    if (detail->text_stale)
        host_dirty(&view->console->host);
    if (!detail->has_key || !link_is_ready(&view->console->host) || view->console->layout.detail.height == 0)
        return;
    detail->due = false;
    if (detail->row_request)
        nb_request_abandon(&detail->row_request);
    detail->row_request =
        nb_page_fetch_keys(connection, view->kind->subject, &detail->key, 1, NB_PRIORITY_PAGE, on_row, view);
    if (!view->kind->has_history)
        return;
    if (detail->history_request)
        nb_request_abandon(&detail->history_request);
    detail->history_request = nb_event_history(connection, &detail->key, on_history, view);
}

void detail_init(struct view *view)
{
    view->detail = (struct detail){.text_stale = true};
    view->detail.timer = nb_loop_add_timer(view->console->host.loop, on_rest, view);
}

void detail_clear(struct view *view)
{
    drop_content(&view->detail);
    detail_text_clear(&view->detail.text);
    nb_timer_remove(&view->detail.timer);
}

void detail_follow(struct view *view)
{
    struct detail *detail = &view->detail;
    const struct nb_row *row = list_window_current(&view->window);

    detail->text_stale = true;
    if (!row) {
        drop_content(detail);
        detail->has_key = false;
        return;
    }
    if (!detail->has_key || nb_key_compare(&row->key, &detail->key) != 0) {
        drop_content(detail);
        detail->key = row->key;
        detail->has_key = true;
        detail->scroll = 0;
        detail->due = true;
        nb_timer_stop(detail->timer);
    }
    if (!detail->row_request && detail->page &&
        (detail->page->count != 1 || !view->kind->same(row, detail->page->rows[0])))
        detail->due = true; /* the list knows it otherwise */
    if (detail->due && !nb_timer_active(detail->timer))
        nb_timer_start(detail->timer, REST_MS);
}

const struct nb_row *detail_row(struct view *view, union any_row *scratch)
{
    struct detail *detail = &view->detail;
    const struct nb_row *current = view_current(view, scratch);
    bool pending;

    /* Keys may come faster than the detail follows the cursor: what it still shows is another row then. */
    if (detail->has_key && detail->page && detail->page->count == 1 &&
        nb_key_compare(&detail->page->rows[0]->key, &detail->key) == 0 &&
        (!current || nb_key_compare(&current->key, &detail->key) == 0))
        return view_row(view, detail->page->rows[0], scratch, &pending);
    return current;
}

/* What each entry of the history is called when it has happened. */
static const struct {
    const char *action, *past;
} pasts[] = {
    {"raise", "raised"},    {"raise_again", "raised again"}, {"acknowledge", "acknowledged"}, {"resolve", "resolved"},
    {"reopen", "reopened"}, {"assign", "assigned"},          {"snooze", "snoozed"},           {"note", "noted"},
    {"undo", "undid"},
};

static const char *past_of(const char *action)
{
    for (size_t i = 0; i < NB_ARRAY_SIZE(pasts); i++)
        if (strcmp(pasts[i].action, action) == 0)
            return pasts[i].past;
    return action;
}

static void add_history(struct detail_text *text, const struct detail *detail, int64_t now)
{
    char when[NB_TIME_TEXT_SIZE];

    if (detail->history_count == 0)
        return;
    detail_text_blank(text);
    detail_text_paragraph(text, LOOK(ROLE_DETAIL_LABEL, 0), "history", 0);
    for (size_t i = 0; i < detail->history_count; i++) {
        const struct nb_event_action *action = &detail->history[i];
        char *line = nb_asprintf("%s %s %s%s%s", nb_time_format_short(action->at, now, when),
                                 action->actor_name ? action->actor_name : "system", past_of(action->action),
                                 action->note ? ": " : "", action->note ? action->note : "");

        detail_text_paragraph(text, LOOK(ROLE_DETAIL_HISTORY, 0), line, 1);
        free(line);
    }
}

static void build(struct view *view, int width, bool ascii)
{
    struct detail *detail = &view->detail;
    struct row_context context = view_row_context(view);
    union any_row scratch;
    const struct nb_row *row = detail_row(view, &scratch);
    const char *document;

    detail_text_clear(&detail->text);
    detail_text_init(&detail->text, width, ascii);
    detail->text_stale = false;
    if (!row)
        return;
    view->kind->detail(&detail->text, row, &context);
    add_history(&detail->text, detail, context.now);
    document = view->kind->document(row);
    if (document) {
        detail_text_blank(&detail->text);
        detail_text_json(&detail->text, document);
    }
}

void detail_scroll(struct view *view, long lines)
{
    struct detail *detail = &view->detail;
    long scroll = (long)detail->scroll + lines;

    detail->scroll = scroll > 0 ? (size_t)scroll : 0; /* clamped at the other end when drawn */
    host_dirty(&view->console->host);
}

void detail_draw(struct view *view, struct grid *grid, struct rect rect)
{
    struct detail *detail = &view->detail;
    size_t rows = rect.height > 0 ? (size_t)rect.height : 0;
    /* While the cursor runs, the last text stays: a pane that nobody can read costs more bytes than the list. */
    bool running = nb_timer_active(detail->timer) && detail->text.lines.count > 0 && detail->has_key;
    size_t most;

    if (rows == 0 || rect.width < 8)
        return;
    detail->height = rect.height;
    if (detail->due && !nb_timer_active(detail->timer))
        nb_timer_start(detail->timer, REST_MS);
    if ((detail->text_stale && !running) || detail->text.width != rect.width - 1)
        build(view, rect.width - 1, grid->ascii);
    if (!detail->has_key) {
        grid_text(grid, rect.x, rect.y, rect.width, LOOK(ROLE_EMPTY, 0), "nothing selected");
        return;
    }
    most = detail->text.lines.count > rows ? detail->text.lines.count - rows : 0;
    if (detail->scroll > most)
        detail->scroll = most;
    detail_text_draw(&detail->text, grid, rect, detail->scroll);
    /* the last column says that there is more */
    if (detail->scroll > 0)
        grid_text(grid, rect.x + rect.width - 1, rect.y, 1, LOOK(ROLE_BORDER, 0),
                  glyph_text(GLYPH_UP_ARROW, grid->ascii));
    if (detail->scroll < most)
        grid_text(grid, rect.x + rect.width - 1, rect.y + rect.height - 1, 1, LOOK(ROLE_BORDER, 0),
                  glyph_text(GLYPH_DOWN_ARROW, grid->ascii));
}
