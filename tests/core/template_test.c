/* Templates of the database: which text a locale gets, partials, what is missing, the cache, and what check finds. The
 * session is a worker's. */
#include "tests/lib/cluster.h"
#include "tests/lib/unit.h"

#include "base/base.h"
#include "base/limits.h"
#include "db/connection.h"
#include "template/mustache.h"
#include "template/template.h"

static struct cluster *cluster;
static struct nb_loop *loop;
static struct nb_connection *connection;

static int setup(void **state)
{
    struct nb_connection_options options = {.reconnect = true};
    struct nb_error err = {0};

    (void)state;
    cluster = cluster_new();
    cluster_sql(cluster, "CREATE ROLE a_worker LOGIN IN ROLE nightbell_worker");
    options.dsn = cluster_dsn(cluster, "a_worker");
    if (nb_loop_new(&loop, &err) == 0 && nb_connection_new(&connection, loop, &options, &err) == 0 &&
        nb_connection_wait_ready(connection, &err) == 0)
        return 0;
    print_message("# %s\n", err.message);
    return -1;
}

static int teardown(void **state)
{
    (void)state;
    nb_connection_free(&connection);
    nb_loop_free(&loop);
    cluster_free(&cluster, 0);
    return 0;
}

/* document without apostrophes: ' stands for " */
static void import(const char *document)
{
    char *quoted = nb_strdup(document);
    char *sql;

    for (char *c = quoted; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    sql = nb_asprintf("SELECT coalesce(change, message) FROM nightbell.import_templates('" CLUSTER_ACME
                      "', ARRAY[$doc$%s$doc$])",
                      quoted);

    const char *outcome = cluster_sql(cluster, sql);

    if (strcmp(outcome, "added") != 0 && strcmp(outcome, "changed") != 0)
        fail_msg("%s: %s", quoted, outcome);
    free(quoted);
    free(sql);
}

static struct nb_template_set *load(const char *code, const char *channel)
{
    struct nb_template_set *set = NULL;
    struct nb_error err = {0};

    if (nb_template_set_load(&set, connection, CLUSTER_ACME, code, channel, &err) < 0)
        fail_msg("%s for %s: %s", code, channel, err.message);
    return set;
}

static json_t *context_of(const char *text)
{
    char *quoted = nb_strdup(text);
    struct nb_error err = {0};
    json_t *value = NULL;

    for (char *c = quoted; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    if (nb_mustache_context(&value, quoted, strlen(quoted), &err) < 0)
        fail_msg("%s: %s", quoted, err.message);
    free(quoted);
    return value;
}

/* Names joined by commas. Borrowed until the next call. */
static const char *joined(const nb_template_names *names)
{
    static char text[1000];

    *text = '\0';
    for (size_t i = 0; i < names->count; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 0 ? "," : "", names->data[i]);
    return text;
}

static void renders(const struct nb_template_set *set, const char *locale, const char *context, const char *user,
                    const char *body)
{
    json_t *values = context_of(context), *person = user ? context_of(user) : NULL;
    struct nb_template_text text;
    struct nb_error err = {0};

    if (nb_template_render(&text, set, locale, values, person, &err) < 0)
        fail_msg("%s", err.message);
    assert_string_equal(text.body, body);
    nb_template_text_clear(&text);
    json_decref(values);
    json_decref(person);
}

static void a_locale_gets_the_nearest_text(void **state)
{
    struct nb_template_set *set;

    (void)state;
    import(
        "{'template_code':'near','texts':[{'channel':'sms','body_template':'default'},{'channel':'sms','locale':'pt',"
        "'body_template':'pt'},{'channel':'sms','locale':'pt-BR','body_template':'pt-BR'},{'channel':'sms',"
        "'locale':'zh-Hant','body_template':'zh-Hant'}]}");
    set = load("near", "sms");
    renders(set, "pt-BR", "{}", NULL, "pt-BR");
    renders(set, "pt_br", "{}", NULL, "pt-BR");
    renders(set, "pt-PT", "{}", NULL, "pt");
    renders(set, "PT", "{}", NULL, "pt");
    renders(set, "zh-Hant-TW", "{}", NULL, "zh-Hant");
    renders(set, "zh", "{}", NULL, "default");
    renders(set, "de", "{}", NULL, "default");
    renders(set, "", "{}", NULL, "default");
    renders(set, NULL, "{}", NULL, "default");
    nb_template_set_free(&set);

    import("{'template_code':'only','texts':[{'channel':'sms','locale':'de','body_template':'de'},{'channel':'sms',"
           "'locale':'fr','body_template':'fr'}]}");
    set = load("only", "sms");
    renders(set, "en", "{}", NULL, "de");
    nb_template_set_free(&set);
}

static void every_part_is_rendered_and_only_html_is_escaped(void **state)
{
    json_t *context =
        context_of("{'who':'<R&D>','team':'ops@acme.example','none':'','lines':'a\\r\\nBcc: x@y.example'}");
    struct nb_template_set *set;
    struct nb_template_text text;

    (void)state;
    import("{'template_code':'parts','texts':[{'channel':'email','subject':'For {{who}} {{lines}}','body_template':"
           "'Hi {{who}}','html_template':'<p>{{who}}</p>','cc':['{{team}}','{{none}}','x@acme.example'],'bcc':["
           "'{{lines}}']}]}");
    set = load("parts", "email");
    assert_int_equal(nb_template_render(&text, set, "en", context, NULL, NULL), 0);
    assert_string_equal(text.subject, "For <R&D> a  Bcc: x@y.example");
    assert_string_equal(text.body, "Hi <R&D>");
    assert_string_equal(text.html, "<p>&lt;R&amp;D&gt;</p>");
    assert_string_equal(joined(&text.cc), "ops@acme.example,x@acme.example");
    assert_string_equal(joined(&text.bcc), "a  Bcc: x@y.example");
    assert_string_equal(text.locale, "default");
    assert_int_equal(text.version, 1);
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    json_decref(context);
}

static void a_long_subject_is_cut_between_characters(void **state)
{
    json_t *context = context_of("{}");
    struct nb_template_set *set;
    struct nb_template_text text;
    struct nb_strbuf document;

    (void)state;
    nb_strbuf_init(&document, 2000);
    nb_strbuf_append(&document, "{'template_code':'long','texts':[{'channel':'push','body_template':'','subject':'");
    for (int i = 0; i < 300; i++)
        nb_strbuf_append(&document, "ä");
    nb_strbuf_append(&document, "'}]}");
    import(document.data);
    nb_strbuf_clear(&document);
    set = load("long", "push");
    assert_int_equal(nb_template_render(&text, set, "en", context, NULL, NULL), 0);
    assert_int_equal(strlen(text.subject), 2 * NB_TITLE_MAX);
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    json_decref(context);
}

static void partials_are_templates_in_the_same_language(void **state)
{
    json_t *context = context_of("{'n':'<1>'}");
    struct nb_template_set *set;
    struct nb_template_text text;
    struct nb_strbuf variant;

    (void)state;
    import("{'template_code':'foot','variables':[{'name':'company','default':'ACME & Sons'}],'texts':[{'channel':'*',"
           "'body_template':'-- {{company}}','html_template':'<hr>{{company}}'},{'channel':'*','locale':'de',"
           "'body_template':'-- Ihre {{company}}'}]}");
    import("{'template_code':'mail','texts':[{'channel':'email','body_template':'{{n}}\\n{{> foot}}\\n',"
           "'html_template':'{{n}}{{> foot}}{{> gone}}'}]}");
    set = load("mail", "email");
    assert_int_equal(nb_template_render(&text, set, "en", context, NULL, NULL), 0);
    assert_string_equal(text.body, "<1>\n-- ACME & Sons");
    assert_string_equal(text.html, "&lt;1&gt;<hr>ACME &amp; Sons");
    assert_string_equal(joined(&text.missing), "> gone");
    nb_template_text_clear(&text);
    assert_int_equal(nb_template_render(&text, set, "de-AT", context, NULL, NULL), 0);
    assert_string_equal(text.html, "&lt;1&gt;-- Ihre ACME &amp; Sons"); /* without HTML of its own: the body */
    nb_template_text_clear(&text);

    nb_strbuf_init(&variant, 100);
    nb_template_variant(&variant, set, "de-AT");
    assert_string_equal(variant.data, "default de -");
    nb_strbuf_clear(&variant);
    nb_template_set_free(&set);
    json_decref(context);
}

static void what_is_missing_or_of_another_type_is_told(void **state)
{
    json_t *context = context_of("{'amount':'five','price':1.50,'items':{},'po':{'currency':null},'flag':0}");
    struct nb_template_set *set;
    struct nb_template_text text;

    (void)state;
    import("{'template_code':'typed','variables':[{'name':'amount','type':'number'},{'name':'price','type':'number'},"
           "{'name':'items','type':'list'},{'name':'po.currency','default':'EUR'},{'name':'po.id','required':true},"
           "{'name':'note'},{'name':'flag','type':'boolean'},{'name':'rate','type':'number','default':0.50}],"
           "'texts':[{'channel':'sms','body_template':'{{amount}} {{price}} {{po.currency}} {{note}}{{other}}{{other}} "
           "{{rate}}'}]}");
    set = load("typed", "sms");
    assert_int_equal(nb_template_render(&text, set, NULL, context, NULL, NULL), 0);
    assert_string_equal(text.body, "five 1.50 EUR  0.50");
    assert_string_equal(joined(&text.missing), "note,other,po.id");
    assert_string_equal(joined(&text.mistyped), "amount,items,flag");
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    json_decref(context);
}

static void who_is_named_makes_it_a_text_for_one_person(void **state)
{
    struct nb_template_set *set;

    (void)state;
    import("{'template_code':'sign','texts':[{'channel':'sms','body_template':'x'},{'channel':'sms','locale':'de',"
           "'body_template':'{{user.name}}'}]}");
    import("{'template_code':'hello','texts':[{'channel':'sms','body_template':'{{a}} {{> sign}}'},{'channel':'email',"
           "'body_template':'x','cc':['{{user.email}}']}]}");
    set = load("hello", "sms");
    assert_false(nb_template_names_user(set, "en"));
    assert_true(nb_template_names_user(set, "de"));
    renders(set, "de", "{'a':1,'user':{'name':'not me'}}", "{'name':'Ada'}", "1 Ada");
    nb_template_set_free(&set);
    set = load("hello", "email");
    assert_true(nb_template_names_user(set, NULL));
    nb_template_set_free(&set);
}

static void what_is_not_there_is_not_found(void **state)
{
    struct nb_template_set *set = NULL;
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_template_set_load(&set, connection, CLUSTER_ACME, "nothing", "sms", &err), NB_ENOTFOUND);
    assert_string_equal(err.message, "there is no template \"nothing\"");
    assert_int_equal(nb_template_set_load(&set, connection, CLUSTER_ACME, "near", "email", &err), NB_ENOTFOUND);
    assert_string_equal(err.message, "the template near has no text for email");
    assert_int_equal(nb_template_set_load(&set, connection, CLUSTER_GLOBEX, "near", "sms", &err), NB_ENOTFOUND);
    assert_null(set);
}

/* SQL takes any text; so one that is not Mustache is there, but not for the others. */
static void a_bad_text_fails_by_itself(void **state)
{
    json_t *context = context_of("{'l':[1]}");
    struct nb_template_set *set;
    struct nb_template_text text;
    struct nb_error err = {0};

    (void)state;
    import("{'template_code':'endless','texts':[{'channel':'sms','body_template':'{{#l}}\\n {{> endless}}{{/l}}'}]}");
    import("{'template_code':'bad','texts':[{'channel':'sms','body_template':'fine'},{'channel':'sms','locale':'de',"
           "'body_template':'a\\n{{#b}}'},{'channel':'sms','locale':'fr','body_template':'{{> badder}}'}]}");
    import("{'template_code':'badder','texts':[{'channel':'sms','body_template':'{{'}]}");
    set = load("bad", "sms");
    renders(set, "en", "{}", NULL, "fine");
    assert_int_equal(nb_template_render(&text, set, "de", context, NULL, &err), NB_EINVALID);
    assert_string_equal(err.message, "template bad (sms, de), body_template 2:1: the section \"b\" is not closed");
    nb_template_text_clear(&text);
    assert_int_equal(nb_template_render(&text, set, "fr", context, NULL, &err), NB_EINVALID);
    assert_string_equal(err.message,
                        "template bad (sms, fr), body_template the partial badder (default) is no template: "
                        "body_template 1:1: the tag is not closed: \"}}\" is missing");
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    set = load("endless", "sms");
    assert_int_equal(nb_template_render(&text, set, "en", context, NULL, &err), NB_EINVALID);
    assert_string_equal(err.message, "template endless (sms, default), body_template 2:2: more than 16 partials within "
                                     "each other, the last of them \"endless\"");
    nb_template_text_clear(&text);
    nb_template_set_free(&set);
    json_decref(context);
}

/* ---- the cache ---- */

static const struct nb_template_set *cached(struct nb_template_cache *cache, const char *code)
{
    const struct nb_template_set *set = NULL;
    struct nb_error err = {0};

    if (nb_template_cache_get(cache, &set, connection, CLUSTER_ACME, code, "sms", &err) < 0)
        fail_msg("%s: %s", code, err.message);
    return set;
}

static void a_version_is_loaded_once(void **state)
{
    struct nb_template_cache *cache = nb_template_cache_new(2);
    const struct nb_template_set *set = NULL;

    (void)state;
    import("{'template_code':'c1','texts':[{'channel':'sms','body_template':'one {{> c2}}'}]}");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "one ");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "one ");
    assert_int_equal(nb_template_cache_loads(cache), 1);
    import("{'template_code':'c1','texts':[{'channel':'sms','body_template':'two {{> c2}}'}]}");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "two ");
    assert_int_equal(nb_template_cache_loads(cache), 2);
    /* a partial that comes, changes and goes */
    import("{'template_code':'c2','texts':[{'channel':'sms','body_template':'part'}]}");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "two part");
    import("{'template_code':'c2','texts':[{'channel':'sms','body_template':'other'}]}");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "two other");
    cluster_sql(cluster, "SELECT nightbell.delete_template('" CLUSTER_ACME "', 'c2')");
    renders(cached(cache, "c1"), NULL, "{}", NULL, "two ");
    assert_int_equal(nb_template_cache_loads(cache), 5);
    /* one that is deleted is not found */
    cluster_sql(cluster, "SELECT nightbell.delete_template('" CLUSTER_ACME "', 'c1')");
    assert_int_equal(nb_template_cache_get(cache, &set, connection, CLUSTER_ACME, "c1", "sms", NULL), NB_ENOTFOUND);
    assert_null(set);
    nb_template_cache_free(&cache);
}

static void the_least_lately_used_is_forgotten(void **state)
{
    struct nb_template_cache *cache = nb_template_cache_new(2);

    (void)state;
    import("{'template_code':'u1','texts':[{'channel':'sms','body_template':'1'}]}");
    import("{'template_code':'u2','texts':[{'channel':'sms','body_template':'2'}]}");
    import("{'template_code':'u3','texts':[{'channel':'sms','body_template':'3'}]}");
    cached(cache, "u1");
    cached(cache, "u2");
    cached(cache, "u1");
    cached(cache, "u3"); /* u2 goes */
    assert_int_equal(nb_template_cache_loads(cache), 3);
    cached(cache, "u1");
    assert_int_equal(nb_template_cache_loads(cache), 3);
    cached(cache, "u2");
    assert_int_equal(nb_template_cache_loads(cache), 4);
    nb_template_cache_free(&cache);
}

/* ---- check ---- */

static void list_finding(void *arg, enum nb_template_finding finding, const char *where, const char *what)
{
    nb_strbuf_appendf(arg, "%s|%s|%s\n", nb_template_finding_word(finding), where, what);
}

static void finds(const char *document, const char *codes, const char *expected)
{
    json_t *parsed = context_of(document), *known = codes ? context_of(codes) : NULL;
    struct nb_strbuf found;

    nb_strbuf_init(&found, 10000);
    nb_template_check(parsed, known, list_finding, &found);
    assert_string_equal(found.data, expected);
    nb_strbuf_clear(&found);
    json_decref(parsed);
    json_decref(known);
}

static void check_finds_what_is_wrong(void **state)
{
    (void)state;
    finds("{'texts':[{'channel':'sms','body_template':'{{user.name}} {{#user}}{{name}}{{/user}}'}]}", NULL, "");
    finds("{'texts':[{'channel':'email','subject':'{{a}}','body_template':'\\n{{#a}}{{x}}{{/a}}{{^b}}{{c}}{{/b}}{{a}}',"
          "'html_template':'{{/x}}','cc':['ok','{{d}}']}]}",
          NULL,
          "undeclared|texts[0].subject (email, default)|1:1: the variable \"a\" is not declared\n"
          "undeclared|texts[0].body_template (email, default)|2:18: the variable \"b\" is not declared\n"
          "undeclared|texts[0].body_template (email, default)|2:24: the variable \"c\" is not declared\n"
          "syntax|texts[0].html_template (email, default)|1:1: the section \"x\" is closed, but none is open\n"
          "undeclared|texts[0].cc[1] (email, default)|1:1: the variable \"d\" is not declared\n");
    finds("{'variables':[{'name':'po.id'},{'name':'l','type':'list'},{'name':'o','type':'object'},{'name':'b','type':"
          "'boolean'}],'texts':[{'channel':'sms','body_template':'{{po.id}}{{#po}}{{id}}{{no1}}{{/po}}{{po.no2}}"
          "{{#l}}{{any}}{{.}}{{/l}}{{o.any}}{{#b}}{{no3}}{{/b}}{{^l}}{{no4}}{{/l}}{{b.no5}}'}]}",
          NULL,
          "undeclared|texts[0].body_template (sms, default)|1:23: the variable \"no1\" is not declared\n"
          "undeclared|texts[0].body_template (sms, default)|1:37: the variable \"po.no2\" is not declared\n"
          "undeclared|texts[0].body_template (sms, default)|1:86: the variable \"no3\" is not declared\n"
          "undeclared|texts[0].body_template (sms, default)|1:105: the variable \"no4\" is not declared\n"
          "undeclared|texts[0].body_template (sms, default)|1:118: the variable \"b.no5\" is not declared\n");
    finds("{'texts':[{'channel':'sms','body_template':'{{> a}}{{> b}}{{> b}}'}]}", "{'a':1}",
          "partial|texts[0].body_template (sms, default)|1:8: there is no template \"b\"\n");
    finds("{'texts':[{'channel':'sms','locale':'de','body_template':''},{'channel':'email','locale':'pt-BR','body_"
          "template':''},"
          "{'channel':'email','body_template':''}]}",
          NULL,
          "locale|sms|there is no text in default\nlocale|sms|there is no text in pt-BR\nlocale|email|there is no text "
          "in de\n");
}

static void what_is_not_mustache_is_refused_before_it_is_sent(void **state)
{
    static const char bad[] =
        "{\"texts\":[{\"channel\":\"sms\",\"body_template\":\"ok\"},{\"channel\":\"sms\",\"locale\":"
        "\"de\",\"body_template\":\"a\\n{{b\"}]}";
    static const char odd[] = "{\"texts\":[1,{\"channel\":2,\"body_template\":{}}],\"variables\":3}";
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(nb_template_check_syntax(bad, strlen(bad), &err), NB_EINVALID);
    assert_string_equal(err.message, "texts[1].body_template (sms, de): 2:1: the tag is not closed: \"}}\" is missing");
    assert_int_equal(nb_template_check_syntax(odd, strlen(odd), &err), 0); /* the database refuses it */
    assert_int_equal(nb_template_check_syntax("{", 1, &err), 0);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(a_locale_gets_the_nearest_text),
               cmocka_unit_test(every_part_is_rendered_and_only_html_is_escaped),
               cmocka_unit_test(a_long_subject_is_cut_between_characters),
               cmocka_unit_test(partials_are_templates_in_the_same_language),
               cmocka_unit_test(what_is_missing_or_of_another_type_is_told),
               cmocka_unit_test(who_is_named_makes_it_a_text_for_one_person),
               cmocka_unit_test(what_is_not_there_is_not_found), cmocka_unit_test(a_bad_text_fails_by_itself),
               cmocka_unit_test(a_version_is_loaded_once), cmocka_unit_test(the_least_lately_used_is_forgotten),
               cmocka_unit_test(check_finds_what_is_wrong),
               cmocka_unit_test(what_is_not_mustache_is_refused_before_it_is_sent))
