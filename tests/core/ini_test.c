/* Reading config, keymap and theme files. */
#include "tests/lib/unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/ini.h"
#include "base/strbuf.h"

static struct nb_strbuf seen;       /* "number section|key|value|note;" */
static struct nb_strbuf complaints; /* "number message;" */
static int answer;

static int setup(void **state)
{
    (void)state;
    nb_strbuf_init(&seen, 1 << 20);
    nb_strbuf_init(&complaints, 1 << 20);
    answer = 0;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_strbuf_clear(&seen);
    nb_strbuf_clear(&complaints);
    return 0;
}

static int take(void *arg, const struct nb_ini_line *line, struct nb_error *err)
{
    assert_ptr_equal(arg, &seen);
    assert_string_equal(line->file, "file");
    nb_strbuf_appendf(&seen, "%u %s|%s|%s|%s;", line->number, line->section, line->key, line->value, line->note);
    return answer ? nb_error_set(err, answer, NB_DOMAIN_CONFIG, "stopped") : 0;
}

static void complain(void *arg, const char *file, unsigned line, const char *message)
{
    (void)arg;
    assert_string_equal(file, "file");
    nb_strbuf_appendf(&complaints, "%u %s;", line, message);
}

static void expect_n(const char *text, size_t length, const char *lines, const char *messages)
{
    struct nb_error err;

    nb_strbuf_reset(&seen);
    nb_strbuf_reset(&complaints);
    assert_int_equal(nb_ini_read_text("file", text, length, take, complain, &seen, &err), 0);
    assert_string_equal(seen.data, lines);
    assert_string_equal(complaints.data, messages);
}

static void expect(const char *text, const char *lines, const char *messages)
{
    expect_n(text, strlen(text), lines, messages);
}

static void pairs_sections_and_notes_are_read(void **state)
{
    (void)state;
    expect("", "", "");
    expect("key = value", "1 |key|value|;", "");
    expect("key=value\n", "1 |key|value|;", "");
    expect("# comment\n\n   # another\n[list]\n  a b = c d  \n", "5 list|a b|c d|;", "");
    expect("[ list ] # note\nk = v\n[other]\nk = v", "2 list|k|v|;4 other|k|v|;", "");
    expect("k = v # the note \t\n", "1 |k|v|the note;", "");
    expect("k =\n", "1 |k||;", "");
    expect("k = # only a note", "1 |k||only a note;", "");
    expect("k = v\r\nl = w\r\n", "1 |k|v|;2 |l|w|;", "");
    expect("\xEF\xBB\xBFk = v", "1 |k|v|;", "");
}

static void keymaps_and_themes_can_be_written(void **state)
{
    (void)state;
    expect("j, <Down> = :down   # next", "1 |j, <Down>|:down|next;", "");
    expect("! = :filter severity>=high is:open", "1 |!|:filter severity>=high is:open|;", "");
    expect("<M-=> = :zoom", "1 |<M-=>|:zoom|;", "");
    expect("severity.critical = #ffffff on #c0392b bold", "1 |severity.critical|#ffffff on #c0392b bold|;", "");
    expect("*.selected=reverse", "1 |*.selected|reverse|;", "");
    expect("[ = :older # a key that is a bracket", "1 |[|:older|a key that is a bracket;", "");
    expect("view = name x=y", "1 |view|name x=y|;", "");
}

static void bad_lines_are_named_and_the_rest_is_read(void **state)
{
    (void)state;
    expect("nonsense\nk = v", "2 |k|v|;", "1 expected [section] or key = value;");
    expect("= v\nk = v", "2 |k|v|;", "1 no key before =;");
    expect("[open\nk = v", "2 |k|v|;", "1 section without ];");
    expect("[]\n[a] b\nk = v", "3 |k|v|;", "1 section without a name;2 text after [section];");
    expect("k = a\x1b[31m\nl = \xff\nm = v", "3 |m|v|;", "1 contains a control character;2 is not valid UTF-8;");
    expect_n("a = \0b\nk = v", 12, "2 |k|v|;", "1 contains a control character;");
}

static void long_lines_and_files_are_refused(void **state)
{
    size_t size = 2 * 1024 * 1024;
    char *big = nb_malloc(size);
    struct nb_error err;

    (void)state;
    memset(big, 'x', size);
    memcpy(big, "k = ", 4);
    big[4096] = '\n';
    assert_int_equal(nb_ini_read_text("file", big, 4097, take, complain, &seen, &err), 0);
    assert_int_equal(seen.length, strlen("1 |k||;") + 4092);
    big[4096] = 'x';
    memcpy(big + 4097, "\nk = v", 6);
    expect_n(big, 4103, "2 |k|v|;", "1 longer than 4096 bytes;");
    assert_int_equal(nb_ini_read_text("file", big, size, take, complain, &seen, &err), NB_EINVALID);
    assert_string_equal(err.message, "file: longer than 1 MiB");
    free(big);
}

static void the_handler_can_stop(void **state)
{
    struct nb_error err;

    (void)state;
    answer = NB_EINVALID;
    assert_int_equal(nb_ini_read_text("file", "a = 1\nb = 2", 11, take, complain, &seen, &err), NB_EINVALID);
    assert_string_equal(seen.data, "1 |a|1|;");
    assert_string_equal(err.message, "stopped");
}

static void without_a_complaint_function_a_bad_line_is_an_error(void **state)
{
    struct nb_error err;

    (void)state;
    assert_int_equal(nb_ini_read_text("file", "a = 1\nb\nc = 3", 13, take, NULL, &seen, &err), NB_EINVALID);
    assert_string_equal(err.message, "file:2: expected [section] or key = value");
}

static int accept(void *arg, const struct nb_ini_line *line, struct nb_error *err)
{
    (void)err;
    nb_strbuf_appendf(arg, "%s=%s;", line->key, line->value);
    return 0;
}

static void files_are_read(void **state)
{
    char path[] = "/tmp/nb-ini-test-XXXXXX";
    int fd = mkstemp(path);
    struct nb_error err;

    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "a = 1\nb = 2\n", 12), 12);
    close(fd);
    assert_int_equal(nb_ini_read_file(path, accept, complain, &seen, &err), 0);
    assert_string_equal(seen.data, "a=1;b=2;");
    unlink(path);
    assert_int_equal(nb_ini_read_file(path, accept, complain, &seen, &err), NB_ENOTFOUND);
    assert_int_equal(err.code, NB_ENOTFOUND);
    assert_int_equal(nb_ini_read_file("/tmp", accept, complain, &seen, &err), NB_EINVALID);
    assert_string_equal(err.message, "/tmp is not a regular file");
    assert_int_equal(nb_ini_read_file("/dev/null", accept, complain, &seen, &err), 0);
    assert_int_equal(mkfifo(path, 0600), 0); /* a pipe that nobody writes to */
    assert_int_equal(nb_ini_read_file(path, accept, complain, &seen, &err), NB_EINVALID);
    unlink(path);
}

UNIT_MAIN(cmocka_unit_test_setup_teardown(pairs_sections_and_notes_are_read, setup, teardown),
          cmocka_unit_test_setup_teardown(keymaps_and_themes_can_be_written, setup, teardown),
          cmocka_unit_test_setup_teardown(bad_lines_are_named_and_the_rest_is_read, setup, teardown),
          cmocka_unit_test_setup_teardown(long_lines_and_files_are_refused, setup, teardown),
          cmocka_unit_test_setup_teardown(the_handler_can_stop, setup, teardown),
          cmocka_unit_test_setup_teardown(without_a_complaint_function_a_bad_line_is_an_error, setup, teardown),
          cmocka_unit_test_setup_teardown(files_are_read, setup, teardown))
