/*
 * theme.h - what roles look like. Themes are files (themes/NAME.theme): `role = fg [on bg] [bold
 * dim italic underline reverse]`.
 *
 * Colours are names (black … white, bright-black …, default), 0–255, or #rrggbb. `default` is the
 * terminal's own, transparent. A key is a role, `prefix.*`, `*`, or one of these with a state
 * behind it: `ROLE.selected`, `*.marked`, `severity.*.dim`. For one role the most exact key wins,
 * among equals the later line; a user's file is read after the shipped one of the same name. State
 * lines lie over the role's own: they replace the colours they name, and add their attributes.
 * A role with a background of its own, unlike that of `text`, keeps its colors under a wildcard
 * line that names only one. `inherits = NAME` as the first line starts from another theme.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include "tui/draw/cell.h"
#include "tui/files/problem.h"

enum color_kind { COLOR_KIND_UNSET, COLOR_KIND_DEFAULT, COLOR_KIND_INDEX, COLOR_KIND_RGB };

struct color {
    uint8_t kind;
    uint8_t red, green, blue; /* COLOR_KIND_INDEX: the index is in red */
};

enum style_attribute {
    STYLE_BOLD = 1,
    STYLE_DIM = 2,
    STYLE_ITALIC = 4,
    STYLE_UNDERLINE = 8,
    STYLE_REVERSE = 16,
};

struct style {
    struct color foreground, background; /* never UNSET in what theme_style() returns */
    uint8_t attributes;
};

struct theme;

/* Loads NAME: the shipped file (installed, else embedded) and the user's file of the same name over
 * it. NB_ENOTFOUND when there is neither; the hint lists the themes there are. Bad lines go to
 * problems, the rest counts. */
NB_MUSTCHECK int theme_load(struct theme **out, const char *name, struct problems *problems, struct nb_error *err);
/* From text, for tests and --check-config. */
NB_MUSTCHECK int theme_load_text(struct theme **out, const char *file, const char *text, struct problems *problems,
                                 struct nb_error *err);
void theme_free(struct theme **theme);
const char *theme_name(const struct theme *theme);
struct style theme_style(const struct theme *theme, struct look look);
/* Whether a line (not just `*`) gives the role its look; every shipped theme defines every role. */
bool theme_defines(const struct theme *theme, enum role role);
/* Whether the theme is made for a light background (`background = light` in the file). */
bool theme_is_light(const struct theme *theme);

/* "red", "208", "#ff8800", "default". */
NB_MUSTCHECK int color_parse(struct color *out, const char *text, struct nb_error *err);
/* The nearest colour that a terminal with `colors` colours has (1 << 24, 256, 16, 8, or 0: none,
 * all become default). */
struct color color_reduce(struct color color, int colors);
/* A whole style reduced: a fill that would vanish becomes reverse, so that what is marked stays
 * marked. */
struct style style_reduce(struct style style, int colors, bool light);
/* What a colour looks like, for contrast: default counts as light on dark (or the reverse where
 * light is set). */
uint32_t color_rgb(struct color color, bool foreground, bool light);
/* WCAG contrast ratio times 100, 100 … 2100. */
int color_contrast(uint32_t a, uint32_t b);

#endif
