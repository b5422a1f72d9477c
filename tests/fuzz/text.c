/* text.c - fuzzes the sanitiser of text for a terminal: nothing that a terminal acts on comes out, whatever goes in. */
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

/* Decodes one code point of valid UTF-8. */
static uint32_t next_codepoint(const char **text)
{
    const unsigned char *s = (const unsigned char *)*text;
    int more = s[0] < 0x80 ? 0 : s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
    uint32_t c = more == 0 ? s[0] : s[0] & (0x3fu >> more);

    for (int i = 1; i <= more; i++)
        c = c << 6 | (s[i] & 0x3f);
    *text += more + 1;
    return c;
}

/* Written from the design's list, not from the code: controls, bidi, tags, separators, soft hyphen, zero width
 * space. */
static bool is_harmful(uint32_t c, bool block)
{
    return (c < 0x20 && !(block && c == '\n')) || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c ||
           (c >= 0x200b && c <= 0x200c) || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xe0001 || (c >= 0xfff9 && c <= 0xfffb);
}

static void check_measures(const char *text)
{
    int columns = 1 + (int)(strlen(text) % 30), used = 0, width, sum = 0;
    size_t next, length;
    const char *rest = text;

    while ((length = nb_text_grapheme(rest, &width)) > 0) {
        PROMISE(width >= 0 && width <= 2);
        PROMISE(length <= strlen(rest));
        rest += length;
        sum += width;
    }
    PROMISE(*rest == '\0');
    PROMISE(sum == nb_text_width(text));
    PROMISE(nb_text_fit(text, columns, &used) <= strlen(text));
    PROMISE(used <= columns);
    for (rest = text; *rest; rest += next) {
        length = nb_text_wrap(rest, columns + 1, &next);
        PROMISE(next > 0 && length <= next && next <= strlen(rest));
    }
}

static void check(const uint8_t *data, size_t size, enum nb_text_mode mode, bool ascii)
{
    struct nb_strbuf out, cut;

    nb_strbuf_init(&out, 1 << 20);
    nb_text_sanitize(&out, (const char *)data, size, mode, ascii);
    if (out.length > 0) {
        PROMISE(strlen(out.data) == out.length);
        PROMISE(nb_utf8_valid(out.data, out.length));
        for (const char *text = out.data; *text;)
            PROMISE(!is_harmful(next_codepoint(&text), mode == NB_TEXT_BLOCK));
        check_measures(out.data);
        nb_strbuf_init(&cut, 1 << 20);
        nb_text_append_cut(&cut, out.data, 12, true, ascii);
        PROMISE(nb_text_width(cut.data) == 12 || strchr(out.data, '\n'));
        nb_strbuf_clear(&cut);
    }
    nb_strbuf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, NB_TEXT_LINE, false);
    check(data, size, NB_TEXT_LINE, true);
    check(data, size, NB_TEXT_BLOCK, false);
    return 0;
}
