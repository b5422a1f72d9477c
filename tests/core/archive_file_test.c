/* A file of an archive is whole, or does not exist under its name; one that does not read back as it was written is
 * refused. */
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "schema/archive_file.h"

#define LINES 20000

static char *path;
static int directory = -1;

static int setup(void **state)
{
    char template[] = "/tmp/nbt.archive.XXXXXX";
    char *real = NULL;

    (void)state;
    path = nb_strdup(mkdtemp(template));
    assert_int_equal(nb_archive_directory_open(&directory, &real, path, NULL), 0);
    free(real);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(directory);
    assert_int_equal(rmdir(path), 0); /* each test has cleaned up */
    nb_free(&path);
    return 0;
}

static bool is_there(const char *name)
{
    return faccessat(directory, name, F_OK, 0) == 0;
}

/* Numbers that compress badly, so that most of the file is on disk before its end. */
static struct nb_archive_file *begin(void)
{
    struct nb_archive_file *file = NULL;
    uint64_t number = 1;

    assert_int_equal(nb_archive_file_new(&file, directory, "a.gz", NULL), 0);
    for (int i = 0; i < LINES; i++) {
        char *line;

        number = number * 6364136223846793005u + 1442695040888963407u;
        line = nb_asprintf("%016llx %d", (unsigned long long)number, i);
        assert_int_equal(nb_archive_file_line(file, line, NULL), 0);
        free(line);
    }
    return file;
}

static void is_whole_under_its_name(void **state)
{
    struct nb_archive_file *file = begin();
    char *name = nb_asprintf("%s/a.gz", path);
    char line[64];
    int64_t bytes = 0;
    struct stat info;
    int lines = 0;
    gzFile zipped;

    (void)state;
    assert_true(is_there("a.gz.part") && !is_there("a.gz"));
    assert_int_equal(nb_archive_file_commit(file, &bytes, NULL), 0);
    nb_archive_file_free(&file);
    assert_true(is_there("a.gz") && !is_there("a.gz.part"));
    assert_int_equal(stat(name, &info), 0);
    assert_int_equal(info.st_size, bytes);
    assert_int_equal(info.st_mode & 0777, 0600);
    zipped = gzopen(name, "rb");
    for (; gzgets(zipped, line, sizeof(line)); lines++)
        assert_int_equal(strtol(line + 17, NULL, 10), lines);
    assert_int_equal(gzclose(zipped), Z_OK);
    assert_int_equal(lines, LINES);

    assert_int_equal(nb_archive_file_new(&file, directory, "a.gz", NULL), NB_EFAILED); /* never replaces one */
    assert_int_equal(nb_archive_remove(directory, "a.gz", NULL), 0);
    free(name);
}

static void what_is_given_up_is_removed(void **state)
{
    struct nb_archive_file *file = begin();

    (void)state;
    nb_archive_file_free(&file);
    assert_false(is_there("a.gz") || is_there("a.gz.part"));
}

static void write_over(off_t at, off_t length)
{
    int fd = openat(directory, "a.gz.part", O_WRONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    assert_true(lseek(fd, 0, SEEK_END) > at + length);
    for (off_t i = 0; i < length; i++)
        assert_int_equal(pwrite(fd, "x", 1, at + i), 1);
    close(fd);
}

static void what_is_damaged_on_disk_is_refused(void **state)
{
    static const struct {
        off_t at, length;
    } damage[] = {{0, 2}, {1000, 1}, {100000, 50}};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(damage); i++) {
        struct nb_archive_file *file = begin();
        struct nb_error err = {0};
        int64_t bytes = 0;

        write_over(damage[i].at, damage[i].length);
        assert_int_equal(nb_archive_file_commit(file, &bytes, &err), NB_EFAILED);
        assert_non_null(strstr(err.message, "read back the archive's file a.gz.part: "));
        nb_archive_file_free(&file);
        assert_false(is_there("a.gz") || is_there("a.gz.part"));
    }
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(is_whole_under_its_name),
               cmocka_unit_test(what_is_given_up_is_removed), cmocka_unit_test(what_is_damaged_on_disk_is_refused))
