/*
 * painter.c - compares two screens and writes the differences, in as few bytes as possible.
 */
#include "config.h"

#include "tui/term/painter.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "tui/term/sgr.h"

/* up to so many unchanged cells are written again instead of moving the cursor past them */
#define REWRITE_MAX 4
/* from so many blanks on, erasing takes fewer bytes than writing them */
#define ERASE_MIN 12

void painter_init(struct painter *painter, const struct painter_terminal *terminal, bool ascii)
{
    *painter = (struct painter){.terminal = *terminal, .blank = true, .cursor_shown = true};
    nb_strbuf_init(&painter->out, SIZE_MAX / 2);
    grid_init(&painter->shown, 0, 0, ascii);
}

void painter_clear(struct painter *painter)
{
    nb_strbuf_clear(&painter->out);
    grid_clear(&painter->shown);
}

void painter_resize(struct painter *painter, int columns, int rows)
{
    grid_resize(&painter->shown, columns, rows);
    painter->blank = true;
}

void painter_forget(struct painter *painter)
{
    painter->blank = true;
    painter->theme = NULL;
}

/* ---- style and position ---- */

static const struct style *style_of(struct painter *painter, struct look look)
{
    unsigned states = look.states & (STATE_LIMIT - 1);

    if (!painter->looks[look.role][states].known) {
        painter->looks[look.role][states].known = true;
        painter->looks[look.role][states].style =
            style_reduce(theme_style(painter->theme, look), painter->terminal.colors, theme_is_light(painter->theme));
    }
    return &painter->looks[look.role][states].style;
}

static void set_style(struct painter *painter, const struct style *style)
{
    if (painter->styled && memcmp(&painter->style, style, sizeof(*style)) == 0)
        return;
    if (painter->terminal.ecma)
        sgr_change(&painter->out, painter->styled && painter->terminal.partial_off ? &painter->style : NULL, style);
    else
        painter->terminal.set_style(&painter->out, style, painter->terminal.colors);
    painter->style = *style;
    painter->styled = true;
}

/* The shortest relative move within the row, or to the start of a row soon after it; "" where only an absolute move
 * works. */
static void short_move(const struct painter *painter, char text[32], int x, int y)
{
    int right = x - painter->x, down = y - painter->y;

    text[0] = '\0';
    if (painter->x < 0)
        return;
    if (x == 0 && down >= 0 && down <= 3)
        snprintf(text, 32, "\r%.*s", down, "\n\n\n");
    else if (down == 0 && right < 0 && right >= -3)
        snprintf(text, 32, "%.*s", -right, "\b\b\b");
    else if (down == 0 && right == 1)
        snprintf(text, 32, "\033[C");
    else if (down == 0 && right > 0)
        snprintf(text, 32, "\033[%dC", right);
    else if (down > 0 && down <= 2)
        snprintf(text, 32, "\r%.*s\033[%dC", down, "\n\n", x);
}

static void move_to(struct painter *painter, int x, int y)
{
    char near[32], far[32];

    if (painter->x == x && painter->y == y)
        return;
    if (!painter->terminal.ecma) {
        painter->terminal.move(&painter->out, x, y);
    } else {
        short_move(painter, near, x, y);
        if (x > 0)
            snprintf(far, sizeof(far), "\033[%d;%dH", y + 1, x + 1);
        else
            snprintf(far, sizeof(far), "\033[%dH", y + 1);
        nb_strbuf_append(&painter->out, near[0] && strlen(near) <= strlen(far) ? near : far);
    }
    painter->x = x;
    painter->y = y;
}

/* ---- cells ---- */

/* Reduces a cluster to what every terminal shows in the same number of columns: its first character with its marks,
 * without what follows a joiner. Returns its columns; *whole tells whether nothing was left out. */
static int plain_cluster(char out[CELL_TEXT_SIZE], const char *text, bool *whole)
{
    mbstate_t state = {0};
    size_t used = 0;
    int columns = -1;

    *whole = true;
    while (*text) {
        wchar_t character = 0;
        size_t length = mbrtowc(&character, text, strlen(text), &state);

        if (length == (size_t)-1 || length == (size_t)-2 || length == 0)
            break;
        if (columns < 0)
            columns = wcwidth(character);
        else if (wcwidth(character) != 0 || character == 0x200D)
            break;
        if (columns < 1)
            break;
        if (character == 0xFE0F || character == 0xFE0E) {
            *whole = false;
        } else {
            memcpy(out + used, text, length);
            used += length;
        }
        text += length;
    }
    *whole = *whole && *text == '\0';
    out[used] = '\0';
    return used > 0 ? columns : -1;
}

/* A flag is two regional letters, one column each; a terminal without flags shows the letters. */
static bool is_flag(const char *text)
{
    return strlen(text) == 8 && memcmp(text, "\xF0\x9F\x87", 3) == 0 && memcmp(text + 4, "\xF0\x9F\x87", 3) == 0;
}

/* Terminals disagree about the width of this cluster: blanks its columns first, and positions the cursor again
 * afterwards. */
static void draw_doubtful(struct painter *painter, const struct cell *cell, const char *cluster)
{
    int x = painter->x, y = painter->y;

    nb_strbuf_append(&painter->out, cell->width == 2 ? "  " : " ");
    painter->x = x + cell->width;
    move_to(painter, x, y);
    nb_strbuf_append(&painter->out, cluster);
    painter->x = -1;
}

static bool is_blank(const struct cell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0';
}

/* A blank shows only background, lines and reverse: the colour of its text does not matter. */
static bool same_blank(const struct style *a, const struct style *b)
{
    return (a->attributes & (STYLE_REVERSE | STYLE_UNDERLINE)) == 0 &&
           (b->attributes & (STYLE_REVERSE | STYLE_UNDERLINE)) == 0 &&
           memcmp(&a->background, &b->background, sizeof(a->background)) == 0;
}

static void set_cell_style(struct painter *painter, const struct cell *cell)
{
    const struct style *style = style_of(painter, cell->look);

    if (!is_blank(cell) || !painter->styled || !same_blank(style, &painter->style))
        set_style(painter, style);
}

static void draw_cell(struct painter *painter, const struct cell *cell, int x, int y)
{
    char cluster[CELL_TEXT_SIZE];
    bool whole = true;
    int columns;

    move_to(painter, x, y);
    set_cell_style(painter, cell);
    if ((unsigned char)cell->text[0] < 0x80 && cell->text[1] == '\0') {
        nb_strbuf_append_char(&painter->out, cell->text[0]);
        painter->x++;
    } else if (is_flag(cell->text)) {
        draw_doubtful(painter, cell, cell->text);
    } else {
        columns = plain_cluster(cluster, cell->text, &whole);
        if (columns < 0 || columns > cell->width)
            draw_doubtful(painter, cell, "?");
        else if (columns < cell->width || !whole)
            draw_doubtful(painter, cell, cluster);
        else
            nb_strbuf_append(&painter->out, cluster);
        painter->x += painter->x < 0 ? 0 : columns;
    }
    if (x + cell->width >= painter->shown.columns)
        painter->x = -1; /* terminals differ in where the cursor is after the last column */
}

/* Whether two cells look the same on the screen, whatever their roles. A cell of zeros is unknown, and equals no
 * other. */
static bool cell_equal(struct painter *painter, const struct cell *a, const struct cell *b)
{
    const struct style *first, *second;

    if (memcmp(a, b, sizeof(*a)) == 0)
        return true;
    if (a->width != b->width || memcmp(a->text, b->text, sizeof(a->text)) != 0)
        return false;
    first = style_of(painter, a->look);
    second = style_of(painter, b->look);
    return memcmp(first, second, sizeof(*first)) == 0 || (is_blank(a) && same_blank(first, second));
}

/* Whether erasing leaves exactly what this cell should show. */
static bool is_erasable(struct painter *painter, const struct cell *cell)
{
    const struct style *style;

    if (!is_blank(cell))
        return false;
    style = style_of(painter, cell->look);
    return (style->attributes & (STYLE_REVERSE | STYLE_UNDERLINE)) == 0 &&
           (style->background.kind == COLOR_KIND_DEFAULT || painter->terminal.back_color_erase);
}

/* The number of cells from here on that are the same blank. */
static int blank_run(struct painter *painter, const struct cell *row, int x)
{
    int end = x;

    if (!painter->terminal.ecma || !is_erasable(painter, &row[x]))
        return 0;
    while (end < painter->shown.columns && cell_equal(painter, &row[end], &row[x]))
        end++;
    return end - x;
}

/* Erases a run of blanks where that takes fewer bytes than writing them; false where it does not. */
static bool erase_run(struct painter *painter, const struct cell *row, int x, int y, int run)
{
    bool to_end = x + run == painter->shown.columns;

    if (run < (to_end ? REWRITE_MAX : ERASE_MIN) ||
        !(to_end ? painter->terminal.erase_line : painter->terminal.erase_characters))
        return false;
    move_to(painter, x, y);
    set_cell_style(painter, &row[x]);
    if (to_end)
        nb_strbuf_append(&painter->out, "\033[K");
    else
        nb_strbuf_appendf(&painter->out, "\033[%dX", run);
    return true;
}

/* Whether the few unchanged cells from x on take fewer bytes to rewrite than to move past. */
static bool worth_rewriting(struct painter *painter, const struct cell *row, const struct cell *shown, int x, int y)
{
    if (painter->y != y || painter->x != x || !painter->styled)
        return false;
    for (int i = x; i < painter->shown.columns && i - x <= REWRITE_MAX; i++) {
        const struct style *style = style_of(painter, row[i].look);

        if (!cell_equal(painter, &row[i], &shown[i]))
            return true;
        if (row[i].text[1] != '\0' || row[i].width != 1)
            return false;
        if (memcmp(style, &painter->style, sizeof(*style)) != 0 &&
            !(is_blank(&row[i]) && same_blank(style, &painter->style)))
            return false;
    }
    return false;
}

static void draw_row(struct painter *painter, const struct cell *row, const struct cell *shown, int y)
{
    int x = 0;

    while (x < painter->shown.columns) {
        int run;

        if (cell_equal(painter, &row[x], &shown[x]) && !worth_rewriting(painter, row, shown, x, y)) {
            x++;
            continue;
        }
        if (row[x].width == 0) { /* the right half was restyled: draws the whole character */
            draw_cell(painter, &row[x - 1], x - 1, y);
            x++;
            continue;
        }
        run = blank_run(painter, row, x);
        if (run > 0 && erase_run(painter, row, x, y, run)) {
            x += run;
            continue;
        }
        if (!(painter->terminal.spoils_corner && y == painter->shown.rows - 1 &&
              x + row[x].width >= painter->shown.columns))
            draw_cell(painter, &row[x], x, y);
        x += row[x].width;
    }
}

static void begin_whole(struct painter *painter)
{
    static const struct style plain = {{.kind = COLOR_KIND_DEFAULT}, {.kind = COLOR_KIND_DEFAULT}, 0};

    painter->styled = false;
    set_style(painter, &plain);
    nb_strbuf_append(&painter->out, painter->terminal.clear);
    grid_erase(&painter->shown);
    painter->x = -1;
    painter->blank = false;
}

/* Whether the theme leaves a blank's background to the terminal. Only then are cleared cells known to be right. */
static bool text_is_plain(struct painter *painter)
{
    const struct style *style = style_of(painter, LOOK(ROLE_TEXT, 0));

    return style->background.kind == COLOR_KIND_DEFAULT && style->attributes == 0;
}

static void use_theme(struct painter *painter, const struct theme *theme)
{
    if (theme == painter->theme)
        return;
    memset(painter->looks, 0, sizeof(painter->looks));
    painter->theme = theme;
    painter->blank = true;
}

const struct nb_strbuf *painter_frame(struct painter *painter, const struct grid *grid, const struct theme *theme)
{
    size_t size = (size_t)grid->columns * sizeof(*grid->cells);

    nb_strbuf_reset(&painter->out);
    use_theme(painter, theme);
    if (painter->blank) {
        begin_whole(painter);
        painter->cursor_shown = !grid->cursor_shown;
        if (!text_is_plain(painter))
            memset(painter->shown.cells, 0, size * (size_t)grid->rows);
    }
    for (int y = 0; y < grid->rows; y++) {
        const struct cell *row = &grid->cells[(size_t)y * (size_t)grid->columns];
        struct cell *shown = grid_at(&painter->shown, 0, y);

        if (shown && memcmp(row, shown, size) != 0) {
            draw_row(painter, row, shown, y);
            memcpy(shown, row, size);
        }
    }
    if (grid->cursor_shown)
        move_to(painter, grid->cursor_x, grid->cursor_y);
    if (grid->cursor_shown != painter->cursor_shown)
        nb_strbuf_append(&painter->out,
                         grid->cursor_shown ? painter->terminal.show_cursor : painter->terminal.hide_cursor);
    painter->cursor_shown = grid->cursor_shown;
    return &painter->out;
}
