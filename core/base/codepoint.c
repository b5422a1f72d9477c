/*
 * codepoint.c - properties of single code points, from utf8proc, corrected where terminals differ from it.
 */
#include "config.h"

#include "base/codepoint.h"

#include <string.h>
#include <utf8proc.h>

struct range {
    int32_t first;
    int32_t last;
};

/* Default_Ignorable_Code_Point (Unicode 15): drawn as nothing. utf8proc's own flag omits the reserved ones. */
static const struct range ignorable[] = {
    {0x00AD, 0x00AD}, {0x034F, 0x034F}, {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
    {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFF8}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

/* Format characters that are drawn: Arabic and other scripts put them around a number. */
static const struct range visible_formats[] = {
    {0x0600, 0x0605}, {0x06DD, 0x06DD},   {0x070F, 0x070F},   {0x0890, 0x0891},
    {0x08E2, 0x08E2}, {0x110BD, 0x110BD}, {0x110CD, 0x110CD},
};

/* Medial vowels and final consonants of Hangul: they join the consonant before them. */
static const struct range joining_jamo[] = {{0x1160, 0x11FF}, {0xD7B0, 0xD7FB}};

static const struct range other_jamo[] = {{0x1100, 0x115F}, {0xA960, 0xA97C}, {0xAC00, 0xD7A3}};

static bool in_ranges(const struct range *ranges, size_t count, int32_t codepoint)
{
    for (size_t i = 0; i < count && codepoint >= ranges[i].first; i++)
        if (codepoint <= ranges[i].last)
            return true;
    return false;
}

size_t nb_codepoint_next(const char *text, size_t length, int32_t *codepoint)
{
    utf8proc_ssize_t limit = length > PTRDIFF_MAX ? -1 : (utf8proc_ssize_t)length;
    utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)text, limit, codepoint);

    return bytes > 0 ? (size_t)bytes : 0;
}

int nb_codepoint_width(int32_t codepoint)
{
    if (codepoint < 0x300)
        return 1;
    if (in_ranges(joining_jamo, NB_ARRAY_SIZE(joining_jamo), codepoint))
        return 0;
    int width = utf8proc_charwidth(codepoint);
    /* utf8proc says 0 for spacing marks (Mc) and the visible formats, which take a column of their own. */
    if (width == 0 && (utf8proc_category(codepoint) == UTF8PROC_CATEGORY_MC ||
                       in_ranges(visible_formats, NB_ARRAY_SIZE(visible_formats), codepoint)))
        return 1;
    return width;
}

bool nb_codepoint_is_pictograph(int32_t codepoint)
{
    return utf8proc_get_property(codepoint)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool nb_codepoint_is_regional(int32_t codepoint)
{
    return codepoint >= 0x1F1E6 && codepoint <= 0x1F1FF;
}

bool nb_codepoint_is_skin_tone(int32_t codepoint)
{
    return codepoint >= 0x1F3FB && codepoint <= 0x1F3FF;
}

bool nb_codepoint_is_mark(int32_t codepoint)
{
    utf8proc_category_t category = utf8proc_category(codepoint);

    return category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_MC || category == UTF8PROC_CATEGORY_ME;
}

bool nb_codepoint_is_joining_jamo(int32_t codepoint)
{
    return in_ranges(joining_jamo, NB_ARRAY_SIZE(joining_jamo), codepoint);
}

bool nb_codepoint_is_jamo(int32_t codepoint)
{
    return nb_codepoint_is_joining_jamo(codepoint) || in_ranges(other_jamo, NB_ARRAY_SIZE(other_jamo), codepoint);
}

bool nb_codepoint_is_hazard(int32_t codepoint)
{
    if (codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0))
        return true;
    if (in_ranges(ignorable, NB_ARRAY_SIZE(ignorable), codepoint))
        return true;
    switch (utf8proc_category(codepoint)) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    case UTF8PROC_CATEGORY_CF:
        return !in_ranges(visible_formats, NB_ARRAY_SIZE(visible_formats), codepoint);
    default:
        return false;
    }
}
