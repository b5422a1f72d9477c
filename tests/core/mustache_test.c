/* Mustache: every mandatory case of the specification, and what it leaves open: bounds, errors, numbers, what is missing. */
#include "tests/lib/unit.h"

#include "base/json.h"
#include "base/limits.h"
#include "template/mustache.h"

/* Templates of one rendering: the partials by name, compiled when they are asked for. */
struct partials {
    const json_t *texts;
    struct nb_mustache *compiled[64];
    const char *names[64];
    size_t count;
    char missing[512]; /* names, a blank behind each; partials with > in front */
};

static int find_partial(void *arg, const struct nb_mustache **out, const char *name, struct nb_error *err)
{
    struct partials *partials = arg;
    const json_t *text = json_object_get(partials->texts, name);
    int rc;

    if (!text)
        return 0;
    for (size_t i = 0; i < partials->count; i++) {
        if (strcmp(partials->names[i], name) == 0) {
            *out = partials->compiled[i];
            return 0;
        }
    }
    assert_true(partials->count < NB_ARRAY_SIZE(partials->compiled));
    rc = nb_mustache_compile(&partials->compiled[partials->count], json_string_value(text), json_string_length(text),
                             err);
    *out = partials->compiled[partials->count];
    partials->names[partials->count] = name;
    partials->count += rc == 0;
    return rc;
}

static void note_missing(void *arg, enum nb_mustache_lack lack, const char *name)
{
    struct partials *partials = arg;
    size_t length = strlen(partials->missing);

    snprintf(partials->missing + length, sizeof(partials->missing) - length, "%s%s ",
             lack == NB_LACK_PARTIAL ? ">" : "", name);
}

/* Compiles and renders; the caller frees *text, which is NULL on failure. */
static int render_with(char **text, const char *template, struct nb_mustache_options *options,
                       struct partials *partials, struct nb_error *err)
{
    struct nb_mustache *compiled;
    struct nb_strbuf out;
    int rc = nb_mustache_compile(&compiled, template, strlen(template), err);

    *text = NULL;
    if (rc < 0)
        return rc;
    options->partial = find_partial;
    options->missing = note_missing;
    options->arg = partials;
    nb_strbuf_init(&out, NB_TEMPLATE_OUTPUT_MAX);
    rc = nb_mustache_render(&out, compiled, options, err);
    if (rc == 0)
        *text = nb_strbuf_take(&out);
    nb_strbuf_clear(&out);
    nb_mustache_free(&compiled);
    while (partials->count > 0)
        nb_mustache_free(&partials->compiled[--partials->count]);
    return rc;
}

/* The text of a template with a context as JSON; the caller frees it. */
static char *render(const char *template, const char *context)
{
    struct nb_mustache_options options = {.escape = NB_ESCAPE_HTML};
    struct partials partials = {0};
    struct nb_error err = {0};
    json_t *value = NULL;
    char *text;

    if (nb_mustache_context(&value, context, strlen(context), &err) < 0)
        fail_msg("%s: %s", context, err.message);
    options.context = value;
    if (render_with(&text, template, &options, &partials, &err) < 0)
        fail_msg("%s: %s", template, err.message);
    json_decref(value);
    return text;
}

static void becomes(const char *template, const char *context, const char *expected)
{
    char *text = render(template, context);

    assert_string_equal(text, expected);
    free(text);
}

/* ---- the specification ---- */

static size_t run_suite(const char *name)
{
    const char *source = getenv("srcdir");
    char *path = nb_asprintf("%s/tests/data/mustache-spec/%s.json", source ? source : "..", name);
    json_error_t reason;
    json_t *suite = json_load_file(path, 0, &reason), *test;
    size_t i, count = json_array_size(json_object_get(suite, "tests"));

    if (!suite)
        fail_msg("%s: %s", path, reason.text);
    json_array_foreach(json_object_get(suite, "tests"), i, test)
    {
        struct nb_mustache_options options = {.escape = NB_ESCAPE_HTML, .context = json_object_get(test, "data")};
        struct partials partials = {.texts = json_object_get(test, "partials")};
        const char *expected = json_string_value(json_object_get(test, "expected"));
        const char *what = json_string_value(json_object_get(test, "name"));
        struct nb_error err = {0};
        char *text;

        if (render_with(&text, json_string_value(json_object_get(test, "template")), &options, &partials, &err) < 0)
            fail_msg("%s, %s: %s", name, what, err.message);
        if (strcmp(text, expected) != 0)
            fail_msg("%s, %s: \"%s\" instead of \"%s\"", name, what, text, expected);
        free(text);
    }
    json_decref(suite);
    free(path);
    return count;
}

static void every_mandatory_case_of_the_specification(void **state)
{
    static const char *const suites[] = {"comments", "delimiters", "interpolation", "inverted", "partials", "sections"};
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(suites); i++)
        count += run_suite(suites[i]);
    assert_int_equal(count, 136);
}

/* ---- what it leaves open ---- */

static void truth_is_that_of_javascript(void **state)
{
    static const char *const falsy[] = {"null", "false", "0", "0.00", "-0.0e5", "\"\"", "[]"};
    static const char *const truthy[] = {"true", "1", "-0.01", "1e-3", "\" \"", "\"0\"", "{}", "[0]", "\"false\""};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(falsy); i++) {
        char *context = nb_asprintf("{\"a\": %s}", falsy[i]);

        becomes("{{#a}}yes{{/a}}{{^a}}no{{/a}}", context, "no");
        free(context);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(truthy); i++) {
        char *context = nb_asprintf("{\"a\": %s}", truthy[i]);

        becomes("{{#a}}yes{{/a}}{{^a}}no{{/a}}", context, "yes");
        free(context);
    }
}

static void numbers_keep_every_digit(void **state)
{
    static const char *const numbers[] = {"0",
                                          "-1",
                                          "150000.00",
                                          "0.10",
                                          "123456789012345678901234567890.12",
                                          "1e400",
                                          "-0",
                                          "-0.0",
                                          "1E+2",
                                          "9223372036854775807",
                                          "0.1",
                                          "1.210",
                                          "100000000000000000000"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(numbers); i++) {
        char *context = nb_asprintf("{\"a\":{\"b\":%s},\"s\":\"1.50 \\\" 2.50\"}", numbers[i]);
        char *expected = nb_asprintf("%s|1.50 &quot; 2.50|{&quot;b&quot;:%s}", numbers[i], numbers[i]);

        becomes("{{a.b}}|{{s}}|{{a}}", context, expected);
        free(context);
        free(expected);
    }
}

static void a_double_of_jansson_is_as_short_as_it_can_be(void **state)
{
    static const double numbers[] = {1.21, 0.1, 1.0 / 3, 1e300, 1e21, 5e-324, -2.5, 9007199254740993.0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(numbers); i++) {
        json_auto_t *context = json_pack("{s:f}", "a", numbers[i]);
        struct nb_mustache_options options = {.context = context};
        struct partials partials = {0};
        char *text;

        assert_int_equal(render_with(&text, "{{a}}", &options, &partials, NULL), 0);
        assert_true(strtod(text, NULL) == numbers[i]);
        if (i == 0)
            assert_string_equal(text, "1.21");
        free(text);
    }
}

static void contexts_that_are_no_json_are_refused(void **state)
{
    static const char *const bad[] = {"",
                                      "{1.5:2}",
                                      "[1.5.5]",
                                      "[01.5]",
                                      "[1.5 2.5]",
                                      "[1.]",
                                      "[-]",
                                      "[+1.5]",
                                      "[.5]",
                                      "[1.5e]",
                                      "[\"\\u0000\"]",
                                      "[\"\\u00001.5\", 1.5]",
                                      "{\"a\": 1.5, \"a\": 2.5}",
                                      "[1.5"};
    struct nb_error err;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        json_t *value = NULL;

        if (nb_mustache_context(&value, bad[i], strlen(bad[i]), &err) != NB_EINVALID)
            fail_msg("%s is taken", bad[i]);
        assert_null(value);
    }
}

static void lists_and_objects_become_json(void **state)
{
    (void)state;
    becomes("{{{a}}}", "{\"a\":[1,\"x\\n\\\"\",true,null,1.50,{\"b\":[]}]}",
            "[1,\"x\\n\\\"\",true,null,1.50,{\"b\":[]}]");
}

static void html_is_escaped_where_it_is_asked_for(void **state)
{
    json_auto_t *context = json_pack("{s:s}", "a", "<b title='x\"'>&amp;");
    struct nb_mustache_options options = {.context = context};
    struct partials partials = {0};
    char *text;

    (void)state;
    becomes("{{a}}", "{\"a\":\"<b title='x\\\"'>&amp;\"}", "&lt;b title=&#39;x&quot;&#39;&gt;&amp;amp;");
    assert_int_equal(render_with(&text, "{{a}}", &options, &partials, NULL), 0);
    assert_string_equal(text, "<b title='x\"'>&amp;");
    free(text);
}

static void the_recipient_is_user_whatever_the_context_says(void **state)
{
    json_auto_t *context =
        json_pack("{s:{s:s}, s:[{s:{s:s}}]}", "user", "name", "context", "items", "user", "name", "item");
    json_auto_t *user = json_pack("{s:s}", "name", "Ada");
    struct nb_mustache_options options = {.context = context, .user = user};
    struct partials partials = {0};
    char *text;

    (void)state;
    assert_int_equal(render_with(&text, "{{user.name}} {{#items}}{{user.name}}{{/items}} {{#user}}{{name}}{{/user}}",
                                 &options, &partials, NULL),
                     0);
    assert_string_equal(text, "Ada item Ada");
    free(text);
}

static void what_mentions_the_user_is_known(void **state)
{
    static const char *const yes[] = {"{{user.name}}", "{{#user}}x{{/user}}", "{{^user.vip}}x{{/user.vip}}",
                                      "{{#a}}{{{user}}}{{/a}}", "{{&user.a.b}}"};
    static const char *const no[] = {"", "user", "{{! user.name }}", "{{users}}", "{{a.user}}", "{{> user}}"};
    struct nb_mustache *template;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(yes); i++) {
        assert_int_equal(nb_mustache_compile(&template, yes[i], strlen(yes[i]), NULL), 0);
        assert_true(nb_mustache_names_user(template));
        nb_mustache_free(&template);
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(no); i++) {
        assert_int_equal(nb_mustache_compile(&template, no[i], strlen(no[i]), NULL), 0);
        assert_false(nb_mustache_names_user(template));
        nb_mustache_free(&template);
    }
}

static void what_is_missing_is_told_and_defaults_help(void **state)
{
    json_auto_t *context = json_pack("{s:{s:i}, s:n, s:[{}]}", "po", "amount", 5, "note", "items");
    json_auto_t *defaults = json_pack("{s:s, s:s, s:s}", "po.currency", "EUR", "note", "none", "po.amount", "unused");
    struct nb_mustache_options options = {.context = context, .defaults = defaults};
    struct partials partials = {0};
    char *text;

    (void)state;
    assert_int_equal(
        render_with(&text,
                    "{{po.amount}} {{po.currency}} {{note}} {{gone}}{{po.gone}}{{#no}}{{/no}}{{^no}}{{no.a}}"
                    "{{/no}}{{#items}}{{name}}{{/items}}{{>part}}{{#po.currency}}!{{/po.currency}}",
                    &options, &partials, NULL),
        0);
    assert_string_equal(text, "5 EUR none !");
    assert_string_equal(partials.missing, "gone po.gone no.a name >part ");
    free(text);
}

static void null_is_there_and_empty(void **state)
{
    json_auto_t *context = json_pack("{s:n}", "note");
    struct nb_mustache_options options = {.context = context};
    struct partials partials = {0};
    char *text;

    (void)state;
    assert_int_equal(render_with(&text, "[{{note}}]", &options, &partials, NULL), 0);
    assert_string_equal(text, "[]");
    assert_string_equal(partials.missing, "");
    free(text);
}

/* ---- the indentation of partials ---- */

static void indentation_goes_before_lines_of_the_source(void **state)
{
    static const struct {
        const char *template, *partial, *expected;
    } cases[] = {
        {"  {{>p}}\n", "{{#l}}{{.}}\n{{/l}}\nend\n", "  a\nb\n  end\n"}, /* the section's own line is indented once */
        {"  {{>p}}\n", "{{#l}}\n{{.}}\n{{/l}}\n", "  a\n  b\n"},         {"  {{>p}}\n", "{{!x}}y\n\nz", "  y\n\n  z"},
        {"  {{>p}}\n", "{{#l}}\nx\n{{/l}} y\n", "  x\n    x\n   y\n"},   {" | {{>p}} |", "x\ny", " | x\ny |"},
        {"  {{>p}}\r\n", "x\r\n\r\ny\r\n", "  x\r\n\r\n  y\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        json_auto_t *context = json_pack("{s:[s,s]}", "l", "a", "b");
        json_auto_t *texts = json_pack("{s:s}", "p", cases[i].partial);
        struct nb_mustache_options options = {.context = context};
        struct partials partials = {.texts = texts};
        char *text;

        assert_int_equal(render_with(&text, cases[i].template, &options, &partials, NULL), 0);
        assert_string_equal(text, cases[i].expected);
        free(text);
    }
}

static void indentations_add_up(void **state)
{
    json_auto_t *texts = json_pack("{s:s, s:s, s:s}", "a", "1\n  {{>b}}\n{{>c}}|{{>b}}\n", "b", "2\n3\n", "c", "4\n5");
    json_auto_t *context = json_object();
    struct nb_mustache_options options = {.context = context};
    struct partials partials = {.texts = texts};
    char *text;

    (void)state;
    assert_int_equal(render_with(&text, "\t{{>a}}\n", &options, &partials, NULL), 0);
    assert_string_equal(text, "\t1\n\t  2\n\t  3\n\t4\n5|2\n3\n\n");
    free(text);
}

/* ---- errors and bounds ---- */

static void errors_say_line_and_column(void **state)
{
    static const struct {
        const char *template, *message;
    } bad[] = {
        {"a\n  {{name", "2:3: the tag is not closed: \"}}\" is missing"},
        {"é {{{name}}", "1:3: the tag is not closed: \"}}}\" is missing"},
        {"{{}}", "1:1: a tag without a name"},
        {"{{#  }}", "1:1: a tag without a name"},
        {"{{a b}}", "1:1: a name has no blanks: \"a b\""},
        {"{{>}}", "1:1: a tag without a name"},
        {"{{.a}}", "1:1: nothing stands before or behind a dot of \".a\""},
        {"{{a..b}}", "1:1: nothing stands before or behind a dot of \"a..b\""},
        {"x{{#a}}\n\n", "1:2: the section \"a\" is not closed"},
        {"x\n{{#a}}{{#b}}\n{{/a}}", "3:1: the section \"a\" is closed where \"b\" of 2:7 is open"},
        {"\n\n {{/a}}", "3:2: the section \"a\" is closed, but none is open"},
        {"{{=a=}}", "1:1: expected two delimiters of at most 16 bytes, without = in them, between the ="},
        {"{{=<% %> x=}}", "1:1: expected two delimiters of at most 16 bytes, without = in them, between the ="},
        {"{{=| |=}}\n|#a|\n{{/a}}", "2:1: the section \"a\" is not closed"},
        {"a\xff", "1:1: the template is not valid UTF-8 text"},
    };

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(bad); i++) {
        struct nb_mustache *template;
        struct nb_error err = {0};

        assert_int_equal(nb_mustache_compile(&template, bad[i].template, strlen(bad[i].template), &err), NB_EINVALID);
        assert_null(template);
        assert_string_equal(err.message, bad[i].message);
    }
}

/* Renders and expects the refusal. */
static void is_refused(const char *template, const json_t *context, const json_t *texts, const char *message)
{
    struct nb_mustache_options options = {.context = context};
    struct partials partials = {.texts = texts};
    struct nb_error err = {0};
    char *text;

    assert_int_equal(render_with(&text, template, &options, &partials, &err), NB_EINVALID);
    assert_string_equal(err.message, message);
}

static json_t *list_of(size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(list, json_integer((json_int_t)i));
    return json_pack("{s:o, s:o}", "l", list, "long", json_stringn("0123456789", 10));
}

static void sections_are_bounded(void **state)
{
    struct nb_strbuf text;
    struct nb_mustache *template;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&text, NB_TEMPLATE_MAX);
    for (int i = 0; i < NB_TEMPLATE_SECTIONS; i++)
        nb_strbuf_append(&text, "{{#a}}");
    for (int i = 0; i < NB_TEMPLATE_SECTIONS; i++)
        nb_strbuf_append(&text, "{{/a}}");
    becomes(text.data, "{\"a\": 1}", "");
    nb_strbuf_append_repeat(&text, ' ', 1);
    for (int i = 0; i <= NB_TEMPLATE_SECTIONS; i++)
        nb_strbuf_append(&text, "{{#a}}");
    assert_int_equal(nb_mustache_compile(&template, text.data, text.length, &err), NB_EINVALID);
    assert_string_equal(err.message, "1:578: more than 32 sections within each other");
    nb_strbuf_clear(&text);
}

static void the_length_of_a_template_is_bounded(void **state)
{
    struct nb_strbuf text;
    struct nb_mustache *template;
    struct nb_error err;

    (void)state;
    nb_strbuf_init(&text, NB_TEMPLATE_MAX + 1);
    nb_strbuf_append_repeat(&text, 'x', NB_TEMPLATE_MAX);
    assert_int_equal(nb_mustache_compile(&template, text.data, text.length, &err), 0);
    nb_mustache_free(&template);
    nb_strbuf_append_repeat(&text, 'x', 1);
    assert_int_equal(nb_mustache_compile(&template, text.data, text.length, &err), NB_EINVALID);
    assert_string_equal(err.message, "1:1: the template is longer than 64 KiB");
    nb_strbuf_clear(&text);
}

static void rendering_is_bounded(void **state)
{
    json_auto_t *many = list_of(NB_TEMPLATE_ITERATIONS + 1);
    json_auto_t *some = list_of(100);
    json_auto_t *enough = list_of(NB_TEMPLATE_ITERATIONS);
    struct nb_mustache_options options = {.context = enough};
    struct partials partials = {0};
    char *text;

    (void)state;
    is_refused("{{#l}}{{/l}}", many, NULL, "1:1: the lists have more than 10000 items");
    is_refused("{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}", some, NULL, "1:7: the lists have more than 10000 items");
    is_refused("{{#l}}\n{{#l}}{{long}}{{long}}{{long}}{{long}}{{/l}}\n{{/l}}", some, NULL,
               "2:31: the text is longer than 262144 bytes");
    is_refused("{{#l}}{{#l}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}{{n}}"
               "{{n}}{{n}}{{n}}{{/l}}{{/l}}",
               some, NULL, "1:83: rendering takes more than 200000 steps");
    assert_int_equal(render_with(&text, "{{#l}}x{{/l}}", &options, &partials, NULL), 0);
    assert_int_equal(strlen(text), NB_TEMPLATE_ITERATIONS);
    free(text);
}

static void partials_are_bounded(void **state)
{
    json_auto_t *context = json_pack("{s:i}", "a", 1);
    json_auto_t *endless = json_pack("{s:s}", "p", "x{{>p}}{{>p}}");
    json_auto_t *sections = json_pack("{s:s}", "p",
                                      "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{>p}}{{/a}}{{/a}}{{/a}}"
                                      "{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}");
    json_auto_t *wrong = json_pack("{s:s}", "p", "\n {{");

    (void)state;
    is_refused("{{>p}}", context, endless, "1:2: more than 16 partials within each other, the last of them \"p\"");
    is_refused("{{>p}}", context, sections, "1:7: more than 128 sections within each other");
    is_refused("{{>p}}", context, wrong, "2:2: the tag is not closed: \"}}\" is missing");
}

/* Four in each, fifteen deep, would be a billion renderings. */
static void partials_that_multiply_are_stopped(void **state)
{
    json_auto_t *texts = json_object(), *context = json_object();

    (void)state;
    for (int i = 0; i < NB_TEMPLATE_PARTIALS - 1; i++) {
        char name[8];

        snprintf(name, sizeof(name), "p%d", i);
        json_object_set_new(texts, name, json_sprintf("{{>p%d}}{{>p%d}}{{>p%d}}{{>p%d}}", i + 1, i + 1, i + 1, i + 1));
    }
    is_refused("{{>p0}}", context, texts, "1:1: rendering takes more than 200000 steps");
}

static void list_use(void *arg, enum nb_mustache_use use, const char *name, unsigned line, unsigned column)
{
    static const char signs[] = {[NB_USE_VARIABLE] = '=',
                                 [NB_USE_SECTION] = '#',
                                 [NB_USE_INVERTED] = '^',
                                 [NB_USE_END] = '/',
                                 [NB_USE_PARTIAL] = '>'};

    nb_strbuf_appendf(arg, "%c%s %u:%u,", signs[use], name, line, column);
}

static void uses_are_listed_in_order(void **state)
{
    static const char text[] = "{{a.b}}\n{{#l}}{{.}}{{/l}}\n  {{^é}}\n{{>p}}{{{c}}}{{!x}}{{/é}}";
    struct nb_mustache *template;
    struct nb_strbuf uses;

    (void)state;
    nb_strbuf_init(&uses, 1000);
    assert_int_equal(nb_mustache_compile(&template, text, strlen(text), NULL), 0);
    nb_mustache_uses(template, list_use, &uses);
    assert_string_equal(uses.data, "=a.b 1:1,#l 2:1,=. 2:7,/l 2:12,^é 3:3,>p 4:1,=c 4:7,/é 4:20,");
    nb_strbuf_clear(&uses);
    nb_mustache_free(&template);
}

UNIT_MAIN(cmocka_unit_test(every_mandatory_case_of_the_specification), cmocka_unit_test(truth_is_that_of_javascript),
          cmocka_unit_test(numbers_keep_every_digit), cmocka_unit_test(a_double_of_jansson_is_as_short_as_it_can_be),
          cmocka_unit_test(contexts_that_are_no_json_are_refused), cmocka_unit_test(lists_and_objects_become_json),
          cmocka_unit_test(html_is_escaped_where_it_is_asked_for),
          cmocka_unit_test(the_recipient_is_user_whatever_the_context_says),
          cmocka_unit_test(what_mentions_the_user_is_known),
          cmocka_unit_test(what_is_missing_is_told_and_defaults_help), cmocka_unit_test(null_is_there_and_empty),
          cmocka_unit_test(indentation_goes_before_lines_of_the_source), cmocka_unit_test(indentations_add_up),
          cmocka_unit_test(errors_say_line_and_column), cmocka_unit_test(sections_are_bounded),
          cmocka_unit_test(the_length_of_a_template_is_bounded), cmocka_unit_test(rendering_is_bounded),
          cmocka_unit_test(partials_are_bounded), cmocka_unit_test(partials_that_multiply_are_stopped),
          cmocka_unit_test(uses_are_listed_in_order))
