/* Strings, arenas, vectors, errors and the log. */
#include "tests/lib/unit.h"

#include "base/arena.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "base/vec.h"

/* ---- strbuf ---- */

static void strbuf_grows(void **state)
{
    struct nb_strbuf buf;

    (void)state;
    nb_strbuf_init(&buf, 100000);
    assert_string_equal(buf.data, "");
    for (int i = 0; i < 1000; i++)
        nb_strbuf_appendf(&buf, "%d,", i);
    nb_strbuf_append_char(&buf, '!');
    nb_strbuf_append_repeat(&buf, '-', 3);
    nb_strbuf_append_n(&buf, "xyz", 2);
    nb_strbuf_append_n(&buf, NULL, 0);
    assert_int_equal(strlen(buf.data), buf.length);
    assert_memory_equal(buf.data, "0,1,2,", 6);
    assert_string_equal(buf.data + buf.length - 10, "999,!---xy");
    nb_strbuf_truncate(&buf, 3);
    nb_strbuf_truncate(&buf, 50);
    assert_string_equal(buf.data, "0,1");
    assert_int_equal(nb_strbuf_check(&buf, "text", NULL), 0);
    nb_strbuf_clear(&buf);
    assert_string_equal(buf.data, "");
    nb_strbuf_append(&buf, "again");
    assert_string_equal(buf.data, "again");
    nb_strbuf_clear(&buf);
}

static void strbuf_limit_is_sticky(void **state)
{
    struct nb_strbuf buf;
    struct nb_error err = {0};

    (void)state;
    nb_strbuf_init(&buf, 5);
    nb_strbuf_append(&buf, "12345");
    assert_int_equal(nb_strbuf_check(&buf, "title", &err), 0);
    nb_strbuf_append(&buf, "6");
    nb_strbuf_truncate(&buf, 0);
    nb_strbuf_append(&buf, "x");
    assert_string_equal(buf.data, "");
    assert_int_equal(nb_strbuf_check(&buf, "title", &err), NB_EINVALID);
    assert_string_equal(err.message, "title: longer than 5 bytes");
    nb_strbuf_reset(&buf);
    nb_strbuf_appendf(&buf, "%d", 123456);
    assert_true(buf.overflowed);
    assert_string_equal(buf.data, "");
    nb_strbuf_reset(&buf);
    nb_strbuf_append_repeat(&buf, 'x', SIZE_MAX);
    assert_true(buf.overflowed);
    nb_strbuf_clear(&buf);
}

static void strbuf_passes_its_text_on(void **state)
{
    struct nb_strbuf buf;

    (void)state;
    nb_strbuf_init(&buf, 100);
    char *text = nb_strbuf_take(&buf);
    assert_string_equal(text, "");
    free(text);
    nb_strbuf_append(&buf, "mine");
    text = nb_strbuf_take(&buf);
    assert_string_equal(text, "mine");
    assert_int_equal(buf.length, 0);
    free(text);
}

/* ---- arena ---- */

static void arena_gives_zeroed_aligned_memory(void **state)
{
    struct nb_arena *arena = nb_arena_new();

    (void)state;
    for (size_t i = 0; i < 3000; i++) {
        size_t size = i % 700 == 0 ? 100000 : i % 97;
        char *block = nb_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        for (size_t at = 0; at < size; at++)
            assert_int_equal(block[at], 0);
        memset(block, 0xAA, size);
        (void)nb_arena_strdup(arena, "odd"); /* so that the next one is not aligned by chance */
    }
    nb_arena_free(&arena);
    assert_null(arena);
    nb_arena_free(&arena);
}

static void arena_copies_strings(void **state)
{
    struct nb_arena *arena = nb_arena_new();

    (void)state;
    assert_null(nb_arena_strdup(arena, NULL));
    assert_string_equal(nb_arena_strdup(arena, "text"), "text");
    assert_string_equal(nb_arena_strndup(arena, "text", 2), "te");
    assert_string_equal(nb_arena_strndup(arena, "text", 20), "text");
    assert_string_equal(nb_arena_printf(arena, "%s-%d", "n", 7), "n-7");
    char *first = nb_arena_strdup(arena, "first");
    for (int i = 0; i < 10000; i++)
        (void)nb_arena_strdup(arena, "filling");
    assert_string_equal(first, "first");
    nb_arena_free(&arena);
}

/* ---- vec ---- */

static void vec_inserts_and_removes(void **state)
{
    NB_VEC(int) numbers = {0};

    (void)state;
    for (int i = 0; i < 100; i++)
        nb_vec_push(&numbers, i);
    nb_vec_insert(&numbers, 0, -1);
    nb_vec_insert(&numbers, numbers.count, 100);
    nb_vec_remove(&numbers, 1);
    assert_int_equal(numbers.count, 101);
    assert_int_equal(numbers.data[0], -1);
    assert_int_equal(numbers.data[1], 1);
    assert_int_equal(*nb_vec_last(&numbers), 100);
    nb_vec_clear(&numbers);
    assert_int_equal(numbers.count, 0);
}

/* ---- errors ---- */

static void errors_are_one_clean_line(void **state)
{
    struct nb_error err = {.sqlstate = "12345", .column = 7, .hint = "old"};

    (void)state;
    assert_int_equal(nb_error_set(&err, NB_EINVALID, NB_DOMAIN_INPUT, "severity: %s", "what?"), NB_EINVALID);
    assert_string_equal(err.message, "severity: what?");
    assert_string_equal(err.sqlstate, "");
    assert_string_equal(err.hint, "");
    assert_int_equal(err.column, 0);
    nb_error_set(&err, NB_EFAILED, NB_DOMAIN_INPUT, "again: %s", err.message); /* from its own old text */
    assert_string_equal(err.message, "again: severity: what?");
    nb_error_set(&err, NB_EFAILED, NB_DOMAIN_INPUT, "two\nlines\tand \x1b[31m");
    assert_string_equal(err.message, "two lines and  [31m");
    assert_int_equal(nb_error_hint(&err, "try %d", 2), NB_EFAILED);
    assert_string_equal(err.hint, "try 2");
    assert_int_equal(nb_error_set(NULL, NB_EDENIED, NB_DOMAIN_NONE, "nobody listens"), NB_EDENIED);
    assert_int_equal(nb_error_errno(&err, 2, "open %s", "/x"), NB_EFAILED);
    assert_string_equal(err.message, "open /x: No such file or directory");
    nb_error_set(&err, NB_EFAILED, NB_DOMAIN_INPUT, "unknown \"%.4s\"", "日日"); /* cut by the precision */
    assert_string_equal(err.message, "unknown \"日\"");
    nb_error_hint(&err, "not %s", "\xff");
    assert_string_equal(err.hint, "not ?");
    nb_error_clear(&err);
    assert_int_equal(err.code, 0);
    nb_error_clear(NULL);
}

static void long_errors_are_cut_between_characters(void **state)
{
    struct nb_strbuf text;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&text, 10000);
    for (int shift = 0; shift < 4; shift++) {
        nb_strbuf_reset(&text);
        nb_strbuf_append_repeat(&text, 'x', (size_t)shift);
        for (int i = 0; i < 400; i++)
            nb_strbuf_append(&text, "🙂");
        nb_error_set(&err, NB_EFAILED, NB_DOMAIN_NONE, "%s", text.data);
        size_t length = strlen(err.message);
        assert_int_equal((length - (size_t)shift) % 4, 0);
        assert_in_range(length, 760, 767);
    }
    nb_strbuf_clear(&text);
}

static void codes_have_names(void **state)
{
    (void)state;
    assert_string_equal(nb_code_name(NB_OK), "ok");
    assert_string_equal(nb_code_name(NB_ENOTFOUND), "not-found");
    assert_string_equal(nb_code_name(NB_EVERSION), "version");
    assert_string_equal(nb_code_name(-1000), "failed");
    assert_string_equal(nb_code_name(5), "failed");
}

/* ---- memory running out ---- */

static jmp_buf out_of_memory;
static char fatal_message[64];

static void escape(const char *message)
{
    snprintf(fatal_message, sizeof(fatal_message), "%s", message);
    longjmp(out_of_memory, 1);
}

static void running_out_of_memory_calls_the_hook(void **state)
{
    volatile size_t huge = SIZE_MAX / 2;

    (void)state;
    nb_set_fatal_hook(escape);
    if (setjmp(out_of_memory) == 0) {
        (void)nb_reallocarray(NULL, huge, 16);
        fail();
    }
    assert_string_equal(fatal_message, "out of memory");
    nb_set_fatal_hook(NULL);
}

/* ---- log ---- */

static char last_line[4096];

static void keep(void *arg, enum nb_log_level level, const char *line)
{
    (void)arg;
    (void)level;
    snprintf(last_line, sizeof(last_line), "%s", line);
}

static void log_writes_logfmt(void **state)
{
    (void)state;
    nb_log(NB_LOG_ERROR, "nobody listens"); /* no sink: nothing happens */
    nb_log_set_sink(keep, NULL, NB_LOG_INFO);
    assert_true(nb_log_enabled(NB_LOG_WARN));
    assert_false(nb_log_enabled(NB_LOG_DEBUG));
    nb_log(NB_LOG_WARN, "connected target=%s tries=%d", nb_log_quote("socket /run"), 2);
    assert_memory_equal(last_line, "time=20", 7);
    assert_non_null(strstr(last_line, " level=warn event=connected target=\"socket /run\" tries=2"));
    nb_log(NB_LOG_DEBUG, "too quiet");
    assert_null(strstr(last_line, "quiet"));
    nb_log(NB_LOG_INFO, "forged line=%s", "x\ntime=1");
    assert_null(strchr(last_line, '\n'));
    assert_string_equal(nb_log_quote("plain"), "plain");
    assert_string_equal(nb_log_quote(""), "\"\"");
    assert_string_equal(nb_log_quote(NULL), "\"\"");
    assert_string_equal(nb_log_quote("a\"b\\c\n\x1b"), "\"a\\\"b\\\\c\\x0a\\x1b\"");
    nb_log_set_sink(NULL, NULL, NB_LOG_INFO);
}

UNIT_MAIN(cmocka_unit_test(strbuf_grows), cmocka_unit_test(strbuf_limit_is_sticky),
          cmocka_unit_test(strbuf_passes_its_text_on), cmocka_unit_test(arena_gives_zeroed_aligned_memory),
          cmocka_unit_test(arena_copies_strings), cmocka_unit_test(vec_inserts_and_removes),
          cmocka_unit_test(errors_are_one_clean_line), cmocka_unit_test(long_errors_are_cut_between_characters),
          cmocka_unit_test(codes_have_names), cmocka_unit_test(running_out_of_memory_calls_the_hook),
          cmocka_unit_test(log_writes_logfmt))
