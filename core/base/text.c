/*
 * text.c - graphemes, widths, cutting and wrapping of text that has been sanitised.
 */
#include "config.h"

#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#include "base/codepoint.h"

#define ELLIPSIS       "\xE2\x80\xA6"
#define ASCII_ELLIPSIS "~"

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7F;
}

/* ---- graphemes ---- */

/* The properties of a cluster so far that decide its width. */
struct cluster {
    int columns;
    bool pictograph; /* begins with an emoji: it is drawn as one picture, two columns at most */
    bool regional;
};

/* Adds a code point. False when the cluster would exceed two columns: the code point then begins a new cluster, because
 * terminals lay out such clusters code point by code point. */
static bool cluster_add(struct cluster *cluster, int32_t codepoint)
{
    int columns = nb_codepoint_width(codepoint);

    if (codepoint == NB_CODEPOINT_VS16 || (cluster->regional && nb_codepoint_is_regional(codepoint))) {
        cluster->columns = 2;
        return true;
    }
    if (cluster->pictograph) {
        if (columns > cluster->columns)
            cluster->columns = columns;
        return true;
    }
    if (cluster->columns + columns > 2)
        return false;
    cluster->columns += columns;
    return true;
}

size_t nb_text_grapheme(const char *text, int *width)
{
    *width = 0;
    if (!*text)
        return 0;
    *width = 1;
    if (is_plain(text[0]) && (unsigned char)text[1] < 0x80)
        return 1;

    int32_t previous;
    size_t length = nb_codepoint_next(text, SIZE_MAX, &previous);
    if (length == 0 || previous < 0x20 || previous == 0x7F)
        return 1;
    struct cluster cluster = {
        .columns = nb_codepoint_width(previous),
        .pictograph = nb_codepoint_is_pictograph(previous),
        .regional = nb_codepoint_is_regional(previous),
    };
    utf8proc_int32_t state = 0;
    int32_t next;
    size_t bytes;
    while (text[length] && (bytes = nb_codepoint_next(text + length, SIZE_MAX, &next)) != 0) {
        if (utf8proc_grapheme_break_stateful(previous, next, &state) || !cluster_add(&cluster, next))
            break;
        length += bytes;
        previous = next;
    }
    *width = cluster.columns;
    return length;
}

/* ---- columns ---- */

/* The length, at most `limit`, of the plain ASCII at the start of text of which each byte is surely a grapheme. */
static size_t plain_run(const char *text, size_t limit)
{
    size_t length = 0;

    while (length < limit && is_plain(text[length]))
        length++;
    /* A combining mark may follow, which joins the last byte. */
    if (length > 0 && (unsigned char)text[length] >= 0x80)
        length--;
    return length;
}

size_t nb_text_fit(const char *text, int columns, int *used)
{
    size_t length = 0;
    int taken = 0;

    while (taken < columns) {
        size_t run = plain_run(text + length, (size_t)(columns - taken));
        length += run;
        taken += (int)run;
        int width;
        size_t bytes = nb_text_grapheme(text + length, &width);
        if (bytes == 0 || taken + width > columns)
            break;
        length += bytes;
        taken += width;
    }
    if (used)
        *used = taken;
    return length;
}

int nb_text_width(const char *text)
{
    int columns;

    nb_text_fit(text, INT32_MAX, &columns);
    return columns;
}

void nb_text_append_cut(struct nb_strbuf *out, const char *text, int columns, bool pad, bool ascii)
{
    int used = 0;

    if (columns <= 0)
        return;
    size_t length = nb_text_fit(text, columns, &used);
    if (text[length]) {
        length = nb_text_fit(text, columns - 1, &used);
        nb_strbuf_append_n(out, text, length);
        nb_strbuf_append(out, ascii ? ASCII_ELLIPSIS : ELLIPSIS);
        used++;
    } else {
        nb_strbuf_append_n(out, text, length);
    }
    if (pad && used < columns)
        nb_strbuf_append_repeat(out, ' ', (size_t)(columns - used));
}

/* ---- wrapping ---- */

static size_t skip_spaces(const char *text, size_t at)
{
    while (text[at] == ' ')
        at++;
    return at;
}

/* The end of a line broken at a blank: the blanks around the break belong to no line, and a newline right after them
 * counts as the same break. */
static size_t break_at(const char *text, size_t length, size_t *next)
{
    size_t after = skip_spaces(text, length);

    *next = text[after] == '\n' ? after + 1 : after;
    return length;
}

size_t nb_text_wrap(const char *text, int columns, size_t *next)
{
    size_t at = 0;
    size_t breakable = 0;  /* where the line may end; 0: nowhere yet */
    bool has_text = false; /* blanks before the first word are its indentation */
    int used = 0;

    while (text[at] && text[at] != '\n') {
        int width;
        size_t bytes = nb_text_grapheme(text + at, &width);
        bool blank = text[at] == ' ';
        if (blank && has_text && text[at - 1] != ' ')
            breakable = at;
        if (used + width > columns && at > 0) {
            if (blank || !breakable)
                return break_at(text, blank && breakable ? breakable : at, next);
            return break_at(text, breakable, next);
        }
        used += width;
        at += bytes;
        has_text = has_text || !blank;
        if (width == 2 && bytes > 0) /* scripts that are written without blanks may break anywhere */
            breakable = at;
    }
    *next = text[at] == '\n' ? at + 1 : at;
    return at;
}
