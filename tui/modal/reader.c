/*
 * reader.c - wraps, scrolls and draws a text.
 */
#include "tui/modal/reader.h"

#include <stdlib.h>

#include "base/text.h"
#include "base/vec.h"
#include "tui/draw/box.h"
#include "tui/draw/glyph.h"

#define MARGIN     1 /* columns at both sides */
#define GAP        2 /* columns behind a label */
#define TEXT_LIMIT (64 * 1024)

struct paragraph {
    char *label, *text; /* label NULL: none */
};

struct line {
    size_t paragraph;
    size_t from, length; /* in its clean text */
    bool first;
};

struct reader {
    char *title;
    NB_VEC(struct paragraph) paragraphs;
    NB_VEC(char *) clean; /* the texts as they are drawn */
    NB_VEC(struct line) lines;
    int label_width;
    int columns; /* that the lines are wrapped to; 0: not yet */
    size_t scroll;
    struct rect area;
};

struct reader *reader_new(const char *title)
{
    struct reader *reader = nb_calloc(1, sizeof(*reader));

    reader->title = nb_strdup(title);
    return reader;
}

void reader_free(struct reader **reader)
{
    struct reader *old = *reader;

    if (!old)
        return;
    for (size_t i = 0; i < old->paragraphs.count; i++) {
        free(old->paragraphs.data[i].label);
        free(old->paragraphs.data[i].text);
    }
    for (size_t i = 0; i < old->clean.count; i++)
        free(old->clean.data[i]);
    nb_vec_clear(&old->paragraphs);
    nb_vec_clear(&old->clean);
    nb_vec_clear(&old->lines);
    free(old->title);
    nb_free(reader);
}

void reader_add(struct reader *reader, const char *label, const char *text)
{
    struct paragraph paragraph = {.label = nb_strdup(label), .text = nb_strdup(text)};
    int width = label ? nb_text_width(label) : 0;

    nb_vec_push(&reader->paragraphs, paragraph);
    if (width > reader->label_width)
        reader->label_width = width;
}

static size_t page_rows(const struct reader *reader)
{
    int height = box_inside(reader->area).height;

    return height > 0 ? (size_t)height : 1;
}

static size_t last_scroll(const struct reader *reader)
{
    size_t rows = page_rows(reader);

    return reader->lines.count > rows ? reader->lines.count - rows : 0;
}

bool reader_key(struct reader *reader, struct key key)
{
    size_t page = page_rows(reader);
    const struct {
        uint32_t plain, named;
        int64_t by;
    } keys[] = {
        {'j', NAMED_DOWN, 1},
        {'k', NAMED_UP, -1},
        {' ', NAMED_PAGE_DOWN, (int64_t)page},
        {'b', NAMED_PAGE_UP, -(int64_t)page},
        {'G', NAMED_END, (int64_t)reader->lines.count},
        {'g', NAMED_HOME, -(int64_t)reader->lines.count},
    };

    for (size_t i = 0; key.modifiers == 0 && i < NB_ARRAY_SIZE(keys); i++) {
        int64_t scroll = (int64_t)reader->scroll + keys[i].by;

        if (key.code != keys[i].plain && key.code != keys[i].named)
            continue;
        reader->scroll = scroll < 0 ? 0 : (size_t)scroll;
        if (reader->scroll > last_scroll(reader))
            reader->scroll = last_scroll(reader);
        return true;
    }
    return false;
}

/* ---- its size and place ---- */

static int label_columns(const struct reader *reader)
{
    return reader->label_width > 0 ? reader->label_width + GAP : 0;
}

static void clean_texts(struct reader *reader, bool ascii)
{
    for (size_t i = reader->clean.count; i < reader->paragraphs.count; i++) {
        struct nb_strbuf clean;

        nb_strbuf_init(&clean, TEXT_LIMIT);
        nb_text_sanitize(&clean, reader->paragraphs.data[i].text, SIZE_MAX, NB_TEXT_LINE, ascii);
        nb_vec_push(&reader->clean, nb_strbuf_take(&clean));
    }
}

static int natural_width(const struct reader *reader)
{
    int widest = nb_text_width(reader->title);

    for (size_t i = 0; i < reader->clean.count; i++) {
        int width = label_columns(reader) + nb_text_width(reader->clean.data[i]);

        widest = width > widest ? width : widest;
    }
    return widest + 2 * MARGIN;
}

static void wrap(struct reader *reader, int columns)
{
    reader->lines.count = 0;
    reader->columns = columns;
    for (size_t i = 0; i < reader->clean.count; i++) {
        const char *text = reader->clean.data[i];
        size_t at = 0, next = 0;

        do {
            struct line line = {.paragraph = i, .from = at, .first = at == 0};

            line.length = nb_text_wrap(text + at, columns, &next);
            nb_vec_push(&reader->lines, line);
            at += next;
        } while (next > 0 && text[at] != '\0');
    }
}

void reader_layout(struct reader *reader, struct rect around, bool ascii)
{
    int columns;

    clean_texts(reader, ascii);
    reader->area = box_place(around, natural_width(reader), 1);
    columns = box_inside(reader->area).width - 2 * MARGIN - label_columns(reader);
    if (columns < 1)
        columns = 1;
    if (columns != reader->columns)
        wrap(reader, columns);
    reader->area = box_place(around, natural_width(reader), (int)reader->lines.count);
    if (reader->scroll > last_scroll(reader))
        reader->scroll = last_scroll(reader);
}

/* ---- drawing ---- */

static void draw_line(const struct reader *reader, struct grid *grid, struct rect row, const struct line *line)
{
    const struct paragraph *paragraph = &reader->paragraphs.data[line->paragraph];
    int labels = label_columns(reader);
    char *text = nb_strndup(reader->clean.data[line->paragraph] + line->from, line->length);

    if (line->first && paragraph->label)
        grid_text(grid, row.x, row.y, row.width, LOOK(ROLE_PALETTE_HELP, 0), paragraph->label);
    grid_text(grid, row.x + labels, row.y, row.width - labels, LOOK(ROLE_HELP, 0), text);
    free(text);
}

/* Arrows in the frame say that there is more. */
static void draw_arrows(const struct reader *reader, struct grid *grid)
{
    int right = reader->area.x + reader->area.width - 3;

    if (reader->scroll > 0)
        grid_text(grid, right, reader->area.y, 1, LOOK(ROLE_BOX_TITLE, 0), glyph_text(GLYPH_UP_ARROW, grid->ascii));
    if (reader->scroll < last_scroll(reader))
        grid_text(grid, right, reader->area.y + reader->area.height - 1, 1, LOOK(ROLE_BOX_TITLE, 0),
                  glyph_text(GLYPH_DOWN_ARROW, grid->ascii));
}

void reader_draw(const struct reader *reader, struct grid *grid)
{
    struct rect inside = box_inside(reader->area);

    box_draw(grid, reader->area, reader->title, ROLE_HELP);
    for (int y = 0; y < inside.height && reader->scroll + (size_t)y < reader->lines.count; y++)
        draw_line(reader, grid, (struct rect){inside.x + MARGIN, inside.y + y, inside.width - 2 * MARGIN, 1},
                  &reader->lines.data[reader->scroll + (size_t)y]);
    draw_arrows(reader, grid);
}
