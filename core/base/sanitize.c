/*
 * sanitize.c - the choke point: turns untrusted text into text that is safe on a terminal.
 *
 * One pass, code point by code point. Combining marks, the joiners and selectors of emoji and the parts of a Hangul
 * syllable are harmless only in their proper place, so they pass there and nowhere else.
 */
#include "config.h"

#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

#include "base/codepoint.h"

#define MAX_MARKS 8 /* on one base: no script stacks more, and a higher pile would spill over other rows */
#define MAX_JOINS 7 /* ZWJ in one emoji; the longest real ones have 3 */
#define TAB_STOP  8

/* What the next code point may attach to. */
enum base {
    BASE_NONE,       /* nothing: the start, a line's start, a symbol of ours */
    BASE_LETTER,     /* anything that is drawn */
    BASE_HANGUL,     /* a syllable that takes further parts */
    BASE_KEYCAP,     /* 0-9 # *: the beginning of a keycap */
    BASE_PICTOGRAPH, /* an emoji that has no selector yet */
    BASE_EMOJI,      /* an emoji with selector or skin tone: it can only be joined */
};

struct sanitizer {
    struct nb_strbuf *out;
    enum nb_text_mode mode;
    bool ascii;
    enum base base;
    unsigned marks;
    unsigned joins;
    bool joined; /* a ZWJ was let through, which happens only before an emoji */
    unsigned column;
};

static void put_codepoint(struct sanitizer *state, int32_t codepoint)
{
    utf8proc_uint8_t bytes[4];
    utf8proc_ssize_t length = utf8proc_encode_char(codepoint, bytes);

    nb_strbuf_append_n(state->out, (const char *)bytes, (size_t)length);
    state->column += (unsigned)nb_codepoint_width(codepoint);
}

static void put_ascii(struct sanitizer *state, char c)
{
    nb_strbuf_append_char(state->out, c);
    state->column++;
}

/* Puts the visible symbol for a code point that must not get through. */
static void put_symbol(struct sanitizer *state, int32_t codepoint)
{
    state->base = BASE_NONE;
    state->joined = false;
    if (codepoint < 0x20 || codepoint == 0x7F) {
        if (state->ascii) {
            put_ascii(state, '^');
            put_ascii(state, (char)(codepoint ^ 0x40));
        } else {
            put_codepoint(state, codepoint == 0x7F ? 0x2421 : 0x2400 + codepoint);
        }
        return;
    }
    size_t before = state->out->length;
    nb_strbuf_appendf(state->out, "<U+%04X>", (unsigned)codepoint);
    state->column += (unsigned)(state->out->length - before);
}

static void put_replacement(struct sanitizer *state)
{
    state->base = BASE_NONE;
    state->joined = false;
    if (state->ascii)
        put_ascii(state, '?');
    else
        put_codepoint(state, NB_CODEPOINT_REPLACEMENT);
}

/* ---- ASCII ---- */

/* ASCII for punctuation and signs that have no decomposition; 0 for all others. */
static char ascii_lookalike(int32_t codepoint)
{
    static const struct {
        int32_t codepoint;
        char c;
    } lookalikes[] = {
        {0x00AB, '<'}, {0x00BB, '>'}, {0x00D7, 'x'}, {0x00D8, 'O'}, {0x00DF, 's'}, {0x00F8, 'o'},  {0x0141, 'L'},
        {0x0142, 'l'}, {0x2010, '-'}, {0x2012, '-'}, {0x2013, '-'}, {0x2014, '-'}, {0x2018, '\''}, {0x2019, '\''},
        {0x201C, '"'}, {0x201D, '"'}, {0x2022, '*'}, {0x2190, '<'}, {0x2192, '>'}, {0x2212, '-'},
    };

    for (size_t i = 0; i < NB_ARRAY_SIZE(lookalikes); i++)
        if (lookalikes[i].codepoint == codepoint)
            return lookalikes[i].c;
    return '?';
}

/* The ASCII letters that a character is made of (é gives e, ﬁ gives fi), or one stand-in. */
static void put_as_ascii(struct sanitizer *state, int32_t codepoint)
{
    utf8proc_int32_t parts[32];
    int boundary = 0;
    utf8proc_ssize_t count = utf8proc_decompose_char(codepoint, parts, NB_ARRAY_SIZE(parts),
                                                     UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT, &boundary);
    bool any = false;

    for (utf8proc_ssize_t i = 0; i < count && i < (utf8proc_ssize_t)NB_ARRAY_SIZE(parts); i++) {
        if (parts[i] < 0x20 || parts[i] >= 0x7F)
            continue;
        put_ascii(state, (char)parts[i]);
        any = true;
    }
    if (!any)
        put_ascii(state, ascii_lookalike(codepoint));
}

/* ---- what goes through ---- */

static void put_base(struct sanitizer *state, int32_t codepoint, enum base base)
{
    if (!state->joined)
        state->joins = 0;
    state->joined = false;
    state->base = base;
    state->marks = 0;
    if (state->ascii)
        put_as_ascii(state, codepoint);
    else
        put_codepoint(state, codepoint);
}

/* Puts what is drawn on or with the base before it. ASCII output drops it. */
static void put_attached(struct sanitizer *state, int32_t codepoint)
{
    state->marks++;
    if (!state->ascii)
        put_codepoint(state, codepoint);
}

static void take_mark(struct sanitizer *state, int32_t codepoint)
{
    if (state->base != BASE_NONE && state->marks >= MAX_MARKS) {
        put_replacement(state);
        return;
    }
    if (state->base == BASE_NONE)
        put_base(state, NB_CODEPOINT_DOTTED_CIRCLE, BASE_LETTER);
    if (state->base != BASE_KEYCAP || codepoint != NB_CODEPOINT_KEYCAP)
        state->base = BASE_LETTER;
    put_attached(state, codepoint);
}

static void take_joiner(struct sanitizer *state, const char *rest, size_t length)
{
    int32_t next;
    bool emoji = state->base == BASE_PICTOGRAPH || state->base == BASE_EMOJI;

    if (!emoji || state->joins >= MAX_JOINS || nb_codepoint_next(rest, length, &next) == 0 ||
        !nb_codepoint_is_pictograph(next) || nb_codepoint_is_hazard(next)) {
        put_symbol(state, NB_CODEPOINT_ZWJ);
        return;
    }
    state->joins++;
    state->joined = true;
    put_attached(state, NB_CODEPOINT_ZWJ);
}

static void take_selector(struct sanitizer *state, int32_t codepoint, const char *rest, size_t length)
{
    int32_t next;
    bool keycap = state->base == BASE_KEYCAP && state->marks == 0 && codepoint == NB_CODEPOINT_VS16 &&
                  nb_codepoint_next(rest, length, &next) != 0 && next == NB_CODEPOINT_KEYCAP;

    if (state->base != BASE_PICTOGRAPH && !keycap) {
        put_symbol(state, codepoint);
        return;
    }
    if (!keycap)
        state->base = BASE_EMOJI;
    put_attached(state, codepoint);
}

static void take_skin_tone(struct sanitizer *state, int32_t codepoint)
{
    if (state->base != BASE_PICTOGRAPH) {
        put_base(state, codepoint, BASE_LETTER);
        return;
    }
    state->base = BASE_EMOJI;
    put_attached(state, codepoint);
}

static void take_joining_jamo(struct sanitizer *state, int32_t codepoint)
{
    if (state->base != BASE_HANGUL || state->marks >= MAX_MARKS)
        put_symbol(state, codepoint);
    else
        put_attached(state, codepoint);
}

/* Takes a code point beyond ASCII. rest is the text after it, since a joiner is judged by what it joins. */
static void take_codepoint(struct sanitizer *state, int32_t codepoint, const char *rest, size_t length)
{
    if (codepoint == NB_CODEPOINT_ZWJ)
        take_joiner(state, rest, length);
    else if (codepoint == NB_CODEPOINT_VS15 || codepoint == NB_CODEPOINT_VS16)
        take_selector(state, codepoint, rest, length);
    else if (nb_codepoint_is_hazard(codepoint))
        put_symbol(state, codepoint);
    else if (nb_codepoint_is_skin_tone(codepoint))
        take_skin_tone(state, codepoint);
    else if (nb_codepoint_is_joining_jamo(codepoint))
        take_joining_jamo(state, codepoint);
    else if (nb_codepoint_is_mark(codepoint))
        take_mark(state, codepoint);
    else if (nb_codepoint_is_pictograph(codepoint))
        put_base(state, codepoint, BASE_PICTOGRAPH);
    else
        put_base(state, codepoint, nb_codepoint_is_jamo(codepoint) ? BASE_HANGUL : BASE_LETTER);
}

/* ---- the pass ---- */

static void take_control(struct sanitizer *state, char c)
{
    if (state->mode == NB_TEXT_BLOCK && c == '\n') {
        nb_strbuf_append_char(state->out, '\n');
        state->column = 0;
        state->base = BASE_NONE;
    } else if (state->mode == NB_TEXT_BLOCK && c == '\t') {
        unsigned spaces = TAB_STOP - state->column % TAB_STOP;
        nb_strbuf_append_repeat(state->out, ' ', spaces);
        state->column += spaces;
        state->base = BASE_NONE;
    } else {
        put_symbol(state, (unsigned char)c);
    }
}

static enum base ascii_base(char c)
{
    return (c >= '0' && c <= '9') || c == '#' || c == '*' ? BASE_KEYCAP : BASE_LETTER;
}

/* Copies the printable ASCII at the start of text as it is: a fast path for most text. */
static size_t take_plain(struct sanitizer *state, const char *text, size_t length)
{
    size_t run = 0;

    while (run < length && text[run] >= 0x20 && text[run] < 0x7F)
        run++;
    if (run > 0) {
        nb_strbuf_append_n(state->out, text, run);
        state->column += (unsigned)run;
        state->base = ascii_base(text[run - 1]);
        state->marks = 0;
    }
    return run;
}

void nb_text_sanitize(struct nb_strbuf *out, const char *text, size_t length, enum nb_text_mode mode, bool ascii)
{
    struct sanitizer state = {.out = out, .mode = mode, .ascii = ascii};

    if (length == SIZE_MAX)
        length = strlen(text);
    for (size_t at = 0; at < length && !out->overflowed;) {
        int32_t codepoint;
        at += take_plain(&state, text + at, length - at);
        if (at == length)
            break;
        if ((unsigned char)text[at] < 0x80) {
            take_control(&state, text[at++]);
            continue;
        }
        size_t bytes = nb_codepoint_next(text + at, length - at, &codepoint);
        if (bytes == 0) {
            put_replacement(&state);
            at++;
            continue;
        }
        at += bytes;
        take_codepoint(&state, codepoint, text + at, length - at);
    }
}
