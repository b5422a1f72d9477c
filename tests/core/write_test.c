/* Replacing a file as a whole, and the places of a person's files. */
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/write.h"
#include "base/xdg.h"

static char directory[] = "/tmp/nbt.write.XXXXXX";
static char *path;

static int setup(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(directory));
    path = nb_asprintf("%s/file", directory);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)unlink(path);
    free(path);
    return rmdir(directory); /* fails where something is left beside the file */
}

static void assert_file(const char *text, mode_t mode)
{
    char content[64] = "";
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(read(fd, content, sizeof(content) - 1), strlen(text));
    assert_string_equal(content, text);
    assert_int_equal(fstat(fd, &status), 0);
    assert_int_equal(status.st_mode & 07777, mode);
    close(fd);
}

static void a_file_is_replaced_and_keeps_its_mode(void **state)
{
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_file_replace(path, "one", 3, 0, &err), 0);
    assert_file("one", 0600);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(nb_file_replace(path, "other", 5, 0, &err), 0);
    assert_file("other", 0640);
    assert_int_equal(nb_file_replace(path, "secret", 6, 0600, &err), 0);
    assert_file("secret", 0600);
}

static void what_cannot_be_written_leaves_nothing(void **state)
{
    char *nowhere = nb_asprintf("%s/not/there", directory);
    struct nb_error err = {0};
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    (void)state;
    assert_true(nb_file_replace(nowhere, "x", 1, 0, &err) < 0);
    assert_non_null(strstr(err.message, nowhere));
    assert_false(nb_write_all(full, "x", 1));
    close(full);
    free(nowhere);
}

static void directories_are_those_of_the_specification(void **state)
{
    char *where;

    (void)state;
    setenv("HOME", "/home/ada", 1);
    unsetenv("XDG_CONFIG_HOME");
    unsetenv("XDG_RUNTIME_DIR");
    where = nb_xdg_path(NB_XDG_CONFIG, "config");
    assert_string_equal(where, "/home/ada/.config/nightbell/config");
    free(where);
    setenv("XDG_CONFIG_HOME", "relative", 1); /* the specification says to ignore it */
    where = nb_xdg_path(NB_XDG_CONFIG, NULL);
    assert_string_equal(where, "/home/ada/.config/nightbell");
    free(where);
    setenv("XDG_CONFIG_HOME", "/etc/ada", 1);
    where = nb_xdg_path(NB_XDG_CONFIG, "themes");
    assert_string_equal(where, "/etc/ada/nightbell/themes");
    free(where);
    assert_null(nb_xdg_path(NB_XDG_RUNTIME, NULL));
    assert_null(nb_xdg_runtime());
    unsetenv("HOME");
    unsetenv("XDG_STATE_HOME");
    assert_null(nb_xdg_path(NB_XDG_STATE, "history"));
    where = nb_xdg_path_below(NB_XDG_DATA, "/root", "local");
    assert_string_equal(where, "/root/.local/share/nightbell/local");
    free(where);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(a_file_is_replaced_and_keeps_its_mode),
               cmocka_unit_test(what_cannot_be_written_leaves_nothing),
               cmocka_unit_test(directories_are_those_of_the_specification))
