/* The configuration: options, saved views, the state file, a person's own keymaps and themes, and the reports about
 * broken ones. */
#include "tests/lib/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tui/files/files.h"
#include "tui/keys/keymap.h"
#include "tui/term/sequence.h"
#include "tui/config/settings.h"
#include "tui/draw/theme.h"

static char home[] = "/tmp/nightbell-settings-XXXXXX";

static void put(const char *name, const char *text)
{
    char *path = files_config_path(name);
    struct nb_error err;

    assert_int_equal(files_write(path, text, strlen(text), &err), 0);
    nb_free(&path);
}

static void drop(const char *name)
{
    char *path = files_config_path(name);

    unlink(path);
    nb_free(&path);
}

static int make_home(void **state)
{
    (void)state;
    if (!mkdtemp(home))
        return -1;
    setenv("HOME", home, 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_STATE_HOME");
    unsetenv("NIGHTBELL_THEME");
    unsetenv("NIGHTBELL_KEYMAP");
    return 0;
}

static int remove_home(void **state)
{
    char *command = nb_asprintf("rm -rf %s", home);
    FILE *done = popen(command, "r");

    (void)state;
    nb_free(&command);
    return done ? pclose(done) : -1;
}

static void defaults_without_files(void **state)
{
    struct problems problems = {0};
    struct settings settings;

    (void)state;
    settings_load(&settings, &problems);
    assert_int_equal(problems.list.count, 0);
    assert_true(settings_bool(&settings, OPTION_BELL));
    assert_int_equal(settings_number(&settings, OPTION_POLL_SECONDS), 2);
    assert_true(settings_is(&settings, OPTION_THEME, "auto"));
    assert_true(settings_lists(&settings, OPTION_LINK_SCHEMES, "https"));
    assert_false(settings_lists(&settings, OPTION_LINK_SCHEMES, "http https"));
    assert_int_equal(settings.last_view, CONTEXT_COUNT);
    settings_clear(&settings);
}

static void every_default_is_valid(void **state)
{
    struct settings settings;
    struct nb_error err;

    (void)state;
    settings_init(&settings);
    for (int i = 0; i < OPTION_COUNT; i++) {
        assert_int_equal(settings_set(&settings, (enum option)i, option_info((enum option)i)->fallback, &err), 0);
        assert_int_equal(option_find(option_info((enum option)i)->name), i);
    }
    assert_int_equal(settings_set(&settings, OPTION_BELL, "maybe", &err), NB_EINVALID);
    assert_string_equal(err.hint, "use on or off");
    assert_int_equal(settings_set(&settings, OPTION_POLL_SECONDS, "1", &err), NB_EINVALID);
    assert_string_equal(err.hint, "use a number from 2 to 3600");
    assert_int_equal(settings_set(&settings, OPTION_DETAIL, "left", &err), NB_EINVALID);
    assert_string_equal(err.hint, "use one of: auto right below off");
    settings_clear(&settings);
}

static void reads_the_file_and_names_bad_lines(void **state)
{
    static const char *const reasons[] = {":2: bell: perhaps will not do: use on or off",
                                          ":3: there is no option colour", ":4: expected [section] or key = value",
                                          ":7: expected bad = inbox: FILTER or events: FILTER",
                                          ":9: there is no section [nosuch]"};
    struct problems problems = {0};
    struct settings settings;

    (void)state;
    put("config", "theme = light   # for the day\nbell = perhaps\ncolour = "
                  "red\nwhat\n[views]\nburns = events: severity>=high\n"
                  "bad = severity>=high\n[nosuch]\nx = y\n");
    settings_load(&settings, &problems);
    assert_true(settings_is(&settings, OPTION_THEME, "light"));
    assert_true(settings_bool(&settings, OPTION_BELL));
    assert_int_equal(settings.views.count, 1);
    assert_string_equal(settings_view(&settings, "burns")->filter, "severity>=high");
    assert_int_equal(problems.list.count, NB_ARRAY_SIZE(reasons));
    for (size_t i = 0; i < NB_ARRAY_SIZE(reasons); i++)
        assert_non_null(strstr(problems.list.data[i].text, reasons[i]));
    problems_clear(&problems);
    settings_clear(&settings);
    setenv("NIGHTBELL_THEME", "mono", 1);
    settings_load(&settings, NULL);
    assert_true(settings_is(&settings, OPTION_THEME, "mono"));
    unsetenv("NIGHTBELL_THEME");
    settings_clear(&settings);
    drop("config");
}

static void keeps_views_and_state(void **state)
{
    struct settings settings;
    struct nb_error err;

    (void)state;
    put("config", "[views]\nfixed = inbox: is:unread\n");
    settings_load(&settings, NULL);
    assert_int_equal(settings_save_view(&settings, "mine", CONTEXT_EVENTS, "is:open is:mine", &err), 0);
    assert_int_equal(settings_save_view(&settings, "fixed", CONTEXT_INBOX, "", &err), NB_ECONFLICT);
    assert_int_equal(settings_save_view(&settings, "a=b", CONTEXT_INBOX, "", &err), NB_EINVALID);
    assert_int_equal(settings_save_state(&settings, CONTEXT_EVENTS, "bob@acme", &err), 0);
    settings_clear(&settings);
    settings_load(&settings, NULL);
    assert_int_equal(settings_last_view(&settings, "bob@acme"), CONTEXT_EVENTS);
    assert_int_equal(settings_last_view(&settings, "ada@acme"), CONTEXT_COUNT);
    assert_int_equal(settings_last_view(&settings, NULL), CONTEXT_COUNT);
    assert_int_equal(settings_view(&settings, "mine")->view, CONTEXT_EVENTS);
    assert_string_equal(settings_view(&settings, "mine")->filter, "is:open is:mine");
    assert_int_equal(settings_delete_view(&settings, "fixed", &err), NB_ECONFLICT);
    assert_int_equal(settings_delete_view(&settings, "nosuch", &err), NB_ENOTFOUND);
    assert_int_equal(settings_delete_view(&settings, "mine", &err), 0);
    settings_clear(&settings);
    settings_load(&settings, NULL);
    assert_null(settings_view(&settings, "mine"));
    settings_clear(&settings);
    drop("config");
}

static void two_consoles_keep_each_others_views(void **state)
{
    struct settings one, other;
    struct nb_error err;

    (void)state;
    settings_load(&one, NULL);
    settings_load(&other, NULL);
    assert_int_equal(settings_save_view(&one, "on call", CONTEXT_EVENTS, "is:open", &err), 0);
    assert_int_equal(settings_save_view(&other, "mine", CONTEXT_INBOX, "is:unread", &err), 0);
    assert_non_null(settings_view(&other, "on call"));
    assert_int_equal(settings_save_state(&one, CONTEXT_EVENTS, "bob", &err), 0);
    assert_int_equal(settings_delete_view(&other, "on call", &err), 0);
    assert_int_equal(settings_save_state(&one, CONTEXT_INBOX, "bob", &err), 0);
    settings_clear(&one);
    settings_clear(&other);
    settings_load(&one, NULL);
    assert_null(settings_view(&one, "on call"));
    assert_string_equal(settings_view(&one, "mine")->filter, "is:unread");
    assert_int_equal(settings_last_view(&one, "bob"), CONTEXT_INBOX);
    assert_int_equal(settings_delete_view(&one, "mine", &err), 0);
    settings_clear(&one);
}

static void a_bad_filter_is_said_and_replaced(void **state)
{
    struct problems problems = {0};
    struct settings settings;

    (void)state;
    put("config", "bell = on\nevents-filter = nosuch:thing\n");
    settings_load(&settings, &problems);
    assert_int_equal(problems.list.count, 1);
    assert_non_null(strstr(problems.list.data[0].text, "config:2: events-filter: "));
    assert_non_null(strstr(problems.list.data[0].text, "the default holds: is:open"));
    assert_string_equal(settings_filter(&settings, CONTEXT_EVENTS), "is:open");
    settings_clear(&settings);
    problems_clear(&problems);
    drop("config");
}

static void own_files_lie_over_shipped_ones(void **state)
{
    struct key_scope scope = key_scope(CONTEXT_EVENTS, false);
    struct keymap *keymap = NULL;
    struct theme *theme = NULL;
    struct nb_strbuf keys;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&keys, 100);
    put("themes/dark.theme", "title = 99\n");
    put("keymaps/user.keys", "[events]\nr = none\nx = none\nW = :resolve # settle\n");
    put("keymaps/mine.keys", "[global]\n<F9> = :quit\n");
    assert_int_equal(theme_load(&theme, "dark", NULL, &err), 0);
    assert_int_equal(theme_style(theme, LOOK(ROLE_TITLE, 0)).foreground.red, 99);
    assert_true(theme_defines(theme, ROLE_TYPE)); /* not in the user's file: stays */
    assert_int_equal(keymap_load(&keymap, "mine", NULL, &err), 0);
    keymap_keys_of(keymap, &scope, ACTION_RESOLVE, &keys);
    assert_string_equal(keys.data, "W");
    nb_strbuf_reset(&keys);
    keymap_keys_of(keymap, &scope, ACTION_ACKNOWLEDGE, &keys); /* not in the user's file: stays */
    assert_string_equal(keys.data, "a");
    theme_free(&theme);
    keymap_free(&keymap);
    nb_strbuf_clear(&keys);
    drop("themes/dark.theme");
    drop("keymaps/user.keys");
    drop("keymaps/mine.keys");
}

static void check_tells_all(void **state)
{
    struct nb_strbuf out;

    (void)state;
    nb_strbuf_init(&out, 100000);
    assert_int_equal(settings_check(&out), 0);
    put("config", "theme = nosuch\nkeymap = nosuch\nmouse = 7\n");
    put("themes/light.theme", "title = octarine\n");
    put("keymaps/user.keys", "[list]\nj = :fly\n");
    assert_int_equal(settings_check(&out), 5);
    assert_non_null(strstr(out.data, "/config:3: mouse: 7 will not do"));
    assert_non_null(strstr(out.data, "/themes/light.theme:1: octarine is no color"));
    assert_non_null(strstr(out.data, "/keymaps/user.keys:2: unknown command fly"));
    assert_non_null(strstr(out.data, "theme: there is no theme nosuch"));
    assert_non_null(strstr(out.data, "keymap: there is no keymap nosuch"));
    nb_strbuf_clear(&out);
    drop("config");
    drop("themes/light.theme");
    drop("keymaps/user.keys");
}

static void writes_through_links_and_keeps_modes(void **state)
{
    char *target = nb_asprintf("%s/real", home), *link = nb_asprintf("%s/link", home);
    struct nb_error err;
    struct stat status;

    (void)state;
    assert_int_equal(files_write(target, "one", 3, &err), 0);
    assert_int_equal(chmod(target, 0640), 0);
    assert_int_equal(symlink(target, link), 0);
    assert_int_equal(files_write(link, "longer", 6, &err), 0);
    assert_int_equal(lstat(link, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_size, 6);
    assert_int_equal(status.st_mode & 07777, 0640);
    nb_free(&target);
    nb_free(&link);
}

static void sequences_hold_only_harmless_text(void **state)
{
    static const char hostile[] = "a\033]0;x\a\033\\;b\xC2\x9C\xE2\x80\xAE\n";
    struct nb_strbuf out;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&out, 1 << 20);
    sequence_title(&out, hostile);
    assert_memory_equal(out.data, "\033]2;a", 5);
    assert_ptr_equal(strchr(out.data, '\a'), out.data + out.length - 1);
    assert_null(strchr(out.data + 1, '\033'));
    nb_strbuf_reset(&out);
    sequence_notify(&out, NOTIFY_OSC777, hostile, hostile);
    assert_memory_equal(out.data, "\033]777;notify;", 13);
    assert_ptr_equal(strchr(out.data + 1, '\033'), out.data + out.length - 2);
    assert_null(strstr(out.data, "\xC2\x9C"));
    assert_null(strchr(strchr(out.data + 13, ';') + 1, ';'));
    nb_strbuf_reset(&out);
    assert_int_equal(sequence_copy(&out, "hello", 5, &err), 0);
    assert_string_equal(out.data, "\033]52;c;aGVsbG8=\a");
    nb_strbuf_reset(&out);
    sequence_pass_through(&out, MULTIPLEXER_TMUX, "\033]9;x\033\\", 7);
    assert_string_equal(out.data, "\033Ptmux;\033\033]9;x\033\033\\\033\\");
    nb_strbuf_clear(&out);
}

static void too_much_for_the_clipboard(void **state)
{
    char *text = nb_malloc(60001);
    struct nb_strbuf out;
    struct nb_error err;

    (void)state;
    memset(text, 'x', 60000);
    text[60000] = '\0';
    nb_strbuf_init(&out, 1 << 20);
    assert_int_equal(sequence_copy(&out, text, 60000, &err), NB_EINVALID);
    assert_int_equal(out.length, 0);
    assert_int_equal(sequence_copy(&out, text, 56000, &err), 0);
    nb_strbuf_clear(&out);
    nb_free(&text);
}

UNIT_MAIN_WITH(make_home, remove_home, cmocka_unit_test(defaults_without_files),
               cmocka_unit_test(every_default_is_valid), cmocka_unit_test(reads_the_file_and_names_bad_lines),
               cmocka_unit_test(keeps_views_and_state), cmocka_unit_test(two_consoles_keep_each_others_views),
               cmocka_unit_test(a_bad_filter_is_said_and_replaced), cmocka_unit_test(own_files_lie_over_shipped_ones),
               cmocka_unit_test(check_tells_all), cmocka_unit_test(writes_through_links_and_keeps_modes),
               cmocka_unit_test(sequences_hold_only_harmless_text), cmocka_unit_test(too_much_for_the_clipboard))
