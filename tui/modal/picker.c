/*
 * picker.c - chooses one of many items by typing a few letters.
 */
#include "config.h"

#include "tui/modal/picker.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"
#include "tui/draw/box.h"
#include "tui/draw/glyph.h"
#include "tui/modal/prompt.h"

/* any match in a label ranks above every match in a note */
#define SCORE_LABEL 10000
#define SCORE_NOTE  1

#define PICKER_LEAST_COLUMNS 36

#define PROMPT_LABEL   " > "
#define PROMPT_COLUMNS 3

struct ranked {
    size_t index;
    int score;
};

struct picker {
    char *title;
    struct prompt *prompt;
    char *status, *placeholder;
    NB_VEC(struct picker_item) items;
    NB_VEC(struct ranked) shown; /* best first */
    size_t chosen;               /* index into shown */
    size_t first;                /* index of the first visible row */
    struct rect area, rows;      /* its place, and that of its items */
    int most_columns, most_rows; /* that its content has needed: the box keeps its size while items come and go */
};

struct picker *picker_new(const char *title)
{
    struct picker *picker = nb_calloc(1, sizeof(*picker));

    picker->title = nb_strdup(title);
    picker->prompt = prompt_new(&(struct prompt_options){.label = PROMPT_LABEL});
    return picker;
}

void picker_remove_all(struct picker *picker)
{
    for (size_t i = 0; i < picker->items.count; i++) {
        free((char *)picker->items.data[i].label);
        free((char *)picker->items.data[i].note);
        free((char *)picker->items.data[i].key);
    }
    nb_vec_clear(&picker->items);
    nb_vec_clear(&picker->shown);
    picker->chosen = picker->first = 0;
}

void picker_free(struct picker **picker)
{
    if (!*picker)
        return;
    picker_remove_all(*picker);
    prompt_free(&(*picker)->prompt);
    nb_free(&(*picker)->title);
    nb_free(&(*picker)->status);
    nb_free(&(*picker)->placeholder);
    nb_free(picker);
}

static int item_score(const char *pattern, const struct picker_item *item)
{
    int score = fuzzy_score(pattern, item->label, NULL);

    if (score > 0)
        return SCORE_LABEL + score * 8 - (int)strnlen(item->label, 200) / 8;
    if (score < 0 && item->note && strcasestr(item->note, pattern))
        return SCORE_NOTE;
    return score;
}

/* Adds an item to the shown ones if it matches. */
static void rank_item(struct picker *picker, size_t index)
{
    struct ranked ranked = {index, item_score(prompt_text(picker->prompt), &picker->items.data[index])};
    size_t at = picker->shown.count;

    if (ranked.score < 0)
        return;
    while (at > 0 && picker->shown.data[at - 1].score < ranked.score)
        at--;
    nb_vec_insert(&picker->shown, at, ranked);
}

static void rank_all(struct picker *picker)
{
    picker->shown.count = 0;
    for (size_t i = 0; i < picker->items.count; i++)
        rank_item(picker, i);
    picker->chosen = picker->first = 0;
}

void picker_add(struct picker *picker, const struct picker_item *item)
{
    struct picker_item copy = {nb_strdup(item->label), nb_strdup(item->note), nb_strdup(item->key), item->id};

    nb_vec_push(&picker->items, copy);
    rank_item(picker, picker->items.count - 1);
}

void picker_set_status(struct picker *picker, const char *status)
{
    nb_free(&picker->status);
    picker->status = nb_strdup(status);
}

void picker_set_placeholder(struct picker *picker, const char *placeholder)
{
    nb_free(&picker->placeholder);
    picker->placeholder = nb_strdup(placeholder);
}

static enum picker_result choose(struct picker *picker, long step)
{
    long last = (long)picker->shown.count - 1;
    long at = (long)picker->chosen + step;

    picker->chosen = (size_t)(at < 0 || last < 0 ? 0 : at > last ? last : at);
    return PICKER_MOVED;
}

static const struct {
    struct key key;
    int step;
    bool page;
} moves[] = {
    {{NAMED_UP, 0}, -1, false},          {{NAMED_DOWN, 0}, 1, false},     {{'p', MOD_CONTROL}, -1, false},
    {{'n', MOD_CONTROL}, 1, false},      {{'k', MOD_CONTROL}, -1, false}, {{NAMED_TAB, 0}, 1, false},
    {{NAMED_TAB, MOD_SHIFT}, -1, false}, {{NAMED_PAGE_UP, 0}, -1, true},  {{NAMED_PAGE_DOWN, 0}, 1, true},
};

enum picker_result picker_key(struct picker *picker, struct key key)
{
    int page = picker->rows.height > 1 ? picker->rows.height : 1;

    for (size_t i = 0; i < NB_ARRAY_SIZE(moves); i++)
        if (key_equal(moves[i].key, key))
            return choose(picker, moves[i].page ? moves[i].step * page : moves[i].step);
    switch (prompt_key(picker->prompt, key)) {
    case PROMPT_ACCEPT:
        return picker->shown.count > 0 ? PICKER_ACCEPT : PICKER_IGNORED;
    case PROMPT_CANCEL:
        return PICKER_CANCEL;
    case PROMPT_CHANGED:
        rank_all(picker);
        return PICKER_CHANGED;
    case PROMPT_MOVED:
        return PICKER_MOVED;
    case PROMPT_IGNORED:
        break;
    }
    return PICKER_IGNORED;
}

enum picker_result picker_paste(struct picker *picker, const char *text)
{
    prompt_paste(picker->prompt, text);
    rank_all(picker);
    return PICKER_CHANGED;
}

enum picker_result picker_click(struct picker *picker, int x, int y, bool twice)
{
    size_t at = picker->first + (size_t)(y - picker->rows.y);

    if (x < picker->rows.x || x >= picker->rows.x + picker->rows.width || y < picker->rows.y ||
        y >= picker->rows.y + picker->rows.height || at >= picker->shown.count)
        return PICKER_IGNORED;
    picker->chosen = at;
    return twice ? PICKER_ACCEPT : PICKER_MOVED;
}

const struct picker_item *picker_chosen(const struct picker *picker)
{
    if (picker->chosen >= picker->shown.count)
        return NULL;
    return &picker->items.data[picker->shown.data[picker->chosen].index];
}

const char *picker_text(const struct picker *picker)
{
    return prompt_text(picker->prompt);
}

/* Highlights the letters that matched. Only ASCII labels are matched by letters, so a byte is a column. */
static void draw_matches(struct grid *grid, int x, int y, int columns, const char *label, uint64_t positions,
                         uint8_t states)
{
    for (int i = 0; i < 64 && i < columns && label[i]; i++) {
        if ((unsigned char)label[i] >= 0x80)
            return;
        if (positions & (uint64_t)1 << i)
            grid_textf(grid, x + i, y, 1, LOOK(ROLE_PALETTE_MATCH, states), "%c", label[i]);
    }
}

#define NOTE_COLUMN 26 /* where notes begin, if the labels leave room */

static int note_column(int label_width)
{
    return label_width + 2 < NOTE_COLUMN ? NOTE_COLUMN : label_width + 2;
}

static void draw_item(const struct picker *picker, struct grid *grid, struct rect row, size_t at)
{
    const struct picker_item *item = &picker->items.data[picker->shown.data[at].index];
    uint8_t states = at == picker->chosen ? STATE_SELECTED : 0;
    int right = row.x + row.width - 1, x = row.x + 2;
    uint64_t positions = 0;
    int used;

    grid_fill(grid, row, " ", LOOK(ROLE_PALETTE, states));
    if (states)
        grid_text(grid, row.x, row.y, 1, LOOK(ROLE_CURSOR_BAR, states), glyph_text(GLYPH_BAR, grid->ascii));
    if (item->key && row.width > 30) {
        int room = row.width / 3;

        right -= grid_text_right(grid, right - room, row.y, room, LOOK(ROLE_PALETTE_KEY, states), item->key) + 1;
    }
    fuzzy_score(prompt_text(picker->prompt), item->label, &positions);
    used = grid_text(grid, x, row.y, right - x, LOOK(ROLE_PALETTE, states), item->label);
    draw_matches(grid, x, row.y, used, item->label, positions, states);
    x += note_column(used);
    if (item->note)
        grid_text(grid, x, row.y, right - x, LOOK(ROLE_PALETTE_HELP, states), item->note);
}

/* ---- its size and place ---- */

static int label_width(const char *text)
{
    return text ? 3 + nb_text_width(text) : 0;
}

/* The width for all items, so that the box keeps its size while fewer of them match. */
static int natural_width(const struct picker *picker)
{
    int widest = PICKER_LEAST_COLUMNS;
    int placeholder = 2 + label_width(picker->placeholder), status = label_width(picker->status);

    widest = placeholder > widest ? placeholder : widest;
    widest = picker->items.count == 0 && status > widest ? status : widest;
    for (size_t i = 0; i < picker->items.count; i++) {
        const struct picker_item *item = &picker->items.data[i];
        int width = label_width(item->label);

        if (item->note)
            width = 3 + note_column(nb_text_width(item->label)) + nb_text_width(item->note);
        if (item->key)
            width += 2 + nb_text_width(item->key);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

void picker_layout(struct picker *picker, struct rect around)
{
    struct rect body = around;
    struct rect inside;

    body.width -= around.width > 60 ? 8 : 0; /* leaves part of the list visible beside it */
    body.x += around.width > 60 ? 4 : 0;
    picker->most_columns = larger(picker->most_columns, natural_width(picker));
    picker->most_rows = larger(picker->most_rows, picker->items.count ? (int)picker->items.count : 1);
    picker->area = box_place(body, picker->most_columns, 1 + picker->most_rows);
    inside = box_inside(picker->area);
    picker->rows = (struct rect){inside.x, inside.y + 1, inside.width, inside.height > 1 ? inside.height - 1 : 0};
    if (picker->chosen < picker->first)
        picker->first = picker->chosen;
    if (picker->rows.height > 0 && picker->chosen >= picker->first + (size_t)picker->rows.height)
        picker->first = picker->chosen - (size_t)picker->rows.height + 1;
}

void picker_draw(const struct picker *picker, struct grid *grid)
{
    struct rect inside = box_inside(picker->area), rows = picker->rows;

    box_draw(grid, picker->area, picker->title, ROLE_PALETTE);
    for (size_t i = 0; i < (size_t)rows.height && picker->first + i < picker->shown.count; i++)
        draw_item(picker, grid, (struct rect){rows.x, rows.y + (int)i, rows.width, 1}, picker->first + i);
    if (picker->shown.count == 0 && rows.height > 0)
        grid_text(grid, rows.x + 2, rows.y, rows.width - 2, LOOK(ROLE_EMPTY, 0),
                  picker->items.count == 0 && picker->status ? picker->status : "nothing matches");
    prompt_draw(picker->prompt, grid, (struct rect){inside.x, inside.y, inside.width, inside.height > 0 ? 1 : 0});
    if (picker->placeholder && inside.height > 0 && prompt_text(picker->prompt)[0] == '\0')
        grid_text(grid, inside.x + PROMPT_COLUMNS + 1, inside.y, inside.width - PROMPT_COLUMNS - 1,
                  LOOK(ROLE_PALETTE_HELP, 0), picker->placeholder);
}
