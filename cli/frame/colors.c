/*
 * colors.c - loads the theme that the config names, once, and turns looks into escape sequences.
 *
 * Unlike the console the commands ask the terminal nothing: the environment says whether its background is light and how
 * many colours it has.
 */
#include "cli/frame/colors.h"

#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/vec.h"
#include "tui/config/settings.h"
#include "tui/term/sgr.h"
#include "tui/term/surroundings.h"

#define CODE_SIZE 64

struct code {
    struct look look;
    char text[CODE_SIZE];
};

/* What is wrong with config and theme is for --check-config and the console to say, not for every command. */
static struct theme *load_theme(void)
{
    struct settings settings;
    struct problems problems = {0};
    struct theme *theme = NULL;
    const char *automatic = surroundings_background() == BACKGROUND_LIGHT ? "light" : "dark";
    const char *name;

    settings_load(&settings, &problems);
    name = settings_is(&settings, OPTION_THEME, "auto") ? automatic : settings_text(&settings, OPTION_THEME);
    if (theme_load(&theme, name, &problems, NULL) < 0 && theme_load(&theme, automatic, &problems, NULL) < 0)
        nb_fatal("the built-in theme cannot be loaded");
    settings_clear(&settings);
    problems_clear(&problems);
    return theme;
}

static void write_code(struct code *code, const struct theme *theme)
{
    struct style style = style_reduce(theme_style(theme, code->look), surroundings_colors(), theme_is_light(theme));
    const struct style plain = {.foreground.kind = COLOR_KIND_DEFAULT, .background.kind = COLOR_KIND_DEFAULT};
    struct nb_strbuf text;

    nb_strbuf_init(&text, CODE_SIZE);
    sgr_change(&text, &plain, &style);
    snprintf(code->text, sizeof(code->text), "%s", text.data);
    nb_strbuf_clear(&text);
}

const char *colors_code(struct look look)
{
    static struct code codes[16];
    static size_t count;
    struct theme *theme;

    for (size_t i = 0; i < count; i++)
        if (memcmp(&codes[i].look, &look, sizeof(look)) == 0)
            return codes[i].text;
    if (count == NB_ARRAY_SIZE(codes))
        return "";
    theme = load_theme();
    codes[count].look = look;
    write_code(&codes[count], theme);
    theme_free(&theme);
    return codes[count++].text;
}
