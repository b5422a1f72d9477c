/* Two programs verify tokens: the database for every statement, the library for tokens of an identity provider and for
 * `token verify`. A token that only one of them accepts is a security hole, or cannot be explained to its owner. So
 * both get the same tokens: the RFCs' examples, texts about which JSON parsers are known to disagree, and thousands
 * that are spoiled at random. */
#include "config.h"

#include "tests/lib/cluster.h"
#include "tests/lib/jose.h"
#include "tests/lib/unit.h"

#include <libpq-fe.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "identity/verification_key.h"
#include "identity/token.h"

#define SECRET  "a secret of the tests, long enough for the longest of its kind: 64"
#define HEADER  "{\"alg\":\"HS256\",\"typ\":\"JWT\",\"kid\":\"differential\"}"
#define CLAIMS  "\"aud\":\"nightbell\",\"exp\":4102444800"
#define AT_ONCE 500
#define ROUNDS  6000 /* random tokens; overridden by FUZZ_ROUNDS */

static struct cluster *cluster;
static PGconn *database;
static struct nb_verification_keys *keys;
static char *tokens[AT_ONCE], *described[AT_ONCE];
static size_t token_count;

static void sql(const char *text)
{
    PGresult *result = PQexec(database, text);

    if (PQresultStatus(result) != PGRES_COMMAND_OK && PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("%s: %s", text, PQerrorMessage(database));
    PQclear(result);
}

static int setup(void **state)
{
    (void)state;
    cluster = cluster_new();
    database = PQconnectdb(cluster_dsn(cluster, "postgres"));
    assert_int_equal(PQstatus(database), CONNECTION_OK);
    sql("INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('differential', 'HS256', '" SECRET "')");
    assert_int_equal(nb_verification_keys_from_secret(&keys, "differential", (const unsigned char *)SECRET,
                                                      strlen(SECRET), "HS256", NULL),
                     0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    nb_verification_keys_free(&keys);
    PQfinish(database);
    cluster_free(&cluster, 0);
    return 0;
}

/* ---- the verdicts ---- */

/* Unlike the database, the library also tries its keys on a token without a key id: identity providers with one key
 * make such tokens. */
static const char *library_says(const char *text, const struct nb_verification_keys *with)
{
    static struct nb_error err;
    struct nb_token_expectations expectations = {.audience = "nightbell"};
    struct nb_token *token = NULL;
    const char *reason = NULL;

    if (nb_token_verify(&token, text, with, &expectations, &err) < 0)
        reason = err.message;
    else if (!json_is_string(json_object_get(token->header, "kid")))
        reason = "it names no key";
    nb_token_free(&token);
    return reason;
}

/* What only the database checks, once signature, times and audience are right. */
static bool is_about_the_person(const char *reason)
{
    static const char *const reasons[] = {"names no user", "names no tenant", "roles of the token", "(jti) is not",
                                          "user does not exist"};

    for (size_t i = 0; i < NB_ARRAY_SIZE(reasons); i++)
        if (strstr(reason, reasons[i]))
            return true;
    return false;
}

static void compare(void)
{
    static const char query[] = "SELECT (SELECT v.reason FROM nightbell.verify_token(t.token) AS v)"
                                " FROM unnest($1::text[]) WITH ORDINALITY AS t (token, n) ORDER BY t.n";
    size_t count = token_count;
    struct nb_strbuf list;
    const char *params[1];
    PGresult *result;

    if (count == 0)
        return;
    token_count = 0; /* even when this fails */
    nb_strbuf_init(&list, 10 * 1000 * 1000);
    for (size_t i = 0; i < count; i++)
        nb_strbuf_appendf(&list, "%c\"%s\"", i == 0 ? '{' : ',', tokens[i]);
    nb_strbuf_appendf(&list, "}");
    params[0] = list.data;
    result = PQexecParams(database, query, 1, NULL, params, NULL, NULL, 0);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        fail_msg("the database raised an error where it is to refuse: %s", PQerrorMessage(database));
    for (size_t i = 0; i < count; i++) {
        const char *library = library_says(tokens[i], keys), *answer = PQgetvalue(result, (int)i, 0);
        bool accepted = PQgetisnull(result, (int)i, 0) || is_about_the_person(answer);

        if (accepted != (library == NULL))
            fail_msg("%s\n%s\nthe library: %s\nthe database: %s", tokens[i], described[i], library ? library : "right",
                     accepted ? "right" : answer);
        nb_free(&tokens[i]);
        nb_free(&described[i]);
    }
    PQclear(result);
    nb_strbuf_clear(&list);
}

static void give_take(char *token, const char *description)
{
    tokens[token_count] = token;
    described[token_count++] = nb_strdup(description);
    if (token_count == AT_ONCE)
        compare();
}

static void give(const char *header, const char *claims)
{
    char *description = NULL;

    assert_true(asprintf(&description, "%s . %s", header, claims) > 0);
    give_take(jose_sign_secret("HS256", SECRET, strlen(SECRET), header, claims), description);
    free(description);
}

/* ---- known texts ---- */

/* Values about which JSON parsers are known to disagree, or that are not JSON. */
static const char *const values[] = {
    "0", "-0", "-", "+1", "01", "-01", "1.", ".5", "-.5", "1.5", "1e5", "1E5", "1e+5", "1e-5", "1e", "1e+", "1.0e1",
    "1.e1", "0e0", "0e1", "0e", "1e17", "1e18", "1e19", "1e99", "1e308", "1e309", "1e999", "1e-99", "1e-999", "-1e999",
    "1e005", "0x1", "1_0", "1 0", "999999999999999999", "-999999999999999999", "1000000000000000001",
    "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551616",
    "123456789012345678901234567890", "0.1234567890123456789012345678901234567890", "NaN", "Infinity", "-Infinity",
    "nan", "inf", "true", "false", "null", "True", "TRUE", "nul", "nulll", "truefalse", "undefined", "\"\"", "\"a",
    "a\"", "'a'", "\"a\"\"b\"", "\"a\" \"b\"", "\"\\\"\"", "\"\\\\\"", "\"\\/\"", "\"\\b\\f\\n\\r\\t\"", "\"\\a\"",
    "\"\\x41\"", "\"\\'\"", "\"\\0\"", "\"\\u\"", "\"\\u00\"", "\"\\u004\"", "\"\\u0041\"", "\"\\U0041\"",
    "\"\\u00zz\"", "\"\\u0000\"", "\"\\u0001\"", "\"\\u000g\"", "\"\\u0022\"", "\"\\u0022: \"", "\"\\\": \"",
    "\"\\\":\"", "\": \"", "\":\"", "\"{}\"", "\"[\"", "\"]\"", "\",\"", "\"\\ud83d\\ude00\"", "\"\\uD83D\\uDE00\"",
    "\"\\ud83d\"", "\"\\ude00\"", "\"\\ude00\\ud83d\"", "\"\\ud83d\\ud83d\"", "\"\\ud83dx\"", "\"\\ud83d\\n\"",
    "\"\\ud7ff\"", "\"\\ue000\"", "\"\\uffff\"", "\"\\ufffe\"", "\"\\ufdd0\"", "\"\xc3\xa4\"", "\"\xe2\x82\xac\"",
    "\"\xf0\x9f\x98\x80\"", "\"\xff\"", "\"\x80\"", "\"\xc3\"", "\"\xc3\x28\"", "\"\xc0\xaf\"", "\"\xc1\x81\"",
    "\"\xe0\x80\xaf\"", "\"\xe0\xa0\x80\"", "\"\xed\x9f\xbf\"", "\"\xed\xa0\x80\"", "\"\xef\xbf\xbf\"",
    "\"\xf0\x80\x80\xaf\"", "\"\xf0\x90\x80\x80\"", "\"\xf4\x8f\xbf\xbf\"", "\"\xf4\x90\x80\x80\"",
    "\"\xf8\x88\x80\x80\x80\"", "\"\xe2\x28\xa1\"", "\"\xe2\x80\xa8\"", "\"\x7f\"", "\"\xc2\x80\"", "\"\xc2\xa0\"",
    "\"\x01\"", "\"\x1f\"", "\"\t\"", "\"\n\"", "\"\r\"", "\"\f\"", "\"\v\"", "\x01", "\x02", "S", "\xc2\xa0",
    "\xef\xbb\xbf", "", " ", "[]", "[ ]", "[\t]", "[\f]", "[\v]", "[1]", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1",
    "1]", "[[]", "[]]", "[1]2", "1[]", "[]1", "[][]", "-[]", "[]e1", "[\"a\",\"b\"]", "[\"a\" \"b\"]",
    "[true,false,null]", "{}", "{ }", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,\"a\":1}", "{\"a\" 1}",
    "{\"a\":1 \"b\":2}", "{\"a\":1,\"b\":2}", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"a\" :1,\"a\":2}",
    "{\"a\":1,\"a\":2,\"b\":\": \"}", "{\"a\":1,\"b\":\": : \"}", "{\"a\":1,\"b\":[\":\",\": \"]}",
    "{\"a\":1,\"a\":\":\"}", "{\"a\":{\"b\":1,\"b\":1}}", "[{\"a\":1,\"a\":1}]", "{a:1}", "{1:1}", "{null:1}",
    "{\"\":1}", "{\"\":1,\"\":2}", "{\"a\"::1}", "{\"a\":1:2}", "{[]:1}", "{}{}", "{}1", "{\"a\" : 1}", "{\"a\"\f:1}",
    "{\"a\":\v1}", "{\"a\\\"b\":1}", "{\"\\ud83d\\ude00\":1}", "{\"\\u0000\":1}", "{\"\xc3\xa4\":1,\"\\u00e4\":2}",
    "[1]//", "[1]/**/", "/**/1", "#\n1", "1;", "<1>", "(1)", "\\u0031",
    "{\"jwk\":{\"kty\":\"oct\",\"k\":[{\"a\":[[]]}]}}",
    /* members, whose name may be there twice, and what could hide that when they are counted */
    "\"a\":1", "\"a\":1,\"a\":2", "\"a\" :1,\"a\":2", "\"a\" :1", "\"a\":1,\"a\":2,\"b\":\": \"",
    "\"a\":1,\"a\":2,\"b\":\":\"", "\"b\":\": : \"", "\"b\":\":\"", "\"b\":[\":\",\": \"]", "\"a\":\": \",\"a\":1",
    "\"a\":1,\"\\u0061\":2", "\"a\":1,\"a\":2,\"b\":\"\\u0022: \"", "\"a\":1,\"a\":2,\"b\":\"\\\": \"", "\"exp\":1",
    "\"aud\":\"x\"", "\"a\":{\"b\":1,\"b\":2}", "\"a\":{\"b\":1},\"b\":2", "\": \":1", "\":\":1,\":\":2",
    "\"\xc3\xa4\":1,\"\xc3\xa4\":2", "\"\xc3\xa4\":1"};

static char *nested(unsigned depth, const char *opening, const char *middle, const char *closing)
{
    struct nb_strbuf text;

    nb_strbuf_init(&text, 10000);
    for (unsigned i = 0; i < depth; i++)
        nb_strbuf_appendf(&text, "%s", opening);
    nb_strbuf_appendf(&text, "%s", middle);
    for (unsigned i = 0; i < depth; i++)
        nb_strbuf_appendf(&text, "%s", closing);
    return nb_strbuf_take(&text);
}

static void give_value(const char *value)
{
    char *text = NULL;

    assert_true(asprintf(&text, "{" CLAIMS ",\"x\":%s}", value) > 0);
    give(HEADER, text);
    free(text);
    assert_true(asprintf(&text, "{%s," CLAIMS "}", value) > 0);
    give(HEADER, text);
    free(text);
    give(HEADER, value);
    for (size_t i = 0; i < 5; i++) {
        static const char *const claims[] = {"exp", "nbf", "iat", "aud", "jti"};

        assert_true(asprintf(&text, "{%s%s\"%s\":%s}", i == 0 ? "\"aud\":\"nightbell\"" : "\"exp\":4102444800",
                             i == 0 || i == 3 ? "," : ",\"aud\":\"nightbell\",", claims[i], value) > 0);
        give(HEADER, text);
        free(text);
    }
    for (size_t i = 0; i < 7; i++) {
        static const char *const members[] = {"x", "typ", "alg", "kid", "crit", "b64", "cty"};

        assert_true(asprintf(&text, "{%s%s\"%s\":%s}", i == 2 ? "" : "\"alg\":\"HS256\",",
                             i == 3 ? "" : "\"kid\":\"differential\",", members[i], value) > 0);
        give(text, "{" CLAIMS "}");
        free(text);
    }
}

static void texts_that_are_json_and_texts_that_are_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(values); i++)
        give_value(values[i]);
    for (unsigned depth = 60; depth < 68; depth++) {
        char *lists = nested(depth, "[", "1", "]"), *objects = nested(depth, "{\"a\":", "1", "}");

        give_value(lists);
        give_value(objects);
        free(lists);
        free(objects);
    }
    compare();
}

static void kinds_and_audiences(void **state)
{
    static const char *const types[] = {
        "JWT", "jwt", "at+jwt",       "AT+JWT", "application/jwt", "application/at+jwt", "JWT ", "JOSE", "application/",
        "at+", "JWS", "secevent+jwt", ""};
    static const char *const audiences[] = {"[\"nightbell\"]",        "[\"a\",\"nightbell\"]", "[[\"nightbell\"]]",
                                            "[1,\"nightbell\",null]", "{\"nightbell\":1}",     "\"nightbell\\u0020\"",
                                            "\"\\u006eightbell\"",    "\"Nightbell\""};
    char text[200];

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(types); i++) {
        snprintf(text, sizeof(text), "{\"alg\":\"HS256\",\"kid\":\"differential\",\"typ\":\"%s\"}", types[i]);
        give(text, "{" CLAIMS "}");
    }
    for (size_t i = 0; i < NB_ARRAY_SIZE(audiences); i++) {
        snprintf(text, sizeof(text), "{\"exp\":4102444800,\"aud\":%s}", audiences[i]);
        give(HEADER, text);
    }
    give("{\"alg\":\"HS256\"}", "{" CLAIMS "}");
    compare();
}

/* The examples of RFC 7515 A.1 and A.5, 7519 3.1 and 6.1, 7520 4.4 to 4.7, with the secrets given there. */
static void examples_of_the_rfcs(void **state)
{
    static const char *const examples[] = {
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb2"
        "90Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        "eyJhbGciOiJub25lIn0."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.",
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9."
        "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9"
        "kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgd"
        "GhlcmXigJlzIG5vI"
        "Gtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4.s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
        "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9.."
        "s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0",
        "eyJhbGciOiJIUzI1NiJ9.SXTigJlz.xuLifqLGiblpv9zBpuZczWhNj1gARaLV3UxvxhJxZuk"};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(examples); i++)
        give_take(nb_strdup(examples[i]), "an example");
    compare();
}

/* ---- spoiled texts ---- */

static uint32_t random_state = 20261130;
static uint32_t any(uint32_t below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % below;
}

static char *spoil(const char *text, const char *alphabet, size_t letters)
{
    size_t length = strlen(text), at = any((uint32_t)length + 1);
    char *spoiled = nb_calloc(length + 2, 1), letter = alphabet[any((uint32_t)letters)];

    memcpy(spoiled, text, at);
    switch (any(3)) {
    case 0:
        spoiled[at] = letter;
        memcpy(spoiled + at + 1, text + at, length - at);
        break;
    case 1:
        if (at < length)
            memcpy(spoiled + at, text + at + 1, length - at - 1);
        break;
    default:
        if (at < length) {
            spoiled[at] = letter;
            memcpy(spoiled + at + 1, text + at + 1, length - at - 1);
        }
    }
    return spoiled;
}

static const char json_letters[] =
    "{}[],:\"\\/u0123456789abcdeEfnrt+-. \t\n\r\f\v\x01\x02\x7f\x80\xbf\xc3\xa4\xed\xa0\xef\xf0";
static const char token_letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/";

static char *spoil_often(const char *text, unsigned times, const char *alphabet)
{
    char *spoiled = nb_strdup(text);

    for (unsigned i = 0; i < times; i++) {
        char *next = spoil(spoiled, alphabet, strlen(alphabet));

        free(spoiled);
        spoiled = next;
    }
    return spoiled;
}

static void texts_that_are_spoiled_at_random(void **state)
{
    static const char *const bodies[] = {"{" CLAIMS
                                         ",\"x\":[1,-2.5e3,{\"a\":\"\\u00e4\\\"\",\"b\":[]}],\"y\":{\"z\":null}}",
                                         "{" CLAIMS ",\"sub\":\"" CLUSTER_ADA "\",\"tenant\":\"" CLUSTER_ACME
                                         "\",\"roles\":[\"user\"],\"jti\":\"k\xc3\xa4se\"}",
                                         "{ \"exp\" : 4102444800 , \"aud\" : [ \"nightbell\" ] , \"n\" : 1 }"};
    const char *rounds = getenv("FUZZ_ROUNDS");
    unsigned count = rounds ? (unsigned)strtoul(rounds, NULL, 10) : ROUNDS;

    (void)state;
    for (unsigned i = 0; i < count; i++) {
        char *claims = spoil_often(bodies[i % 3], any(3), json_letters),
             *header = spoil_often(HEADER, i % 5 == 0, json_letters);

        if (i % 4 == 0) {
            char *token = jose_sign_secret("HS256", SECRET, strlen(SECRET), header, claims);

            give_take(spoil_often(token, 1 + any(2), token_letters), "spoiled when it was signed");
            free(token);
        } else {
            give(header, claims);
        }
        free(claims);
        free(header);
    }
    compare();
}

/* Takes both parts: encoded as they are to be signed. */
static void give_parts(char *header, char *claims, const char *description)
{
    char *signed_text = NULL, *token = NULL, *signature;
    unsigned char right[32];
    size_t size = 0;

    assert_true(asprintf(&signed_text, "%s.%s", header, claims) > 0);
    assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, SECRET, strlen(SECRET), (unsigned char *)signed_text,
                              strlen(signed_text), right, sizeof(right), &size));
    signature = jose_encode(right, size);
    assert_true(asprintf(&token, "%s.%s", signed_text, signature) > 0);
    give_take(token, description);
    free(header);
    free(claims);
    free(signed_text);
    free(signature);
}

/* Extra bits in the last letter of header and claims, signed like that. */
static void stray_bits(void **state)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    (void)state;
    for (size_t blanks = 0; blanks < 6; blanks++) {
        for (size_t i = 0; i < 64; i++) {
            char claims[100], *parts[2];

            snprintf(claims, sizeof(claims), "{" CLAIMS "}%*s", (int)(blanks % 3), "");
            parts[0] = jose_encode(HEADER, strlen(HEADER));
            parts[1] = jose_encode(claims, strlen(claims));
            parts[blanks / 3][strlen(parts[blanks / 3]) - 1] = letters[i];
            give_parts(parts[0], parts[1], claims);
        }
    }
    compare();
}

/* A NUL byte before each byte of a part in turn, and at its end. jansson overlooks one that follows a number, and
 * PostgreSQL's text holds none: both verifiers have to refuse it themselves. */
static void nul_bytes(void **state)
{
    static const char numbered[] = "{\"alg\":\"HS256\",\"x\":1.5e1,\"kid\":\"differential\"}";
    static const char claims[] = "{" CLAIMS ",\"x\":[1,-0.5 ],\"iat\":1 }";

    (void)state;
    for (size_t part = 0; part < 2; part++) {
        const char *text = part ? claims : numbered;
        size_t length = strlen(text);

        for (size_t at = 0; at <= length; at++) {
            char with_nul[200] = "", description[60];

            memcpy(with_nul, text, at);
            memcpy(with_nul + at + 1, text + at, length - at);
            snprintf(description, sizeof(description), "a NUL at %zu of the %s", at, part ? "claims" : "header");
            give_parts(part ? jose_encode(HEADER, strlen(HEADER)) : jose_encode(with_nul, length + 1),
                       part ? jose_encode(with_nul, length + 1) : jose_encode(claims, strlen(claims)), description);
            assert_non_null(library_says(tokens[token_count - 1], keys));
        }
    }
    give_parts(jose_encode(numbered, strlen(numbered)), jose_encode(claims, strlen(claims)), "without a NUL");
    assert_null(library_says(tokens[token_count - 1], keys));
    compare();
}

/* ---- secrets ---- */

/* RFC 7518, 3.2: a secret has at least as many bits as the hash. */
static void secrets_of_each_length(void **state)
{
    static const char *const algorithms[] = {"HS256", "HS384", "HS512"};
    static const size_t sizes[] = {32, 47, 48, 63, 64};
    char text[400];

    (void)state;
    for (size_t a = 0; a < NB_ARRAY_SIZE(algorithms); a++) {
        for (size_t s = 0; s < NB_ARRAY_SIZE(sizes); s++) {
            struct nb_verification_keys *set = NULL;
            bool library = nb_verification_keys_from_secret(&set, "size", (const unsigned char *)SECRET, sizes[s],
                                                            algorithms[a], NULL) == 0;
            PGresult *result;
            char *token;

            snprintf(text, sizeof(text),
                     "INSERT INTO nightbell.signing_keys (kid, algorithm, secret) VALUES ('size', '%s', '%.*s')",
                     algorithms[a], (int)sizes[s], SECRET);
            sql(text);
            snprintf(text, sizeof(text), "{\"alg\":\"%s\",\"kid\":\"size\"}", algorithms[a]);
            token = jose_sign_secret(algorithms[a], SECRET, sizes[s], text, "{" CLAIMS "}");
            result = PQexecParams(database, "SELECT (nightbell.verify_token($1)).reason", 1, NULL,
                                  (const char *const[]){token}, NULL, NULL, 0);
            assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
            assert_int_equal(is_about_the_person(PQgetvalue(result, 0, 0)), library);
            if (library)
                assert_null(library_says(token, set));
            PQclear(result);
            free(token);
            nb_verification_keys_free(&set);
            sql("DELETE FROM nightbell.signing_keys WHERE kid = 'size'");
        }
    }
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(texts_that_are_json_and_texts_that_are_none),
               cmocka_unit_test(kinds_and_audiences), cmocka_unit_test(examples_of_the_rfcs),
               cmocka_unit_test(stray_bits), cmocka_unit_test(nul_bytes),
               cmocka_unit_test(texts_that_are_spoiled_at_random), cmocka_unit_test(secrets_of_each_length))
