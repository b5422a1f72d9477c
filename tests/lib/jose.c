/*
 * jose.c - makes tokens and keys for tests with OpenSSL.
 */
#include "tests/lib/jose.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #condition);                                           \
            exit(99);                                                                                                  \
        }                                                                                                              \
    } while (0)

char *jose_encode(const void *bytes, size_t size)
{
    char *text = nb_calloc(size / 3 * 4 + 6, 1);

    EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    text[strcspn(text, "=")] = '\0';
    for (char *c = text; *c; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    return text;
}

/* ---- keys ---- */

EVP_PKEY *jose_rsa_key(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);

    MUST(key);
    return key;
}

EVP_PKEY *jose_ec_key(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);

    MUST(key);
    return key;
}

static char *text_of(BIO *bio)
{
    char *data = NULL;
    long length = BIO_get_mem_data(bio, &data);
    char *text = nb_strndup(data, (size_t)length);

    BIO_free(bio);
    return text;
}

char *jose_public_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_PUBKEY(bio, key) == 1);
    return text_of(bio);
}

char *jose_private_pem(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());

    MUST(PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    return text_of(bio);
}

static char *number(EVP_PKEY *key, const char *name, int size)
{
    unsigned char bytes[2048];
    BIGNUM *value = NULL;
    char *text;

    MUST(EVP_PKEY_get_bn_param(key, name, &value) == 1);
    if (size == 0)
        size = BN_num_bytes(value);
    MUST(BN_bn2binpad(value, bytes, size) == size);
    text = jose_encode(bytes, (size_t)size);
    BN_free(value);
    return text;
}

char *jose_jwk(EVP_PKEY *key, const char *more)
{
    bool is_rsa = EVP_PKEY_is_a(key, "RSA");
    int bits = EVP_PKEY_get_bits(key), size = is_rsa ? 0 : (bits + 7) / 8;
    char *first = number(key, is_rsa ? OSSL_PKEY_PARAM_RSA_N : OSSL_PKEY_PARAM_EC_PUB_X, size);
    char *second = number(key, is_rsa ? OSSL_PKEY_PARAM_RSA_E : OSSL_PKEY_PARAM_EC_PUB_Y, size);
    char *text = is_rsa ? nb_asprintf("{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"%s}", first, second, more)
                        : nb_asprintf("{\"kty\":\"EC\",\"crv\":\"P-%d\",\"x\":\"%s\",\"y\":\"%s\"%s}", bits, first,
                                      second, more);

    free(first);
    free(second);
    return text;
}

/* ---- signatures ---- */

static const char *digest_of(const char *algorithm)
{
    static const char *const digests[][2] = {{"256", "SHA256"}, {"384", "SHA384"}, {"512", "SHA512"}};

    const char *digest = NULL;

    for (size_t i = 0; i < NB_ARRAY_SIZE(digests); i++)
        if (strcmp(algorithm + 2, digests[i][0]) == 0)
            digest = digests[i][1];
    MUST(digest != NULL);
    return digest;
}

static char *signed_part(const char *header, const char *claims)
{
    char *first = jose_encode(header, strlen(header)), *second = jose_encode(claims, strlen(claims));
    char *text = nb_asprintf("%s.%s", first, second);

    free(first);
    free(second);
    return text;
}

static char *join(char *signed_text, const void *signature, size_t size)
{
    char *encoded = jose_encode(signature, size), *token = nb_asprintf("%s.%s", signed_text, encoded);

    free(signed_text);
    free(encoded);
    return token;
}

/* Turns DER into the two numbers side by side. */
static size_t raw_ecdsa(unsigned char *signature, size_t size, EVP_PKEY *key)
{
    const unsigned char *at = signature;
    int half = (EVP_PKEY_get_bits(key) + 7) / 8;
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &at, (long)size);

    MUST(numbers);
    BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, half);
    BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + half, half);
    ECDSA_SIG_free(numbers);
    return 2 * (size_t)half;
}

char *jose_sign_salted(const char *algorithm, EVP_PKEY *key, int salt_length, const char *header, const char *claims)
{
    char *text = signed_part(header, claims);
    unsigned char signature[2048];
    size_t size = sizeof(signature);
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL;

    MUST(EVP_DigestSignInit_ex(digest, &context, digest_of(algorithm), NULL, NULL, key, NULL) == 1);
    if (algorithm[0] == 'P') {
        MUST(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0);
        MUST(EVP_PKEY_CTX_set_rsa_pss_saltlen(context, salt_length) > 0);
    }
    MUST(EVP_DigestSign(digest, signature, &size, (unsigned char *)text, strlen(text)) == 1);
    EVP_MD_CTX_free(digest);
    if (algorithm[0] == 'E')
        size = raw_ecdsa(signature, size, key);
    return join(text, signature, size);
}

char *jose_sign(const char *algorithm, EVP_PKEY *key, const char *header, const char *claims)
{
    return jose_sign_salted(algorithm, key, RSA_PSS_SALTLEN_DIGEST, header, claims);
}

char *jose_sign_secret(const char *algorithm, const void *secret, size_t size, const char *header, const char *claims)
{
    char *text = signed_part(header, claims);
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_MD *digest = EVP_MD_fetch(NULL, digest_of(algorithm), NULL);

    MUST(HMAC(digest, secret, (int)size, (unsigned char *)text, strlen(text), signature, &length));
    EVP_MD_free(digest);
    return join(text, signature, length);
}
