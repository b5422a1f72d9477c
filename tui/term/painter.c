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

void paint_init(struct paint *paint, const struct paint_terminal *terminal, bool ascii)
{
    *paint = (struct paint){.terminal = *terminal, .blank = true, .cursor_shown = true};
    nb_strbuf_init(&paint->out, SIZE_MAX / 2);
    grid_init(&paint->shown, 0, 0, ascii);
}

void paint_clear(struct paint *paint)
{
    nb_strbuf_clear(&paint->out);
    grid_clear(&paint->shown);
}

void paint_resize(struct paint *paint, int columns, int rows)
{
    grid_resize(&paint->shown, columns, rows);
    paint->blank = true;
}

void paint_forget(struct paint *paint)
{
    paint->blank = true;
    paint->theme = NULL;
}

/* ---- style and position ---- */

static const struct style *style_of(struct paint *paint, struct look look)
{
    unsigned states = look.states & (STATE_LIMIT - 1);

    if (!paint->looks[look.role][states].known) {
        paint->looks[look.role][states].known = true;
        paint->looks[look.role][states].style =
            style_reduce(theme_style(paint->theme, look), paint->terminal.colors, theme_is_light(paint->theme));
    }
    return &paint->looks[look.role][states].style;
}

static void set_style(struct paint *paint, const struct style *style)
{
    if (paint->styled && memcmp(&paint->style, style, sizeof(*style)) == 0)
        return;
    if (paint->terminal.ecma)
        sgr_change(&paint->out, paint->styled && paint->terminal.partial_off ? &paint->style : NULL, style);
    else
        paint->terminal.set_style(&paint->out, style, paint->terminal.colors);
    paint->style = *style;
    paint->styled = true;
}

/* The shortest relative move within the row, or to the start of a row soon after it; "" where only an absolute move
 * works. */
static void short_move(const struct paint *paint, char text[32], int x, int y)
{
    int right = x - paint->x, down = y - paint->y;

    text[0] = '\0';
    if (paint->x < 0)
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

static void move_to(struct paint *paint, int x, int y)
{
    char near[32], far[32];

    if (paint->x == x && paint->y == y)
        return;
    if (!paint->terminal.ecma) {
        paint->terminal.move(&paint->out, x, y);
    } else {
        short_move(paint, near, x, y);
        if (x > 0)
            snprintf(far, sizeof(far), "\033[%d;%dH", y + 1, x + 1);
        else
            snprintf(far, sizeof(far), "\033[%dH", y + 1);
        nb_strbuf_append(&paint->out, near[0] && strlen(near) <= strlen(far) ? near : far);
    }
    paint->x = x;
    paint->y = y;
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
static void draw_doubtful(struct paint *paint, const struct cell *cell, const char *cluster)
{
    int x = paint->x, y = paint->y;

    nb_strbuf_append(&paint->out, cell->width == 2 ? "  " : " ");
    paint->x = x + cell->width;
    move_to(paint, x, y);
    nb_strbuf_append(&paint->out, cluster);
    paint->x = -1;
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

static void set_cell_style(struct paint *paint, const struct cell *cell)
{
    const struct style *style = style_of(paint, cell->look);

    if (!is_blank(cell) || !paint->styled || !same_blank(style, &paint->style))
        set_style(paint, style);
}

static void draw_cell(struct paint *paint, const struct cell *cell, int x, int y)
{
    char cluster[CELL_TEXT_SIZE];
    bool whole = true;
    int columns;

    move_to(paint, x, y);
    set_cell_style(paint, cell);
    if ((unsigned char)cell->text[0] < 0x80 && cell->text[1] == '\0') {
        nb_strbuf_append_char(&paint->out, cell->text[0]);
        paint->x++;
    } else if (is_flag(cell->text)) {
        draw_doubtful(paint, cell, cell->text);
    } else {
        columns = plain_cluster(cluster, cell->text, &whole);
        if (columns < 0 || columns > cell->width)
            draw_doubtful(paint, cell, "?");
        else if (columns < cell->width || !whole)
            draw_doubtful(paint, cell, cluster);
        else
            nb_strbuf_append(&paint->out, cluster);
        paint->x += paint->x < 0 ? 0 : columns;
    }
    if (x + cell->width >= paint->shown.columns)
        paint->x = -1; /* terminals differ in where the cursor is after the last column */
}

/* Whether two cells look the same on the screen, whatever their roles. A cell of zeros is unknown, and equals no
 * other. */
static bool cell_equal(struct paint *paint, const struct cell *a, const struct cell *b)
{
    const struct style *first, *second;

    if (memcmp(a, b, sizeof(*a)) == 0)
        return true;
    if (a->width != b->width || memcmp(a->text, b->text, sizeof(a->text)) != 0)
        return false;
    first = style_of(paint, a->look);
    second = style_of(paint, b->look);
    return memcmp(first, second, sizeof(*first)) == 0 || (is_blank(a) && same_blank(first, second));
}

/* Whether erasing leaves exactly what this cell should show. */
static bool is_erasable(struct paint *paint, const struct cell *cell)
{
    const struct style *style;

    if (!is_blank(cell))
        return false;
    style = style_of(paint, cell->look);
    return (style->attributes & (STYLE_REVERSE | STYLE_UNDERLINE)) == 0 &&
           (style->background.kind == COLOR_KIND_DEFAULT || paint->terminal.back_color_erase);
}

/* The number of cells from here on that are the same blank. */
static int blank_run(struct paint *paint, const struct cell *row, int x)
{
    int end = x;

    if (!paint->terminal.ecma || !is_erasable(paint, &row[x]))
        return 0;
    while (end < paint->shown.columns && cell_equal(paint, &row[end], &row[x]))
        end++;
    return end - x;
}

/* Erases a run of blanks where that takes fewer bytes than writing them; false where it does not. */
static bool erase_run(struct paint *paint, const struct cell *row, int x, int y, int run)
{
    bool to_end = x + run == paint->shown.columns;

    if (run < (to_end ? REWRITE_MAX : ERASE_MIN) ||
        !(to_end ? paint->terminal.erase_line : paint->terminal.erase_characters))
        return false;
    move_to(paint, x, y);
    set_cell_style(paint, &row[x]);
    if (to_end)
        nb_strbuf_append(&paint->out, "\033[K");
    else
        nb_strbuf_appendf(&paint->out, "\033[%dX", run);
    return true;
}

/* Whether the few unchanged cells from x on take fewer bytes to rewrite than to move past. */
static bool worth_rewriting(struct paint *paint, const struct cell *row, const struct cell *shown, int x, int y)
{
    if (paint->y != y || paint->x != x || !paint->styled)
        return false;
    for (int i = x; i < paint->shown.columns && i - x <= REWRITE_MAX; i++) {
        const struct style *style = style_of(paint, row[i].look);

        if (!cell_equal(paint, &row[i], &shown[i]))
            return true;
        if (row[i].text[1] != '\0' || row[i].width != 1)
            return false;
        if (memcmp(style, &paint->style, sizeof(*style)) != 0 &&
            !(is_blank(&row[i]) && same_blank(style, &paint->style)))
            return false;
    }
    return false;
}

static void draw_row(struct paint *paint, const struct cell *row, const struct cell *shown, int y)
{
    int x = 0;

    while (x < paint->shown.columns) {
        int run;

        if (cell_equal(paint, &row[x], &shown[x]) && !worth_rewriting(paint, row, shown, x, y)) {
            x++;
            continue;
        }
        if (row[x].width == 0) { /* the right half was restyled: draws the whole character */
            draw_cell(paint, &row[x - 1], x - 1, y);
            x++;
            continue;
        }
        run = blank_run(paint, row, x);
        if (run > 0 && erase_run(paint, row, x, y, run)) {
            x += run;
            continue;
        }
        if (!(paint->terminal.spoils_corner && y == paint->shown.rows - 1 && x + row[x].width >= paint->shown.columns))
            draw_cell(paint, &row[x], x, y);
        x += row[x].width;
    }
}

static void begin_whole(struct paint *paint)
{
    static const struct style plain = {{.kind = COLOR_KIND_DEFAULT}, {.kind = COLOR_KIND_DEFAULT}, 0};

    paint->styled = false;
    set_style(paint, &plain);
    nb_strbuf_append(&paint->out, paint->terminal.clear);
    grid_erase(&paint->shown);
    paint->x = -1;
    paint->blank = false;
}

/* Whether the theme leaves a blank's background to the terminal. Only then are cleared cells known to be right. */
static bool text_is_plain(struct paint *paint)
{
    const struct style *style = style_of(paint, LOOK(ROLE_TEXT, 0));

    return style->background.kind == COLOR_KIND_DEFAULT && style->attributes == 0;
}

static void use_theme(struct paint *paint, const struct theme *theme)
{
    if (theme == paint->theme)
        return;
    memset(paint->looks, 0, sizeof(paint->looks));
    paint->theme = theme;
    paint->blank = true;
}

const struct nb_strbuf *paint_frame(struct paint *paint, const struct grid *grid, const struct theme *theme)
{
    size_t size = (size_t)grid->columns * sizeof(*grid->cells);

    nb_strbuf_reset(&paint->out);
    use_theme(paint, theme);
    if (paint->blank) {
        begin_whole(paint);
        paint->cursor_shown = !grid->cursor_shown;
        if (!text_is_plain(paint))
            memset(paint->shown.cells, 0, size * (size_t)grid->rows);
    }
    for (int y = 0; y < grid->rows; y++) {
        const struct cell *row = &grid->cells[(size_t)y * (size_t)grid->columns];
        struct cell *shown = grid_at(&paint->shown, 0, y);

        if (shown && memcmp(row, shown, size) != 0) {
            draw_row(paint, row, shown, y);
            memcpy(shown, row, size);
        }
    }
    if (grid->cursor_shown)
        move_to(paint, grid->cursor_x, grid->cursor_y);
    if (grid->cursor_shown != paint->cursor_shown)
        nb_strbuf_append(&paint->out, grid->cursor_shown ? paint->terminal.show_cursor : paint->terminal.hide_cursor);
    paint->cursor_shown = grid->cursor_shown;
    return &paint->out;
}
