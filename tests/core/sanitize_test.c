/* Sanitising: what a terminal may be sent, and what is replaced by a symbol. */
#include "tests/lib/unit.h"

#include "base/clock.h"
#include "base/codepoint.h"
#include "base/text.h"

static char *sanitize_n(const char *text, size_t length, enum nb_text_mode mode, bool ascii)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, SIZE_MAX / 2);
    nb_text_sanitize(&out, text, length, mode, ascii);
    return nb_strbuf_take(&out);
}

static void expect(const char *text, const char *wanted)
{
    char *got = sanitize_n(text, SIZE_MAX, NB_TEXT_LINE, false);

    assert_string_equal(got, wanted);
    free(got);
}

static void expect_ascii(const char *text, const char *wanted)
{
    char *got = sanitize_n(text, SIZE_MAX, NB_TEXT_LINE, true);

    assert_string_equal(got, wanted);
    free(got);
}

static void expect_block(const char *text, const char *wanted)
{
    char *got = sanitize_n(text, SIZE_MAX, NB_TEXT_BLOCK, false);

    assert_string_equal(got, wanted);
    free(got);
}

static void plain_text_stays(void **state)
{
    (void)state;
    expect("", "");
    expect("nightly export failed 3 times", "nightly export failed 3 times");
    expect("~!@#$%^&*()[]{}|\\\"'`", "~!@#$%^&*()[]{}|\\\"'`");
    expect("Orléans – 書道入門 – Жонглирование – ברוכים – العربية",
           "Orléans – 書道入門 – Жонглирование – ברוכים – العربية");
}

static void controls_become_pictures(void **state)
{
    (void)state;
    expect("\x1b[31mred\x1b[0m", "␛[31mred␛[0m");
    expect("\x1b]0;title\x07", "␛]0;title␇");
    expect("a\rb\nc\td\x7f", "a␍b␊c␉d␡");
    expect("\x01\x02\x08\x0b\x0c\x1f", "␁␂␈␋␌␟");
    char *got = sanitize_n("a\0b", 3, NB_TEXT_LINE, false);
    assert_string_equal(got, "a␀b");
    free(got);
}

static void c1_controls_are_named(void **state)
{
    (void)state;
    expect("\xc2\x9b"
           "31m",
           "<U+009B>31m"); /* CSI as one character */
    expect("\xc2\x80\xc2\x85\xc2\x9f", "<U+0080><U+0085><U+009F>");
    expect("\xc2\xa0", "\xc2\xa0"); /* the no-break space is one */
}

static void raw_bytes_are_replaced(void **state)
{
    (void)state;
    expect("\x9b"
           "31m",
           "\xEF\xBF\xBD"
           "31m"); /* CSI as one byte */
    expect("\xff\xfe", "��");
    expect("a\xc3", "a�");              /* cut off */
    expect("\xc0\xaf", "��");           /* overlong */
    expect("\xe0\x80\xaf", "���");      /* overlong */
    expect("\xed\xa0\x80", "���");      /* surrogate */
    expect("\xf4\x90\x80\x80", "����"); /* beyond U+10FFFF */
    expect("\xe2\x82 x", "�� x");
    expect("\xf0\x9f\x98", "���");
}

static void bidi_controls_are_named(void **state)
{
    (void)state;
    expect("\u202Egnp.exe", "<U+202E>gnp.exe");
    expect("\u200E\u200F\u061C", "<U+200E><U+200F><U+061C>");
    expect("\u202A\u202B\u202C\u202D", "<U+202A><U+202B><U+202C><U+202D>");
    expect("\u2066\u2067\u2068\u2069", "<U+2066><U+2067><U+2068><U+2069>");
}

static void what_is_not_seen_is_named(void **state)
{
    (void)state;
    expect("pass\u200Bword", "pass<U+200B>word");
    expect("\u200C\uFEFF\u2060\u180E\u034F", "<U+200C><U+FEFF><U+2060><U+180E><U+034F>");
    expect("soft\u00ADhyphen", "soft<U+00AD>hyphen");
    expect("line\u2028para\u2029", "line<U+2028>para<U+2029>");
    expect("\U000E0041\U000E007F\U000E0001", "<U+E0041><U+E007F><U+E0001>"); /* tag characters */
    expect("\u115F\u3164\uFFA0\u17B4", "<U+115F><U+3164><U+FFA0><U+17B4>");  /* fillers */
    expect("x\U000E0100", "x<U+E0100>");
    expect("\uFFF9a\uFFFAb\uFFFB", "<U+FFF9>a<U+FFFA>b<U+FFFB>");
    expect("\uFFFE\uFFFF\U0001FFFE", "<U+FFFE><U+FFFF><U+1FFFE>"); /* not characters */
    expect("\u0378", "<U+0378>");                                  /* unassigned: its width is unknown */
}

static void emoji_keep_what_they_are_made_of(void **state)
{
    (void)state;
    expect("🙂", "🙂");
    expect("❤\uFE0F", "❤\uFE0F");
    expect("⌚\uFE0E", "⌚\uFE0E");
    expect("👩\u200D🚀", "👩\u200D🚀");
    expect("👨\u200D👩\u200D👧\u200D👦", "👨\u200D👩\u200D👧\u200D👦");
    expect("🏳\uFE0F\u200D🌈", "🏳\uFE0F\u200D🌈");
    expect("👍🏽", "👍🏽");
    expect("🧑🏿\u200D🤝\u200D🧑🏻", "🧑🏿\u200D🤝\u200D🧑🏻");
    expect("👩🏽\u200D❤\uFE0F\u200D💋\u200D👨🏻", "👩🏽\u200D❤\uFE0F\u200D💋\u200D👨🏻");
    expect("🇫🇷🇩🇪", "🇫🇷🇩🇪");
    expect("1\uFE0F\u20E3 #\uFE0F\u20E3", "1\uFE0F\u20E3 #\uFE0F\u20E3");
}

static void joiners_and_selectors_elsewhere_are_named(void **state)
{
    (void)state;
    expect("a\u200Db", "a<U+200D>b");
    expect("👩\u200Dx", "👩<U+200D>x");
    expect("👩\u200D", "👩<U+200D>");
    expect("\u200D🚀", "<U+200D>🚀");
    expect("👩\u200D\u200D🚀", "👩<U+200D><U+200D>🚀");
    expect("a\uFE0F", "a<U+FE0F>");
    expect("❤\uFE0F\uFE0F", "❤\uFE0F<U+FE0F>");
    expect("1\uFE0F", "1<U+FE0F>");
    expect("1\uFE0Fx", "1<U+FE0F>x");
    expect("\uFE0F", "<U+FE0F>");
    expect("x\uFE00", "x<U+FE00>");
    expect("\u202E\u200D🚀", "<U+202E><U+200D>🚀");
}

static void endless_emoji_are_cut_short(void **state)
{
    struct nb_strbuf chain;

    (void)state;
    nb_strbuf_init(&chain, 10000);
    for (int i = 0; i < 100; i++)
        nb_strbuf_append(&chain, "👩\u200D");
    nb_strbuf_append(&chain, "👩");
    char *got = sanitize_n(chain.data, SIZE_MAX, NB_TEXT_LINE, false);
    int width = nb_text_width(got);
    assert_true(width > 80);
    assert_non_null(strstr(got, "<U+200D>"));
    free(got);
    nb_strbuf_clear(&chain);
}

static void marks_stay_on_their_base(void **state)
{
    (void)state;
    expect("e\u0301", "e\u0301");
    expect("a\u0308\u0304", "a\u0308\u0304");
    expect("क\u094D\u0937\u093F", "क\u094D\u0937\u093F");
    expect("ก\u0E33", "ก\u0E33");
    expect("ש\u05B8\u05C1", "ש\u05B8\u05C1");
}

static void marks_without_a_base_get_one(void **state)
{
    (void)state;
    expect("\u0301x", "◌\u0301x");
    expect("\x1b\u0301", "␛◌\u0301");
    expect("\u202E\u0301", "<U+202E>◌\u0301");
    expect_block("a\n\u0301", "a\n◌\u0301");
    expect("\u20E3", "◌\u20E3");
}

static void a_pile_of_marks_is_cut_short(void **state)
{
    (void)state;
    expect("a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308", "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308");
    expect("a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u0309z",
           "a\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308�z");
}

static void hangul_parts_stay_together(void **state)
{
    (void)state;
    expect("한글", "한글");
    expect("\u1112\u1161\u11AB", "\u1112\u1161\u11AB");
    expect("\u1161", "<U+1161>"); /* a vowel that would join the character before the text */
    expect("a\u11AB", "a<U+11AB>");
}

static void blocks_keep_their_lines(void **state)
{
    (void)state;
    expect_block("a\nb\n", "a\nb\n");
    expect_block("a\r\nb", "a␍\nb");
    expect_block("\tx", "        x");
    expect_block("ab\tx\n\ty", "ab      x\n        y");
    expect_block("日本\tx", "日本    x");
    expect_block("12345678\tx", "12345678        x");
    expect_block("\x0b\x0c\x1b", "␋␌␛");
}

static void ascii_is_only_ascii(void **state)
{
    (void)state;
    expect_ascii("plain", "plain");
    expect_ascii("Orléans, Škoda, ﬁn, Ångström", "Orleans, Skoda, fin, Angstrom");
    expect_ascii("e\u0301", "e");
    expect_ascii("“x” – ‘y’ … →", "\"x\" - 'y' ... >");
    expect_ascii("日本", "??");
    expect_ascii("👨\u200D👩\u200D👧", "???");
    expect_ascii("❤\uFE0F 1\uFE0F\u20E3", "? 1");
    expect_ascii("\x1b[31m\x07\x7f\t", "^[[31m^G^?^I");
    expect_ascii("\u202E\xc2\x9b\xff", "<U+202E><U+009B>?");
    expect_ascii("\u0301", "?");
}

static void the_limit_of_the_buffer_holds(void **state)
{
    struct nb_strbuf out;

    (void)state;
    nb_strbuf_init(&out, 10);
    nb_text_sanitize(&out, "\x1b\x1b\x1b\x1b\x1b", SIZE_MAX, NB_TEXT_LINE, false);
    assert_true(out.overflowed);
    assert_true(out.length <= 10);
    assert_true(nb_utf8_valid(out.data, out.length));
    nb_strbuf_clear(&out);
}

/* For any input the output is valid UTF-8 without anything that a terminal acts on, and sanitising it again changes
 * nothing that matters. */
static void check_output(const char *text, bool ascii)
{
    size_t length = strlen(text);

    assert_true(nb_utf8_valid(text, length));
    for (size_t at = 0; at < length;) {
        int32_t codepoint;
        at += nb_codepoint_next(text + at, length - at, &codepoint);
        assert_true(codepoint >= 0x20 || codepoint == '\n');
        assert_true(codepoint < 0x7F || codepoint > 0x9F);
        if (ascii)
            assert_true(codepoint < 0x7F);
        if (codepoint != NB_CODEPOINT_ZWJ && codepoint != NB_CODEPOINT_VS15 && codepoint != NB_CODEPOINT_VS16)
            assert_false(codepoint != '\n' && nb_codepoint_is_hazard(codepoint));
    }
}

static uint64_t random_state = 42;

static unsigned next_random(unsigned below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)(random_state % below);
}

static void append_random(struct nb_strbuf *text)
{
    static const char *const pieces[] = {
        "a",      "1",          " ",      "\n",       "\t",     "\x1b", "\xc2\x9b", "\x9b",   "\xe2",   "\x80",
        "\u0301", "\u200D",     "\uFE0F", "\u20E3",   "👩",      "🏽", "🇫",        "日",     "\u1112", "\u1161",
        "\u202E", "\U000E0041", "❤",      "\xf0\x9f", "\u0E33", "#",    "ﷺ",        "\u0378",
    };

    if (next_random(4) == 0)
        nb_strbuf_append_char(text, (char)(1 + next_random(255)));
    else
        nb_strbuf_append(text, pieces[next_random(NB_ARRAY_SIZE(pieces))]);
}

static void random_text_is_made_harmless(void **state)
{
    struct nb_strbuf text;

    (void)state;
    nb_strbuf_init(&text, 100000);
    for (int round = 0; round < 20000; round++) {
        nb_strbuf_reset(&text);
        for (unsigned i = next_random(20); i > 0; i--)
            append_random(&text);
        bool ascii = next_random(4) == 0;
        char *once = sanitize_n(text.data, text.length, next_random(2) ? NB_TEXT_BLOCK : NB_TEXT_LINE, ascii);
        check_output(once, ascii);
        char *twice = sanitize_n(once, SIZE_MAX, NB_TEXT_BLOCK, ascii);
        assert_string_equal(once, twice);
        free(once);
        free(twice);
    }
    nb_strbuf_clear(&text);
}

static void every_code_point_is_harmless(void **state)
{
    struct nb_strbuf text;

    (void)state;
    nb_strbuf_init(&text, 100);
    for (int32_t codepoint = 1; codepoint <= 0x10FFFF; codepoint++) {
        char bytes[5] = "";
        if (codepoint < 0x80)
            bytes[0] = (char)codepoint;
        else if (codepoint < 0x800)
            snprintf(bytes, sizeof(bytes), "%c%c", 0xC0 | codepoint >> 6, 0x80 | (codepoint & 0x3F));
        else if (codepoint < 0x10000)
            snprintf(bytes, sizeof(bytes), "%c%c%c", 0xE0 | codepoint >> 12, 0x80 | (codepoint >> 6 & 0x3F),
                     0x80 | (codepoint & 0x3F));
        else
            snprintf(bytes, sizeof(bytes), "%c%c%c%c", 0xF0 | codepoint >> 18, 0x80 | (codepoint >> 12 & 0x3F),
                     0x80 | (codepoint >> 6 & 0x3F), 0x80 | (codepoint & 0x3F));
        nb_strbuf_reset(&text);
        nb_text_sanitize(&text, bytes, SIZE_MAX, NB_TEXT_LINE, false);
        check_output(text.data, false);
        assert_true(nb_text_width(text.data) >= 1); /* nothing is invisible */
    }
    nb_strbuf_clear(&text);
}

UNIT_MAIN(cmocka_unit_test(plain_text_stays), cmocka_unit_test(controls_become_pictures),
          cmocka_unit_test(c1_controls_are_named), cmocka_unit_test(raw_bytes_are_replaced),
          cmocka_unit_test(bidi_controls_are_named), cmocka_unit_test(what_is_not_seen_is_named),
          cmocka_unit_test(emoji_keep_what_they_are_made_of),
          cmocka_unit_test(joiners_and_selectors_elsewhere_are_named), cmocka_unit_test(endless_emoji_are_cut_short),
          cmocka_unit_test(marks_stay_on_their_base), cmocka_unit_test(marks_without_a_base_get_one),
          cmocka_unit_test(a_pile_of_marks_is_cut_short), cmocka_unit_test(hangul_parts_stay_together),
          cmocka_unit_test(blocks_keep_their_lines), cmocka_unit_test(ascii_is_only_ascii),
          cmocka_unit_test(the_limit_of_the_buffer_holds), cmocka_unit_test(random_text_is_made_harmless),
          cmocka_unit_test(every_code_point_is_harmless))
