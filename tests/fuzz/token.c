/* token.c - fuzzes what an identity provider or an attacker sends. The first byte says what: 0 a token, 1 a JWKS,
 * anything else a key file. */
#include "identity/verification_key.h"
#include "identity/token.h"
#include "tests/fuzz/fuzz.h"

#define SECRET "a secret of the fuzzer's that it cannot know, 32 bytes or more"

static void fuzz_token(const char *text)
{
    static struct nb_verification_keys *keys;
    const struct nb_token_expectations any = {.now = 1};
    struct nb_token *token = NULL;
    struct nb_error err = {0};
    int64_t time;

    if (!keys && nb_verification_keys_from_secret(&keys, NULL, (const unsigned char *)SECRET, strlen(SECRET), "HS256",
                                                  NULL) != 0)
        abort();
    if (nb_token_decode(&token, text, &err) == 0) {
        PROMISE(json_is_object(token->header) && json_is_object(token->claims));
        PROMISE(!token->algorithm && text[token->signed_length] == '.');
        if (nb_token_time(&time, token, "exp", &err) == 0)
            PROMISE(time == NB_TIME_NONE || time >= 0);
        nb_token_free(&token);
    } else {
        PROMISE(!token && err.code == NB_EDENIED && err.message[0]);
    }
    PROMISE(nb_token_verify(&token, text, keys, &any, &err) == NB_EDENIED && !token);
}

/* A key that was accepted verifies nothing that it did not sign. */
static void fuzz_keys(const char *text, size_t length, bool is_jwks)
{
    static const char *const names[] = {"HS256", "RS256", "PS256", "ES256", "ES512"};
    static const size_t sizes[] = {32, 256, 256, 64, 132};
    const unsigned char signature[256] = {0};
    struct nb_verification_keys *set = NULL;
    struct nb_error err = {0};
    bool secret = false;
    int rc = is_jwks ? nb_verification_keys_parse_jwks(&set, &secret, text, length, NULL, &err)
                     : nb_verification_keys_parse_key(&set, &secret, text, length, NULL, &err);

    PROMISE((rc == 0) == (set != NULL) && (rc == 0 || err.message[0]));
    for (size_t i = 0; set && i < NB_ARRAY_SIZE(names); i++) {
        const struct nb_verification_key *key = nb_verification_keys_next(set, NULL, NULL, names[i]);

        PROMISE(!key || (key->secret != NULL) == (names[i][0] == 'H'));
        PROMISE(!key || secret || !key->secret);
        PROMISE(!key || !nb_verification_key_verifies(key, "data", 4, signature, sizes[i]));
    }
    nb_verification_keys_free(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data + 1;
    char *token;

    if (size == 0)
        return 0;
    if (data[0] != '0') {
        fuzz_keys(text, size - 1, data[0] == '1');
        return 0;
    }
    token = nb_strndup(text, size - 1);
    fuzz_token(token);
    free(token);
    return 0;
}
