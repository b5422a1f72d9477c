/* What terminals send: keys with modifiers, mouse, pastes, answers; whole, in pieces, broken. */
#include "tests/lib/unit.h"

#include "tui/term/decoder.h"
#include "tui/term/key_curses.h"

struct bytes {
    const char *at;
    const char *end;
};

static bool next_byte(void *arg, struct decoder_item *item)
{
    struct bytes *bytes = arg;

    if (bytes->at == bytes->end)
        return false;
    *item = (struct decoder_item){.character = (unsigned char)*bytes->at++};
    return true;
}

static struct decoder decoder;
static int64_t now = 1000000;

static int setup(void **state)
{
    (void)state;
    decoder_init(&decoder);
    now += 10000;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    decoder_clear(&decoder);
    return 0;
}

/* Everything that some bytes decode to, as text. */
static const char *decode(const char *text)
{
    static char answer[1000];
    struct bytes bytes = {text, text + strlen(text)};
    struct nb_strbuf out;
    struct input input;

    nb_strbuf_init(&out, sizeof(answer) - 1);
    while (decoder_read(&decoder, next_byte, &bytes, now, &input)) {
        if (out.length > 0)
            nb_strbuf_append_char(&out, ' ');
        if (input.kind == INPUT_KEY)
            key_format(&out, input.key);
        else if (input.kind == INPUT_PASTE)
            nb_strbuf_appendf(&out, "paste(%s)", input.text);
        else if (input.kind == INPUT_MOUSE)
            nb_strbuf_appendf(&out, "mouse%d(%d,%d)", (int)input.mouse, input.x, input.y);
        else
            nb_strbuf_append(&out, decoder.background == BACKGROUND_LIGHT ? "light" : "dark");
    }
    snprintf(answer, sizeof(answer), "%s", out.data);
    nb_strbuf_clear(&out);
    return answer;
}

static void keys(void **state)
{
    static const struct {
        const char *bytes;
        const char *keys;
    } cases[] = {
        {"abA", "a b A"},
        {"\001\r\t\n\010\177", "<C-a> <Enter> <Tab> <C-j> <C-h> <Backspace>"},
        {"\033", "<Esc>"},
        {"\033\033", "<Esc> <Esc>"},
        {"\033x", "<M-x>"},
        {"\033\001", "<C-M-a>"},
        {"\033[A\033[B\033OC\033OD", "<Up> <Down> <Right> <Left>"},
        {"\033[1;5C", "<C-Right>"},
        {"\033[1;2A", "<S-Up>"},
        {"\033[1;3D", "<M-Left>"},
        {"\033[1;8H", "<C-M-S-Home>"},
        {"\033[3~\033[5;5~", "<Delete> <C-PageUp>"},
        {"\033OP\033[15~\033[24;2~", "<F1> <F5> <S-F12>"},
        {"\033[[C", "<F3>"},
        {"\033[Z", "<S-Tab>"},
        {"\033[27;5;120~", "<C-x>"},
        {"\033[120;5u", "<C-x>"},
        {"\033[", "<M-[>"},
        {"\033O", "<M-O>"},
        {"\033]", "<M-]>"},
        {"\033[?1;2cq", "q"},
        {"\033[200;1Rq", "q"},
        {"\033[Iq", "q"},
        {"\033[99~q\033[1110000;5uq\033[0uq", "q q q"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++)
        if (strcmp(decode(cases[i].bytes), cases[i].keys) != 0)
            fail_msg("%s gave %s", cases[i].keys, decode(cases[i].bytes));
}

static void mouse(void **state)
{
    (void)state;
    assert_string_equal(decode("\033[<0;10;5M\033[<0;10;5m"), "mouse0(9,4)");
    assert_string_equal(decode("\033[<0;10;5M"), "mouse1(9,4)"); /* two presses at the same time */
    assert_string_equal(decode("\033[<0;10;5M"), "mouse0(9,4)");
    assert_string_equal(decode("\033[<64;1;1M\033[<65;1;1M"), "mouse2(0,0) mouse3(0,0)");
    assert_string_equal(decode("\033[<2;1;1M\033[<35;1;1M"), "");
    assert_string_equal(decode("\033[M +%"), "mouse0(10,4)");
    assert_string_equal(decode("\033[<0;0;0M\033[<999999999999;1;1Mq"), "q");
}

static void pastes(void **state)
{
    (void)state;
    assert_string_equal(decode("a\033[200~rm -rf /\n\033[Ax\033[201~b"), "a paste(rm -rf /\n\033[Ax) b");
    assert_string_equal(decode("\033[200~in "), "");
    assert_string_equal(decode("pieces\033[20"), "");
    assert_string_equal(decode("1~q"), "paste(in pieces) q");
    /* a paste whose end never comes does not block the keys for ever */
    assert_string_equal(decode("\033[200~lost"), "");
    now += 60000;
    assert_string_equal(decode("q"), "paste(lost) q");
}

static void sequences_in_pieces(void **state)
{
    (void)state;
    assert_string_equal(decode("\033[1;"), "");
    assert_string_equal(decode("5"), "");
    assert_string_equal(decode("A"), "<C-Up>");
    assert_string_equal(decode("\033[1\033[A"), "<Up>"); /* broken off */
}

static void background_answers(void **state)
{
    (void)state;
    decoder.expects_background = true;
    assert_string_equal(decode("x\033]11;rgb:1e1e/1e"), "x");
    assert_string_equal(decode("1e/2e2e\033\\y"), "dark y");
    decoder.expects_background = true;
    assert_string_equal(decode("\033]11;rgb:ff/ff/f0\a"), "light");
    decoder.expects_background = true;
    assert_string_equal(decode("\033]11;nonsense\aq"), "q");
}

static void curses_names(void **state)
{
    static const char *const cases[][2] = {
        {"KEY_BTAB", "<S-Tab>"}, {"kRIT5", "<C-Right>"},  {"kUP", "<S-Up>"},       {"kUP3", "<M-Up>"},
        {"KEY_F(1)", "<F1>"},    {"KEY_F(13)", "<S-F1>"}, {"KEY_F(25)", "<C-F1>"}, {"kDC5", "<C-Delete>"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        struct nb_strbuf out;

        nb_strbuf_init(&out, 100);
        key_format(&out, key_of_curses(cases[i][0]));
        assert_string_equal(out.data, cases[i][1]);
        nb_strbuf_clear(&out);
    }
    assert_int_equal(key_of_curses("KEY_RESIZE").code, 0);
    assert_int_equal(key_of_curses(NULL).code, 0);
}

#define FED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

UNIT_MAIN(FED(keys), FED(mouse), FED(pastes), FED(sequences_in_pieces), FED(background_answers), FED(curses_names))
