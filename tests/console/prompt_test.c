/* The one-line editor, the fuzzy picker, and the command language behind `:`. */
#include "tests/lib/unit.h"

#include "tui/keys/action.h"
#include "tui/modal/palette.h"
#include "tui/modal/picker.h"
#include "tui/modal/prompt.h"

static struct key key_of(const char **text)
{
    struct key key = {0, 0};
    struct nb_error err;

    assert_int_equal(key_parse(&key, text, &err), 0);
    return key;
}

static enum prompt_result type(struct prompt *prompt, const char *keys)
{
    enum prompt_result result = PROMPT_IGNORED;

    while (*keys)
        result = prompt_key(prompt, key_of(&keys));
    return result;
}

static void edits(void **state)
{
    static const char *const cases[][2] = {
        {"abc", "abc"},
        {"abc<Left>x", "abxc"},
        {"abc<C-a>x<C-e>y", "xabcy"},
        {"abc<BS><BS>", "a"},
        {"abc<C-a><C-d>", "bc"},
        {"one<Space>two<C-w>", "one "},
        {"one<Space>two<C-u>x", "x"},
        {"one<Space>two<M-b><C-k>", "one "},
        {"one<Space>two<C-w><C-a><C-y>", "twoone "},
        {"one<Space>two<C-a><M-d>", " two"},
        {"ab<C-t>", "ba"},
        {"one-two<M-BS>", "one-"},
        {"日本語<Left><BS>", "日語"},
        {"e\xCC\x81x<Left><BS>", "x"},
        {"👍🏽a<Left><BS>", "a"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct prompt *prompt = prompt_new(&(struct prompt_options){.label = ":"});

        type(prompt, cases[i][0]);
        assert_string_equal(prompt_text(prompt), cases[i][1]);
        prompt_free(&prompt);
    }
}

static void ends(void **state)
{
    struct prompt *prompt = prompt_new(&(struct prompt_options){.label = ":", .text = "x"});

    (void)state;
    assert_int_equal(type(prompt, "<Enter>"), PROMPT_ACCEPT);
    assert_int_equal(type(prompt, "<Esc>"), PROMPT_CANCEL);
    assert_int_equal(type(prompt, "<C-g>"), PROMPT_CANCEL);
    assert_int_equal(type(prompt, "<BS>"), PROMPT_CHANGED);
    assert_int_equal(type(prompt, "<BS>"), PROMPT_CANCEL);
    assert_int_equal(type(prompt, "<F5>"), PROMPT_IGNORED);
    prompt_free(&prompt);
}

static void recalls_what_begins_alike(void **state)
{
    struct prompt_history history = {0};
    struct prompt *prompt;

    (void)state;
    prompt_history_add(&history, "is:open");
    prompt_history_add(&history, "severity>=high");
    prompt_history_add(&history, "is:read");
    prompt_history_add(&history, "is:open"); /* moves to the end */
    assert_int_equal(history.lines.count, 3);
    prompt = prompt_new(&(struct prompt_options){.label = "filter: ", .history = &history});
    type(prompt, "<Up>");
    assert_string_equal(prompt_text(prompt), "is:open");
    type(prompt, "<Up><Up>");
    assert_string_equal(prompt_text(prompt), "severity>=high");
    type(prompt, "<Down><Down><Down>");
    assert_string_equal(prompt_text(prompt), "");
    type(prompt, "se<Up>");
    assert_string_equal(prompt_text(prompt), "severity>=high");
    type(prompt, "<Down>");
    assert_string_equal(prompt_text(prompt), "se");
    prompt_free(&prompt);
    prompt_history_clear(&history);
}

static void words(void *arg, const char *text, size_t cursor, size_t *start, struct prompt_candidates *candidates)
{
    static const char *const all[] = {"severity:", "severest", "since:"};

    (void)arg;
    for (size_t i = 0; i < NB_ARRAY_SIZE(all); i++)
        if (strncmp(all[i], text + *start, cursor - *start) == 0)
            nb_vec_push(&candidates->list, nb_strdup(all[i]));
}

static void completes(void **state)
{
    struct prompt *prompt = prompt_new(&(struct prompt_options){.label = "", .complete = words});

    (void)state;
    type(prompt, "x<Space>sev<Tab>");
    assert_string_equal(prompt_text(prompt), "x sever");
    assert_int_equal(prompt_rows(prompt), 2);
    type(prompt, "<Tab>");
    assert_string_equal(prompt_text(prompt), "x severity:");
    type(prompt, "<Tab>");
    assert_string_equal(prompt_text(prompt), "x severest");
    type(prompt, "<C-w>si<Tab>");
    assert_string_equal(prompt_text(prompt), "x since:");
    assert_int_equal(prompt_rows(prompt), 1);
    type(prompt, "zzz<Tab>");
    assert_string_equal(prompt_text(prompt), "x since:zzz");
    prompt_free(&prompt);
}

static void pastes_one_harmless_line(void **state)
{
    struct prompt *prompt = prompt_new(&(struct prompt_options){.label = ":", .text = "ab", .limit = 20});

    (void)state;
    type(prompt, "<Left>");
    prompt_paste(prompt, "1\n2\t3\033[2J\x07\xC2\x9B\n");
    assert_string_equal(prompt_text(prompt), "a1 2 3[2Jb");
    prompt_paste(prompt, "far too long to fit into the limit");
    assert_string_equal(prompt_text(prompt), "a1 2 3[2Jb");
    prompt_free(&prompt);
}

static void draws_with_cursor_and_error(void **state)
{
    struct prompt *prompt = prompt_new(&(struct prompt_options){.label = "filter: ", .text = "severity>>high"});
    struct nb_error err = {.code = NB_EINVALID, .column = 10, .message = "unexpected >"};
    struct nb_strbuf text;
    struct grid grid;

    (void)state;
    nb_strbuf_init(&text, 1000);
    grid_init(&grid, 40, 2, false);
    prompt_set_error(prompt, &err);
    assert_int_equal(prompt_rows(prompt), 2);
    prompt_draw(prompt, &grid, (struct rect){0, 0, 40, 2});
    grid_dump(&grid, &text);
    assert_string_equal(text.data, "                 ↓ unexpected >\nfilter: severity>>high\n");
    assert_int_equal(grid.cursor_x, 22);
    assert_int_equal(grid.cursor_y, 1);
    type(prompt, "x");
    assert_int_equal(prompt_rows(prompt), 1);
    prompt_set_text(prompt, "0123456789012345678901234567890123456789");
    nb_strbuf_reset(&text);
    prompt_draw(prompt, &grid, (struct rect){0, 1, 40, 1});
    assert_int_equal(grid.cursor_x, 39);
    type(prompt, "<C-a>");
    prompt_draw(prompt, &grid, (struct rect){0, 1, 40, 1});
    assert_int_equal(grid.cursor_x, 8);
    nb_strbuf_clear(&text);
    grid_clear(&grid);
    prompt_free(&prompt);
}

static void ranks(void **state)
{
    (void)state;
    assert_int_equal(fuzzy_score("xyz", "resolve", NULL), -1);
    assert_int_equal(fuzzy_score("", "anything", NULL), 0);
    assert_true(fuzzy_score("res", "resolve", NULL) > fuzzy_score("res", "redraw-screens", NULL));
    assert_true(fuzzy_score("ra", "read-all", NULL) > fuzzy_score("ra", "redraw", NULL));
    assert_true(fuzzy_score("RA", "read-all", NULL) > 0);
    assert_int_equal(fuzzy_score("ar", "ra", NULL), -1);
}

static void marks_the_letters(void **state)
{
    uint64_t positions = 0;

    (void)state;
    fuzzy_score("ra", "read-all", &positions);
    assert_int_equal(positions, 1u | 1u << 5);
}

static void picks(void **state)
{
    struct picker *picker = picker_new("person");
    const char *keys = "ob";

    (void)state;
    assert_null(picker_chosen(picker));
    picker_add(picker, &(struct picker_item){"ada lovelace", "acme", NULL, 1});
    picker_add(picker, &(struct picker_item){"bob", "acme", NULL, 2});
    picker_add(picker, &(struct picker_item){"olga bauer", NULL, "x", 3});
    assert_int_equal(picker_chosen(picker)->id, 1);
    while (*keys)
        picker_key(picker, key_of(&keys));
    assert_int_equal(picker_chosen(picker)->id, 3);
    picker_key(picker, (struct key){NAMED_DOWN, 0});
    assert_int_equal(picker_chosen(picker)->id, 2);
    picker_key(picker, (struct key){NAMED_DOWN, 0});
    assert_int_equal(picker_chosen(picker)->id, 2);
    assert_int_equal(picker_key(picker, (struct key){NAMED_ENTER, 0}), PICKER_ACCEPT);
    assert_int_equal(picker_key(picker, (struct key){'q', 0}), PICKER_CHANGED);
    assert_null(picker_chosen(picker));
    assert_int_equal(picker_key(picker, (struct key){NAMED_ENTER, 0}), PICKER_IGNORED);
    assert_int_equal(picker_key(picker, (struct key){NAMED_ESCAPE, 0}), PICKER_CANCEL);
    picker_free(&picker);
}

static void palette_shows_keys(void **state)
{
    struct key_scope scope = key_scope(CONTEXT_EVENTS, false);
    struct keymap *keymap = NULL;
    struct nb_error err;
    struct picker *picker;
    const char *keys = "resolve";

    (void)state;
    assert_int_equal(keymap_load_text(&keymap, "t", "[events]\n<C-x> x, X = :resolve\n", NULL, &err), 0);
    picker = palette_new(keymap, &scope);
    while (*keys)
        picker_key(picker, key_of(&keys));
    assert_int_equal(picker_chosen(picker)->id, ACTION_RESOLVE);
    assert_string_equal(picker_chosen(picker)->key, "X");
    picker_free(&picker);
    keymap_free(&keymap);
}

static void parses_commands(void **state)
{
    struct command command;
    struct nb_error err;
    size_t start = 0;

    (void)state;
    assert_int_equal(command_parse(&command, ":resolve --note  it was  the disk ", &err), 0);
    assert_int_equal(command.action, ACTION_RESOLVE);
    assert_true(command.option);
    assert_int_equal(command.argc, 1);
    assert_string_equal(command.argv[0], "it was  the disk");
    command_clear(&command);
    assert_int_equal(command_parse(&command, "assign \"o'hara \\\"x\\\"\"", &err), 0);
    assert_string_equal(command.argv[0], "o'hara \"x\"");
    assert_false(command.option);
    command_clear(&command);
    assert_int_equal(command_parse(&command, "filter \"a phrase\" is:open", &err), 0);
    assert_string_equal(command.argv[0], "\"a phrase\" is:open");
    command_clear(&command);
    assert_int_equal(command_parse(&command, "q", &err), 0);
    assert_int_equal(command.action, ACTION_QUIT);
    command_clear(&command);
    assert_int_equal(command_parse(&command, "down 12", &err), 0);
    assert_string_equal(command.argv[0], "12");
    command_clear(&command);
    assert_string_equal(command_argument_at("theme da", &start), "THEME");
    assert_int_equal(start, 6);
    assert_string_equal(command_argument_at(":the", &start), "");
    assert_string_equal(command_argument_at("filter is:open sev", &start), "FILTER");
    assert_null(command_argument_at("quit x", &start));
}

static void points_at_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
        const char *message;
    } cases[] = {
        {"", 1, "a command is missing"},
        {"frobnicate", 1, "unknown command frobnicate"},
        {":re", 2, "ambiguous command re"},
        {"quit now", 6, "one word too many"},
        {"down twelve", 6, "twelve: expected a number from 1"},
        {"assign \"bob", 8, "the quote is not closed"},
        {"assign --nope", 8, "there is no such option"},
        {"view", 5, "view needs SCREEN"},
        {"toggle-severity worst", 17, "worst: expected low medium high critical 1 2 3 4"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct command command;
        struct nb_error err = {0};

        assert_int_equal(command_parse(&command, cases[i].text, &err), NB_EINVALID);
        assert_string_equal(err.message, cases[i].message);
        assert_int_equal(err.column, cases[i].column);
        assert_null(command.text);
    }
}

/* Any keys in any order leave valid text, a cursor inside it, and a drawing inside its rectangle. */
static void survives_anything(void **state)
{
    struct prompt_history history = {0};
    struct grid grid;
    unsigned seed = 7;

    (void)state;
    grid_init(&grid, 21, 3, false);
    prompt_history_add(&history, "日本語 e\xCC\x81");
    for (int round = 0; round < 200; round++) {
        struct prompt *prompt = prompt_new(
            &(struct prompt_options){.label = "日本: ", .history = &history, .complete = words, .limit = 40});

        for (int i = 0; i < 200; i++) {
            static const uint32_t codes[] = {
                'a',    ' ',    's',        0x65E5,   0x301,     0x1F468,         0x200D,
                0xFE0F, 0x202E, NAMED_LEFT, NAMED_UP, NAMED_TAB, NAMED_BACKSPACE, NAMED_DELETE,
                'w',    't',    'y',        'd',      'k',       0x1F1E9};
            struct key key;

            seed = seed * 1664525u + 1013904223u;
            key.code = codes[(seed >> 8) % NB_ARRAY_SIZE(codes)];
            key.modifiers = seed >> 20 & 1 ? (seed >> 21 & 1 ? MOD_CONTROL : MOD_ALT) : 0;
            prompt_key(prompt, key);
            if ((seed >> 24) % 16 == 0)
                prompt_paste(prompt, "x\n\xF0\x9F\x91\x8D");
            prompt_draw(prompt, &grid, (struct rect){1, 0, (int)(seed >> 28) + 4, 2});
            assert_true(strlen(prompt_text(prompt)) <= 40);
            assert_true(grid.cursor_x >= 1 && grid.cursor_x < 21);
        }
        prompt_free(&prompt);
    }
    grid_clear(&grid);
    prompt_history_clear(&history);
}

UNIT_MAIN(cmocka_unit_test(edits), cmocka_unit_test(ends), cmocka_unit_test(recalls_what_begins_alike),
          cmocka_unit_test(completes), cmocka_unit_test(pastes_one_harmless_line),
          cmocka_unit_test(draws_with_cursor_and_error), cmocka_unit_test(ranks), cmocka_unit_test(marks_the_letters),
          cmocka_unit_test(picks), cmocka_unit_test(palette_shows_keys), cmocka_unit_test(parses_commands),
          cmocka_unit_test(points_at_what_is_wrong), cmocka_unit_test(survives_anything))
