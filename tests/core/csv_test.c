/* CSV (RFC 4180) as documents: quotes, line ends, what is refused and where, and that the next record is still read. */
#include "tests/lib/unit.h"

#include <stdio.h>

#include "base/strbuf.h"
#include "config/csv.h"

#define LONGEST 60

/* Reads it all: "line document;", "line !problem;" for a record that is refused, "!problem" where the rest cannot be read. */
static char *read_n(const char *text, size_t length)
{
    FILE *file = fmemopen((void *)(uintptr_t)text, length ? length : 1, "r");
    struct nb_csv *csv = nb_csv_new(file, "roles", LONGEST);
    struct nb_strbuf document, seen;
    struct nb_error err;
    size_t line;
    int rc;

    nb_strbuf_init(&document, 10000);
    nb_strbuf_init(&seen, 100000);
    for (;;) {
        struct nb_error refused = {0};

        rc = nb_csv_next(csv, &line, &document, &refused, &err);
        if (rc != 1)
            break;
        if (refused.code)
            nb_strbuf_appendf(&seen, "%zu !%s;", line, refused.message);
        else
            nb_strbuf_appendf(&seen, "%zu %s;", line, document.data);
    }
    if (rc < 0) {
        assert_int_equal(rc, NB_EINVALID);
        nb_strbuf_appendf(&seen, "!%s", err.message);
    }
    nb_csv_free(&csv);
    assert_null(csv);
    fclose(file);
    nb_strbuf_clear(&document);
    return nb_strbuf_take(&seen);
}

static void expect_n(const char *text, size_t length, const char *wanted)
{
    char *seen = read_n(text, length);

    assert_string_equal(seen, wanted);
    free(seen);
}

static void expect(const char *text, const char *wanted)
{
    expect_n(text, strlen(text), wanted);
}

static void a_record_is_a_document(void **state)
{
    (void)state;
    expect("name,email\nada,a@x\nbob,b@x\n",
           "2 {\"name\":\"ada\",\"email\":\"a@x\"};3 {\"name\":\"bob\",\"email\":\"b@x\"};");
    expect("name,email\r\nada,a@x\r\nbob,b@x",
           "2 {\"name\":\"ada\",\"email\":\"a@x\"};3 {\"name\":\"bob\",\"email\":\"b@x\"};");
    expect("name,email\nada,\n,\n", "2 {\"name\":\"ada\"};3 {};");
    expect("name\n\n\r\nada\n", "4 {\"name\":\"ada\"};");
    expect("name,roles\nada,user  admin \nbob,\" \"\n",
           "2 {\"name\":\"ada\",\"roles\":[\"user\",\"admin\"]};3 {\"name\":\"bob\",\"roles\":[]};");
    expect("name\n a\tb \n", "2 {\"name\":\" a\\tb \"};");
    expect("name\n", "");
}

static void quoted_cells_hold_anything(void **state)
{
    (void)state;
    expect("name,x\n\"a,\"\"b\"\"\",\"\"\n", "2 {\"name\":\"a,\\\"b\\\"\"};");
    expect("name,x\r\n\"two\r\nlines\",1\r\nbob,2\r\n",
           "2 {\"name\":\"two\\r\\nlines\",\"x\":\"1\"};4 {\"name\":\"bob\",\"x\":\"2\"};");
    expect("\"name\",\"x\"\n\"a\",\"b\"", "2 {\"name\":\"a\",\"x\":\"b\"};");
    expect("name\n\"a\" \n", "!line 2: text behind a quoted cell");
    expect("name\nok\n\"a\n\n", "2 {\"name\":\"ok\"};!line 3: a quoted cell does not end");
    expect("name\na\"b\n", "!line 2: a quote within a cell that is not quoted");
}

static void a_mark_before_the_names_is_skipped(void **state)
{
    (void)state;
    expect("\xef\xbb\xbfname\nada\n", "2 {\"name\":\"ada\"};");
    expect("\xef\xbb\xbf\"name\",x\nada,1\n", "2 {\"name\":\"ada\",\"x\":\"1\"};");
    expect("\xef\xbb\xbf", "!line 1: expected the names of the members");
    expect("\xef\xbc\xa1\nada\n", "!line 1: expected the names of the members");
    expect("name\n\xef\xbb\xbfx\n", "2 {\"name\":\"\xef\xbb\xbfx\"};");
}

static void names_are_there_once(void **state)
{
    (void)state;
    expect("", "!line 1: expected the names of the members");
    expect("\n\n", "!line 1: expected the names of the members");
    expect("a,b,a\n1,2,3\n", "!line 1: \"a\" stands twice");
    expect("a,,b\n1,2,3\n", "!line 1: a member has no name");
    expect_n("a\0b,c\n1,2\n", 10, "!line 1: expected the names of the members");
    expect("\xff\n1\n", "!line 1: expected the names of the members");
}

/* One bad record, and the next is read on. */
static void a_bad_record_is_refused_and_the_next_is_read(void **state)
{
    char text[400];

    (void)state;
    expect("a,b\n1\n1,2\n1,2,3\n",
           "2 !1 cells where the first line has 2;3 {\"a\":\"1\",\"b\":\"2\"};4 !3 cells where the first line has 2;");
    expect("a\n\xff\nx\n", "2 !not valid UTF-8, or a NUL byte;3 {\"a\":\"x\"};");
    expect_n("a\n1\0\nx\n", 7, "2 !not valid UTF-8, or a NUL byte;3 {\"a\":\"x\"};");
    snprintf(text, sizeof(text), "a\n%0*d\n%0*d\nx\n", LONGEST, 7, LONGEST + 1, 7);
    {
        char *seen = read_n(text, strlen(text));

        assert_non_null(strstr(seen, "2 {\"a\":\"0000"));
        assert_non_null(strstr(seen, "3 !the record is longer than 60 bytes;4 {\"a\":\"x\"};"));
        free(seen);
    }
    expect("a\n\rb\n", "!line 2: a carriage return without a line feed");
    memset(text, ',', 300);
    text[300] = '\0';
    expect(text, "!line 1: too many cells");
}

UNIT_MAIN(cmocka_unit_test(a_record_is_a_document), cmocka_unit_test(quoted_cells_hold_anything),
          cmocka_unit_test(a_mark_before_the_names_is_skipped), cmocka_unit_test(names_are_there_once),
          cmocka_unit_test(a_bad_record_is_refused_and_the_next_is_read))
