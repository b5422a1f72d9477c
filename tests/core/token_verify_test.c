/* Tokens and their signatures: the RFCs' own examples, every algorithm, and the mistakes and attacks that RFC 8725
 * warns of. */
#include "tests/lib/jose.h"
#include "tests/lib/unit.h"

#include "base/base64.h"
#include "identity/verification_key.h"
#include "identity/token.h"

#define NOW    (INT64_C(1800000000) * 1000000)
#define SECRET "a secret of the tests, long enough for the longest of its kind: 64"

static EVP_PKEY *rsa, *p256, *p384, *p521;

static int setup(void **state)
{
    (void)state;
    rsa = jose_rsa_key(2048);
    p256 = jose_ec_key("P-256");
    p384 = jose_ec_key("P-384");
    p521 = jose_ec_key("P-521");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(p256);
    EVP_PKEY_free(p384);
    EVP_PKEY_free(p521);
    return 0;
}

static struct nb_verification_keys *jwks(const char *text)
{
    struct nb_verification_keys *set = NULL;
    struct nb_error err = {0};
    bool secret;

    if (nb_verification_keys_parse_jwks(&set, &secret, text, strlen(text), NULL, &err) < 0)
        fail_msg("%s", err.message);
    return set;
}

static struct nb_verification_keys *one_jwk(EVP_PKEY *key, const char *more)
{
    char *text = jose_jwk(key, more);
    struct nb_verification_keys *set = jwks(text);

    free(text);
    return set;
}

static struct nb_verification_keys *one_secret(const char *algorithm)
{
    struct nb_verification_keys *set = NULL;

    assert_int_equal(
        nb_verification_keys_from_secret(&set, NULL, (const unsigned char *)SECRET, strlen(SECRET), algorithm, NULL),
        0);
    return set;
}

/* ---- the RFCs' examples ---- */

#define JOE                                                                                                            \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"                     \
    "fQ"
#define FRODO                                                                                                          \
    "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250"                     \
    "byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hl"                     \
    "cmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4"

static const struct example {
    const char *name, *key, *algorithm, *text;
    bool is_token; /* its payload is a set of claims that expires at 1300819380 */
} examples[] = {
    {"RFC 7515 A.1",
     "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4"
     "hcgUuTwjAzZr1Z9CAow\"}",
     "HS256", "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9." JOE ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", true},
    {"RFC 7515 A.2",
     "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Va"
     "w-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg"
     "0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Z"
     "wKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\""
     ",\"e\":\"AQAB\"}",
     "RS256",
     "eyJhbGciOiJSUzI1NiJ9." JOE
     ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp"
     "5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHl"
     "b1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9Q"
     "OYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
     true},
    {"RFC 7515 A.3",
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
     "\"y\":"
     "\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
     "ES256",
     "eyJhbGciOiJFUzI1NiJ9." JOE
     ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
     true},
    {"RFC 7515 A.4",
     "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5E"
     "OnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2T"
     "h-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"}",
     "ES512",
     "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-m"
     "ZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrm"
     "xYbSW9ERBXukOXolLzeO_Jn",
     false},
    {"RFC 7520 4.2",
     "{\"kty\":\"RSA\",\"alg\":\"PS384\",\"kid\":\"bilbo.baggins@hobbiton.example\",\"n\":"
     "\"n4EPtAOCc"
     "9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBS"
     "FKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS"
     "6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2B"
     "Ywdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}",
     "PS384",
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9." FRODO
     ".cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8T"
     "TB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqr"
     "YRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHt"
     "fa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw",
     false},
};

static void the_examples_of_the_rfcs_are_verified(void **state)
{
    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(examples); i++) {
        const struct example *example = &examples[i];
        struct nb_verification_keys *set = jwks(example->key);
        const struct nb_verification_key *key = nb_verification_keys_next(set, NULL, NULL, example->algorithm);
        size_t length = (size_t)(strrchr(example->text, '.') - example->text), size;
        const char *signature_text = example->text + length + 1;
        unsigned char *signature = nb_base64url_decode(signature_text, strlen(signature_text), &size);

        print_message("# %s\n", example->name);
        assert_non_null(key);
        assert_non_null(signature);
        assert_true(nb_verification_key_verifies(key, example->text, length, signature, size));
        assert_false(nb_verification_key_verifies(key, example->text, length - 1, signature, size));
        assert_false(nb_verification_key_verifies(key, example->text, length, signature, size - 1));
        assert_false(nb_verification_key_verifies(key, example->text, length, signature, 0));
        for (size_t at = 0; at < size; at += 7) {
            signature[at] ^= 1;
            assert_false(nb_verification_key_verifies(key, example->text, length, signature, size));
            signature[at] ^= 1;
        }
        memset(signature, 0, size);
        assert_false(nb_verification_key_verifies(key, example->text, length, signature, size));
        free(signature);
        nb_verification_keys_free(&set);
    }
}

static void they_end_in_their_second(void **state)
{
    struct nb_token_expectations expectations = {.issuer = "joe"};
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(examples); i++) {
        struct nb_verification_keys *set = jwks(examples[i].key);
        struct nb_token *token = NULL;

        if (examples[i].is_token) {
            expectations.now = INT64_C(1300819380) * 1000000 - 1;
            assert_int_equal(nb_token_verify(&token, examples[i].text, set, &expectations, &err), 0);
            assert_string_equal(token->algorithm, examples[i].algorithm);
            assert_true(json_is_true(json_object_get(token->claims, "http://example.com/is_root")));
            nb_token_free(&token);
            expectations.now++;
            assert_int_equal(nb_token_verify(&token, examples[i].text, set, &expectations, &err), NB_EDENIED);
            assert_non_null(strstr(err.message, "expired"));
        } else {
            assert_int_equal(nb_token_verify(&token, examples[i].text, set, &expectations, &err), NB_EDENIED);
        }
        assert_null(token);
        nb_verification_keys_free(&set);
    }
}

/* ---- every algorithm ---- */

#define CLAIMS      "{\"sub\":\"ada\",\"iss\":\"idp\",\"aud\":\"nightbell\",\"exp\":1800000060}"
#define HEADER(alg) "{\"alg\":\"" alg "\",\"typ\":\"JWT\",\"kid\":\"k\"}"

static int verify_for(const char *text, const struct nb_verification_keys *set, const char *issuer,
                      const char *audience, struct nb_error *err)
{
    struct nb_token_expectations expectations = {.issuer = issuer, .audience = audience, .now = NOW};
    struct nb_token *token = NULL;
    int rc = nb_token_verify(&token, text, set, &expectations, err);

    assert_true((rc == 0) == (token != NULL));
    nb_token_free(&token);
    return rc;
}

static int verify(const char *text, const struct nb_verification_keys *set, struct nb_error *err)
{
    return verify_for(text, set, "idp", "nightbell", err);
}

static void every_algorithm_is_verified_and_no_other_passes_for_it(void **state)
{
    static const char *const names[] = {"RS256", "RS384", "RS512", "PS256", "PS384",
                                        "PS512", "ES256", "ES384", "ES512"};
    EVP_PKEY *const keys[] = {rsa, rsa, rsa, rsa, rsa, rsa, p256, p384, p521};
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        char *header = nb_asprintf("{\"alg\":\"%s\",\"kid\":\"k\"}", names[i]);
        char *text = jose_sign(names[i], keys[i], header, CLAIMS);

        for (size_t j = 0; j < NB_ARRAY_SIZE(names); j++) {
            char *other = nb_asprintf(",\"kid\":\"k\",\"alg\":\"%s\"", names[j]);
            struct nb_verification_keys *set = NULL;
            char *jwk = jose_jwk(keys[i], other);
            bool secret, fits = keys[i] == keys[j];
            int rc = nb_verification_keys_parse_jwks(&set, &secret, jwk, strlen(jwk), NULL, &err);

            assert_true((rc == 0) == fits); /* a key whose alg does not fit its kind is refused */
            if (fits && verify(text, set, &err) != (i == j ? 0 : NB_EDENIED))
                fail_msg("%s with a key for %s: %s", names[i], names[j], err.message);
            nb_verification_keys_free(&set);
            free(jwk);
            free(other);
        }
        free(header);
        free(text);
    }
}

static void secrets_verify_their_own_algorithm(void **state)
{
    static const char *const names[] = {"HS256", "HS384", "HS512"};
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(names); i++) {
        char *header = nb_asprintf("{\"alg\":\"%s\"}", names[i]);
        char *text = jose_sign_secret(names[i], SECRET, strlen(SECRET), header, CLAIMS);

        for (size_t j = 0; j < NB_ARRAY_SIZE(names); j++) {
            struct nb_verification_keys *set = one_secret(names[j]);

            assert_int_equal(verify(text, set, &err), i == j ? 0 : NB_EDENIED);
            nb_verification_keys_free(&set);
        }
        free(header);
        free(text);
    }
}

/* ---- attacks ---- */

static void refused(const char *text, const struct nb_verification_keys *set, const char *reason)
{
    struct nb_error err = {0};

    assert_int_equal(verify(text, set, &err), NB_EDENIED);
    if (!strstr(err.message, reason))
        fail_msg("refused, but with \"%s\" instead of \"%s\"", err.message, reason);
}

static void refused_free(char *text, const struct nb_verification_keys *set, const char *reason)
{
    refused(text, set, reason);
    free(text);
}

static void the_header_never_chooses_the_algorithm(void **state)
{
    static const char *const nones[] = {"none", "None", "NONE", "nOnE", "", "HS256 ", "hs256"};
    struct nb_verification_keys *set = one_jwk(rsa, "");
    char *pem = jose_public_pem(rsa), *text;

    (void)state;
    /* the public key, which everybody knows, as the secret of an HMAC */
    refused_free(jose_sign_secret("HS256", pem, strlen(pem), HEADER("HS256"), CLAIMS), set, "not accepted");
    refused_free(jose_sign_secret("HS256", pem, strlen(pem), HEADER("RS256"), CLAIMS), set, "signature is wrong");
    refused_free(jose_sign("PS256", rsa, HEADER("RS256"), CLAIMS), set, "signature is wrong");
    refused_free(jose_sign("PS256", rsa, HEADER("PS256"), CLAIMS), set, "not accepted");
    for (size_t i = 0; i < NB_ARRAY_SIZE(nones); i++) {
        char *header = nb_asprintf("{\"alg\":\"%s\"}", nones[i]);

        refused_free(jose_sign("RS256", rsa, header, CLAIMS), set, "not accepted");
        text = jose_sign("RS256", rsa, header, CLAIMS);
        strrchr(text, '.')[1] = '\0';
        refused_free(text, set, "not accepted");
        free(header);
    }
    refused_free(jose_sign("RS256", rsa, "{\"kid\":\"k\"}", CLAIMS), set, "(alg)");
    refused_free(jose_sign("RS256", rsa, "{\"alg\":[\"RS256\"]}", CLAIMS), set, "(alg)");
    refused_free(jose_sign("RS256", rsa, "{\"alg\":null}", CLAIMS), set, "(alg)");
    free(pem);
    nb_verification_keys_free(&set);
}

static void keys_inside_the_token_are_not_looked_at(void **state)
{
    EVP_PKEY *attacker = jose_rsa_key(2048);
    char *jwk = jose_jwk(attacker, "");
    char *header = nb_asprintf("{\"alg\":\"RS256\",\"jwk\":%s,\"jku\":\"https://evil.example\","
                               "\"x5u\":\"https://evil.example\"}",
                               jwk);
    struct nb_verification_keys *set = one_jwk(rsa, "");

    (void)state;
    refused_free(jose_sign("RS256", attacker, header, CLAIMS), set, "signature is wrong");
    EVP_PKEY_free(attacker);
    free(jwk);
    free(header);
    nb_verification_keys_free(&set);
}

static void a_key_id_is_a_name_and_nothing_else(void **state)
{
    static const char *const ids[] = {"../../../dev/null", "/dev/null", "k\\u0000", "k' OR '1'='1", "k ", "K", "", "a"};
    struct nb_verification_keys *set = one_jwk(rsa, ",\"kid\":\"k\"");
    struct nb_error err = {0};
    char *text;

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(ids); i++) {
        char *header = nb_asprintf("{\"alg\":\"RS256\",\"kid\":\"%s\"}", ids[i]);

        refused_free(jose_sign("RS256", rsa, header, CLAIMS), set, strstr(ids[i], "u0000") ? "header" : "not accepted");
        /* a path to an empty file as key id, signed with the empty secret */
        refused_free(jose_sign_secret("HS256", "", 0, header, CLAIMS), set,
                     strstr(ids[i], "u0000") ? "header" : "not accepted");
        free(header);
    }
    refused_free(jose_sign("RS256", rsa, "{\"alg\":\"RS256\",\"kid\":7}", CLAIMS), set, "(kid)");
    refused_free(jose_sign("RS256", rsa, "{\"alg\":\"RS256\",\"kid\":null}", CLAIMS), set, "(kid)");
    text = jose_sign("RS256", rsa, "{\"alg\":\"RS256\"}", CLAIMS);
    assert_int_equal(verify(text, set, &err), 0); /* a token without a key id may be signed with any key */
    free(text);
    nb_verification_keys_free(&set);
}

static void signatures_have_one_form(void **state)
{
    struct nb_verification_keys *set = one_jwk(p256, "");
    char *text = jose_sign("ES256", p256, "{\"alg\":\"ES256\"}", CLAIMS);
    size_t length = strlen(text), start = (size_t)(strrchr(text, '.') - text) + 1;
    const char *alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    char last = text[length - 1];
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(verify(text, set, &err), 0);
    refused_free(nb_asprintf("%.*s", (int)start, text), set, "signature is wrong"); /* empty */
    refused_free(nb_asprintf("%.*s", (int)start - 1, text), set, "three parts");
    for (size_t cut = 1; cut < length - start; cut += 9)
        refused_free(nb_asprintf("%.*s", (int)(length - cut), text), set, "signature");
    refused_free(nb_asprintf("%sAAAA", text), set, "signature is wrong");
    refused_free(nb_asprintf("%s==", text), set, "one spelling");
    refused_free(nb_asprintf("%s=", text), set, "one spelling");
    refused_free(nb_asprintf("%s\n", text), set, "one spelling");
    refused_free(nb_asprintf("%s.", text), set, "three parts");
    refused_free(nb_asprintf("%s.e30.AA", text), set, "three parts");
    refused_free(nb_asprintf(" %s", text), set, "one spelling");
    refused_free(nb_asprintf("A%s", text), set, "header");
    /* 64 bytes leave four unused bits in the last letter: only the spelling with zeros is accepted */
    for (int i = 1; i < 16; i++) {
        size_t at = (size_t)(strchr(alphabet, last) - alphabet);

        assert_int_equal(at % 16, 0);
        text[length - 1] = alphabet[at + (size_t)i];
        refused(text, set, "one spelling");
    }
    text[length - 1] = last;
    assert_int_equal(verify(text, set, &err), 0);
    free(text);
    nb_verification_keys_free(&set);
}

/* RFC 7518, 3.5: the salt is as long as the digest. */
static void salts_have_one_length(void **state)
{
    struct nb_verification_keys *set = one_jwk(rsa, ",\"alg\":\"PS256\"");
    char *text = jose_sign_salted("PS256", rsa, 32, HEADER("PS256"), CLAIMS);
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(verify(text, set, &err), 0);
    free(text);
    refused_free(jose_sign_salted("PS256", rsa, 0, HEADER("PS256"), CLAIMS), set, "signature is wrong");
    refused_free(jose_sign_salted("PS256", rsa, 20, HEADER("PS256"), CLAIMS), set, "signature is wrong");
    nb_verification_keys_free(&set);
}

static void headers_are_understood_or_refused(void **state)
{
    static const struct {
        const char *header, *reason; /* reason NULL: accepted */
    } cases[] = {
        {"{\"alg\":\"HS256\"}", NULL},
        {"{\"alg\":\"HS256\",\"typ\":\"JWT\"}", NULL},
        {"{\"alg\":\"HS256\",\"typ\":\"jwt\"}", NULL},
        {"{\"alg\":\"HS256\",\"typ\":\"at+jwt\"}", NULL},
        {"{\"alg\":\"HS256\",\"typ\":\"application/at+jwt\"}", NULL},
        {"{\"alg\":\"HS256\",\"x\":{\"y\":[1,2]}}", NULL},
        {"{\"alg\":\"HS256\",\"typ\":\"logout+jwt\"}", "(typ)"},
        {"{\"alg\":\"HS256\",\"typ\":\"JWE\"}", "(typ)"},
        {"{\"alg\":\"HS256\",\"typ\":1}", "(typ)"},
        {"{\"alg\":\"HS256\",\"crit\":[\"exp\"]}", "(crit)"},
        {"{\"alg\":\"HS256\",\"crit\":[]}", "(crit)"},
        {"{\"alg\":\"HS256\",\"crit\":null}", "(crit)"},
        {"{\"alg\":\"HS256\",\"b64\":false}", "(b64)"},
        {"{\"alg\":\"HS256\",\"b64\":false,\"crit\":[\"b64\"]}", "(crit)"},
        {"{\"alg\":\"HS256\",\"alg\":\"none\"}", "header"},
        {"{\"alg\":\"none\",\"alg\":\"HS256\"}", "header"},
        {"{\"alg\":\"HS256\"} ", NULL},
        {"{\"alg\":\"HS256\"}x", "header"},
        {"[\"HS256\"]", "header"},
        {"\"HS256\"", "header"},
        {"", "header"},
        {"{", "header"},
    };
    struct nb_verification_keys *set = one_secret("HS256");
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char *text = jose_sign_secret("HS256", SECRET, strlen(SECRET), cases[i].header, CLAIMS);

        if (cases[i].reason)
            refused(text, set, cases[i].reason);
        else if (verify(text, set, &err) != 0)
            fail_msg("%s: %s", cases[i].header, err.message);
        free(text);
    }
    nb_verification_keys_free(&set);
}

static void claims_are_in_order_or_refused(void **state)
{
    static const struct {
        const char *claims, *reason;
    } cases[] = {
        {"\"exp\":1800000001,\"iss\":\"idp\",\"aud\":\"nightbell\"", NULL},
        {"\"exp\":1800000000.5,\"iss\":\"idp\",\"aud\":[\"x\",\"nightbell\"]", NULL},
        {"\"exp\":1800000000,\"iss\":\"idp\",\"aud\":\"nightbell\"", "expired"},
        {"\"exp\":1,\"iss\":\"idp\",\"aud\":\"nightbell\"", "expired"},
        {"\"iss\":\"idp\",\"aud\":\"nightbell\"", "no expiry"},
        {"\"exp\":null,\"iss\":\"idp\",\"aud\":\"nightbell\"", "number of seconds (exp)"},
        {"\"exp\":\"1900000000\",\"iss\":\"idp\",\"aud\":\"nightbell\"", "number of seconds (exp)"},
        {"\"exp\":-1,\"iss\":\"idp\",\"aud\":\"nightbell\"", "number of seconds (exp)"},
        {"\"exp\":9223372036854775807,\"iss\":\"idp\",\"aud\":\"nightbell\"", "too large"},
        {"\"exp\":1e300,\"iss\":\"idp\",\"aud\":\"nightbell\"", "too large"},
        {"\"exp\":1e999,\"iss\":\"idp\",\"aud\":\"nightbell\"", "claims"},
        {"\"exp\":true,\"iss\":\"idp\",\"aud\":\"nightbell\"", "number of seconds (exp)"},
        {"\"exp\":1900000000,\"nbf\":1800000030,\"iss\":\"idp\",\"aud\":\"nightbell\"", NULL},
        {"\"exp\":1900000000,\"nbf\":1800000031,\"iss\":\"idp\",\"aud\":\"nightbell\"", "not valid yet"},
        {"\"exp\":1900000000,\"nbf\":\"0\",\"iss\":\"idp\",\"aud\":\"nightbell\"", "(nbf)"},
        {"\"exp\":1900000000,\"iat\":1800000030,\"iss\":\"idp\",\"aud\":\"nightbell\"", NULL},
        {"\"exp\":1900000000,\"iat\":1800000031,\"iss\":\"idp\",\"aud\":\"nightbell\"", "in the future"},
        {"\"exp\":1900000000,\"iss\":\"idp2\",\"aud\":\"nightbell\"", "(iss)"},
        {"\"exp\":1900000000,\"iss\":[\"idp\"],\"aud\":\"nightbell\"", "(iss)"},
        {"\"exp\":1900000000,\"aud\":\"nightbell\"", "(iss)"},
        {"\"exp\":1900000000,\"iss\":\"idp\"", "(aud)"},
        {"\"exp\":1900000000,\"iss\":\"idp\",\"aud\":\"Nightbell\"", "(aud)"},
        {"\"exp\":1900000000,\"iss\":\"idp\",\"aud\":[]", "(aud)"},
        {"\"exp\":1900000000,\"iss\":\"idp\",\"aud\":[[\"nightbell\"]]", "(aud)"},
        {"\"exp\":1900000000,\"iss\":\"idp\",\"aud\":{\"nightbell\":1}", "(aud)"},
        {"\"exp\":1900000000,\"exp\":1900000000,\"iss\":\"idp\",\"aud\":\"nightbell\"", "claims"},
        {"\"exp\":1900000000,\"iss\":\"idp\",\"aud\":\"x\",\"aud\":\"nightbell\"", "claims"},
        {"\"exp\":1900000000,\"x\":{\"a\":1,\"a\":2},\"iss\":\"idp\",\"aud\":\"nightbell\"", "claims"},
    };
    struct nb_verification_keys *set = one_secret("HS256");
    struct nb_error err = {0};

    (void)state;
    for (size_t i = 0; i < NB_ARRAY_SIZE(cases); i++) {
        char *claims = nb_asprintf("{%s}", cases[i].claims);
        char *text = jose_sign_secret("HS256", SECRET, strlen(SECRET), HEADER("HS256"), claims);

        if (cases[i].reason)
            refused(text, set, cases[i].reason);
        else if (verify(text, set, &err) != 0)
            fail_msg("%s: %s", claims, err.message);
        free(claims);
        free(text);
    }
    nb_verification_keys_free(&set);
}

static void nothing_is_believed_before_the_signature(void **state)
{
    struct nb_verification_keys *set = one_secret("HS256");
    char *text = jose_sign_secret("HS256", "another secret that is long enough", 34, HEADER("HS256"),
                                  "{\"exp\":1,\"iss\":\"x\"}");

    (void)state;
    refused_free(text, set, "signature is wrong");
    nb_verification_keys_free(&set);
}

static void unchecked_parties_are_the_callers_word(void **state)
{
    struct nb_verification_keys *set = one_secret("HS256");
    char *text = jose_sign_secret("HS256", SECRET, strlen(SECRET), HEADER("HS256"), "{\"exp\":1900000000}");
    struct nb_error err = {0};

    (void)state;
    assert_int_equal(verify_for(text, set, NULL, NULL, &err), 0);
    assert_int_equal(verify_for(text, set, "", NULL, &err), NB_EDENIED);
    assert_int_equal(verify_for(text, set, NULL, "", &err), NB_EDENIED);
    free(text);
    nb_verification_keys_free(&set);
}

static void size_and_depth_are_bounded(void **state)
{
    struct nb_verification_keys *set = one_secret("HS256");
    char *padding = nb_malloc(16385), *claims, *nested;
    struct nb_error err = {0};

    (void)state;
    memset(padding, 'a', 16384);
    padding[16384] = '\0';
    claims = nb_asprintf("{\"exp\":1900000000,\"x\":\"%s\"}", padding);
    refused_free(jose_sign_secret("HS256", SECRET, strlen(SECRET), HEADER("HS256"), claims), set, "larger than 16 KiB");
    memset(padding, '[', 5000);
    padding[5000] = '\0';
    nested = nb_asprintf("{\"exp\":1900000000,\"x\":%s", padding);
    refused_free(jose_sign_secret("HS256", SECRET, strlen(SECRET), HEADER("HS256"), nested), set, "nested");
    assert_int_equal(verify("", set, &err), NB_EDENIED);
    assert_int_equal(verify("..", set, &err), NB_EDENIED);
    assert_int_equal(verify(".", set, &err), NB_EDENIED);
    assert_int_equal(verify("....", set, &err), NB_EDENIED);
    free(padding);
    free(claims);
    free(nested);
    nb_verification_keys_free(&set);
}

UNIT_MAIN_WITH(setup, teardown, cmocka_unit_test(the_examples_of_the_rfcs_are_verified),
               cmocka_unit_test(they_end_in_their_second),
               cmocka_unit_test(every_algorithm_is_verified_and_no_other_passes_for_it),
               cmocka_unit_test(secrets_verify_their_own_algorithm),
               cmocka_unit_test(the_header_never_chooses_the_algorithm),
               cmocka_unit_test(keys_inside_the_token_are_not_looked_at),
               cmocka_unit_test(a_key_id_is_a_name_and_nothing_else), cmocka_unit_test(signatures_have_one_form),
               cmocka_unit_test(salts_have_one_length), cmocka_unit_test(headers_are_understood_or_refused),
               cmocka_unit_test(claims_are_in_order_or_refused),
               cmocka_unit_test(nothing_is_believed_before_the_signature),
               cmocka_unit_test(unchecked_parties_are_the_callers_word), cmocka_unit_test(size_and_depth_are_bounded))
