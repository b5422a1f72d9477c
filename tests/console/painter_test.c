/* The painter: an emulator that gets its bytes shows the grid, and they are few. */
#include "tests/lib/unit.h"

#include <locale.h>
#include <vterm.h>

#include "tui/term/painter.h"
#include "tui/term/sgr.h"

#define COLUMNS 40
#define ROWS    8

static const struct painter_terminal xterm = {
    .colors = 256,
    .ecma = true,
    .partial_off = true,
    .erase_line = true,
    .erase_characters = true,
    .back_color_erase = true,
    .clear = "\033[H\033[2J",
    .show_cursor = "\033[?25h",
    .hide_cursor = "\033[?25l",
};

static struct theme *theme;

static int setup(void **state)
{
    struct nb_error err;

    (void)state;
    setlocale(LC_CTYPE, "C.UTF-8");
    return theme_load_text(&theme, "t",
                           "title = 2 bold\ntype = 11\nerror = 231 on 160\ndetail = #102030 on #506070 italic\n"
                           "ok = underline\nstale = reverse\n*.selected = on 4\ntitle.selected = reverse\n*.dim = 8\n",
                           NULL, &err);
}

static int teardown(void **state)
{
    (void)state;
    theme_free(&theme);
    return 0;
}

/* Checks that the emulator shows what a cell of the grid should. */
static void compare_cell(VTermScreen *screen, const struct cell *cell, const struct style *style, int x, int y)
{
    VTermScreenCell shown;
    char text[VTERM_MAX_CHARS_PER_CELL * 4 + 1] = "";
    size_t used = 0;

    assert_true(vterm_screen_get_cell(screen, (VTermPos){.row = y, .col = x}, &shown));
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && shown.chars[i]; i++) {
        int length = wctomb(text + used, (wchar_t)shown.chars[i]);

        assert_true(length > 0);
        used += (size_t)length;
    }
    text[used] = '\0';
    assert_string_equal(used ? text : " ", cell->text);
    assert_int_equal(shown.attrs.reverse, (style->attributes & STYLE_REVERSE) != 0);
    assert_int_equal(shown.attrs.underline != 0, (style->attributes & STYLE_UNDERLINE) != 0);
    assert_int_equal(VTERM_COLOR_IS_DEFAULT_BG(&shown.bg), style->background.kind == COLOR_KIND_DEFAULT);
    if (style->background.kind == COLOR_KIND_INDEX)
        assert_int_equal(shown.bg.indexed.idx, style->background.red);
    if (strcmp(cell->text, " ") == 0)
        return;
    assert_int_equal(shown.attrs.bold, (style->attributes & STYLE_BOLD) != 0);
    assert_int_equal(shown.attrs.italic, (style->attributes & STYLE_ITALIC) != 0);
    assert_int_equal(VTERM_COLOR_IS_DEFAULT_FG(&shown.fg), style->foreground.kind == COLOR_KIND_DEFAULT);
    if (style->foreground.kind == COLOR_KIND_INDEX)
        assert_int_equal(shown.fg.indexed.idx, style->foreground.red);
}

static void compare(VTermScreen *screen, struct grid *grid, int colors)
{
    for (int y = 0; y < grid->rows; y++)
        for (int x = 0; x < grid->columns; x++) {
            const struct cell *cell = grid_at(grid, x, y);
            struct style style = style_reduce(theme_style(theme, cell->look), colors, false);

            if (cell->width > 0)
                compare_cell(screen, cell, &style, x, y);
        }
}

static unsigned seed;

static int random_below(int limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (int)((seed >> 8) % (unsigned)limit);
}

static void scribble(struct grid *grid)
{
    static const char *const words[] = {"nightly export failed",
                                        "日本語のタイトル",
                                        "e\xCC\x81t\xC3\xA9",
                                        "─────────────",
                                        "x",
                                        "                    ",
                                        "▌●×",
                                        "a b c d e f",
                                        "          y"};
    static const uint8_t roles[] = {ROLE_TEXT,   ROLE_TITLE, ROLE_TYPE,  ROLE_ERROR,
                                    ROLE_DETAIL, ROLE_OK,    ROLE_STALE, ROLE_TIME};

    for (int i = random_below(6); i >= 0; i--) {
        struct look look = LOOK(roles[random_below((int)NB_ARRAY_SIZE(roles))], 0);
        struct rect rect = {random_below(COLUMNS), random_below(ROWS), random_below(COLUMNS), 1 + random_below(3)};

        switch (random_below(4)) {
        case 0:
            grid_fill(grid, rect, " ", look);
            break;
        case 1:
            grid_add_states(grid, rect, random_below(2) ? STATE_SELECTED : STATE_DIM);
            break;
        default:
            grid_text(grid, rect.x - 3, rect.y, rect.width, look, words[random_below((int)NB_ARRAY_SIZE(words))]);
        }
    }
}

/* Sends the differences of many frames: the emulator always shows the last grid. */
static void play(struct painter_terminal terminal, unsigned from)
{
    VTerm *vterm = vterm_new(ROWS, COLUMNS);
    VTermScreen *screen = vterm_obtain_screen(vterm);
    struct painter painter;
    struct grid grid;

    seed = from;
    vterm_set_utf8(vterm, 1);
    vterm_screen_reset(screen, 1);
    painter_init(&painter, &terminal, false);
    painter_resize(&painter, COLUMNS, ROWS);
    grid_init(&grid, COLUMNS, ROWS, false);
    for (int frame = 0; frame < 400; frame++) {
        const struct nb_strbuf *bytes;
        VTermPos cursor;

        if (random_below(20) == 0)
            grid_erase(&grid);
        if (random_below(50) == 0)
            painter_forget(&painter);
        scribble(&grid);
        grid_set_cursor(&grid, random_below(COLUMNS), random_below(ROWS));
        bytes = painter_frame(&painter, &grid, theme);
        vterm_input_write(vterm, bytes->data, bytes->length);
        compare(screen, &grid, terminal.colors);
        vterm_state_get_cursorpos(vterm_obtain_state(vterm), &cursor);
        assert_int_equal(cursor.row, grid.cursor_y);
        assert_int_equal(cursor.col, grid.cursor_x);
        assert_int_equal(painter_frame(&painter, &grid, theme)->length, 0);
    }
    painter_clear(&painter);
    grid_clear(&grid);
    vterm_free(vterm);
}

static void shows_the_grid(void **state)
{
    static const int depths[] = {256, 16, 8, 0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(depths); i++) {
        struct painter_terminal terminal = xterm;

        terminal.colors = depths[i];
        play(terminal, 11 + (unsigned)i);
    }
}

static void shows_it_on_lesser_terminals(void **state)
{
    struct painter_terminal terminal = xterm;

    (void)state;
    terminal.partial_off = false;
    play(terminal, 21);
    terminal.back_color_erase = false;
    play(terminal, 22);
    terminal.erase_characters = terminal.erase_line = false;
    play(terminal, 23);
}

static void only_moves_are_cheap(void **state)
{
    struct painter painter;
    struct grid grid;

    (void)state;
    painter_init(&painter, &xterm, false);
    painter_resize(&painter, 120, 40);
    grid_init(&grid, 120, 40, false);
    for (int y = 0; y < 40; y++)
        grid_textf(&grid, 2, y, 60, LOOK(ROLE_TITLE, 0), "a title of some length in row %d", y);
    grid_set_cursor(&grid, 0, 3);
    painter_frame(&painter, &grid, theme);
    grid_set_cursor(&grid, 0, 4);
    assert_string_equal(painter_frame(&painter, &grid, theme)->data, "\r\n");
    grid_set_cursor(&grid, 0, 3);
    assert_string_equal(painter_frame(&painter, &grid, theme)->data, "\033[4H");
    grid_add_states(&grid, (struct rect){0, 3, 120, 1}, STATE_DIM);
    assert_true(painter_frame(&painter, &grid, theme)->length < 60);
    grid_hide_cursor(&grid);
    assert_string_equal(painter_frame(&painter, &grid, theme)->data, "\033[?25l");
    painter_clear(&painter);
    grid_clear(&grid);
}

/* A terminal may draw a doubtful cluster in more or fewer columns: the cursor is positioned again after it. */
static void emoji_do_not_shift_the_rest(void **state)
{
    static const char *const clusters[] = {"👨‍👩‍👧‍👦", "❤️", "🇩🇪", "👍🏽"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(clusters); i++) {
        struct painter painter;
        struct grid grid;
        const struct nb_strbuf *bytes;

        painter_init(&painter, &xterm, false);
        painter_resize(&painter, 20, 1);
        grid_init(&grid, 20, 1, false);
        grid_textf(&grid, 0, 0, 20, LOOK(ROLE_TEXT, 0), "%sz", clusters[i]);
        bytes = painter_frame(&painter, &grid, theme);
        assert_non_null(strstr(bytes->data, "\033[1;3Hz"));
        assert_null(strstr(bytes->data, "\xE2\x80\x8D")); /* no joiner reaches the terminal */
        painter_clear(&painter);
        grid_clear(&grid);
    }
}

static const char *change(const struct style *from, struct style to)
{
    static char answer[100];
    struct nb_strbuf out;

    nb_strbuf_init(&out, 99);
    sgr_change(&out, from, &to);
    snprintf(answer, sizeof(answer), "%s", out.data);
    nb_strbuf_clear(&out);
    return answer;
}

static void changes_styles_in_few_bytes(void **state)
{
    struct color none = {.kind = COLOR_KIND_DEFAULT}, red = {COLOR_KIND_INDEX, 1, 0, 0},
                 gray = {COLOR_KIND_INDEX, 244, 0, 0};
    struct style plain = {none, none, 0}, loud = {red, gray, STYLE_BOLD | STYLE_UNDERLINE};

    (void)state;
    assert_string_equal(change(NULL, plain), "\033[m");
    assert_string_equal(change(NULL, loud), "\033[0;1;4;31;48;5;244m");
    assert_string_equal(change(&plain, loud), "\033[1;4;31;48;5;244m");
    assert_string_equal(change(&loud, plain), "\033[m");
    assert_string_equal(change(&loud, (struct style){red, gray, STYLE_BOLD}), "\033[24m");
    assert_string_equal(change(&loud, loud), "");
    assert_string_equal(change(&plain, (struct style){{COLOR_KIND_RGB, 1, 2, 3}, none, 0}), "\033[38;2;1;2;3m");
    assert_string_equal(
        change(&(struct style){none, none, STYLE_BOLD | STYLE_DIM}, (struct style){none, none, STYLE_DIM}),
        "\033[0;2m");
    assert_string_equal(change(&plain, (struct style){{COLOR_KIND_INDEX, 9, 0, 0}, none, 0}), "\033[91m");
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(shows_the_grid), cmocka_unit_test(shows_it_on_lesser_terminals),
               cmocka_unit_test(only_moves_are_cheap), cmocka_unit_test(emoji_do_not_shift_the_rest),
               cmocka_unit_test(changes_styles_in_few_bytes))
