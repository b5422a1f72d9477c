/*
 * box.c - draws frames.
 */
#include "tui/draw/box.h"

#include "tui/draw/glyph.h"

struct rect box_place(struct rect around, int columns, int rows)
{
    int width = columns + BOX_FRAME < around.width ? columns + BOX_FRAME : around.width;
    int height = rows + BOX_FRAME < around.height ? rows + BOX_FRAME : around.height;

    return (struct rect){around.x + (around.width - width) / 2, around.y + (around.height - height) / 3, width, height};
}

struct rect box_inside(struct rect box)
{
    return (struct rect){box.x + 1, box.y + 1, box.width > BOX_FRAME ? box.width - BOX_FRAME : 0,
                         box.height > BOX_FRAME ? box.height - BOX_FRAME : 0};
}

static void draw_line(struct grid *grid, struct rect line, enum glyph left, enum glyph right)
{
    const struct look look = LOOK(ROLE_BOX, 0);

    grid_fill(grid, line, glyph_text(GLYPH_HORIZONTAL, grid->ascii), look);
    grid_text(grid, line.x, line.y, 1, look, glyph_text(left, grid->ascii));
    grid_text(grid, line.x + line.width - 1, line.y, 1, look, glyph_text(right, grid->ascii));
}

static bool is_blank(const struct cell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0';
}

/* Blanks the rest of a word that the frame cuts: half a word says nothing, or something else. */
static void blank_words(struct grid *grid, int x, int y, int step)
{
    struct cell *cell;

    for (; (cell = grid_at(grid, x, y)) && !is_blank(cell); x += step)
        grid_fill(grid, (struct rect){x, y, 1, 1}, " ", cell->look);
}

void box_draw(struct grid *grid, struct rect box, const char *title, enum role ground)
{
    const char *vertical = glyph_text(GLYPH_VERTICAL, grid->ascii);
    struct rect inside = box_inside(box);

    if (box.width < BOX_FRAME || box.height < BOX_FRAME)
        return;
    for (int y = box.y; y < box.y + box.height; y++) {
        blank_words(grid, box.x - 1, y, -1);
        blank_words(grid, box.x + box.width, y, 1);
    }
    draw_line(grid, (struct rect){box.x, box.y, box.width, 1}, GLYPH_CORNER_TOP_LEFT, GLYPH_CORNER_TOP_RIGHT);
    draw_line(grid, (struct rect){box.x, box.y + box.height - 1, box.width, 1}, GLYPH_CORNER_BOTTOM_LEFT,
              GLYPH_CORNER_BOTTOM_RIGHT);
    grid_fill(grid, (struct rect){box.x, inside.y, 1, inside.height}, vertical, LOOK(ROLE_BOX, 0));
    grid_fill(grid, (struct rect){box.x + box.width - 1, inside.y, 1, inside.height}, vertical, LOOK(ROLE_BOX, 0));
    grid_fill(grid, inside, " ", LOOK((uint8_t)ground, 0));
    if (title && inside.width > 4)
        grid_textf(grid, box.x + 2, box.y, inside.width - 2, LOOK(ROLE_BOX_TITLE, 0), " %s ", title);
}
