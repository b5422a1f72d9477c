/*
 * surroundings.c - reads TERM, the locale, COLORFGBG, COLORTERM, NO_COLOR and the variables of multiplexers.
 */
#include "config.h"

#include "tui/term/surroundings.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static bool is_set(const char *name)
{
    const char *value = getenv(name);

    return value && *value;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

const char *surroundings_type(void)
{
    return is_set("TERM") ? getenv("TERM") : "dumb";
}

bool surroundings_locale(const char *type)
{
    bool plain = strcmp(type, "linux") == 0 || strcmp(type, "dumb") == 0 || begins_with(type, "vt");
    bool named = is_set("LC_ALL") || is_set("LC_CTYPE") || is_set("LANG");

    if (!setlocale(LC_CTYPE, "") || (!named && !plain))
        if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
            setlocale(LC_CTYPE, "C");
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

bool surroundings_like_xterm(const char *type)
{
    static const char *const likes[] = {"xterm", "tmux",    "screen",  "rxvt", "foot",    "alacritty",
                                        "kitty", "konsole", "wezterm", "st-",  "contour", "ghostty",
                                        "vte",   "gnome",   "mintty",  "iterm"};

    for (size_t i = 0; i < NB_ARRAY_SIZE(likes); i++)
        if (begins_with(type, likes[i]))
            return true;
    return false;
}

/* "15;0" or "0;default;15": the last number is the background. */
enum term_background surroundings_background(void)
{
    const char *value = getenv("COLORFGBG");
    const char *last = value ? strrchr(value, ';') : NULL;
    char *end = NULL;
    long number;

    if (!last)
        return BACKGROUND_UNKNOWN;
    number = strtol(last + 1, &end, 10);
    if (end == last + 1 || *end != '\0')
        return BACKGROUND_UNKNOWN;
    return number == 7 || (number >= 9 && number <= 15) ? BACKGROUND_LIGHT : BACKGROUND_DARK;
}

enum multiplexer surroundings_multiplexer(const char *type)
{
    bool inside = begins_with(type, "tmux") || begins_with(type, "screen");

    if (inside && is_set("TMUX"))
        return MULTIPLEXER_TMUX;
    return inside && is_set("STY") ? MULTIPLEXER_SCREEN : MULTIPLEXER_NONE;
}

unsigned surroundings_notify(const char *type)
{
    const char *program = is_set("TERM_PROGRAM") ? getenv("TERM_PROGRAM") : "";

    if (strcmp(program, "iTerm.app") == 0 || strcmp(program, "WezTerm") == 0 || strcmp(program, "ghostty") == 0)
        return NOTIFY_OSC9;
    if (is_set("VTE_VERSION") || begins_with(type, "foot") || begins_with(type, "rxvt"))
        return NOTIFY_OSC777;
    return NOTIFY_OSC9 | NOTIFY_OSC777;
}

bool surroundings_no_color(void)
{
    return is_set("NO_COLOR");
}

bool surroundings_true_color(void)
{
    const char *claims = getenv("COLORTERM");

    return claims && (strcmp(claims, "truecolor") == 0 || strcmp(claims, "24bit") == 0);
}

int surroundings_colors(void)
{
    const char *type = surroundings_type();

    if (surroundings_no_color())
        return 0;
    if (surroundings_true_color() && surroundings_multiplexer(type) != MULTIPLEXER_SCREEN)
        return 1 << 24;
    return strstr(type, "256color") || strstr(type, "direct") ? 256 : 8;
}
