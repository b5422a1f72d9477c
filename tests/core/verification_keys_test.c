/* Keys for verifying: the algorithm of each, which keys are refused, and who may read their files. */
#include "tests/lib/jose.h"
#include "tests/lib/unit.h"

#include <fcntl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "base/base64.h"
#include "identity/secret.h"
#include "identity/verification_key.h"
#include "identity/verification_keys.h"

#define SECRET "a secret of the tests, long enough for the longest of its kind: 64"

static EVP_PKEY *rsa, *p256, *p384;

static int setup(void **state)
{
    (void)state;
    rsa = jose_rsa_key(2048);
    p256 = jose_ec_key("P-256");
    p384 = jose_ec_key("P-384");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    return 0;
}

/* The names of the algorithms of the set's keys, in alphabetical order; "" for a set that is refused. */
static const char *algorithms_of(struct nb_verification_keys *set)
{
    static const char *const names[] = {"ES256", "ES384", "ES512", "HS256", "HS384", "HS512",
                                        "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"};
    static char text[200];

    text[0] = '\0';
    for (size_t i = 0; set && i < NB_ARRAY_SIZE(names); i++)
        for (const struct nb_verification_key *key = nb_verification_keys_next(set, NULL, NULL, names[i]); key;
             key = nb_verification_keys_next(set, key, NULL, names[i]))
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", text[0] ? " " : "", names[i]);
    return text;
}

static void is_jwks(const char *jwks, const char *algorithm, const char *expected)
{
    struct nb_verification_keys *set = NULL;
    struct nb_error err = {0};
    bool secret;
    int rc = nb_verification_keys_parse_jwks(&set, &secret, jwks, strlen(jwks), algorithm, &err);

    assert_true((rc == 0) == (set != NULL));
    assert_true(rc == 0 || err.message[0]);
    if (strcmp(algorithms_of(set), expected) != 0)
        fail_msg("%s: \"%s\" (%s) instead of \"%s\"", jwks, algorithms_of(set), err.message, expected);
    nb_verification_keys_free(&set);
}

static void is_jwk(EVP_PKEY *key, const char *more, const char *algorithm, const char *expected)
{
    char *jwk = jose_jwk(key, more);

    is_jwks(jwk, algorithm, expected);
    free(jwk);
}

static void a_key_knows_its_algorithm(void **state)
{
    (void)state;
    is_jwk(rsa, "", NULL, "RS256");
    is_jwk(rsa, "", "PS384", "PS384");
    is_jwk(rsa, ",\"alg\":\"RS512\"", NULL, "RS512");
    is_jwk(rsa, ",\"alg\":\"RS512\"", "RS512", "RS512");
    is_jwk(rsa, ",\"alg\":\"RS512\"", "RS256", "");
    is_jwk(rsa, "", "ES256", "");
    is_jwk(rsa, "", "HS256", "");
    is_jwk(rsa, ",\"alg\":\"HS256\"", NULL, "");
    is_jwk(rsa, ",\"alg\":\"none\"", NULL, "");
    is_jwk(rsa, ",\"alg\":\"RSA-OAEP\"", NULL, "");
    is_jwk(rsa, ",\"alg\":7", NULL, "");
    is_jwk(p256, "", NULL, "ES256");
    is_jwk(p384, "", NULL, "ES384");
    is_jwk(p256, "", "ES384", "");
    is_jwk(p256, ",\"alg\":\"ES384\"", NULL, "");
    is_jwk(p256, ",\"alg\":\"HS256\"", NULL, "");
    is_jwk(rsa, "", "none", "");
    is_jwks("{\"kty\":\"oct\",\"k\":\"" /* 32 bytes */
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}",
            NULL, "HS256");
    is_jwks("{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}", "HS384", "");
    is_jwks("{\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}", NULL, "");
    is_jwks("{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg\"}", NULL, "");
}

static void only_keys_for_verifying_signatures_are_taken(void **state)
{
    (void)state;
    is_jwk(rsa, ",\"use\":\"sig\"", NULL, "RS256");
    is_jwk(rsa, ",\"use\":\"enc\"", NULL, "");
    is_jwk(rsa, ",\"use\":null", NULL, "");
    is_jwk(rsa, ",\"key_ops\":[\"verify\"]", NULL, "RS256");
    is_jwk(rsa, ",\"key_ops\":[\"sign\",\"verify\"]", NULL, "RS256");
    is_jwk(rsa, ",\"key_ops\":[\"sign\"]", NULL, "");
    is_jwk(rsa, ",\"key_ops\":[]", NULL, "");
    is_jwk(rsa, ",\"key_ops\":\"verify\"", NULL, "");
    is_jwk(rsa, ",\"kid\":7", NULL, "");
}

static void sets_pass_over_what_is_not_for_us(void **state)
{
    char *one = jose_jwk(rsa, ",\"kid\":\"a\""), *two = jose_jwk(p256, ",\"kid\":\"b\"");
    char *set = nb_asprintf("{\"keys\":[%s,{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"},7,{},"
                            "{\"kty\":\"RSA\"},%s,%s]}",
                            one, two, one);

    (void)state;
    is_jwks(set, NULL, "ES256 RS256 RS256");
    is_jwks(set, "ES256", "ES256");
    is_jwks("{\"keys\":[]}", NULL, "");
    is_jwks("{\"keys\":{}}", NULL, "");
    is_jwks("{}", NULL, "");
    is_jwks("[]", NULL, "");
    is_jwks("", NULL, "");
    is_jwks("{\"keys\":[],\"keys\":[]}", NULL, "");
    free(one);
    free(two);
    free(set);
}

static void a_set_has_at_most_a_hundred_keys(void **state)
{
    struct nb_strbuf text;

    (void)state;
    nb_strbuf_init(&text, 100000);
    nb_strbuf_append(&text, "{\"keys\":[{}");
    for (size_t i = 0; i < 100; i++)
        nb_strbuf_append(&text, ",{}");
    nb_strbuf_append(&text, "]}");
    is_jwks(text.data, NULL, "");
    nb_strbuf_clear(&text);
}

static void keys_are_found_by_their_id(void **state)
{
    char *a = jose_jwk(rsa, ",\"kid\":\"a\""), *b = jose_jwk(rsa, ",\"kid\":\"b\""), *none = jose_jwk(rsa, ""),
         *text = nb_asprintf("{\"keys\":[%s,%s,%s]}", a, b, none);
    struct nb_verification_keys *set = NULL;
    const struct nb_verification_key *key;
    bool secret;

    (void)state;
    assert_int_equal(nb_verification_keys_parse_jwks(&set, &secret, text, strlen(text), NULL, NULL), 0);
    assert_false(secret);
    key = nb_verification_keys_next(set, NULL, "b", "RS256");
    assert_string_equal(key->kid, "b");
    key = nb_verification_keys_next(set, key, "b", "RS256");
    assert_null(key->kid); /* a key without an id fits any token */
    assert_null(nb_verification_keys_next(set, key, "b", "RS256"));
    assert_null(nb_verification_keys_next(set, NULL, "b", "PS256"));
    assert_null(nb_verification_keys_next(set, NULL, "b", "none"));
    nb_verification_keys_free(&set);
    free(a);
    free(b);
    free(none);
    free(text);
}

static void weak_and_broken_numbers_are_refused(void **state)
{
    EVP_PKEY *weak = jose_rsa_key(1024);
    char *good = jose_jwk(p256, ""), *bad;

    (void)state;
    is_jwk(weak, "", NULL, "");
    EVP_PKEY_free(weak);
    /* a point that is not on the curve */
    bad = nb_strdup(good);
    char *y = strstr(bad, "\"y\":\"") + 5;
    *y = *y == 'A' ? 'B' : 'A';
    is_jwks(bad, NULL, "");
    free(bad);
    free(good);
    is_jwks("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}", NULL, "");
    is_jwks("{\"kty\":\"EC\",\"crv\":\"secp256k1\",\"x\":\"AA\",\"y\":\"AA\"}", NULL, "");
    is_jwks("{\"kty\":\"EC\",\"x\":\"AA\",\"y\":\"AA\"}", NULL, "");
    is_jwks("{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", NULL, "");
    is_jwks("{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", NULL, "");
}

static void exponents_are_odd_and_small(void **state)
{
    char *jwk = jose_jwk(rsa, ""), *e = strstr(jwk, "AQAB");

    (void)state;
    assert_non_null(e);
    is_jwks(jwk, NULL, "RS256");
    memcpy(e, "AQAA", 4);
    is_jwks(jwk, NULL, "");
    memcpy(e, "AAAB", 4);
    is_jwks(jwk, NULL, "");
    free(jwk);
}

/* ---- one key, one secret ---- */

static int parse(const void *text, size_t length, const char *algorithm, const char *expected, struct nb_error *err)
{
    struct nb_verification_keys *set = NULL;
    bool secret;
    int rc = nb_verification_keys_parse_key(&set, &secret, text, length, algorithm, err);

    assert_true((rc == 0) == (set != NULL));
    assert_string_equal(algorithms_of(set), expected);
    nb_verification_keys_free(&set);
    return rc;
}

static void pem_keys_are_for_their_kind(void **state)
{
    char *pem = jose_public_pem(rsa), *ec = jose_public_pem(p384), *own = jose_private_pem(rsa);
    struct nb_error err = {0};

    (void)state;
    parse(pem, strlen(pem), NULL, "RS256", &err);
    parse(pem, strlen(pem), "PS512", "PS512", &err);
    parse(ec, strlen(ec), NULL, "ES384", &err);
    parse(ec, strlen(ec), "ES384", "ES384", &err);
    parse(ec, strlen(ec), "ES256", "", &err);
    parse(pem, strlen(pem), "ES256", "", &err);
    parse(pem, strlen(pem) - 30, NULL, "", &err);
    parse(own, strlen(own), NULL, "", &err);
    assert_non_null(strstr(err.hint, "-pubout"));
    assert_int_equal(parse(pem, strlen(pem), "RS1024", "", &err), NB_EUSAGE);
    free(pem);
    free(ec);
    free(own);
}

/* No encoding of a public key is accepted as a secret. */
static void a_public_key_is_never_a_secret(void **state)
{
    static const char *const names[] = {"HS256", "HS384", "HS512"};
    unsigned char *spki = NULL, *pkcs1 = NULL;
    int spki_size = i2d_PUBKEY(rsa, &spki), pkcs1_size = i2d_PublicKey(rsa, &pkcs1);
    char *pem = jose_public_pem(rsa), *jwk = jose_jwk(rsa, ""), *base64 = strchr(pem, '\n') + 1;
    char *body = nb_strndup(base64, (size_t)(strstr(base64, "-----END") - base64));
    char *indented = nb_asprintf("# our key\n%s", pem);
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        const struct {
            const void *bytes;
            size_t size;
        } spellings[] = {{pem, strlen(pem)},
                         {indented, strlen(indented)},
                         {body, strlen(body)},
                         {jwk, strlen(jwk)},
                         {spki, (size_t)spki_size},
                         {pkcs1, (size_t)pkcs1_size},
                         {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 and so on and on, long enough now", 70}};

        for (size_t j = 0; j < NB_ARRAY_SIZE(spellings); j++) {
            assert_int_not_equal(nb_secret_check(spellings[j].bytes, spellings[j].size, names[i], &err), 0);
            assert_int_not_equal(parse(spellings[j].bytes, spellings[j].size, names[i], "", &err), 0);
        }
    }
    OPENSSL_free(spki);
    OPENSSL_free(pkcs1);
    free(pem);
    free(body);
    free(indented);
    free(jwk);
}

static void secrets_are_long_enough(void **state)
{
    struct nb_error err = {0};
    char longest[1025];

    (void)state;
    memset(longest, 'x', sizeof(longest));
    parse(SECRET, 32, NULL, "HS256", &err);
    parse(SECRET, 31, NULL, "", &err);
    assert_non_null(strstr(err.message, "31 bytes"));
    parse(SECRET, 47, "HS384", "", &err);
    parse(SECRET, 48, "HS384", "HS384", &err);
    parse(SECRET, 63, "HS512", "", &err);
    parse(SECRET, 64, "HS512", "HS512", &err);
    parse(SECRET, 64, "RS256", "", &err);
    parse("", 0, NULL, "", &err);
    parse(longest, 1024, NULL, "HS256", &err);
    parse(longest, 1025, NULL, "", &err);
}

static void a_last_newline_is_not_part_of_a_text(void **state)
{
    (void)state;
    assert_int_equal(nb_secret_length("abc\n", 4), 3);
    assert_int_equal(nb_secret_length("abc\r\n", 5), 3);
    assert_int_equal(nb_secret_length("abc\n\n", 5), 4);
    assert_int_equal(nb_secret_length("abc\r", 4), 4);
    assert_int_equal(nb_secret_length("a\0c\n", 4), 4); /* bytes are taken as they are */
    assert_int_equal(nb_secret_length("\xff\n", 2), 2);
    assert_int_equal(nb_secret_length("\n", 1), 0);
    assert_int_equal(nb_secret_length("", 0), 0);
}

/* ---- files ---- */

static int read_with_mode(const char *text, mode_t mode, bool is_jwks_file, struct nb_error *err)
{
    char path[] = "/tmp/nbt.key.XXXXXX";
    int fd = mkstemp(path), rc;
    struct nb_verification_keys *set = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    rc = is_jwks_file ? nb_verification_keys_read_jwks(&set, path, NULL, err)
                      : nb_verification_keys_read_key(&set, path, NULL, err);
    assert_true((rc == 0) == (set != NULL));
    nb_verification_keys_free(&set);
    close(fd);
    unlink(path);
    return rc;
}

static void files_are_as_private_as_what_they_hold(void **state)
{
    char *pem = jose_public_pem(rsa), *own = jose_private_pem(rsa), *jwks = jose_jwk(rsa, ""),
         *private_jwks = jose_jwk(rsa, ",\"d\":\"AQAB\"");
    const char *oct = "{\"kty\":\"oct\",\"k\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}";
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(read_with_mode(pem, 0644, false, &err), 0);
    assert_int_equal(read_with_mode(pem, 0664, false, &err), NB_EDENIED);
    assert_non_null(strstr(err.hint, "chmod go-w"));
    assert_int_equal(read_with_mode(SECRET, 0600, false, &err), 0);
    assert_int_equal(read_with_mode(SECRET, 0640, false, &err), NB_EDENIED);
    assert_int_equal(read_with_mode("short", 0640, false, &err), NB_EDENIED);
    assert_int_equal(read_with_mode("short", 0600, false, &err), NB_EINVALID);
    assert_int_equal(read_with_mode(own, 0644, false, &err), NB_EDENIED);
    assert_int_equal(read_with_mode(own, 0600, false, &err), NB_EINVALID);
    assert_non_null(strstr(err.hint, "-pubout"));
    assert_int_equal(read_with_mode(jwks, 0644, true, &err), 0);
    assert_int_equal(read_with_mode(jwks, 0646, true, &err), NB_EDENIED);
    assert_int_equal(read_with_mode(private_jwks, 0644, true, &err), NB_EDENIED);
    assert_int_equal(read_with_mode(private_jwks, 0600, true, &err), 0);
    assert_int_equal(read_with_mode(oct, 0644, true, &err), NB_EDENIED);
    assert_int_equal(read_with_mode(oct, 0600, true, &err), 0);
    assert_int_equal(read_with_mode(oct, 0600, false, &err), NB_EINVALID);
    assert_non_null(strstr(err.hint, "--jwks"));
    assert_int_equal(read_with_mode("{", 0644, true, &err), NB_EINVALID);
    free(pem);
    free(own);
    free(jwks);
    free(private_jwks);
}

static void only_regular_files_of_a_bounded_size_are_read(void **state)
{
    char *large = nb_malloc(300 * 1024);
    struct nb_verification_keys *set = NULL;
    struct nb_error err = {0};

    (void)state;
    memset(large, 'a', 300 * 1024 - 1);
    large[300 * 1024 - 1] = '\0';
    assert_int_equal(read_with_mode(large, 0600, true, &err), NB_EINVALID);
    assert_non_null(strstr(err.message, "larger than 256 KiB"));
    assert_int_equal(nb_verification_keys_read_key(&set, "/dev/zero", NULL, &err), NB_EINVALID);
    assert_int_equal(nb_verification_keys_read_key(&set, "/tmp", NULL, &err), NB_EINVALID);
    assert_int_equal(nb_verification_keys_read_jwks(&set, "/nonexistent", NULL, &err), NB_ENOTFOUND);
    assert_null(set);
    free(large);
}

/* ---- base64url ---- */

static void base64url_has_one_spelling(void **state)
{
    static const struct {
        const char *text, *bytes; /* NULL: refused */
    } cases[] = {
        {"", ""},      {"Zg", "f"},     {"Zm8", "fo"},    {"Zm9v", "foo"}, {"Zm9vYg", "foob"}, {"_-8", "\xff\xef"},
        {"Zh", NULL},  {"Zm9", NULL},   {"Z", NULL},      {"Zm9vY", NULL}, {"Zg==", NULL},     {"Zm8=", NULL},
        {"+/8", NULL}, {"Zm9v ", NULL}, {"Zm\n9v", NULL}, {"Zm9v.", NULL}, {"\xc3\xa9", NULL},
    };
    size_t size;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        unsigned char *bytes = nb_base64url_decode(cases[i].text, strlen(cases[i].text), &size);

        if ((bytes != NULL) != (cases[i].bytes != NULL))
            fail_msg("\"%s\" is %s", cases[i].text, bytes ? "accepted" : "refused");
        if (bytes) {
            assert_int_equal(size, strlen(cases[i].bytes));
            assert_memory_equal(bytes, cases[i].bytes, size + 1);
        }
        free(bytes);
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        unsigned char three[] = {(unsigned char)byte, (unsigned char)(byte * 7), 0x5a}, *back;
        char *text = jose_encode(three, 3);

        back = nb_base64url_decode(text, strlen(text), &size);
        assert_int_equal(size, 3);
        assert_memory_equal(back, three, 3);
        free(back);
        free(text);
    }
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(a_key_knows_its_algorithm),
               cmocka_unit_test(only_keys_for_verifying_signatures_are_taken),
               cmocka_unit_test(sets_pass_over_what_is_not_for_us), cmocka_unit_test(a_set_has_at_most_a_hundred_keys),
               cmocka_unit_test(keys_are_found_by_their_id), cmocka_unit_test(weak_and_broken_numbers_are_refused),
               cmocka_unit_test(exponents_are_odd_and_small), cmocka_unit_test(pem_keys_are_for_their_kind),
               cmocka_unit_test(a_public_key_is_never_a_secret), cmocka_unit_test(secrets_are_long_enough),
               cmocka_unit_test(a_last_newline_is_not_part_of_a_text),
               cmocka_unit_test(files_are_as_private_as_what_they_hold),
               cmocka_unit_test(only_regular_files_of_a_bounded_size_are_read),
               cmocka_unit_test(base64url_has_one_spelling))
