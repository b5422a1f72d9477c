/*
 * listing.c - lays out and prints the rows of a list.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "cli/frame/colors.h"
#include "cli/rows/listing.h"

#define LISTING_GAP        2 /* blanks between columns */
#define LISTING_LEAST      8 /* minimum width of the flexible column when no other can be dropped */
#define LISTING_CELL_LIMIT (1024 * 1024)

struct listed_cell {
    char *text; /* sanitised */
    int width;
    enum listing_style style;
};

struct listing {
    struct output *output;
    const struct listing_column *columns;
    size_t column_count;
    NB_VEC(struct listed_cell) cells; /* column_count for each row */
    int *widths;                      /* 0: the column is dropped */
    bool heading_printed;
    struct nb_strbuf line;
};

/* The looks that the console gives to the same things. */
static const struct look looks[] = {
    [LISTING_STRONG] = {ROLE_TITLE_UNREAD, 0},   [LISTING_DIM] = {ROLE_TITLE, STATE_DIM},
    [LISTING_LOW] = {ROLE_SEVERITY_LOW, 0},      [LISTING_NOTICE] = {ROLE_SEVERITY_MEDIUM, 0},
    [LISTING_WARNING] = {ROLE_SEVERITY_HIGH, 0}, [LISTING_ALARM] = {ROLE_SEVERITY_CRITICAL, 0},
};

const char *listing_style_code(enum listing_style style, const struct output *output)
{
    return style != LISTING_PLAIN && output_has_color(output) ? colors_code(looks[style]) : "";
}

struct listing *listing_new(struct output *output, const struct listing_column *columns, size_t count)
{
    struct listing *listing = nb_calloc(1, sizeof(*listing));
    listing->output = output;
    listing->columns = columns;
    listing->column_count = count;
    listing->widths = nb_calloc(count, sizeof(*listing->widths));
    nb_strbuf_init(&listing->line, LISTING_CELL_LIMIT);
    return listing;
}

static void clear_cells(struct listing *listing)
{
    for (size_t i = 0; i < listing->cells.count; i++)
        free(listing->cells.data[i].text);
    listing->cells.count = 0;
}

void listing_free(struct listing **listing)
{
    if (!*listing)
        return;
    clear_cells(*listing);
    nb_vec_clear(&(*listing)->cells);
    nb_strbuf_clear(&(*listing)->line);
    free((*listing)->widths);
    nb_free(listing);
}

void listing_cell(struct listing *listing, const char *text, enum listing_style style)
{
    struct nb_strbuf clean;
    nb_strbuf_init(&clean, LISTING_CELL_LIMIT);
    nb_text_sanitize(&clean, text ? text : "", SIZE_MAX, NB_TEXT_LINE, output_is_ascii(listing->output));
    struct listed_cell cell = {.style = style, .text = nb_strbuf_take(&clean)};
    cell.width = nb_text_width(cell.text);
    nb_vec_push(&listing->cells, cell);
}

void listing_end_row(struct listing *listing)
{
    while (listing->cells.count % listing->column_count != 0)
        listing_cell(listing, "", LISTING_PLAIN);
}

/* The column's width; 0 when it is empty in every row, so that it takes no room. */
static int natural_width(const struct listing *listing, size_t column)
{
    const struct listing_column *spec = &listing->columns[column];
    int width = 0;
    for (size_t i = column; i < listing->cells.count; i += listing->column_count)
        if (listing->cells.data[i].width > width)
            width = listing->cells.data[i].width;
    if (width == 0 && !spec->flexible)
        return 0;
    if (nb_text_width(spec->title) > width)
        width = nb_text_width(spec->title);
    if (spec->maximum && width > spec->maximum)
        width = spec->maximum;
    return width < spec->minimum ? spec->minimum : width;
}

/* The least width of the columns that are left, with the flexible one at its minimum. */
static int needed_width(const struct listing *listing)
{
    int total = 0;
    for (size_t i = 0; i < listing->column_count; i++)
        if (listing->widths[i] > 0)
            total += LISTING_GAP + (listing->columns[i].flexible ? listing->columns[i].minimum : listing->widths[i]);
    return total - LISTING_GAP;
}

static bool drop_one(struct listing *listing)
{
    size_t victim = listing->column_count;
    for (size_t i = 0; i < listing->column_count; i++)
        if (listing->widths[i] > 0 && listing->columns[i].drop > 0 &&
            (victim == listing->column_count || listing->columns[i].drop > listing->columns[victim].drop))
            victim = i;
    if (victim == listing->column_count)
        return false;
    listing->widths[victim] = 0;
    return true;
}

static void lay_out(struct listing *listing)
{
    int available = output_columns(listing->output);
    for (size_t i = 0; i < listing->column_count; i++)
        listing->widths[i] = natural_width(listing, i);
    while (needed_width(listing) > available && drop_one(listing))
        continue;
    int spare = available - needed_width(listing);
    for (size_t i = 0; i < listing->column_count; i++)
        if (listing->columns[i].flexible && listing->widths[i] > 0) {
            int most = listing->columns[i].minimum + spare;
            if (listing->widths[i] > most)
                listing->widths[i] = most > LISTING_LEAST ? most : LISTING_LEAST;
        }
}

static size_t last_column(const struct listing *listing)
{
    size_t last = 0;
    for (size_t i = 0; i < listing->column_count; i++)
        if (listing->widths[i] > 0)
            last = i;
    return last;
}

static void append_cell(struct listing *listing, const char *text, int text_width, size_t column,
                        enum listing_style style)
{
    struct nb_strbuf *line = &listing->line;
    int width = listing->widths[column];
    bool last = column == last_column(listing);
    const char *code = listing_style_code(style, listing->output);
    if (line->length > 0)
        nb_strbuf_append_repeat(line, ' ', LISTING_GAP);
    if (listing->columns[column].right && text_width < width)
        nb_strbuf_append_repeat(line, ' ', (size_t)(width - text_width));
    nb_strbuf_append(line, code);
    nb_text_append_cut(line, text, width, !last && !listing->columns[column].right, output_is_ascii(listing->output));
    if (*code)
        nb_strbuf_append(line, "\x1b[0m");
}

static void print_line(struct listing *listing)
{
    nb_strbuf_append_char(&listing->line, '\n');
    output_raw(listing->output, listing->line.data, listing->line.length);
    nb_strbuf_reset(&listing->line);
}

static void print_table(struct listing *listing)
{
    lay_out(listing);
    for (size_t i = 0; !listing->heading_printed && i < listing->column_count; i++)
        if (listing->widths[i] > 0)
            append_cell(listing, listing->columns[i].title, nb_text_width(listing->columns[i].title), i, LISTING_DIM);
    if (!listing->heading_printed)
        print_line(listing);
    listing->heading_printed = true;
    for (size_t row = 0; row < listing->cells.count; row += listing->column_count) {
        for (size_t i = 0; i < listing->column_count; i++) {
            const struct listed_cell *cell = &listing->cells.data[row + i];
            if (listing->widths[i] > 0)
                append_cell(listing, cell->text, cell->width, i, cell->style);
        }
        print_line(listing);
    }
}

static void print_lines(struct listing *listing)
{
    for (size_t i = 0; i < listing->cells.count; i++) {
        const char *text = listing->cells.data[i].text;
        nb_strbuf_append(&listing->line, *text ? text : "-");
        if ((i + 1) % listing->column_count != 0)
            nb_strbuf_append_char(&listing->line, '\t');
        else
            print_line(listing);
    }
}

void listing_print(struct listing *listing)
{
    if (listing->cells.count == 0)
        return;
    if (output_is_terminal(listing->output))
        print_table(listing);
    else
        print_lines(listing);
    clear_cells(listing);
}

void listing_result(struct output *output, const struct listing_of_result *how, const struct nb_result *result)
{
    struct listing *listing = output_is_json(output) ? NULL : listing_new(output, how->columns, how->column_count);

    for (size_t i = 0; i < nb_result_rows(result); i++) {
        if (listing)
            how->row(listing, output, result, i);
        else
            output_json_take(output, how->json(result, i));
    }
    if (listing)
        listing_print(listing);
    listing_free(&listing);
}
