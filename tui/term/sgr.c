/*
 * sgr.c - builds SGR sequences: either what changes, or everything after a reset, whichever is shorter.
 */
#include "config.h"

#include "tui/term/sgr.h"

#include <stdio.h>
#include <string.h>

static const struct {
    uint8_t attribute;
    int on, off;
} attributes[] = {
    {STYLE_BOLD, 1, 22}, {STYLE_DIM, 2, 22}, {STYLE_ITALIC, 3, 23}, {STYLE_UNDERLINE, 4, 24}, {STYLE_REVERSE, 7, 27},
};

/* The numbers between CSI and m. */
struct numbers {
    char text[96];
    size_t length;
};

static void add_number(struct numbers *numbers, int number)
{
    int written = snprintf(numbers->text + numbers->length, sizeof(numbers->text) - numbers->length, "%s%d",
                           numbers->length > 0 ? ";" : "", number);

    numbers->length += written > 0 ? (size_t)written : 0;
}

static void add_color(struct numbers *numbers, struct color color, int base)
{
    if (color.kind == COLOR_KIND_DEFAULT || color.kind == COLOR_KIND_UNSET) {
        add_number(numbers, base + 9);
    } else if (color.kind == COLOR_KIND_RGB) {
        add_number(numbers, base + 8);
        add_number(numbers, 2);
        add_number(numbers, color.red);
        add_number(numbers, color.green);
        add_number(numbers, color.blue);
    } else if (color.red < 8) {
        add_number(numbers, base + color.red);
    } else if (color.red < 16) {
        add_number(numbers, base + 60 + color.red - 8);
    } else {
        add_number(numbers, base + 8);
        add_number(numbers, 5);
        add_number(numbers, color.red);
    }
}

static bool color_equal(struct color a, struct color b)
{
    return memcmp(&a, &b, sizeof(a)) == 0;
}

static void from_nothing(struct numbers *numbers, const struct style *to)
{
    bool plain = true;

    add_number(numbers, 0);
    for (size_t i = 0; i < NB_ARRAY_SIZE(attributes); i++)
        if (to->attributes & attributes[i].attribute) {
            add_number(numbers, attributes[i].on);
            plain = false;
        }
    if (to->foreground.kind != COLOR_KIND_DEFAULT)
        add_color(numbers, to->foreground, 30);
    if (to->background.kind != COLOR_KIND_DEFAULT)
        add_color(numbers, to->background, 40);
    if (plain && numbers->length == 1)
        numbers->length = 0; /* a reset needs no number */
    numbers->text[numbers->length] = '\0';
}

static void from_former(struct numbers *numbers, const struct style *from, const struct style *to)
{
    uint8_t kept = from->attributes & to->attributes;
    int last_off = 0;

    for (size_t i = 0; i < NB_ARRAY_SIZE(attributes); i++)
        if (from->attributes & ~to->attributes & attributes[i].attribute) {
            if (attributes[i].off != last_off)
                add_number(numbers, attributes[i].off);
            last_off = attributes[i].off;
            if (attributes[i].off == 22) /* it also switches off both bold and dim */
                kept &= (uint8_t) ~(STYLE_BOLD | STYLE_DIM);
        }
    for (size_t i = 0; i < NB_ARRAY_SIZE(attributes); i++)
        if (to->attributes & ~kept & attributes[i].attribute)
            add_number(numbers, attributes[i].on);
    if (!color_equal(from->foreground, to->foreground))
        add_color(numbers, to->foreground, 30);
    if (!color_equal(from->background, to->background))
        add_color(numbers, to->background, 40);
}

void sgr_change(struct nb_strbuf *out, const struct style *from, const struct style *to)
{
    struct numbers whole = {.length = 0}, change = {.length = 0};

    from_nothing(&whole, to);
    if (from)
        from_former(&change, from, to);
    if (from && change.length == 0)
        return;
    nb_strbuf_appendf(out, "\033[%sm", from && change.length <= whole.length ? change.text : whole.text);
}
