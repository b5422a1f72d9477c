/* Keymaps: how keys are written, sequences, counts, timeouts, contexts, errors, and what the shipped ones promise. */
#include "tests/lib/unit.h"

#include "tui/keys/keymap.h"
#include "tui/modal/hints.h"
#include "tui/views/help.h"

static const struct key escape = {NAMED_ESCAPE, 0};

static struct keymap *load(const char *text, struct problems *problems)
{
    struct keymap *keymap = NULL;
    struct nb_error err;

    assert_int_equal(keymap_load_text(&keymap, "t.keys", text, problems, &err), 0);
    return keymap;
}

static struct key key_of(const char *text)
{
    struct key key = {0, 0};
    struct nb_error err;

    assert_int_equal(key_parse(&key, &text, &err), 0);
    assert_string_equal(text, "");
    return key;
}

/* Feeds keys written as in a keymap; returns "action:count" for the last one that fires, or the name of the state. */
static const char *type(const struct keymap *keymap, enum context view, const char *keys, struct key_state *state)
{
    static char answer[100];
    struct key_scope scope = key_scope(view, false);
    const struct binding *binding = NULL;
    enum key_result result = KEY_UNBOUND;
    int count = 0;

    for (const char *at = keys; *at;) {
        struct key key;
        struct nb_error err;

        at += strspn(at, " ");
        assert_int_equal(key_parse(&key, &at, &err), 0);
        result = keymap_feed(keymap, &scope, state, key, &binding, &count);
    }
    if (result == KEY_FIRE)
        snprintf(answer, sizeof(answer), "%s:%d", action_info(binding->command.action)->name, count);
    else
        snprintf(answer, sizeof(answer), "%s",
                 result == KEY_PENDING  ? "pending"
                 : result == KEY_CANCEL ? "cancel"
                                        : "unbound");
    return answer;
}

static void keys_are_read_back_as_written(void **state)
{
    static const char *const keys[] = {
        "a",      "A",      "é",       "<C-x>",   "<M-x>",        "<S-Tab>",   "<F5>",      "<Space>",
        "<Hash>", "<Less>", "<Equal>", "<Comma>", "<C-M-S-Left>", "<C-Space>", "<M-Enter>", "<Esc>",
        "!",      "~",      "[",       "]",       "<M-Less>",     "<C-_>",     "<S-F12>",   "日"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(keys); i++) {
        struct nb_strbuf out;

        nb_strbuf_init(&out, 100);
        key_format(&out, key_of(keys[i]));
        assert_string_equal(out.data, keys[i]);
        nb_strbuf_clear(&out);
    }
    assert_true(key_equal(key_of("<C-I>"), key_of("<Tab>")));
    assert_true(key_equal(key_of("<C-m>"), key_of("<CR>")));
    assert_true(key_equal(key_of("<c-[>"), escape));
    assert_true(key_equal(key_of("<S-a>"), key_of("A")));
    assert_true(key_equal(key_of("<lt>"[0] ? "<Less>" : ""), key_of("<")));
    assert_true(key_equal(key_canonical(1, 0), key_of("<C-a>")));
    assert_true(key_equal(key_canonical(0x7f, 0), key_of("<BS>")));
    assert_true(key_equal(key_canonical(0, 0), key_of("<C-Space>")));
    assert_true(key_equal(key_canonical('X', MOD_CONTROL | MOD_SHIFT), key_of("<C-x>")));
}

static void impossible_keys_are_refused(void **state)
{
    static const char *const keys[] = {"<S-Enter>", "<C-1>", "<C-S-a>", "<S-1>", "<Nope>", "<C-Tab>",
                                       "<>x",       "<C->",  "<F13>",   "",      " "};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(keys); i++) {
        const char *at = keys[i];
        struct nb_error err;
        struct key key;

        if (key_parse(&key, &at, &err) == 0)
            fail_msg("%s was taken", keys[i]);
        assert_true(err.message[0] != '\0');
    }
}

static void contexts_fall_back(void **state)
{
    struct keymap *keymap =
        load("[global]\nx = :quit\ny = :help\nz = :redraw\n[list]\nx = :open\n[events]\nx = :resolve\n"
             "[inbox]\ny = none\n",
             NULL);
    struct key_state keys = {0};

    (void)state;
    assert_string_equal(type(keymap, CONTEXT_EVENTS, "x", &keys), "resolve:0");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "x", &keys), "open:0");
    assert_string_equal(type(keymap, CONTEXT_HELP, "x", &keys), "quit:0");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "y", &keys), "unbound");
    assert_string_equal(type(keymap, CONTEXT_EVENTS, "y", &keys), "help:0");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "q", &keys), "unbound");
    keymap_free(&keymap);
}

static void sequences_wait_and_cancel(void **state)
{
    struct keymap *keymap = load("[list]\ng g = :top\ng x <C-c> = :open\n", NULL);
    struct key_scope scope = key_scope(CONTEXT_INBOX, false);
    struct key_state keys = {0};
    struct nb_strbuf pending;

    (void)state;
    nb_strbuf_init(&pending, 100);
    assert_string_equal(type(keymap, CONTEXT_INBOX, "g", &keys), "pending");
    assert_false(keymap_waits(keymap, &scope, &keys));
    assert_string_equal(type(keymap, CONTEXT_INBOX, "x", &keys), "pending");
    keymap_pending(&keys, &pending);
    assert_string_equal(pending.data, "g x");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "<C-c>", &keys), "open:0");
    assert_int_equal(keys.length, 0);
    assert_string_equal(type(keymap, CONTEXT_INBOX, "g <Esc>", &keys), "cancel");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "g q", &keys), "unbound");
    assert_int_equal(keys.length, 0);
    assert_string_equal(type(keymap, CONTEXT_INBOX, "g g", &keys), "top:0");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "<Esc>", &keys), "unbound");
    nb_strbuf_clear(&pending);
    keymap_free(&keymap);
}

static void a_shorter_binding_fires_after_a_while(void **state)
{
    struct keymap *keymap = load("[list]\ng = :refresh\ng g = :top\nx = :open\n", NULL);
    struct key_scope scope = key_scope(CONTEXT_INBOX, false);
    const struct binding *binding = NULL;
    struct key_state keys = {0};
    int count = 0;

    (void)state;
    assert_string_equal(type(keymap, CONTEXT_INBOX, "3 g", &keys), "pending");
    assert_true(keymap_waits(keymap, &scope, &keys));
    assert_int_equal(keymap_timeout(keymap, &scope, &keys, &binding, &count), KEY_FIRE);
    assert_int_equal(binding->command.action, ACTION_REFRESH);
    assert_int_equal(count, 3);
    /* another key ends the wait: the shorter one runs, and the key is not lost */
    assert_string_equal(type(keymap, CONTEXT_INBOX, "g x", &keys), "refresh:0");
    assert_true(key_equal(keys.replay, key_of("x")));
    assert_int_equal(keymap_feed(keymap, &scope, &keys, keys.replay, &binding, &count), KEY_FIRE);
    assert_int_equal(binding->command.action, ACTION_OPEN);
    assert_int_equal(keys.replay.code, 0);
    keymap_free(&keymap);
}

static void digits_count_where_they_are_free(void **state)
{
    struct keymap *keymap = load("[list]\nj = :down\n1 = :view inbox\n<M-3> = :digit-argument\n", NULL);
    struct key_state keys = {0};

    (void)state;
    assert_string_equal(type(keymap, CONTEXT_INBOX, "5 j", &keys), "down:5");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "5 1 0 j", &keys), "down:510");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "1", &keys), "view:0");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "0 1 2 j", &keys), "down:12");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "<M-3> 1 j", &keys), "down:31");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "9 9 9 9 9 9 9 9 9 9 9 j", &keys), "down:999999");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "7 <Esc>", &keys), "cancel");
    assert_string_equal(type(keymap, CONTEXT_INBOX, "j", &keys), "down:0");
    keymap_free(&keymap);
}

static void names_what_is_wrong(void **state)
{
    static const char text[] = "j = :down\n"                  /* 1 */
                               "[list]\n"                     /* 2 */
                               "j = :dwon\n"                  /* 3 */
                               "<C-1> = :down\n"              /* 4 */
                               "gg = :top\n"                  /* 5 */
                               "x = open\n"                   /* 6 */
                               "k = :up\n"                    /* 7 */
                               "k = :down\n"                  /* 8 */
                               "g <Esc> = :top\n"             /* 9 */
                               "y = :resolve nothing \"\n"    /* 10 */
                               "[inbox]\n"                    /* 11 */
                               "z = :snooze\n"                /* 12 */
                               "[nosuch]\n"                   /* 13 */
                               "a = :open\n"                  /* 14 */
                               "[events]\n"                   /* 15 */
                               "s = :toggle-severity hihg\n"  /* 16 */
                               "t = :view\n"                  /* 17 */
                               "n = :unknown-thing # hint\n"; /* 18 */
    static const char *const expected[] = {
        "t.keys:1: a binding before the first [context]: expected global, list,",
        "t.keys:3: unknown command dwon: did you mean down,",
        "t.keys:4: impossible key <C-1>: terminals do not report control with this character",
        "t.keys:5: write blanks between keys: g g",
        "t.keys:6: expected :command or none, not open",
        "t.keys:8: k is bound twice in [list]: line 7 does not count",
        "t.keys:9: impossible sequence: Esc cancels what is pending",
        "t.keys:12: snooze makes no sense in [inbox]",
        "t.keys:14: there is no context [nosuch]: expected global,",
        "t.keys:16: hihg: expected low medium high critical 1 2 3 4",
        "t.keys:17: view needs SCREEN",
        "t.keys:18: unknown command unknown-thing",
    };
    struct problems problems = {0};
    struct keymap *keymap = load(text, &problems);
    struct key_state keys = {0};

    (void)state;
    for (size_t i = 0; i < problems.list.count && i < NB_ARRAY_SIZE(expected); i++)
        assert_memory_equal(problems.list.data[i].text, expected[i], strlen(expected[i]));
    assert_int_equal(problems.list.count, NB_ARRAY_SIZE(expected));
    assert_string_equal(type(keymap, CONTEXT_INBOX, "k", &keys), "down:0"); /* the other lines apply */
    problems_clear(&problems);
    keymap_free(&keymap);
}

static void shadowed_bindings_are_named(void **state)
{
    struct problems problems = {0};
    struct keymap *keymap =
        load("[list]\nx = :open\ny = :open\n[inbox]\nx = :archive\n[events]\nx = :resolve\n[deliveries]\nx = :cancel\n",
             &problems);

    (void)state;
    assert_int_equal(problems.list.count, 1);
    assert_string_equal(problems.list.data[0].text,
                        "t.keys:2: x in [list] is never reached: t.keys:9 stands before it in [deliveries]");
    problems_clear(&problems);
    keymap_free(&keymap);
}

static const char *const shipped[] = {"default", "emacs", "vim"};

static void shipped_keymaps_have_no_problems(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(shipped); i++) {
        struct problems problems = {0};
        struct keymap *keymap = NULL;
        struct nb_error err;

        assert_int_equal(keymap_load(&keymap, shipped[i], &problems, &err), 0);
        for (size_t j = 0; j < problems.list.count; j++)
            print_message("%s\n", problems.list.data[j].text);
        assert_int_equal(problems.list.count, 0);
        keymap_free(&keymap);
    }
}

struct seen {
    bool actions[ACTION_COUNT];
};

static void see(void *arg, const struct binding *binding)
{
    ((struct seen *)arg)->actions[binding->command.action] = true;
}

/* Actions that need words from a person, or are for other keymaps: reached with `:` and the palette. */
static const enum action unbound[] = {
    ACTION_SEARCH_BACKWARD, ACTION_GOTO, ACTION_SAVED_VIEW,  ACTION_DELETE_VIEW, ACTION_THEME,
    ACTION_KEYMAP,          ACTION_SET,  ACTION_SAVE_SCREEN, ACTION_DIGIT,       ACTION_WHOAMI,
};

static void every_action_is_bound_or_left_out_on_purpose(void **state)
{
    struct keymap *keymap = NULL;
    struct seen seen = {0};
    struct nb_error err;

    (void)state;
    assert_int_equal(keymap_load(&keymap, "default", NULL, &err), 0);
    for (int context = 0; context < CONTEXT_COUNT; context++)
        keymap_visit_context(keymap, (enum context)context, see, &seen);
    for (size_t i = 0; i < NB_ARRAY_SIZE(unbound); i++) {
        assert_false(seen.actions[unbound[i]]);
        seen.actions[unbound[i]] = true;
    }
    for (int i = 0; i < ACTION_COUNT; i++)
        if (!seen.actions[i])
            fail_msg("%s has no key", action_info((enum action)i)->name);
    keymap_free(&keymap);
}

/* What the help draws where there is room for all of it. The caller frees it. */
static char *help_drawn(struct help *help)
{
    struct rect all = {0, 0, 120, 600};
    struct nb_strbuf text;
    struct grid grid;

    nb_strbuf_init(&text, 1 << 20);
    grid_init(&grid, all.width, all.height, false);
    help_layout(help, all);
    help_draw(help, &grid);
    grid_dump(&grid, &text);
    grid_clear(&grid);
    return nb_strbuf_take(&text);
}

static void help_knows_every_key_and_action(void **state)
{
    struct keymap *keymap = load("[events]\nx, X = :resolve  # settle it\n[global]\n? = :help\n", NULL);
    struct help *help = help_new(keymap, NULL, false);
    char *text, *end;

    (void)state;
    text = help_drawn(help);
    assert_non_null(strstr(text, "Events\n  x, X                      settle it  :resolve\n"));
    for (int i = 0; i < ACTION_COUNT; i++) {
        char name[60];

        snprintf(name, sizeof(name), "  :%s", action_info((enum action)i)->name);
        assert_non_null(strstr(text, name));
    }
    help_search(help, "SETTLE");
    free(text);
    text = help_drawn(help);
    end = strstr(text, "\n\n");
    assert_non_null(end);
    *end = '\0';
    assert_string_equal(text, "Events\n  x, X                      settle it  :resolve");
    help_free(&help);
    free(text);
    keymap_free(&keymap);
}

static void hints_follow_the_keymap(void **state)
{
    struct keymap *keymap = load("[events]\nx, X = :resolve  # resolve\na = :acknowledge # ack\nz = :snooze\n"
                                 "y i, <F9> = :copy id # id\n[global]\n? = :help # help\n",
                                 NULL);
    struct key_scope scope = key_scope(CONTEXT_EVENTS, false);
    struct key_state keys = {.keys = {{'y', 0}}, .length = 1};
    struct rect row = {0, 0, 40, 1};
    struct nb_strbuf text;
    struct grid grid;

    (void)state;
    nb_strbuf_init(&text, 1000);
    grid_init(&grid, 40, 1, false);
    hints_draw(keymap, &scope, NULL, 0, &grid, row);
    grid_dump(&grid, &text);
    hints_draw(keymap, &scope, NULL, ACTION_FLAG_WRITES, &grid, row);
    grid_dump(&grid, &text);
    hints_draw(keymap, &scope, &keys, 0, &grid, row);
    grid_dump(&grid, &text);
    hints_draw(keymap, &scope, NULL, 0, &grid, (struct rect){0, 0, 17, 1});
    grid_dump(&grid, &text);
    assert_string_equal(text.data, " x resolve  a ack  ? help\n"
                                   " ? help\n"
                                   " y  i id\n"
                                   " a ack  ? help\n");
    nb_strbuf_clear(&text);
    grid_clear(&grid);
    keymap_free(&keymap);
}

static int no_files(void **state)
{
    (void)state;
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return 0;
}

UNIT_MAIN_WITH(no_files, NULL, cmocka_unit_test(keys_are_read_back_as_written),
               cmocka_unit_test(impossible_keys_are_refused), cmocka_unit_test(contexts_fall_back),
               cmocka_unit_test(sequences_wait_and_cancel), cmocka_unit_test(a_shorter_binding_fires_after_a_while),
               cmocka_unit_test(digits_count_where_they_are_free), cmocka_unit_test(names_what_is_wrong),
               cmocka_unit_test(shadowed_bindings_are_named), cmocka_unit_test(shipped_keymaps_have_no_problems),
               cmocka_unit_test(every_action_is_bound_or_left_out_on_purpose),
               cmocka_unit_test(help_knows_every_key_and_action), cmocka_unit_test(hints_follow_the_keymap))
