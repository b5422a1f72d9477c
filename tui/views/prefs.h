/*
 * prefs.h - the Preferences: what a person wants to hear, when and by which channel, as a grid of switches under a few
 * settings. Changes are shown at once and sent one after the other; when one is refused, those that wait behind it are dropped.
 */
#ifndef TUI_PREFS_H
#define TUI_PREFS_H

#include "preferences/preferences.h"
#include "tui/view/screen.h"

#define PREFS_SETTINGS 4 /* the first rows */

/* What a row of the grid is about. */
struct prefs_row {
    const char *setting; /* the key of a setting; NULL: the row has switches */
    const char *label, *about;
    const struct nb_preference_type *type; /* NULL: of a module, or of all */
    const char *module;                    /* NULL: of all types */
};

/* A change on its way, or waiting for its turn. */
struct prefs_wish {
    char *key, *value; /* as for nb_preference_change() */
};

struct prefs {
    struct screen screen;
    struct nb_preferences *known; /* as the database told them last; NULL: not yet */
    struct nb_error error;        /* of the last reading */
    struct nb_request *request;
    NB_VEC(struct prefs_wish) wishes;
    NB_VEC(struct prefs_row) rows;
    size_t cursor, top;
    size_t channel;       /* the column of the cursor */
    size_t first_channel; /* the first that is shown: there may be more than fit */
    struct rect rect;
};

/* How a switch stands, wishes included. */
struct prefs_switch {
    bool known; /* false: the row is a module's or everything's, and the person has chosen nothing for it */
    bool enabled, locked, usual, waiting;
    enum nb_preference_source source;
};

/* NULL: the screen is another one, or there is none any more. */
struct prefs *prefs_of(const struct screen *screen);
const struct prefs_row *prefs_row(const struct prefs *prefs); /* under the cursor; NULL: nothing is known yet */
struct prefs_switch prefs_switch(const struct prefs *prefs, const struct prefs_row *row, size_t channel);
/* What a setting is called ("quiet hours"), or its key where it has no row. */
const char *prefs_label(const char *key);
/* The text of a setting, as it may be typed again; the caller frees it. */
char *prefs_setting(const struct prefs *prefs, const char *key);
/* Changes something; the value was found good by nb_preference_change(). */
void prefs_wish(struct prefs *prefs, const char *key, const char *value);
/* The switch under the cursor: turns it over, or takes the person's choice back. */
void prefs_turn(struct prefs *prefs);
void prefs_default(struct prefs *prefs);
void prefs_move_channel(struct prefs *prefs, int delta);

/* prefs_draw.c */
void prefs_draw(const struct screen *screen, struct grid *grid, const struct layout *layout);
/* Scrolls so that the channel of the cursor is among those that are shown. */
void prefs_show_channel(struct prefs *prefs);
int prefs_grid_top(const struct prefs *prefs); /* lines above the rows of switches, from the top */
/* What stands there on the screen; SIZE_MAX: nothing. */
size_t prefs_row_at(const struct prefs *prefs, int y);
size_t prefs_channel_at(const struct prefs *prefs, int x);

#endif
