/*
 * color.c - parses colours, reduces them to what a terminal has, and measures contrast.
 */
#include "config.h"

#include "tui/draw/theme.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const names[16] = {
    "black",       "red",          "green",      "yellow",       "blue",          "magenta",     "cyan",
    "white",       "bright-black", "bright-red", "bright-green", "bright-yellow", "bright-blue", "bright-magenta",
    "bright-cyan", "bright-white",
};

/* Typical RGB values of the sixteen colours, for finding the nearest one and measuring contrast. */
static const uint32_t palette[16] = {
    0x000000, 0xcd3131, 0x0dbc79, 0xc8b900, 0x2472c8, 0xbc3fbc, 0x11a8cd, 0xd5d5d5,
    0x767676, 0xf14c4c, 0x23d18b, 0xf5f543, 0x3b8eea, 0xd670d6, 0x29b8db, 0xffffff,
};

static const int cube_levels[6] = {0, 95, 135, 175, 215, 255};

static int parse_index(struct color *out, const char *text, struct nb_error *err)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    if (*end != '\0' || value < 0 || value > 255)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "color %s: expected 0 to 255", text);
    *out = (struct color){.kind = COLOR_KIND_INDEX, .red = (uint8_t)value};
    return 0;
}

static int parse_rgb(struct color *out, const char *text, struct nb_error *err)
{
    char *end = NULL;
    unsigned long value = strtoul(text + 1, &end, 16);

    if (strspn(text + 1, "0123456789abcdefABCDEF") != 6 || *end != '\0')
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "color %s: expected six hexadecimal digits", text);
    *out = (struct color){COLOR_KIND_RGB, (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    return 0;
}

int color_parse(struct color *out, const char *text, struct nb_error *err)
{
    if (text[0] == '#')
        return parse_rgb(out, text, err);
    if (text[0] >= '0' && text[0] <= '9')
        return parse_index(out, text, err);
    if (strcasecmp(text, "default") == 0) {
        *out = (struct color){.kind = COLOR_KIND_DEFAULT};
        return 0;
    }
    for (uint8_t i = 0; i < 16; i++)
        if (strcasecmp(text, names[i]) == 0) {
            *out = (struct color){.kind = COLOR_KIND_INDEX, .red = i};
            return 0;
        }
    nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "%s is no color", text);
    return nb_error_hint(err, "use default, black red green yellow blue magenta cyan white (also "
                              "bright-…), 0 to 255, or #rrggbb");
}

static uint32_t index_rgb(int index)
{
    int gray;

    if (index < 16)
        return palette[index];
    if (index < 232) {
        index -= 16;
        return (uint32_t)cube_levels[index / 36] << 16 | (uint32_t)cube_levels[index / 6 % 6] << 8 |
               (uint32_t)cube_levels[index % 6];
    }
    gray = 8 + (index - 232) * 10;
    return (uint32_t)(gray << 16 | gray << 8 | gray);
}

uint32_t color_rgb(struct color color, bool foreground, bool light)
{
    if (color.kind == COLOR_KIND_RGB)
        return (uint32_t)color.red << 16 | (uint32_t)color.green << 8 | color.blue;
    if (color.kind == COLOR_KIND_INDEX)
        return index_rgb(color.red);
    return foreground == light ? 0x000000 : (foreground ? 0xd5d5d5 : 0xffffff);
}

/* Weighted: the eye sees green best and blue least. */
static int distance(uint32_t a, uint32_t b)
{
    int red = (int)(a >> 16) - (int)(b >> 16);
    int green = (int)(a >> 8 & 255) - (int)(b >> 8 & 255);
    int blue = (int)(a & 255) - (int)(b & 255);

    return 3 * red * red + 6 * green * green + 2 * blue * blue;
}

static uint8_t nearest(uint32_t rgb, int from, int to)
{
    int best = from;

    for (int i = from + 1; i < to; i++)
        if (distance(rgb, index_rgb(i)) < distance(rgb, index_rgb(best)))
            best = i;
    return (uint8_t)best;
}

struct color color_reduce(struct color color, int colors)
{
    if (colors < 8)
        return (struct color){.kind = COLOR_KIND_DEFAULT};
    if (color.kind != COLOR_KIND_RGB && color.kind != COLOR_KIND_INDEX)
        return color;
    if (color.kind == COLOR_KIND_RGB && colors <= 256)
        color = (struct color){.kind = COLOR_KIND_INDEX,
                               .red = nearest(color_rgb(color, true, false), colors == 256 ? 16 : 0, colors)};
    if (color.kind == COLOR_KIND_INDEX && color.red >= 16 && colors < 256)
        color.red = nearest(index_rgb(color.red), 0, colors);
    /* a bright colour becomes the normal one of the same hue; bright black would become invisible black */
    if (color.kind == COLOR_KIND_INDEX && color.red >= 8 && colors < 16)
        color.red = color.red == 8 ? 7 : color.red - 8;
    return color;
}

static bool color_equal(struct color a, struct color b)
{
    return a.kind == b.kind && a.red == b.red && a.green == b.green && a.blue == b.blue;
}

struct style style_reduce(struct style style, int colors, bool light)
{
    struct style reduced = {color_reduce(style.foreground, colors), color_reduce(style.background, colors),
                            style.attributes};
    bool filled = style.background.kind != COLOR_KIND_DEFAULT;

    /* with fewer colours a fill cannot be shown: reverse keeps it visible */
    if (colors < 8) {
        if (filled && !(style.attributes & STYLE_REVERSE))
            reduced.attributes |= STYLE_REVERSE;
        return reduced;
    }
    if (colors >= 256 || !filled)
        return reduced;
    if (color_equal(reduced.foreground, reduced.background) || (reduced.background.red == 0 && !light)) {
        reduced.background = (struct color){.kind = COLOR_KIND_DEFAULT};
        if (reduced.foreground.kind == COLOR_KIND_INDEX && reduced.foreground.red == 0)
            reduced.foreground = reduced.background;
        reduced.attributes |= STYLE_REVERSE;
    }
    return reduced;
}

static double luminance(uint32_t rgb)
{
    static const double weights[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;

    for (int i = 0; i < 3; i++) {
        double part = (double)(rgb >> (16 - 8 * i) & 255) / 255.0;

        sum += weights[i] * (part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

int color_contrast(uint32_t a, uint32_t b)
{
    double first = luminance(a) + 0.05, second = luminance(b) + 0.05;

    return (int)lround(100.0 * (first > second ? first / second : second / first));
}
