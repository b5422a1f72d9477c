/*
 * table.c - reads the rows of a table, keeps the cursor on its row, and answers keys, wheel and doorbells.
 */
#include "config.h"

#include "tui/view/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tui/host/link.h"

#define AGAIN_MS       1000 /* a burst of doorbells costs one look */
#define ROW_TEXT_LIMIT 8192

struct table *table_of(const struct screen *screen)
{
    return screen && screen->kind->table ? NB_CONTAINER_OF((struct screen *)screen, struct table, screen) : NULL;
}

struct row_context table_context(const struct table *table)
{
    const struct host *host = table->screen.host;

    return (struct row_context){.now = nb_now(), .ascii = host->ascii, .me = &host->identity.user_id};
}

const void *table_row(const struct table *table, size_t index)
{
    return index < table->shown.count ? table->rows + table->shown.data[index] * table->kind->row_size : NULL;
}

const void *table_current(const struct table *table)
{
    return table_row(table, table->cursor);
}

static char *key_of(const struct table *table, const void *row)
{
    struct nb_strbuf key;

    nb_strbuf_init(&key, ROW_TEXT_LIMIT);
    if (row)
        table->kind->key(&key, row);
    return nb_strbuf_take(&key);
}

/* ---- which rows are shown ---- */

static bool is_shown(const struct table *table, const void *row)
{
    struct nb_strbuf text;
    bool found;

    if (!table->narrowed)
        return true;
    nb_strbuf_init(&text, ROW_TEXT_LIMIT);
    table_row_text(table, row, &text);
    found = strcasestr(text.data, table->narrowed) != NULL;
    nb_strbuf_clear(&text);
    return found;
}

/* The cursor goes to the row of that key, or stays where it is. */
static void show_rows(struct table *table, const char *key)
{
    table->shown.count = 0;
    for (size_t i = 0; i < table->count; i++) {
        const char *row = table->rows + i * table->kind->row_size;
        char *its = NULL;

        if (!is_shown(table, row))
            continue;
        its = key_of(table, row);
        if (strcmp(its, key) == 0)
            table->cursor = table->shown.count;
        free(its);
        nb_vec_push(&table->shown, i);
    }
    if (table->cursor >= table->shown.count)
        table->cursor = table->shown.count > 0 ? table->shown.count - 1 : 0;
    host_dirty(table->screen.host);
}

/* ---- reading ---- */

static void ask(struct table *table)
{
    struct host *host = table->screen.host;

    nb_timer_stop(table->timer);
    if (!link_is_ready(host) || !table->screen.shown || !screen_may_be_seen(&table->screen))
        return;
    if (table->request)
        nb_request_abandon(&table->request);
    table->request = table->kind->ask(table, host->connection, table->tenant);
}

static void on_timer(void *arg)
{
    ask(arg);
}

void table_again(struct table *table)
{
    if (table)
        ask(table);
}

void table_answer(struct table *table, struct nb_arena *arena_take, void *rows, size_t count,
                  const struct nb_error *err)
{
    char *key = key_of(table, table_current(table));

    table->request = NULL;
    table->answered = true;
    table->error = err ? *err : (struct nb_error){0};
    if (!err) {
        nb_arena_free(&table->arena);
        table->arena = arena_take;
        table->rows = rows;
        table->count = count;
        show_rows(table, key);
    }
    free(key);
    host_dirty(table->screen.host);
}

/* ---- as a screen ---- */

static struct screen *table_open(const struct screen_kind *kind, const struct screen_wish *wish)
{
    struct table *table = nb_calloc(1, sizeof(*table));

    table->screen = (struct screen){.kind = kind, .host = wish->host};
    table->kind = kind->table;
    table->tenant = nb_strdup(wish->tenant);
    table->timer = nb_loop_add_timer(wish->host->loop, on_timer, table);
    return &table->screen;
}

static void table_close(struct screen *screen)
{
    struct table *table = table_of(screen);

    if (table->request)
        nb_request_abandon(&table->request);
    nb_timer_remove(&table->timer);
    nb_arena_free(&table->arena);
    nb_vec_clear(&table->shown);
    detail_text_clear(&table->text);
    nb_free(&table->tenant);
    nb_free(&table->narrowed);
    free(table);
}

static void enter(struct screen *screen)
{
    ask(table_of(screen));
    host_dirty(screen->host);
}

static void narrow(struct screen *screen, const char *text)
{
    struct table *table = table_of(screen);
    char *key = key_of(table, table_current(table));

    nb_free(&table->narrowed);
    table->narrowed = text[0] != '\0' ? nb_strdup(text) : NULL;
    show_rows(table, key);
    free(key);
}

static void leave(struct screen *screen)
{
    struct table *table = table_of(screen);

    screen->detail_open = false;
    narrow(screen, "");
    table->cursor = table->top = table->scroll = 0;
}

static void bell(struct screen *screen, bool resync)
{
    struct table *table = table_of(screen);

    if (!screen->shown)
        return; /* it is read when it is entered */
    if (resync && !table->answered)
        ask(table);
    else if (!nb_timer_active(table->timer))
        nb_timer_start(table->timer, AGAIN_MS);
}

/* What the clock changes rings no doorbell. */
static void aged(struct screen *screen)
{
    if (screen->shown)
        ask(table_of(screen));
}

static void scroll(struct screen *screen, int lines)
{
    struct table *table = table_of(screen);

    if (screen->detail_open)
        table_scroll_detail(table, lines);
    else
        table_move(table, lines);
}

void table_move(struct table *table, long rows)
{
    long last = (long)table->shown.count - 1;
    long to = (long)table->cursor + rows;

    table->cursor = to < 0 || last < 0 ? 0 : to > last ? (size_t)last : (size_t)to;
    table->scroll = 0;
    host_dirty(table->screen.host);
}

void table_scroll_detail(struct table *table, long lines)
{
    long to = (long)table->scroll + lines;

    table->scroll = to > 0 ? (size_t)to : 0; /* clamped at the other end by the layout */
    host_dirty(table->screen.host);
}

/* ---- layout ---- */

static void lay_out_detail(struct table *table, struct rect rect)
{
    struct row_context context = table_context(table);
    const void *row = table_current(table);
    size_t rows = rect.height > 0 ? (size_t)rect.height : 0;

    table->pane = rect;
    detail_text_clear(&table->text);
    if (rect.height <= 0 || !row)
        return;
    detail_text_init(&table->text, rect.width - 1, context.ascii);
    table->kind->detail(&table->text, row, &context);
    if (table->scroll + rows > table->text.lines.count)
        table->scroll = table->text.lines.count > rows ? table->text.lines.count - rows : 0;
}

static void lay_out(struct screen *screen, const struct layout *layout)
{
    struct table *table = table_of(screen);
    size_t height = layout->list.height > 1 ? (size_t)layout->list.height - 1 : 1; /* one is for the titles */

    table->list = layout->list;
    if (table->cursor < table->top)
        table->top = table->cursor;
    if (table->cursor >= table->top + height)
        table->top = table->cursor - height + 1;
    if (table->shown.count <= height)
        table->top = 0;
    lay_out_detail(table, layout->detail);
}

static void draw(const struct screen *screen, struct grid *grid, const struct layout *layout)
{
    table_draw(table_of(screen), grid, layout);
}

static bool mouse(struct screen *screen, const struct input *input, const struct layout *layout)
{
    struct table *table = table_of(screen);
    bool in_detail = rect_has(layout->detail, input->x, input->y);
    bool on_row = rect_has(table->list, input->x, input->y) && input->y > table->list.y;
    size_t index = on_row ? table->top + (size_t)(input->y - table->list.y - 1) : SIZE_MAX;

    if (input->mouse == MOUSE_WHEEL_UP || input->mouse == MOUSE_WHEEL_DOWN) {
        int rows = input->mouse == MOUSE_WHEEL_UP ? -WHEEL_ROWS : WHEEL_ROWS;

        if (in_detail)
            table_scroll_detail(table, rows);
        else
            table_move(table, rows);
        return false;
    }
    if (index < table->shown.count) {
        table->cursor = index;
        table->scroll = 0;
    }
    host_dirty(screen->host);
    return in_detail || index < table->shown.count;
}

static void tell(const struct screen *screen, struct nb_strbuf *out)
{
    const struct table *table = table_of(screen);
    const char *noun = table->count == 1 ? table->kind->noun : table->kind->nouns;

    if (!table->answered)
        nb_strbuf_append(out, glyph_text(GLYPH_ELLIPSIS, screen->host->ascii));
    else if (table->error.code != NB_OK)
        nb_strbuf_append(out, "not up to date");
    else if (table->narrowed)
        nb_strbuf_appendf(out, "/%s  %zu of %zu %s", table->narrowed, table->shown.count, table->count, noun);
    else
        nb_strbuf_appendf(out, table->count >= TABLE_MOST ? "the first %zu %s" : "%zu %s", table->count, noun);
}

static bool is_settled(const struct screen *screen)
{
    return table_of(screen)->answered || !screen_may_be_seen(screen);
}

const struct screen_ops table_ops = {
    .open = table_open,
    .close = table_close,
    .enter = enter,
    .leave = leave,
    .bell = bell,
    .aged = aged,
    .layout = lay_out,
    .draw = draw,
    .mouse = mouse,
    .scroll = scroll,
    .search = narrow,
    .settled = is_settled,
    .tell = tell,
};
