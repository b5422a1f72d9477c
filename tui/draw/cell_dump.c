/*
 * cell_dump.c - dumps the screen as text and as names of roles, for :save-screen and the tests.
 */
#include "config.h"

#include "tui/draw/cell.h"

#include <string.h>

static const char *const roles[ROLE_COUNT] = {
#define ROLE(identifier, name, meaning) name,
#include "tui/draw/role.def"
#undef ROLE
};

const char *role_name(enum role role)
{
    return role < ROLE_COUNT ? roles[role] : "?";
}

enum role role_find(const char *name)
{
    for (int i = 0; i < ROLE_COUNT; i++)
        if (strcmp(roles[i], name) == 0)
            return (enum role)i;
    return ROLE_COUNT;
}

static const struct cell *row_of(const struct grid *grid, int y)
{
    return &grid->cells[(size_t)y * (size_t)grid->columns];
}

void grid_dump(const struct grid *grid, struct nb_strbuf *out)
{
    for (int y = 0; y < grid->rows; y++) {
        const struct cell *row = row_of(grid, y);
        int end = grid->columns;

        while (end > 0 && strcmp(row[end - 1].text, " ") == 0)
            end--;
        for (int x = 0; x < end; x++)
            nb_strbuf_append(out, row[x].text);
        nb_strbuf_append_char(out, '\n');
    }
}

static void append_look(struct nb_strbuf *out, struct look look)
{
    nb_strbuf_append(out, role_name(look.role));
    if (look.states & STATE_DIM)
        nb_strbuf_append(out, ".dim");
    if (look.states & STATE_MARKED)
        nb_strbuf_append(out, ".marked");
    if (look.states & STATE_SELECTED)
        nb_strbuf_append(out, ".selected");
}

static bool look_equal(struct look a, struct look b)
{
    return a.role == b.role && a.states == b.states;
}

void grid_dump_roles(const struct grid *grid, struct nb_strbuf *out)
{
    for (int y = 0; y < grid->rows; y++) {
        const struct cell *row = row_of(grid, y);
        const char *comma = "";

        nb_strbuf_appendf(out, "row %d:", y);
        for (int from = 0, to; from < grid->columns; from = to) {
            for (to = from + 1; to < grid->columns && look_equal(row[to].look, row[from].look);)
                to++;
            if (look_equal(row[from].look, LOOK(ROLE_TEXT, 0)))
                continue;
            nb_strbuf_appendf(out, "%s %d-%d ", comma, from, to - 1);
            append_look(out, row[from].look);
            comma = ",";
        }
        nb_strbuf_append_char(out, '\n');
    }
}
