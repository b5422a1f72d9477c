/*
 * secret.c - what may be a secret: long enough, and nothing that others know.
 */
#include "config.h"

#include "identity/secret.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "identity/algorithm.h"

#define SECRET_MAX 1024

static bool begins_with(const char *text, size_t length, const char *beginning)
{
    return length >= strlen(beginning) && memcmp(text, beginning, strlen(beginning)) == 0;
}

/* Whether the bytes are a public key, or a certificate with one, in DER. */
static bool is_der_key(const unsigned char *bytes, size_t size)
{
    const unsigned char *spki = bytes, *pkcs1 = bytes, *x509 = bytes;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &spki, (long)size);
    X509 *certificate = NULL;
    bool is;

    if (!key)
        key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &pkcs1, (long)size);
    if (!key)
        certificate = d2i_X509(NULL, &x509, (long)size);
    is = key || certificate;
    EVP_PKEY_free(key);
    X509_free(certificate);
    ERR_clear_error();
    return is;
}

/* Whether the text is such a key in base64: a PEM file without its BEGIN and END lines. */
static bool is_der_key_in_base64(const unsigned char *text, size_t length)
{
    unsigned char *bytes = nb_malloc(length + 4);
    EVP_ENCODE_CTX *context = EVP_ENCODE_CTX_new();
    int size = 0, rest = 0;
    bool is;

    if (!context)
        nb_fatal("out of memory");
    EVP_DecodeInit(context);
    is = EVP_DecodeUpdate(context, bytes, &size, text, (int)length) >= 0 &&
         EVP_DecodeFinal(context, bytes + size, &rest) >= 0 && size + rest > 0 &&
         is_der_key(bytes, (size_t)(size + rest));
    EVP_ENCODE_CTX_free(context);
    explicit_bzero(bytes, length + 4);
    free(bytes);
    return is;
}

bool nb_is_jwk(const char *text, size_t length)
{
    json_t *value = NULL;
    bool is = nb_json_parse(&value, text, length, NULL) == 0 &&
              (json_object_get(value, "kty") || json_object_get(value, "keys"));

    json_decref(value);
    return is;
}

int nb_secret_check(const unsigned char *secret, size_t size, const char *algorithm, struct nb_error *err)
{
    static const char *const beginnings[] = {"ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-"};
    const char *text = (const char *)secret;
    const struct nb_algorithm *known = nb_algorithm_find(algorithm);
    bool is_key = memmem(secret, size, "-----BEGIN", strlen("-----BEGIN")) != NULL;

    if (!known || known->family != NB_FAMILY_HS)
        return nb_error_set(err, NB_EUSAGE, NB_DOMAIN_IDENTITY, "a secret is for HS256, HS384 or HS512");
    if (size < known->digest_size) /* RFC 7518, 3.2 */
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the secret has %zu bytes, and %s needs %zu or more",
                            size, known->name, known->digest_size);
    if (size > SECRET_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the secret has more than %d bytes", SECRET_MAX);
    for (size_t i = 0; i < NB_ARRAY_SIZE(beginnings) && !is_key; i++)
        is_key = begins_with(text, size, beginnings[i]);
    if (is_key || is_der_key(secret, size) || is_der_key_in_base64(secret, size) || nb_is_jwk(text, size))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY,
                            "what is given as a secret is a key or a certificate, which others know");
    return 0;
}

/* A typed or edited secret ends in a newline that does not belong to it; a secret of random bytes is taken as it is. */
size_t nb_secret_length(const char *text, size_t length)
{
    size_t end = length;

    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];

        if ((c < 0x20 && c != '\n' && c != '\r' && c != '\t') || c >= 0x7f)
            return length;
    }
    if (end > 0 && text[end - 1] == '\n')
        end--;
    if (end > 0 && end < length && text[end - 1] == '\r')
        end--;
    return end;
}
