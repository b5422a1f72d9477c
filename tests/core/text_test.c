/* Graphemes, widths, cutting and wrapping, as terminals show them. */
#include "tests/lib/unit.h"

#include "base/text.h"

static void expect_grapheme(const char *text, size_t length, int width)
{
    int got = -1;

    assert_int_equal(nb_text_grapheme(text, &got), length);
    assert_int_equal(got, width);
}

static void graphemes_have_length_and_width(void **state)
{
    (void)state;
    expect_grapheme("", 0, 0);
    expect_grapheme("ab", 1, 1);
    expect_grapheme("é", 2, 1);
    expect_grapheme("e\u0301x", 3, 1);
    expect_grapheme("日本", 3, 2);
    expect_grapheme("ｱ", 3, 1);  /* half-width */
    expect_grapheme("Ａ", 3, 2); /* full-width */
    expect_grapheme("한", 3, 2);
    expect_grapheme("\u1112\u1161\u11AB", 9, 2); /* the same in parts */
    expect_grapheme("…", 3, 1);
    expect_grapheme("▲", 3, 1);
    expect_grapheme("│", 3, 1);
}

static void emoji_are_two_columns_however_long(void **state)
{
    (void)state;
    expect_grapheme("🙂x", 4, 2);
    expect_grapheme("❤", 3, 1);
    expect_grapheme("❤\uFE0F", 6, 2);
    expect_grapheme("👍🏽", 8, 2);
    expect_grapheme("👩\u200D🚀!", 11, 2);
    expect_grapheme("👨\u200D👩\u200D👧\u200D👦", 25, 2);
    expect_grapheme("🏳\uFE0F\u200D🌈", 14, 2);
    expect_grapheme("🇫🇷🇩🇪", 8, 2);
    expect_grapheme("🇫x", 4, 1);
    expect_grapheme("1\uFE0F\u20E3", 7, 2);
    expect_grapheme("©", 2, 1);
}

static void clusters_wider_than_a_cell_pair_are_laid_out_as_terminals_do(void **state)
{
    (void)state;
    expect_grapheme("ก\u0E33", 6, 2);
    expect_grapheme("क\u093F", 6, 2);
    assert_int_equal(nb_text_width("a🏽"), 3); /* a skin tone without a person is a picture by itself */
}

static void text_that_was_not_sanitised_counts_bytes(void **state)
{
    (void)state;
    expect_grapheme("\n", 1, 1);
    expect_grapheme("\x1b[", 1, 1);
    expect_grapheme("\xff\xfe", 1, 1);
    expect_grapheme("\xe2\x82", 1, 1);
    assert_int_equal(nb_text_width("a\xff"), 2);
}

static void widths_add_up(void **state)
{
    (void)state;
    assert_int_equal(nb_text_width(""), 0);
    assert_int_equal(nb_text_width("nightly export"), 14);
    assert_int_equal(nb_text_width("書道入門"), 8);
    assert_int_equal(nb_text_width("a日e\u0301🙂z"), 7);
    assert_int_equal(nb_text_width("1\uFE0F\u20E31"), 3);
}

static void expect_fit(const char *text, int columns, size_t length, int used)
{
    int got = -1;

    assert_int_equal(nb_text_fit(text, columns, &got), length);
    assert_int_equal(got, used);
}

static void fitting_stops_at_whole_graphemes(void **state)
{
    (void)state;
    expect_fit("hello", 3, 3, 3);
    expect_fit("hello", 5, 5, 5);
    expect_fit("hello", 9, 5, 5);
    expect_fit("hello", 0, 0, 0);
    expect_fit("hello", -1, 0, 0);
    expect_fit("日本", 3, 3, 2);
    expect_fit("日本", 1, 0, 0);
    expect_fit("ae\u0301z", 2, 4, 2); /* the mark stays with its letter */
    expect_fit("xx👩\u200D🚀y", 3, 2, 2);
    expect_fit("xx👩\u200D🚀y", 4, 13, 4);
}

static void expect_cut(const char *text, int columns, bool pad, bool ascii, const char *wanted)
{
    struct nb_strbuf out;

    nb_strbuf_init(&out, 1000);
    nb_text_append_cut(&out, text, columns, pad, ascii);
    assert_string_equal(out.data, wanted);
    nb_strbuf_clear(&out);
}

static void cutting_shows_that_it_cut(void **state)
{
    (void)state;
    expect_cut("hello", 5, false, false, "hello");
    expect_cut("hello", 4, false, false, "hel…");
    expect_cut("hello", 4, false, true, "hel~");
    expect_cut("hello", 1, false, false, "…");
    expect_cut("hello", 0, true, false, "");
    expect_cut("hello", 7, true, false, "hello  ");
    expect_cut("日本語", 6, true, false, "日本語");
    expect_cut("日本語", 5, true, false, "日本…");
    expect_cut("日本語", 4, true, false, "日… "); /* half of it does not fit: a blank instead */
    expect_cut("日本語", 4, false, false, "日…");
    expect_cut("日", 1, true, false, "…");
    expect_cut("", 3, true, false, "   ");
}

/* The lines of text, joined by "|". */
static void expect_lines(const char *text, int columns, const char *wanted)
{
    struct nb_strbuf lines;
    size_t next;

    nb_strbuf_init(&lines, 10000);
    for (const char *at = text; *at; at += next) {
        size_t length = nb_text_wrap(at, columns, &next);
        assert_true(next > 0);
        if (at != text)
            nb_strbuf_append_char(&lines, '|');
        nb_strbuf_append_n(&lines, at, length);
    }
    assert_string_equal(lines.data, wanted);
    nb_strbuf_clear(&lines);
}

static void wrapping_prefers_blanks(void **state)
{
    (void)state;
    expect_lines("the nightly export failed", 10, "the|nightly|export|failed");
    expect_lines("the nightly export failed", 11, "the nightly|export|failed");
    expect_lines("one two", 7, "one two");
    expect_lines("one   two", 4, "one|two");
    expect_lines("abcdefghij", 4, "abcd|efgh|ij");
    expect_lines("ab cdefghij", 4, "ab|cdef|ghij");
    expect_lines("", 4, "");
}

static void wrapping_keeps_lines_and_indentation(void **state)
{
    (void)state;
    expect_lines("a\nb", 10, "a|b");
    expect_lines("a\n\nb", 10, "a||b");
    expect_lines("{\n  \"job\": 1\n}", 20, "{|  \"job\": 1|}");
    expect_lines("    abcdefgh", 6, "    ab|cdefgh");
    expect_lines("abcd \nef", 4, "abcd|ef");
    expect_lines("abcd\n\nef", 4, "abcd||ef");
}

static void wrapping_takes_wide_text_anywhere(void **state)
{
    (void)state;
    expect_lines("日本語の文章", 5, "日本|語の|文章");
    expect_lines("日", 1, "日"); /* always advances */
    expect_lines("x 日本語", 5, "x 日|本語");
    expect_lines("👩\u200D🚀👩\u200D🚀", 2, "👩\u200D🚀|👩\u200D🚀");
}

static void validity_is_strict(void **state)
{
    (void)state;
    assert_true(nb_utf8_valid("", 0));
    assert_true(nb_utf8_valid("plain é 日 🙂", strlen("plain é 日 🙂")));
    assert_true(nb_utf8_valid("a\0b", 3));
    assert_false(nb_utf8_valid("\xc3", 1));
    assert_false(nb_utf8_valid("\xc0\x80", 2));
    assert_false(nb_utf8_valid("\xed\xa0\x80", 3));
    assert_false(nb_utf8_valid("\xf4\x90\x80\x80", 4));
    assert_false(nb_utf8_valid("\x80", 1));
    assert_false(nb_utf8_valid("é", 1));
}

static void expect_mended(const char *text, const char *expected)
{
    char buffer[64];

    strcpy(buffer, text);
    nb_utf8_mend(buffer);
    assert_string_equal(buffer, expected);
}

static void what_was_cut_loses_its_half_character(void **state)
{
    (void)state;
    expect_mended("", "");
    expect_mended("plain é 日 🙂", "plain é 日 🙂");
    expect_mended("a\xc3", "a");
    expect_mended("a\xe6\x97", "a");
    expect_mended("a\xf0\x9f\x99", "a");
    expect_mended("near '\xc3'", "near ''"); /* a library cut it inside a character */
    expect_mended("\xe6\x97é", "é");
    expect_mended("\x80\xff\xc0\x80", "????");
    expect_mended("\xed\xa0\x80x", "???x"); /* half of a surrogate pair */
}

static void copies_are_cut_between_characters(void **state)
{
    char buffer[8];

    (void)state;
    nb_text_copy(buffer, sizeof(buffer), NULL);
    assert_string_equal(buffer, "");
    nb_text_copy(buffer, sizeof(buffer), "ééé");
    assert_string_equal(buffer, "ééé");
    nb_text_copy(buffer, sizeof(buffer), "xééé");
    assert_string_equal(buffer, "xééé");
    nb_text_copy(buffer, sizeof(buffer), "éééé");
    assert_string_equal(buffer, "ééé");
    nb_text_copy(buffer, sizeof(buffer), "xxxxx🙂");
    assert_string_equal(buffer, "xxxxx");
    assert_true(nb_text_format(buffer, sizeof(buffer), "%s-%d", "é", 1));
    assert_string_equal(buffer, "é-1");
    assert_false(nb_text_format(buffer, sizeof(buffer), "%s", "日日日"));
    assert_string_equal(buffer, "日日");
    assert_true(nb_text_format(buffer, sizeof(buffer), "%.2s|", "日"));
    assert_string_equal(buffer, "|");
}

UNIT_MAIN(cmocka_unit_test(graphemes_have_length_and_width), cmocka_unit_test(emoji_are_two_columns_however_long),
          cmocka_unit_test(clusters_wider_than_a_cell_pair_are_laid_out_as_terminals_do),
          cmocka_unit_test(text_that_was_not_sanitised_counts_bytes), cmocka_unit_test(widths_add_up),
          cmocka_unit_test(fitting_stops_at_whole_graphemes), cmocka_unit_test(cutting_shows_that_it_cut),
          cmocka_unit_test(wrapping_prefers_blanks), cmocka_unit_test(wrapping_keeps_lines_and_indentation),
          cmocka_unit_test(wrapping_takes_wide_text_anywhere), cmocka_unit_test(validity_is_strict),
          cmocka_unit_test(what_was_cut_loses_its_half_character), cmocka_unit_test(copies_are_cut_between_characters))
