/*
 * cell.c - the grid of cells: draws sanitised text into it, clips, adds states and highlights.
 */
#include "config.h"

#include "tui/draw/cell.h"

#include <string.h>
#include <utf8proc.h>

#include "base/text.h"
#include "tui/draw/glyph.h"

/* Bytes of text to look at for one column: enough for any real cluster, and a bound for others. */
#define BYTES_A_COLUMN 64

void grid_init(struct grid *grid, int columns, int rows, bool ascii)
{
    *grid = (struct grid){.ascii = ascii};
    nb_strbuf_init(&grid->scratch, SIZE_MAX / 2);
    grid_resize(grid, columns, rows);
}

void grid_clear(struct grid *grid)
{
    nb_strbuf_clear(&grid->scratch);
    nb_free(&grid->cells);
    grid->columns = grid->rows = 0;
    grid->clip = (struct rect){0, 0, 0, 0};
}

void grid_resize(struct grid *grid, int columns, int rows)
{
    grid->columns = columns > 0 ? columns : 0;
    grid->rows = rows > 0 ? rows : 0;
    nb_free(&grid->cells);
    grid->cells = nb_calloc((size_t)grid->columns * (size_t)grid->rows + 1, sizeof(*grid->cells));
    grid_erase(grid);
}

static void cell_set(struct cell *cell, const char *text, size_t length, int width, struct look look)
{
    memset(cell, 0, sizeof(*cell)); /* clears the padding too: cells are compared as bytes */
    if (length >= CELL_TEXT_SIZE) {
        length = CELL_TEXT_SIZE - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    }
    memcpy(cell->text, text, length);
    cell->width = (uint8_t)width;
    cell->look = look;
}

static void cell_blank(struct cell *cell, struct look look)
{
    cell_set(cell, " ", 1, 1, look);
}

void grid_erase(struct grid *grid)
{
    size_t count = (size_t)grid->columns * (size_t)grid->rows;

    for (size_t i = 0; i < count; i++)
        cell_blank(&grid->cells[i], LOOK(ROLE_TEXT, 0));
    grid->clip = (struct rect){0, 0, grid->columns, grid->rows};
    grid->cursor_shown = false;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static struct rect rect_intersect(struct rect a, struct rect b)
{
    int left = larger(a.x, b.x), top = larger(a.y, b.y);
    int right = smaller(a.x + a.width, b.x + b.width), bottom = smaller(a.y + a.height, b.y + b.height);

    return (struct rect){left, top, larger(right - left, 0), larger(bottom - top, 0)};
}

struct rect grid_clip(struct grid *grid, struct rect rect)
{
    struct rect former = grid->clip;

    grid->clip = rect_intersect(grid->clip, rect);
    return former;
}

void grid_set_clip(struct grid *grid, struct rect former)
{
    grid->clip = former;
}

void grid_set_cursor(struct grid *grid, int x, int y)
{
    grid->cursor_shown = x >= 0 && y >= 0 && x < grid->columns && y < grid->rows;
    grid->cursor_x = x;
    grid->cursor_y = y;
}

void grid_hide_cursor(struct grid *grid)
{
    grid->cursor_shown = false;
}

struct cell *grid_at(struct grid *grid, int x, int y)
{
    if (x < 0 || y < 0 || x >= grid->columns || y >= grid->rows)
        return NULL;
    return &grid->cells[(size_t)y * (size_t)grid->columns + (size_t)x];
}

/* Blanks the other half of a wide character when one half is about to be overwritten. */
static void grid_free_column(struct grid *grid, int x, int y)
{
    struct cell *cell = grid_at(grid, x, y);

    if (cell->width == 0 && x > 0)
        cell_blank(cell - 1, cell[-1].look);
    if (cell->width == 2 && x + 1 < grid->columns)
        cell_blank(cell + 1, cell->look);
}

static bool grid_inside(const struct grid *grid, int x)
{
    return x >= grid->clip.x && x < grid->clip.x + grid->clip.width;
}

/* Puts one cluster at (x, y), a row inside the clip. A wide one that does not fit is drawn as blanks. */
static void grid_put(struct grid *grid, int x, int y, const char *cluster, size_t length, int width, struct look look)
{
    if (width == 2 && grid_inside(grid, x) && grid_inside(grid, x + 1) && !grid->ascii) {
        grid_free_column(grid, x, y);
        grid_free_column(grid, x + 1, y);
        cell_set(grid_at(grid, x, y), cluster, length, 2, look);
        cell_set(grid_at(grid, x + 1, y), "", 0, 0, look);
        return;
    }
    for (int i = 0; i < width; i++) {
        if (!grid_inside(grid, x + i))
            continue;
        grid_free_column(grid, x + i, y);
        if (grid->ascii && (unsigned char)cluster[0] >= 0x80)
            cell_set(grid_at(grid, x + i, y), "?", 1, 1, look);
        else if (width == 2)
            cell_blank(grid_at(grid, x + i, y), look);
        else
            cell_set(grid_at(grid, x + i, y), cluster, grid->ascii ? 1 : length, 1, look);
    }
}

static bool grid_row_shown(const struct grid *grid, int y)
{
    return y >= grid->clip.y && y < grid->clip.y + grid->clip.height;
}

void grid_fill(struct grid *grid, struct rect rect, const char *cluster, struct look look)
{
    struct rect shown = rect_intersect(grid->clip, rect);
    int width = 1;
    size_t length = nb_text_grapheme(cluster, &width);

    for (int y = shown.y; y < shown.y + shown.height; y++)
        for (int x = shown.x; x < shown.x + shown.width; x++)
            grid_put(grid, x, y, cluster, length, 1, look);
}

/* Sanitises as much of text as `columns` can show, into the scratch buffer. */
static const char *grid_clean(struct grid *grid, const char *text, int columns)
{
    size_t limit = ((size_t)larger(columns, 0) + 1) * BYTES_A_COLUMN;
    size_t length = strnlen(text, limit);

    if (length == limit)
        while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
            length--;
    nb_strbuf_reset(&grid->scratch);
    nb_text_sanitize(&grid->scratch, text, length, NB_TEXT_LINE, grid->ascii);
    return grid->scratch.data;
}

/* Draws sanitised text up to `end`; returns the columns used. */
static int grid_draw(struct grid *grid, int x, int y, struct look look, const char *text, const char *end)
{
    int column = x;

    while (text < end) {
        int width = 0;
        size_t length = nb_text_grapheme(text, &width);

        if (length == 0)
            break;
        grid_put(grid, column, y, text, length, width, look);
        column += width;
        text += length;
    }
    return column - x;
}

/* Draws sanitised text cut to `columns`. cut: more text follows that is not drawn, so … is needed. */
static int grid_draw_cut(struct grid *grid, int x, int y, int columns, struct look look, const char *text, bool more)
{
    const char *dots = glyph_text(GLYPH_ELLIPSIS, grid->ascii);
    int used = 0;
    size_t bytes = nb_text_fit(text, columns, &used);

    if (text[bytes] == '\0' && !(more && used >= columns))
        return grid_row_shown(grid, y) ? grid_draw(grid, x, y, look, text, text + bytes) : used;
    bytes = nb_text_fit(text, columns - 1, &used);
    if (!grid_row_shown(grid, y))
        return used + 1;
    used = grid_draw(grid, x, y, look, text, text + bytes);
    grid_put(grid, x + used, y, dots, strlen(dots), 1, look);
    return used + 1;
}

int grid_text(struct grid *grid, int x, int y, int columns, struct look look, const char *text)
{
    if (columns <= 0 || !text)
        return 0;
    return grid_draw_cut(grid, x, y, columns, look, grid_clean(grid, text, columns), false);
}

int grid_textf(struct grid *grid, int x, int y, int columns, struct look look, const char *format, ...)
{
    va_list args;
    char *text;
    int used;

    va_start(args, format);
    text = nb_vasprintf(format, args);
    va_end(args);
    used = grid_text(grid, x, y, columns, look, text);
    nb_free(&text);
    return used;
}

int grid_text_right(struct grid *grid, int x, int y, int columns, struct look look, const char *text)
{
    int used = 0;
    const char *clean;

    if (columns <= 0 || !text)
        return 0;
    clean = grid_clean(grid, text, columns);
    if (clean[nb_text_fit(clean, columns, &used)] != '\0')
        used = columns;
    return grid_draw_cut(grid, x + columns - used, y, used, look, clean, false);
}

void grid_notice(struct grid *grid, struct rect rect, int line, struct look look, const char *text)
{
    int y = rect.y + rect.height / 3 + line;
    int width = nb_text_width(text);
    int x = rect.width > width ? rect.x + (rect.width - width) / 2 : rect.x + 1;

    if (y < rect.y + rect.height)
        grid_text(grid, x, y, rect.x + rect.width - x, look, text);
}

int grid_spans(struct grid *grid, int x, int y, int columns, const struct span *spans, size_t count)
{
    int total = 0, drawn = 0;

    for (size_t i = 0; i < count && total <= columns; i++)
        total += nb_text_width(grid_clean(grid, spans[i].text, columns));
    for (size_t i = 0; i < count && drawn < columns; i++) {
        const char *clean = grid_clean(grid, spans[i].text, columns);
        int width = nb_text_width(clean);
        bool last = total > columns && (drawn + width >= columns);

        drawn += grid_draw_cut(grid, x + drawn, y, columns - drawn, spans[i].look, clean, last);
    }
    return drawn;
}

void grid_add_states(struct grid *grid, struct rect rect, uint8_t states)
{
    struct rect shown = rect_intersect(grid->clip, rect);

    for (int y = shown.y; y < shown.y + shown.height; y++)
        for (int x = shown.x; x < shown.x + shown.width; x++)
            grid_at(grid, x, y)->look.states |= states;
}

/* Appends text with each code point in lower case. */
static void append_folded(struct nb_strbuf *out, const char *text)
{
    utf8proc_uint8_t encoded[4];

    while (*text) {
        utf8proc_int32_t code = 0;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text, -1, &code);

        if (length <= 0 || code < 0) {
            nb_strbuf_append_char(out, *text++);
            continue;
        }
        nb_strbuf_append_n(out, (const char *)encoded, (size_t)utf8proc_encode_char(utf8proc_tolower(code), encoded));
        text += length;
    }
}

static void highlight_row(struct grid *grid, struct rect rect, int y, const char *word, enum role role)
{
    struct nb_strbuf row;
    size_t *starts = nb_calloc((size_t)rect.width + 1, sizeof(*starts));
    size_t length = strlen(word);

    nb_strbuf_init(&row, SIZE_MAX / 2);
    for (int i = 0; i < rect.width; i++) {
        starts[i] = row.length;
        append_folded(&row, grid_at(grid, rect.x + i, y)->text);
    }
    starts[rect.width] = row.length;
    for (const char *hit = strstr(row.data, word); hit; hit = strstr(hit + length, word)) {
        size_t from = (size_t)(hit - row.data);

        for (int i = 0; i < rect.width; i++) {
            struct cell *cell = grid_at(grid, rect.x + i, y);

            if (cell->width == 0 && i > 0)
                cell->look.role = cell[-1].look.role;
            else if (starts[i] >= from && starts[i] < from + length)
                cell->look.role = (uint8_t)role;
        }
    }
    nb_strbuf_clear(&row);
    nb_free(&starts);
}

void grid_highlight(struct grid *grid, struct rect rect, const char *word, enum role role)
{
    struct rect shown = rect_intersect(grid->clip, rect);
    struct nb_strbuf folded;

    nb_strbuf_init(&folded, SIZE_MAX / 2);
    append_folded(&folded, word);
    if (folded.length > 0 && shown.width > 0)
        for (int y = shown.y; y < shown.y + shown.height; y++)
            highlight_row(grid, shown, y, folded.data, role);
    nb_strbuf_clear(&folded);
}
