/* Drawing into the grid: cutting, wide and combining characters at edges, clipping, states, highlights, dumps. */
#include "tests/lib/unit.h"

#include "tui/draw/cell.h"
#include "tui/draw/glyph.h"

static struct grid grid;
static struct nb_strbuf dump;

static int setup(void **state)
{
    (void)state;
    nb_strbuf_init(&dump, 1 << 20);
    grid_init(&grid, 12, 3, false);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    grid_clear(&grid);
    nb_strbuf_clear(&dump);
    return 0;
}

static const char *text_of(void)
{
    nb_strbuf_reset(&dump);
    grid_dump(&grid, &dump);
    return dump.data;
}

static const char *roles_of(void)
{
    nb_strbuf_reset(&dump);
    grid_dump_roles(&grid, &dump);
    return dump.data;
}

#define PLAIN LOOK(ROLE_TITLE, 0)

static void cuts_with_dots(void **state)
{
    (void)state;
    assert_int_equal(grid_text(&grid, 0, 0, 12, PLAIN, "twelve chars"), 12);
    assert_int_equal(grid_text(&grid, 0, 1, 12, PLAIN, "thirteen char"), 12);
    assert_int_equal(grid_text(&grid, 2, 2, 4, PLAIN, "short"), 4);
    assert_string_equal(text_of(), "twelve chars\nthirteen ch…\n  sho…\n");
}

static void cuts_before_a_wide_one_that_does_not_fit(void **state)
{
    (void)state;
    assert_int_equal(grid_text(&grid, 0, 0, 5, PLAIN, "日本語"), 5);
    assert_int_equal(grid_text(&grid, 0, 1, 6, PLAIN, "日本語"), 6);
    assert_int_equal(grid_text(&grid, 0, 2, 4, PLAIN, "日本語"), 3);
    assert_string_equal(text_of(), "日本…\n日本語\n日…\n");
}

static void keeps_clusters_whole(void **state)
{
    (void)state;
    /* e with an accent of its own, a family of four, a flag: one cluster each */
    assert_int_equal(grid_text(&grid, 0, 0, 3, PLAIN, "e\xCC\x81xyz"), 3);
    assert_int_equal(grid_text(&grid, 0, 1, 4, PLAIN, "👨‍👩‍👧‍👦ab"), 4);
    assert_int_equal(grid_text(&grid, 0, 2, 3, PLAIN, "🇩🇪ab"), 3);
    assert_string_equal(text_of(), "e\xCC\x81x…\n👨‍👩‍👧‍👦ab\n🇩🇪…\n");
}

static void blanks_a_wide_one_at_the_edge(void **state)
{
    struct rect former = grid_clip(&grid, (struct rect){2, 0, 5, 3});

    (void)state;
    grid_text(&grid, 1, 0, 10, PLAIN, "日本語");
    grid_text(&grid, 0, 1, 10, PLAIN, "a日本語");
    grid_set_clip(&grid, former);
    assert_string_equal(text_of(), "   本語\n   本語\n\n");
    assert_int_equal(grid_at(&grid, 2, 0)->width, 1);
    assert_string_equal(grid_at(&grid, 2, 0)->text, " ");
}

static void frees_the_other_half(void **state)
{
    (void)state;
    grid_text(&grid, 0, 0, 6, PLAIN, "日本語");
    grid_text(&grid, 1, 0, 1, PLAIN, "x");
    grid_text(&grid, 4, 0, 1, PLAIN, "y");
    assert_string_equal(text_of(), " x本y\n\n\n");
    assert_int_equal(grid_at(&grid, 5, 0)->width, 1);
}

static void makes_text_harmless(void **state)
{
    (void)state;
    grid_text(&grid, 0, 0, 12, PLAIN, "a\033[31mb");
    grid_text(&grid, 0, 1, 12, PLAIN,
              "\xC2\x9B"
              "2J");
    grid_text(&grid, 0, 2, 12, PLAIN, "bad\xFF utf");
    assert_null(strchr(text_of(), '\033'));
    assert_null(strstr(dump.data, "\xC2\x9B"));
    assert_non_null(strstr(dump.data, "bad\xEF\xBF\xBD utf"));
    assert_non_null(strstr(dump.data, "a␛[31mb"));
}

static void draws_ascii_only(void **state)
{
    (void)state;
    grid_clear(&grid);
    grid_init(&grid, 12, 3, true);
    grid_text(&grid, 0, 0, 12, PLAIN, "日本語 é");
    grid_text(&grid, 0, 1, 4, PLAIN, "abcdefgh");
    assert_string_equal(text_of(), "??? e\nabc~\n\n");
    for (int i = 0; i < GLYPH_COUNT; i++)
        assert_true((unsigned char)glyph_text((enum glyph)i, true)[0] < 0x80);
}

static void clips_outside_coordinates(void **state)
{
    (void)state;
    grid_text(&grid, -3, 0, 8, PLAIN, "abcdefgh");
    grid_text(&grid, 10, 1, 8, PLAIN, "abcdefgh");
    grid_text(&grid, 0, 7, 8, PLAIN, "nowhere");
    grid_text(&grid, 0, -1, 8, PLAIN, "nowhere");
    grid_fill(&grid, (struct rect){-5, 2, 100, 100}, "-", PLAIN);
    grid_add_states(&grid, (struct rect){-5, -5, 100, 100}, STATE_DIM);
    assert_string_equal(text_of(), "defgh\n          ab\n------------\n");
    assert_null(grid_at(&grid, 12, 0));
}

static void aligns_right(void **state)
{
    (void)state;
    assert_int_equal(grid_text_right(&grid, 0, 0, 12, PLAIN, "end"), 3);
    assert_int_equal(grid_text_right(&grid, 0, 1, 4, PLAIN, "too long"), 4);
    assert_string_equal(text_of(), "         end\ntoo…\n\n");
}

static void cuts_spans_as_one_text(void **state)
{
    const struct span spans[] = {{"abc", PLAIN}, {"defg", LOOK(ROLE_TIME, 0)}, {"hij", PLAIN}};

    (void)state;
    assert_int_equal(grid_spans(&grid, 0, 0, 10, spans, 3), 10);
    assert_int_equal(grid_spans(&grid, 0, 1, 7, spans, 3), 7);
    assert_int_equal(grid_spans(&grid, 0, 2, 3, spans, 3), 3);
    assert_string_equal(text_of(), "abcdefghij\nabcdef…\nab…\n");
}

static void highlights_words(void **state)
{
    (void)state;
    grid_text(&grid, 0, 0, 12, PLAIN, "aXa Äx 日x");
    grid_highlight(&grid, (struct rect){0, 0, 12, 1}, "äX", ROLE_SEARCH_MATCH);
    grid_highlight(&grid, (struct rect){0, 0, 12, 1}, "日", ROLE_ERROR);
    grid_highlight(&grid, (struct rect){0, 0, 12, 1}, "", ROLE_OK);
    assert_non_null(strstr(roles_of(), "row 0: 0-3 title, 4-5 search.match, 6-6 title, 7-8 error, 9-9 title\n"));
}

static void adds_states(void **state)
{
    (void)state;
    grid_text(&grid, 0, 1, 3, LOOK(ROLE_SEVERITY_CRITICAL, 0), "abc");
    grid_add_states(&grid, (struct rect){1, 1, 2, 1}, STATE_SELECTED | STATE_MARKED);
    assert_non_null(strstr(roles_of(), "row 1: 0-0 severity.critical, 1-2 severity.critical.marked.selected\n"));
}

static void bounds_endless_clusters(void **state)
{
    struct nb_strbuf text;

    (void)state;
    nb_strbuf_init(&text, 1 << 20);
    nb_strbuf_append(&text, "z");
    for (int i = 0; i < 50000; i++)
        nb_strbuf_append(&text, "\xCC\xB6");
    assert_true(grid_text(&grid, 0, 0, 12, PLAIN, text.data) <= 12);
    assert_true(strlen(grid_at(&grid, 0, 0)->text) < CELL_TEXT_SIZE);
    nb_strbuf_clear(&text);
}

/* Whatever is drawn and wherever, a wide cell is followed by its other half, and there is no other half. */
static void never_leaves_halves(void **state)
{
    static const char *const words[] = {"日本語", "a", "🇩🇪x", "e\xCC\x81", "👍🏽👍🏽", "…|…", ""};
    unsigned seed = 20240229;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        seed = seed * 1664525u + 1013904223u;
        grid_set_clip(&grid, (struct rect){(int)(seed >> 4 & 3), 0, (int)(seed >> 6 & 15) + 1, 3});
        grid_clip(&grid, (struct rect){0, 0, 12, 3});
        grid_text(&grid, (int)(seed >> 10 & 15) - 2, (int)(seed >> 14 & 3), (int)(seed >> 16 & 15), PLAIN,
                  words[(seed >> 20) % NB_ARRAY_SIZE(words)]);
        for (int i = 0; i < 36; i++) {
            bool last = i % 12 == 11;

            assert_false(grid.cells[i].width == 2 && (last || grid.cells[i + 1].width != 0));
            assert_false(grid.cells[i].width == 0 && (i % 12 == 0 || grid.cells[i - 1].width != 2));
        }
    }
}

#define DRAWS(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

UNIT_MAIN(DRAWS(cuts_with_dots), DRAWS(cuts_before_a_wide_one_that_does_not_fit), DRAWS(keeps_clusters_whole),
          DRAWS(blanks_a_wide_one_at_the_edge), DRAWS(frees_the_other_half), DRAWS(makes_text_harmless),
          DRAWS(draws_ascii_only), DRAWS(clips_outside_coordinates), DRAWS(aligns_right), DRAWS(cuts_spans_as_one_text),
          DRAWS(highlights_words), DRAWS(adds_states), DRAWS(bounds_endless_clusters), DRAWS(never_leaves_halves))
