/* Reading YAML as JSON: the core schema of YAML 1.2, what is refused, and the line of each value. */
#include "tests/lib/unit.h"

#include "apply/yaml.h"
#include "base/strbuf.h"

static struct nb_error err;

/* The file's value as JSON text; the error's message where it is refused. */
static const char *read_text(const char *text, size_t length)
{
    static char answer[4096];
    json_t *value = NULL, *lines = NULL;
    char *json;

    if (nb_yaml_parse(&value, &lines, text, length, "f", &err) != 0) {
        assert_null(value);
        snprintf(answer, sizeof(answer), "%s", err.message);
    } else {
        json = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
        snprintf(answer, sizeof(answer), "%s", json ? json : "nothing");
        free(json);
    }
    json_decref(value);
    json_decref(lines);
    return answer;
}

#define READS(text, expected) assert_string_equal(read_text(text, strlen(text)), expected)

static void scalars_follow_the_core_schema(void **state)
{
    (void)state;
    READS("a: no", "{\"a\":\"no\"}");
    READS("a: yes", "{\"a\":\"yes\"}");
    READS("a: on", "{\"a\":\"on\"}");
    READS("a: true", "{\"a\":true}");
    READS("a: False", "{\"a\":false}");
    READS("a: ~", "{\"a\":null}");
    READS("a:", "{\"a\":null}");
    READS("a: Null", "{\"a\":null}");
    READS("a: 'null'", "{\"a\":\"null\"}");
    READS("a: \"12\"", "{\"a\":\"12\"}");
    READS("a: 12", "{\"a\":12}");
    READS("a: -0", "{\"a\":0}");
    READS("a: +7", "{\"a\":7}");
    READS("a: 0o17", "{\"a\":15}");
    READS("a: 017", "{\"a\":17}");
    READS("a: 0xfF", "{\"a\":255}");
    READS("a: 0x", "{\"a\":\"0x\"}");
    READS("a: 1_000", "{\"a\":\"1_000\"}");
    READS("a: 12:30:45", "{\"a\":\"12:30:45\"}");
    READS("a: 2026-11-30", "{\"a\":\"2026-11-30\"}");
    READS("a: 1.5", "{\"a\":1.5}");
    READS("a: 1.", "{\"a\":1.0}");
    READS("a: .5", "{\"a\":0.5}");
    READS("a: .", "{\"a\":\".\"}");
    READS("a: 1e3", "{\"a\":1000.0}");
    READS("a: 1e", "{\"a\":\"1e\"}");
    READS("a: -", "f:1: block sequence entries are not allowed in this context");
    READS("a: +", "{\"a\":\"+\"}");
    READS("a: 1.2.3", "{\"a\":\"1.2.3\"}");
    READS("a: 9223372036854775807", "{\"a\":9223372036854775807}");
}

static void structure_is_read(void **state)
{
    (void)state;
    READS("", "nothing");
    READS("# only a comment\n", "nothing");
    READS("---\n...\n", "null");
    READS("- a\n- [b, {c: d}]\n- e: f\n  g:\n  - h\n", "[\"a\",[\"b\",{\"c\":\"d\"}],{\"e\":\"f\",\"g\":[\"h\"]}]");
    READS("a: |\n  one\n  two\nb: >-\n  one\n  two\n", "{\"a\":\"one\\ntwo\\n\",\"b\":\"one two\"}");
    READS("{\"a\":[1,true,null,\"x\\u00e9\"],\"b\":{\"c\":-1.5e3}}",
          "{\"a\":[1,true,null,\"x\xc3\xa9\"],\"b\":{\"c\":-1500.0}}");
    READS("1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}");
    READS("\xef\xbb\xbf"
          "a: 1\n",
          "{\"a\":1}"); /* a byte order mark */
}

static void what_is_more_than_json_is_refused(void **state)
{
    (void)state;
    READS("a: &x 1\n", "f:1: anchors (&name) are not read here: write the value out");
    READS("a: [&x 1]\nb: *x\n", "f:1: anchors (&name) are not read here: write the value out");
    READS("\n&x {a: 1}\n", "f:2: anchors (&name) are not read here: write the value out");
    READS("a: 1\nb: *x\n", "f:2: aliases (*name) are not read here: write the value out");
    READS("*x : 1\n", "f:1: aliases (*name) are not read here: write the value out");
    READS("a: !!str 1\n", "f:1: tags (!name) are not read here: quote the value to make it a string");
    READS("a: !local {b: c}\n", "f:1: tags (!name) are not read here");
    READS("? [a]\n: b\n", "f:1: a key must be a single word or a quoted string");
    READS("a: 1\nb: 2\na: 3\n", "f:3: the key \"a\" stands here twice, first in line 1");
    READS("{\"a\":1,\"\\u0061\":2}", "f:1: the key \"a\" stands here twice, first in line 1");
    READS("a: .inf\n", "f:1: infinity and not-a-number cannot be stored");
    READS("a: 1e999\n", "f:1: the number is too large: write it in quotes");
    READS("a: 9223372036854775808\n", "f:1: the number is larger than 64 bits hold: write it in quotes");
    READS("a: 1\n---\nb: 2\n", "f:2: a second document (---): put it into a file of its own");
    READS("a: \"x\\0y\"\n", "f:1: the value contains a NUL character");
    READS("\"x\\0y\": a\n", "f:1: the value contains a NUL character");
    READS("a: [1, 2\nb: 3\n", "f:2: did not find expected ',' or ']'");
    READS("a: 'x\n", "f:2: found unexpected end of stream");
    READS("a:\n\t- 1\n", "f:2: found character that cannot start any token");
    READS("a: \xff\n", "f: not valid UTF-8");
    assert_string_equal(read_text("a: x\0y\n", 7), "f:1: control characters are not allowed");
}

static void depth_is_bounded(void **state)
{
    struct nb_strbuf text;

    (void)state;
    nb_strbuf_init(&text, 100000);
    nb_strbuf_append_repeat(&text, '[', 64);
    nb_strbuf_append_repeat(&text, ']', 64);
    assert_int_equal(strlen(read_text(text.data, text.length)), 128);
    nb_strbuf_reset(&text);
    nb_strbuf_append_repeat(&text, '[', 50000);
    assert_string_equal(read_text(text.data, text.length), "f:1: the values are nested too deeply");
    nb_strbuf_clear(&text);
}

static void every_value_has_its_line(void **state)
{
    static const char text[] = "# rules\n"
                               "rules:\n"
                               "  - rule_id: one\n"
                               "    channel: [in_app,\n"
                               "              email]\n"
                               "  -\n"
                               "    rule_id: two\n"
                               "    'odd/~key':\n"
                               "      deep: |\n"
                               "        text\n";
    json_t *value, *lines;

    (void)state;
    assert_int_equal(nb_yaml_parse(&value, &lines, text, strlen(text), "f", &err), 0);
    assert_int_equal(nb_yaml_line(lines, ""), 2);
    assert_int_equal(nb_yaml_line(lines, "/rules"), 2);
    assert_int_equal(nb_yaml_line(lines, "/rules/0"), 3);
    assert_int_equal(nb_yaml_line(lines, "/rules/0/channel"), 4);
    assert_int_equal(nb_yaml_line(lines, "/rules/0/channel/1"), 5);
    assert_int_equal(nb_yaml_line(lines, "/rules/1/rule_id"), 7);
    assert_int_equal(nb_yaml_line(lines, "/rules/1/odd~1~0key/deep"), 9);
    /* what is not there has the line of what is around it */
    assert_int_equal(nb_yaml_line(lines, "/rules/1/urgency/x"), 7);
    assert_int_equal(nb_yaml_line(lines, "/nothing"), 2);
    json_decref(value);
    json_decref(lines);
}

UNIT_MAIN(cmocka_unit_test(scalars_follow_the_core_schema), cmocka_unit_test(structure_is_read),
          cmocka_unit_test(what_is_more_than_json_is_refused), cmocka_unit_test(depth_is_bounded),
          cmocka_unit_test(every_value_has_its_line))
