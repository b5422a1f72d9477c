/*
 * layout.c - computes the layout of the screen, and the widths of columns.
 */
#include "tui/draw/layout.h"

#include <assert.h>

#define COLUMNS_MOST     16
#define LAYOUT_LIST_MOST 400

static bool wants_pane(const struct layout_wish *wish, bool by_default)
{
    if (wish->detail_open || wish->pane_on)
        return true;
    return by_default && !wish->pane_off;
}

/* Whether the list and a pane beside it have enough columns for the list's titles. */
static bool is_wide(const struct layout_wish *wish)
{
    int list = wish->list_columns > 0 ? wish->list_columns : LAYOUT_BELOW_COLUMNS;

    return wish->columns >= list + 2 + LAYOUT_DETAIL_LEAST;
}

static enum layout_shape choose_shape(const struct layout_wish *wish)
{
    bool automatic = wish->place == DETAIL_AUTO;
    bool wide = automatic ? is_wide(wish) : wish->columns >= 2 * LAYOUT_LEAST_COLUMNS;
    bool roomy = wish->columns >= LAYOUT_BELOW_COLUMNS && wish->rows >= LAYOUT_BELOW_ROWS;
    bool tall = wish->rows >= LAYOUT_TALL_ROWS &&
                (wish->place == DETAIL_BELOW || wish->pane_on || wish->columns >= LAYOUT_BELOW_COLUMNS);

    if (wish->whole_body)
        return LAYOUT_LIST;
    if ((automatic || wish->place == DETAIL_RIGHT) && wide && wants_pane(wish, true))
        return LAYOUT_SIDE;
    if ((automatic || wish->place == DETAIL_BELOW) && (roomy || tall) &&
        wants_pane(wish, roomy || wish->place == DETAIL_BELOW))
        return LAYOUT_STACKED;
    return wish->detail_open ? LAYOUT_DETAIL : LAYOUT_LIST;
}

static int between(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

static void split_body(struct layout *out, const struct layout_wish *wish)
{
    struct rect body = out->body;
    int share;

    out->list = body;
    switch (out->shape) {
    case LAYOUT_SIDE:
        share = between(body.width * 57 / 100, wish->list_columns, body.width);
        share = between(share, body.width - 2 - LAYOUT_DETAIL_MOST, body.width - 2 - LAYOUT_DETAIL_LEAST);
        out->list.width = share;
        out->divider = (struct rect){body.x + share, body.y, 1, body.height};
        out->detail = (struct rect){body.x + share + 2, body.y, body.width - share - 2, body.height};
        break;
    case LAYOUT_STACKED:
        share = between(body.height - 1 - wish->list_rows, body.height * 2 / 5, body.height * 3 / 4);
        out->list.height = body.height - share - 1;
        out->divider = (struct rect){body.x, body.y + out->list.height, body.width, 1};
        out->detail = (struct rect){body.x + 1, body.y + out->list.height + 1, body.width - 2, share};
        break;
    case LAYOUT_DETAIL:
        out->list = (struct rect){0};
        out->detail = (struct rect){body.x + 1, body.y, body.width - 2, body.height};
        break;
    default:
        break;
    }
}

void layout_compute(struct layout *out, const struct layout_wish *wish)
{
    int bottom = wish->bottom_rows > 0 ? wish->bottom_rows : 1;
    int hints = wish->hints ? 1 : 0;
    int body;

    *out = (struct layout){.shape = LAYOUT_TOO_SMALL};
    if (wish->columns < LAYOUT_LEAST_COLUMNS || wish->rows < LAYOUT_LEAST_ROWS)
        return;
    body = wish->rows - 2 - hints - bottom;
    out->header = (struct rect){0, 0, wish->columns, 1};
    out->filter = (struct rect){0, 1, wish->columns, 1};
    out->body = (struct rect){0, 2, wish->columns, body};
    out->hints = (struct rect){0, 2 + body, wish->columns, hints};
    out->bottom = (struct rect){0, wish->rows - bottom, wish->columns, bottom};
    out->shape = choose_shape(wish);
    split_body(out, wish);
}

static int least_width(const struct column_size *sizes, const int *widths, size_t count)
{
    int total = 0, shown = 0;

    for (size_t i = 0; i < count; i++) {
        if (widths[i] == 0)
            continue;
        total += sizes[i].least;
        shown++;
    }
    return total + (shown > 0 ? shown - 1 : 0);
}

static size_t first_to_go(const struct column_size *sizes, const int *widths, size_t count)
{
    size_t worst = count;

    for (size_t i = 0; i < count; i++)
        if (widths[i] > 0 && sizes[i].priority > 0 && (worst == count || sizes[i].priority > sizes[worst].priority))
            worst = i;
    return worst;
}

void layout_columns(const struct column_size *sizes, size_t count, int width, int *widths)
{
    size_t flexible = count;
    int left;

    for (size_t i = 0; i < count; i++) {
        widths[i] = sizes[i].least;
        if (sizes[i].most == 0)
            flexible = i;
    }
    while (least_width(sizes, widths, count) > width) {
        size_t gone = first_to_go(sizes, widths, count);

        if (gone == count)
            break;
        widths[gone] = 0;
    }
    left = width - least_width(sizes, widths, count);
    /* columns with a high priority grow first; the one without a limit takes what is left */
    for (int priority = 0; left > 0 && priority < 100; priority++) {
        for (size_t i = 0; i < count; i++) {
            int room = sizes[i].most - sizes[i].least;

            if (widths[i] == 0 || sizes[i].priority != priority)
                continue;
            if (sizes[i].most == 0)
                continue;
            /* the flexible column keeps most of the room */
            room = room < left / 3 ? room : left / 3;
            widths[i] += room;
            left -= room;
        }
    }
    if (flexible < count && left > 0)
        widths[flexible] += left;
    else if (flexible < count && left < 0 && widths[flexible] + left > 0)
        widths[flexible] += left;
}

static bool all_shown(const struct column_size *sizes, const int *widths, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (widths[i] == 0 && sizes[i].least > 0)
            return false;
    return true;
}

int layout_list_columns(const struct column_size *sizes, size_t count, int least)
{
    int widths[COLUMNS_MOST] = {0};
    size_t flexible = 0;

    assert(count <= COLUMNS_MOST);
    while (flexible < count && sizes[flexible].most != 0)
        flexible++;
    for (int width = least; flexible < count && width < LAYOUT_LIST_MOST; width++) {
        layout_columns(sizes, count, width, widths);
        if (widths[flexible] >= least && all_shown(sizes, widths, count))
            return width;
    }
    return LAYOUT_LIST_MOST;
}
