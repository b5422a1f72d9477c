/*
 * prefs_draw.c - the settings, the grid of switches under its channels, and a line that says what the cursor is on.
 */
#include <stdlib.h>
#include <string.h>

#include "tui/host/link.h"
#include "tui/views/prefs.h"

#define FIRST_COLUMN   2 /* behind the cursor's bar */
#define SETTING_LABEL  16
#define CHANNEL_WIDE   8
#define CHANNEL_NARROW 4 /* "off" and a blank */
#define LOW_ROWS       14
#define LABEL_MOST     40
#define LABEL_LEAST    12

/* On a low screen the settings make room for the switches while the cursor is on these. */
static bool settings_shown(const struct prefs *prefs)
{
    return prefs->rect.height >= LOW_ROWS || prefs->cursor < PREFS_SETTINGS;
}

int prefs_grid_top(const struct prefs *prefs)
{
    return settings_shown(prefs) ? PREFS_SETTINGS + 2 : 1; /* a blank line, and the channels */
}

static int channel_width(const struct prefs *prefs)
{
    return prefs->rect.width >= 70 ? CHANNEL_WIDE : CHANNEL_NARROW;
}

/* How many channels have room; the others are reached by moving the cursor. */
static size_t channels_shown(const struct prefs *prefs)
{
    int room = (prefs->rect.width - FIRST_COLUMN - 1 - LABEL_LEAST) / channel_width(prefs);
    size_t count = prefs->known ? prefs->known->channel_count : 0;

    return room < 1 ? count > 0 : (size_t)room < count ? (size_t)room : count;
}

void prefs_show_channel(struct prefs *prefs)
{
    size_t shown = channels_shown(prefs), count = prefs->known ? prefs->known->channel_count : 0;

    if (prefs->first_channel + shown > count)
        prefs->first_channel = count - shown;
    if (prefs->channel < prefs->first_channel)
        prefs->first_channel = prefs->channel;
    else if (shown > 0 && prefs->channel >= prefs->first_channel + shown)
        prefs->first_channel = prefs->channel - shown + 1;
}

static int label_width(const struct prefs *prefs)
{
    int room = prefs->rect.width - FIRST_COLUMN - 1 - (int)channels_shown(prefs) * channel_width(prefs);

    return room < LABEL_MOST ? room : LABEL_MOST;
}

size_t prefs_row_at(const struct prefs *prefs, int y)
{
    int line = y - prefs->rect.y, top = prefs_grid_top(prefs);
    size_t row = SIZE_MAX;

    if (line >= top && line < prefs->rect.height - 1)
        row = PREFS_SETTINGS + prefs->top + (size_t)(line - top);
    else if (line >= 0 && line < PREFS_SETTINGS && settings_shown(prefs))
        row = (size_t)line;
    return row < prefs->rows.count ? row : SIZE_MAX;
}

size_t prefs_channel_at(const struct prefs *prefs, int x)
{
    int within = x - prefs->rect.x - FIRST_COLUMN - label_width(prefs); /* the blank before a switch is also its own */

    size_t column = within >= 0 ? (size_t)(within / channel_width(prefs)) : SIZE_MAX;

    return column < channels_shown(prefs) ? prefs->first_channel + column : SIZE_MAX;
}

static void draw_cursor(const struct prefs *prefs, struct grid *grid, int y)
{
    struct rect line = {prefs->rect.x, y, prefs->rect.width, 1};

    grid_add_states(grid, line, STATE_SELECTED);
    grid_text(grid, line.x, y, 1, LOOK(ROLE_CURSOR_BAR, STATE_SELECTED), glyph_text(GLYPH_BAR, grid->ascii));
}

static void draw_setting(const struct prefs *prefs, struct grid *grid, size_t index)
{
    const struct prefs_row *row = &prefs->rows.data[index];
    int x = prefs->rect.x + FIRST_COLUMN, y = prefs->rect.y + (int)index;
    char *text = prefs_setting(prefs, row->setting);
    bool off = strcmp(text, "off") == 0;

    grid_text(grid, x, y, SETTING_LABEL - 1, LOOK(ROLE_DETAIL_LABEL, 0), row->label);
    grid_text(grid, x + SETTING_LABEL, y, prefs->rect.width - FIRST_COLUMN - SETTING_LABEL,
              LOOK(off ? ROLE_DETAIL_VALUE : ROLE_TITLE_UNREAD, off ? STATE_DIM : 0), text);
    free(text);
    if (index != prefs->cursor)
        return;
    draw_cursor(prefs, grid, y);
    grid_set_cursor(grid, prefs->rect.x, y);
}

static void draw_channels(const struct prefs *prefs, struct grid *grid)
{
    int x = prefs->rect.x + FIRST_COLUMN + label_width(prefs) + 1, y = prefs->rect.y + prefs_grid_top(prefs) - 1;
    size_t end = prefs->first_channel + channels_shown(prefs);
    int width = channel_width(prefs);

    grid_text(grid, prefs->rect.x + FIRST_COLUMN, y, label_width(prefs), LOOK(ROLE_DETAIL_LABEL, 0), "type");
    if (prefs->first_channel > 0)
        grid_text(grid, x - 1, y, 1, LOOK(ROLE_DETAIL_LABEL, 0), glyph_text(GLYPH_ELLIPSIS, grid->ascii));
    for (size_t i = prefs->first_channel; i < end; i++, x += width)
        grid_textf(grid, x, y, width - 1, LOOK(ROLE_DETAIL_LABEL, 0), "%.*s", width - 1,
                   prefs->known->channels[i].name);
    if (end < prefs->known->channel_count)
        grid_text(grid, x - 1, y, 1, LOOK(ROLE_DETAIL_LABEL, 0), glyph_text(GLYPH_ELLIPSIS, grid->ascii));
}

/* A choice made on this very row stands out; one that follows from another row or the default is dimmed. */
static struct look look_of(const struct prefs_switch *stands, bool own)
{
    if (!stands->known)
        return LOOK(ROLE_BORDER, 0);
    return LOOK(stands->enabled ? ROLE_OK : ROLE_WARNING, own ? 0 : STATE_DIM);
}

static const char *text_of(const struct prefs_switch *stands, bool ascii)
{
    if (stands->waiting && !stands->known)
        return glyph_text(GLYPH_ELLIPSIS, ascii);
    return !stands->known ? glyph_text(GLYPH_DOT, ascii) : stands->enabled ? "on" : "off";
}

static void draw_switches(const struct prefs *prefs, struct grid *grid, size_t index, int y)
{
    const struct prefs_row *row = &prefs->rows.data[index];
    int x = prefs->rect.x + FIRST_COLUMN, width = channel_width(prefs);
    size_t end = prefs->first_channel + channels_shown(prefs);
    int indent = row->type ? 2 : 0;
    enum role role = row->type ? ROLE_TYPE : ROLE_TITLE_UNREAD;

    grid_text(grid, x + indent, y, label_width(prefs) - indent, LOOK((uint8_t)role, 0), row->label);
    x += label_width(prefs) + 1;
    if (index == prefs->cursor)
        draw_cursor(prefs, grid, y);
    for (size_t i = prefs->first_channel; i < end; i++, x += width) {
        struct prefs_switch stands = prefs_switch(prefs, row, i);
        struct look look = look_of(&stands, !row->type || stands.source == NB_PREFERENCE_TYPE);
        bool here = index == prefs->cursor && i == prefs->channel;

        if (here)
            look = LOOK(ROLE_TAB_ACTIVE, 0);
        else if (index == prefs->cursor)
            look.states |= STATE_SELECTED;
        if (here)
            grid_textf(grid, x - 1, y, CHANNEL_NARROW + 1, look, " %s ", text_of(&stands, grid->ascii));
        else
            grid_text(grid, x, y, width - 1, look, text_of(&stands, grid->ascii));
        if (here)
            grid_set_cursor(grid, x, y);
    }
}

/* Why the switch stands as it does: "off, by your word for the module billing". */
static void append_why(struct nb_strbuf *out, const struct prefs_row *row, const struct prefs_switch *stands)
{
    if (!stands->known) {
        nb_strbuf_append(out, stands->waiting ? "the default" : "you say nothing about it");
        return;
    }
    nb_strbuf_append(out, stands->enabled ? "on" : "off");
    if (stands->locked)
        nb_strbuf_append(out, ", and cannot be switched off");
    else if (stands->source == NB_PREFERENCE_DEFAULT)
        nb_strbuf_append(out, ", by default");
    else if (stands->source == NB_PREFERENCE_TYPE || !row->type)
        nb_strbuf_append(out, ", by your word");
    else if (stands->source == NB_PREFERENCE_MODULE)
        nb_strbuf_appendf(out, ", by your word for %s", row->module);
    else
        nb_strbuf_append(out, ", by your word for everything");
    if (row->type && stands->enabled && !stands->usual)
        nb_strbuf_append(out, "; only where a rule names the channel");
}

static void draw_about(const struct prefs *prefs, struct grid *grid)
{
    const struct prefs_row *row = prefs_row(prefs);
    int y = prefs->rect.y + prefs->rect.height - 1;
    struct nb_strbuf text;

    nb_strbuf_init(&text, 4096);
    if (row->setting) {
        nb_strbuf_appendf(&text, "%s: %s", row->label, row->about);
    } else {
        struct prefs_switch stands = prefs_switch(prefs, row, prefs->channel);
        const char *problem = prefs->known->channels[prefs->channel].problem;

        nb_strbuf_appendf(&text, "%s: ", prefs->known->channels[prefs->channel].name);
        append_why(&text, row, &stands);
        if (problem && strcmp(problem, "no_address") == 0)
            nb_strbuf_append(&text, "; you have no address for it");
        else if (problem)
            nb_strbuf_append(&text, "; your address for it is disabled");
        if (row->about)
            nb_strbuf_appendf(&text, " %s %s", glyph_text(GLYPH_DOT, grid->ascii), row->about);
    }
    grid_fill(grid, (struct rect){prefs->rect.x, y, prefs->rect.width, 1}, " ", LOOK(ROLE_DETAIL, 0));
    grid_text(grid, prefs->rect.x + FIRST_COLUMN, y, prefs->rect.width - FIRST_COLUMN, LOOK(ROLE_DETAIL_VALUE, 0),
              text.data);
    nb_strbuf_clear(&text);
}

static void draw_nothing(const struct prefs *prefs, struct grid *grid)
{
    const struct host *host = prefs->screen.host;
    char trouble[LINK_TROUBLE_SIZE];
    const char *why = link_trouble(host, trouble, sizeof(trouble));
    int x = prefs->rect.x + FIRST_COLUMN, y = prefs->rect.y + 1, width = prefs->rect.width - FIRST_COLUMN;

    if (prefs->error.code != NB_OK) {
        grid_text(grid, x, y, width, LOOK(ROLE_ERROR, 0), prefs->error.message);
        grid_text(grid, x, y + 1, width, LOOK(ROLE_EMPTY, 0), prefs->error.hint);
    } else {
        grid_text(grid, x, y, width, LOOK(ROLE_EMPTY, 0), why ? why : "loading …");
    }
}

void prefs_draw(const struct screen *screen, struct grid *grid, const struct layout *layout)
{
    const struct prefs *prefs = prefs_of(screen);
    int first = prefs->rect.y + prefs_grid_top(prefs);
    int last = prefs->rect.y + prefs->rect.height - 1;

    (void)layout;
    if (!prefs->known) {
        draw_nothing(prefs, grid);
        return;
    }
    for (size_t i = 0; settings_shown(prefs) && i < PREFS_SETTINGS; i++)
        draw_setting(prefs, grid, i);
    if (first <= last)
        draw_channels(prefs, grid);
    for (size_t i = PREFS_SETTINGS + prefs->top; i < prefs->rows.count; i++) {
        int y = first + (int)(i - PREFS_SETTINGS - prefs->top);

        if (y >= last)
            break;
        draw_switches(prefs, grid, i, y);
    }
    draw_about(prefs, grid);
}
