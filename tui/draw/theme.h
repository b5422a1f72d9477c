/*
 * theme.h - the looks of roles. A theme is a file (themes/NAME.theme) of lines
 *
 *     role = fg [on bg] [bold dim italic underline reverse]
 *
 * - A colour is a name (black … white, bright-black …, default), 0–255, or #rrggbb. `default` is the terminal's own,
 *   transparent.
 * - A key is a role, `prefix.*`, `*`, or one of these followed by a state: `ROLE.selected`, `*.marked`,
 *   `severity.*.dim`.
 * - For a role the most exact key wins, the later line among equals. A user's file is read after the shipped one of the
 *   same name.
 * - A line with a state is laid over the role's own look: it replaces the colours that it names, and adds its
 *   attributes.
 * - A role whose background differs from that of `text` keeps its colours under a wildcard line that names only one
 *   colour.
 * - `inherits = NAME` as the first line starts from another theme.
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
    struct color foreground, background; /* theme_style() never returns UNSET */
    uint8_t attributes;
};

struct theme;

/* Loads NAME: the shipped file (installed, else embedded), then the user's file of the same name. NB_ENOTFOUND when
 * there is neither; the hint lists the themes there are. Bad lines go to problems, the others apply. */
NB_MUSTCHECK int theme_load(struct theme **out, const char *name, struct problems *problems, struct nb_error *err);
/* The same for text; for tests and the fuzzer. */
NB_MUSTCHECK int theme_load_text(struct theme **out, const char *file, const char *text, struct problems *problems,
                                 struct nb_error *err);
void theme_free(struct theme **theme);
const char *theme_name(const struct theme *theme);
struct style theme_style(const struct theme *theme, struct look look);
/* Whether a line other than `*` sets the role's look. For tests: every shipped theme does so for every role. */
bool theme_defines(const struct theme *theme, enum role role);
/* Whether the theme is made for a light background (`background = light` in the file). */
bool theme_is_light(const struct theme *theme);

/* Parses "red", "208", "#ff8800" or "default". */
NB_MUSTCHECK int color_parse(struct color *out, const char *text, struct nb_error *err);
/* The nearest colour that a terminal with `colors` colours has: 1 << 24, 256, 16, 8, or 0 (every colour becomes
 * default). */
struct color color_reduce(struct color color, int colors);
/* Reduces a whole style. A fill that would vanish becomes reverse, so that what it marks stays visible. */
struct style style_reduce(struct style style, int colors, bool light);
/* The RGB value of a colour, for contrast. default counts as light on dark, or dark on light where light is set. */
uint32_t color_rgb(struct color color, bool foreground, bool light);
/* For tests, which hold that every shipped theme can be read: the WCAG contrast ratio times 100, 100 … 2100. */
int color_contrast(uint32_t a, uint32_t b);

#endif
