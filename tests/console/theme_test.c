/* Themes: reading, precedence, reduction to fewer colours, and what every shipped theme promises. */
#include "tests/lib/unit.h"

#include "tui/files/files.h"
#include "tui/draw/theme.h"

static struct theme *load(const char *text, struct problems *problems)
{
    struct theme *theme = NULL;
    struct nb_error err;

    assert_int_equal(theme_load_text(&theme, "t.theme", text, problems, &err), 0);
    return theme;
}

static struct style style_of(const struct theme *theme, enum role role, uint8_t states)
{
    return theme_style(theme, LOOK((uint8_t)role, states));
}

static void reads_styles(void **state)
{
    struct problems problems = {0};
    struct theme *theme = load("severity.critical = #ff8800 on 17 bold underline\n"
                               "title = bold\n"
                               "error = on red   # only the background\n",
                               &problems);
    struct style style = style_of(theme, ROLE_SEVERITY_CRITICAL, 0);

    (void)state;
    assert_int_equal(problems.list.count, 0);
    assert_int_equal(style.foreground.kind, COLOR_KIND_RGB);
    assert_int_equal(style.foreground.red, 0xff);
    assert_int_equal(style.foreground.green, 0x88);
    assert_int_equal(style.background.kind, COLOR_KIND_INDEX);
    assert_int_equal(style.background.red, 17);
    assert_int_equal(style.attributes, STYLE_BOLD | STYLE_UNDERLINE);
    style = style_of(theme, ROLE_TITLE, 0);
    assert_int_equal(style.foreground.kind, COLOR_KIND_DEFAULT);
    assert_int_equal(style.attributes, STYLE_BOLD);
    style = style_of(theme, ROLE_ERROR, 0);
    assert_int_equal(style.foreground.kind, COLOR_KIND_DEFAULT);
    assert_int_equal(style.background.red, 1);
    theme_free(&theme);
}

static void exact_lines_win(void **state)
{
    struct theme *theme = load("severity.high = 3\nseverity.* = 2\n* = 1\ntype = 4\ntype = 5\n", NULL);

    (void)state;
    assert_int_equal(style_of(theme, ROLE_SEVERITY_HIGH, 0).foreground.red, 3);
    assert_int_equal(style_of(theme, ROLE_SEVERITY_LOW, 0).foreground.red, 2);
    assert_int_equal(style_of(theme, ROLE_BORDER, 0).foreground.red, 1);
    assert_int_equal(style_of(theme, ROLE_TYPE, 0).foreground.red, 5);
    assert_true(theme_defines(theme, ROLE_SEVERITY_LOW));
    assert_false(theme_defines(theme, ROLE_BORDER));
    theme_free(&theme);
}

static void states_lie_over_roles(void **state)
{
    struct theme *theme = load("title = 2 bold\n*.selected = on 4\n*.dim = 8\nerror.selected = 7 on 1\n", NULL);
    struct style style = style_of(theme, ROLE_TITLE, STATE_SELECTED);

    (void)state;
    assert_int_equal(style.foreground.red, 2);
    assert_int_equal(style.background.red, 4);
    assert_int_equal(style.attributes, STYLE_BOLD);
    style = style_of(theme, ROLE_TITLE, STATE_SELECTED | STATE_DIM);
    assert_int_equal(style.foreground.red, 8);
    assert_int_equal(style.background.red, 4);
    assert_int_equal(style_of(theme, ROLE_ERROR, STATE_SELECTED).background.red, 1);
    assert_int_equal(style_of(theme, ROLE_TITLE, STATE_MARKED).background.kind, COLOR_KIND_DEFAULT);
    theme_free(&theme);
}

static void names_what_is_wrong(void **state)
{
    static const char *const expected[] = {
        "t.theme:1: there is no role nonsense",
        "t.theme:2: purpel is no color: use default,",
        "t.theme:3: color #12345: expected six hexadecimal digits",
        "t.theme:4: color 256: expected 0 to 255",
        "t.theme:5: two colors: blue",
        "t.theme:6: a color is missing behind `on`",
        "t.theme:7: expected [section] or key = value",
        "t.theme:9: expected role = color, without sections",
        "t.theme:10: background is light or dark, not grey",
        "t.theme:11: there is no role nosuch.*",
    };
    struct problems problems = {0};
    struct theme *theme = load("nonsense = red\ntitle = purpel\ntitle = #12345\ntitle = 256\ntitle = red blue\n"
                               "title = red on\nwhat is this\n[section]\ntitle = red\n",
                               &problems);

    (void)state;
    theme_free(&theme);
    theme = load("", NULL);
    theme_free(&theme);
    assert_int_equal(problems.list.count, 8);
    for (size_t i = 0; i < problems.list.count; i++)
        assert_memory_equal(problems.list.data[i].text, expected[i], strlen(expected[i]));
    problems_clear(&problems);
    theme = load("\n\n\n\n\n\n\n\n\nbackground = grey\nnosuch.* = red\ntype = 6\n", &problems);
    assert_int_equal(problems.list.count, 2);
    for (size_t i = 0; i < problems.list.count; i++)
        assert_memory_equal(problems.list.data[i].text, expected[8 + i], strlen(expected[8 + i]));
    assert_int_equal(style_of(theme, ROLE_TYPE, 0).foreground.red, 6);
    theme_free(&theme);
    problems_clear(&problems);
}

static struct color rgb(uint8_t red, uint8_t green, uint8_t blue)
{
    return (struct color){COLOR_KIND_RGB, red, green, blue};
}

static struct color indexed(uint8_t index)
{
    return (struct color){.kind = COLOR_KIND_INDEX, .red = index};
}

static void reduces_colors(void **state)
{
    (void)state;
    assert_int_equal(color_reduce(rgb(255, 0, 0), 1 << 24).kind, COLOR_KIND_RGB);
    assert_int_equal(color_reduce(rgb(255, 0, 0), 256).red, 196);
    assert_int_equal(color_reduce(rgb(0x80, 0x80, 0x80), 256).red, 244);
    assert_int_equal(color_reduce(rgb(255, 255, 255), 16).red, 15);
    assert_int_equal(color_reduce(rgb(200, 40, 40), 16).red, 1);
    assert_int_equal(color_reduce(indexed(196), 16).red, 1);
    assert_int_equal(color_reduce(indexed(9), 8).red, 1);
    assert_int_equal(color_reduce(indexed(8), 8).red, 7);
    assert_int_equal(color_reduce(indexed(5), 256).red, 5);
    assert_int_equal(color_reduce(rgb(1, 2, 3), 0).kind, COLOR_KIND_DEFAULT);
    assert_int_equal(color_reduce((struct color){.kind = COLOR_KIND_DEFAULT}, 16).kind, COLOR_KIND_DEFAULT);
}

/* With fewer colours no fill disappears, and no colour is drawn on itself. */
static void reduced_fills_stay_visible(void **state)
{
    static const int depths[] = {0, 8, 16, 256};
    struct file_names names = {0};

    (void)state;
    files_list(FILES_THEME, &names);
    for (size_t i = 0; i < names.list.count; i++) {
        struct theme *theme = NULL;
        struct nb_error err;

        assert_int_equal(theme_load(&theme, names.list.data[i], NULL, &err), 0);
        for (int role = 0; role < ROLE_COUNT; role++)
            for (size_t depth = 0; depth < NB_ARRAY_SIZE(depths); depth++) {
                struct style full = style_of(theme, (enum role)role, STATE_SELECTED);
                struct style style = style_reduce(full, depths[depth], theme_is_light(theme));
                bool same = style.foreground.kind == COLOR_KIND_INDEX && style.background.kind == COLOR_KIND_INDEX &&
                            style.foreground.red == style.background.red;

                assert_false(same);
                if (full.background.kind != COLOR_KIND_DEFAULT || (full.attributes & STYLE_REVERSE))
                    assert_true(style.background.kind != COLOR_KIND_DEFAULT || (style.attributes & STYLE_REVERSE));
            }
        theme_free(&theme);
    }
    file_names_clear(&names);
}

/* The lowest possible contrast of a style with the terminal's own colours, on light or dark. */
static int contrast(struct style style, bool light)
{
    return color_contrast(color_rgb(style.foreground, true, light), color_rgb(style.background, false, light));
}

static void shipped_themes_are_complete(void **state)
{
    static const char *const shipped[] = {"dark", "high-contrast", "light", "mono", "solarized-dark"};
    static const uint8_t states[] = {0, STATE_SELECTED, STATE_MARKED, STATE_DIM, STATE_DIM | STATE_SELECTED};

    bool good = true;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(shipped); i++) {
        struct problems problems = {0};
        struct theme *theme = NULL;
        struct nb_error err;

        assert_int_equal(theme_load(&theme, shipped[i], &problems, &err), 0);
        assert_int_equal(problems.list.count, 0);
        for (int role = 0; role < ROLE_COUNT; role++) {
            if (!theme_defines(theme, (enum role)role))
                fail_msg("%s does not define %s", shipped[i], role_name((enum role)role));
            for (size_t j = 0; j < NB_ARRAY_SIZE(states) && role != ROLE_BORDER && role != ROLE_BOX; j++) {
                int ratio = contrast(style_of(theme, (enum role)role, states[j]), theme_is_light(theme));

                if (ratio < 300) {
                    print_message("%s: %s in state %d: contrast %d:100", shipped[i], role_name((enum role)role),
                                  states[j], ratio);
                    print_message("\n");
                    good = false;
                }
            }
        }
        theme_free(&theme);
    }
    assert_true(good);
}

static void unknown_themes_are_named(void **state)
{
    struct theme *theme = NULL;
    struct nb_error err;

    (void)state;
    assert_int_equal(theme_load(&theme, "nosuch", NULL, &err), NB_ENOTFOUND);
    assert_string_equal(err.message, "there is no theme nosuch");
    assert_string_equal(err.hint, "there are dark, high-contrast, light, mono, solarized-dark");
    assert_int_equal(theme_load(&theme, "../../etc/passwd", NULL, &err), NB_ENOTFOUND);
    assert_int_equal(theme_load(&theme, "", NULL, &err), NB_ENOTFOUND);
    assert_null(theme);
}

static int no_files(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return 0;
}

UNIT_MAIN_WITH(no_files, NULL, cmocka_unit_test(reads_styles), cmocka_unit_test(exact_lines_win),
               cmocka_unit_test(states_lie_over_roles), cmocka_unit_test(names_what_is_wrong),
               cmocka_unit_test(reduces_colors), cmocka_unit_test(reduced_fills_stay_visible),
               cmocka_unit_test(shipped_themes_are_complete), cmocka_unit_test(unknown_themes_are_named))
