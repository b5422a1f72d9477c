/*
 * prompt_draw.c - draws a prompt: label, text scrolled to its cursor, and candidates or an error above.
 */
#include "config.h"

#include <string.h>

#include "base/text.h"
#include "tui/draw/glyph.h"
#include "tui/modal/prompt_internal.h"

static bool has_second_row(const struct prompt *prompt)
{
    return prompt->error.code != 0 || prompt->candidates.list.count > 1 || prompt->said;
}

int prompt_rows(const struct prompt *prompt)
{
    return has_second_row(prompt) ? 2 : 1;
}

/* The width of the text up to `end` when drawn. */
static int drawn_width(const struct prompt *prompt, size_t from, size_t end, bool ascii)
{
    struct nb_strbuf clean;
    int width;

    nb_strbuf_init(&clean, SIZE_MAX / 2);
    nb_text_sanitize(&clean, prompt->text.data + from, end - from, NB_TEXT_LINE, ascii);
    width = nb_text_width(clean.data);
    nb_strbuf_clear(&clean);
    return width;
}

/* The first byte to draw so that the cursor is within `columns`. */
static size_t first_shown(const struct prompt *prompt, int columns, bool ascii)
{
    size_t from = 0;
    int width = drawn_width(prompt, 0, prompt->cursor, ascii);

    while (from < prompt->cursor && width >= columns) {
        int unused = 0;
        size_t length = nb_text_grapheme(prompt->text.data + from, &unused);

        if (length == 0 || from + length > prompt->cursor)
            break;
        from += length;
        width = drawn_width(prompt, from, prompt->cursor, ascii);
    }
    return from;
}

static void draw_candidates(const struct prompt *prompt, struct grid *grid, struct rect row)
{
    int x = row.x;
    size_t count = prompt->candidates.list.count;
    size_t from = prompt->chosen == SIZE_MAX ? 0 : prompt->chosen;

    for (size_t i = from; i < count && x < row.x + row.width; i++) {
        uint8_t states = i == prompt->chosen ? STATE_SELECTED : 0;

        x += grid_text(grid, x, row.y, row.x + row.width - x, LOOK(ROLE_PALETTE, states),
                       prompt->candidates.list.data[i]) +
             2;
    }
}

/* Draws the message, with an arrow above the column of the error. */
static void draw_error(const struct prompt *prompt, struct grid *grid, struct rect row, int text_x, size_t from)
{
    const struct look look = LOOK(ROLE_PROMPT_ERROR, 0);
    size_t column = prompt->error.column;
    char *message = nb_asprintf("%s%s%s", prompt->error.message, prompt->error.hint[0] ? ": " : "", prompt->error.hint);
    int width = nb_text_width(message);
    int x = row.x;

    if (column > 0 && column - 1 <= prompt->text.length && column - 1 >= from) {
        int at = text_x + drawn_width(prompt, from, column - 1, grid->ascii);

        if (at < row.x + row.width) {
            grid_text(grid, at, row.y, 1, look, glyph_text(GLYPH_DOWN_ARROW, grid->ascii));
            if (at + 2 + width <= row.x + row.width || at - row.x < row.width / 2)
                x = at + 2;
            else
                row.width = at - 1 - row.x;
        }
    }
    grid_text(grid, x, row.y, row.x + row.width - x, look, message);
    nb_free(&message);
}

void prompt_draw(const struct prompt *prompt, struct grid *grid, struct rect rect)
{
    const struct look look = LOOK(ROLE_PROMPT, 0);
    int y = rect.y + rect.height - 1;
    int label, columns, cursor;
    size_t from;

    grid_fill(grid, rect, " ", look);
    label = grid_text(grid, rect.x, y, rect.width * 2 / 3, LOOK(ROLE_PROMPT_LABEL, 0), prompt->label);
    columns = rect.width - label;
    from = first_shown(prompt, columns, grid->ascii);
    cursor = drawn_width(prompt, from, prompt->cursor, grid->ascii);
    grid_text(grid, rect.x + label, y, columns, look, prompt->text.data + from);
    if (from > 0)
        grid_text(grid, rect.x + label, y, 1, LOOK(ROLE_PROMPT_LABEL, 0), glyph_text(GLYPH_LEFT_ARROW, grid->ascii));
    grid_set_cursor(grid, rect.x + label + (cursor < columns ? cursor : columns - 1), y);
    if (rect.height < 2 || !has_second_row(prompt))
        return;
    rect = (struct rect){rect.x, y - 1, rect.width, 1};
    if (prompt->error.code != 0)
        draw_error(prompt, grid, rect, rect.x + label, from);
    else if (prompt->said)
        grid_text(grid, rect.x, rect.y, rect.width, LOOK(ROLE_PALETTE, 0), prompt->said);
    else
        draw_candidates(prompt, grid, rect);
}
