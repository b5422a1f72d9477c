/* JSON: its limits, and the message about a text that is refused. */
#include "tests/lib/unit.h"

#include "base/json.h"
#include "base/strbuf.h"

static int parse(const char *text, struct nb_error *err)
{
    json_t *value = NULL;
    int rc = nb_json_parse(&value, text, strlen(text), err);

    assert_true((rc == 0) == (value != NULL));
    json_decref(value);
    return rc;
}

static void values_are_parsed(void **state)
{
    static const char *const good[] = {
        "{}",      "[]", "null", "true", "12", "-1.5e3", "\"text \\u00e9 \\\"\"", " {\"a\": [1, {\"b\": null}]} ",
        "\"[[[[\""};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(good); i++)
        assert_int_equal(parse(good[i], NULL), 0);
}

static void bad_texts_are_refused_with_a_column(void **state)
{
    static const struct {
        const char *text;
        unsigned column;
    } bad[] = {
        {"", 1},
        {"{", 1},
        {"{\"a\": 1,}", 9},
        {"[1 2]", 4},
        {"{\"a\": 1} x", 10},
        {"{\"a\": 1, \"a\": 2}", 12},
        {"nul", 3},
        {"'x'", 1},
        {"\"\\u0000\"", 8},
        {"1e999", 5},
        {"99999999999999999999", 20},
        {"\"\xff\"", 1},
    };
    struct nb_error err;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        assert_int_equal(parse(bad[i].text, &err), NB_EINVALID);
        if (err.column != bad[i].column)
            fail_msg("%s: column %u: %s", bad[i].text, err.column, err.message);
    }
}

static void raw_nul_bytes_are_refused(void **state)
{
    static const char *const with_nul[] = {"{\"exp\":1@}", "{\"exp\":1.5@,\"a\":2}", "[1,@2]", "\"a@b\"", "1@", "@"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(with_nul); i++) {
        size_t length = strlen(with_nul[i]);
        char *text = nb_strdup(with_nul[i]);
        char *nul = strchr(text, '@');
        struct nb_error err;
        json_t *value = NULL;

        *nul = '\0';
        assert_int_equal(nb_json_parse(&value, text, length, &err), NB_EINVALID);
        assert_null(value);
        assert_int_equal(err.column, nul - text + 1);
        free(text);
    }
}

/* jansson quotes what it could not parse, and may cut it inside a character. */
static void what_is_said_is_valid_text(void **state)
{
    static const char *const bad[] = {"{\"title\":\"\\é\"}", "\"\\日\"", "{\"\\🙂\":1}", "é"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        struct nb_error err;
        json_t *value;

        assert_int_equal(parse(bad[i], &err), NB_EINVALID);
        value = json_string(err.message); /* NULL where it is not UTF-8 */
        assert_non_null(value);
        json_decref(value);
    }
}

static void depth_is_bounded(void **state)
{
    struct nb_strbuf text;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&text, 1000000);
    nb_strbuf_append_repeat(&text, '[', NB_JSON_MAX_DEPTH);
    nb_strbuf_append_repeat(&text, ']', NB_JSON_MAX_DEPTH);
    assert_int_equal(parse(text.data, &err), 0);
    nb_strbuf_reset(&text);
    nb_strbuf_append_repeat(&text, '[', NB_JSON_MAX_DEPTH + 1);
    nb_strbuf_append_repeat(&text, ']', NB_JSON_MAX_DEPTH + 1);
    assert_int_equal(parse(text.data, &err), NB_EINVALID);
    assert_int_equal(err.column, NB_JSON_MAX_DEPTH + 1);
    nb_strbuf_reset(&text);
    nb_strbuf_append_repeat(&text, '{', 500000);
    assert_int_equal(parse(text.data, &err), NB_EINVALID);
    nb_strbuf_clear(&text);
}

static void a_nul_byte_does_not_end_the_text(void **state)
{
    json_t *value = NULL;

    (void)state;
    assert_int_equal(nb_json_parse(&value, "{}\0{", 4, NULL), NB_EINVALID);
    assert_null(value);
}

static void members_are_read_and_checked(void **state)
{
    static const char *const names[] = {"title", "count", "none", NULL};
    json_auto_t *object = json_pack("{s:s, s:i, s:n}", "title", "x", "count", 1, "none");
    const char *text = "unset";
    struct nb_error err;

    (void)state;
    assert_int_equal(nb_json_get_string(&text, object, "title", true, &err), 0);
    assert_string_equal(text, "x");
    assert_int_equal(nb_json_get_string(&text, object, "none", false, &err), 0);
    assert_null(text);
    assert_int_equal(nb_json_get_string(&text, object, "absent", false, &err), 0);
    assert_int_equal(nb_json_get_string(&text, object, "absent", true, &err), NB_EINVALID);
    assert_string_equal(err.message, "absent: missing");
    assert_int_equal(nb_json_get_string(&text, object, "count", false, &err), NB_EINVALID);
    assert_string_equal(err.message, "count: expected a string");
    assert_int_equal(nb_json_check_members(object, names, &err), 0);
    assert_int_equal(nb_json_check_members(object, names + 1, &err), NB_EINVALID);
    assert_string_equal(err.message, "title: unknown member");
}

UNIT_MAIN(cmocka_unit_test(values_are_parsed), cmocka_unit_test(bad_texts_are_refused_with_a_column),
          cmocka_unit_test(raw_nul_bytes_are_refused), cmocka_unit_test(what_is_said_is_valid_text),
          cmocka_unit_test(depth_is_bounded), cmocka_unit_test(a_nul_byte_does_not_end_the_text),
          cmocka_unit_test(members_are_read_and_checked))
