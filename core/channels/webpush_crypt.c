/*
 * webpush_crypt.c - ECDH on P-256, HKDF-SHA-256 and AES-128-GCM by OpenSSL.
 */
#include "channels/webpush_crypt.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/limits.h"
#include "channels/http_send.h"

#define SECRET_SIZE 32
#define KEY_SIZE    16
#define NONCE_SIZE  12
#define TAG_SIZE    16
#define HEADER_SIZE (NB_WEBPUSH_SALT + 4 + 1 + NB_WEBPUSH_POINT)

_Static_assert(HEADER_SIZE + NB_WEBPUSH_TEXT_MAX + 1 + TAG_SIZE == NB_WEBPUSH_BODY_MAX, "the text fills the body");

struct nb_webpush_crypt {
    EVP_KDF_CTX *hkdf;
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *cipher_context;
    EVP_PKEY_CTX *generator;
    EVP_PKEY *parameters; /* the curve, to copy for the keys of subscriptions */
};

/* ---- subscriptions ---- */

/* A member of `keys` that is `size` bytes in base64url; padding, which some clients add, is ignored. */
static int read_bytes(unsigned char *out, size_t size, const json_t *keys, const char *name, struct nb_error *err)
{
    const char *text = json_string_value(json_object_get(keys, name));
    size_t length = text ? strlen(text) : 0, got = 0;
    unsigned char *bytes;

    while (length > 0 && text[length - 1] == '=')
        length--;
    bytes = text ? nb_base64url_decode(text, length, &got) : NULL;
    if (bytes && got == size)
        memcpy(out, bytes, size);
    free(bytes);
    if (got != size)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT,
                            "the subscription's keys.%s: expected %zu bytes in base64url", name, size);
    return 0;
}

int nb_subscription_parse(struct nb_subscription *out, const char *json, struct nb_error *err)
{
    json_t *root = NULL, *keys;
    const char *endpoint;
    int rc;

    memset(out, 0, sizeof(*out));
    if (nb_json_parse(&root, json, strlen(json), NULL) < 0 || !json_is_object(root)) {
        json_decref(root);
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "expected a push subscription as JSON");
    }
    keys = json_object_get(root, "keys");
    endpoint = json_string_value(json_object_get(root, "endpoint"));
    if (!endpoint)
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the subscription has no endpoint");
    else if ((rc = nb_http_check_url(endpoint, NB_LINK_MAX, err)) == 0 &&
             (rc = read_bytes(out->key, sizeof(out->key), keys, "p256dh", err)) == 0 &&
             (rc = read_bytes(out->auth, sizeof(out->auth), keys, "auth", err)) == 0)
        out->endpoint = nb_strdup(endpoint);
    json_decref(root);
    return rc;
}

void nb_subscription_clear(struct nb_subscription *subscription)
{
    nb_free(&subscription->endpoint);
    explicit_bzero(subscription->auth, sizeof(subscription->auth));
}

/* ---- algorithms ---- */

int nb_webpush_crypt_new(struct nb_webpush_crypt **out, struct nb_error *err)
{
    struct nb_webpush_crypt *crypt = nb_calloc(1, sizeof(*crypt));
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);

    *out = NULL;
    crypt->hkdf = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    EVP_KDF_free(kdf);
    crypt->cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    crypt->cipher_context = EVP_CIPHER_CTX_new();
    crypt->generator = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (crypt->hkdf && crypt->cipher && crypt->cipher_context && crypt->generator &&
        EVP_PKEY_keygen_init(crypt->generator) == 1 && EVP_PKEY_CTX_set_group_name(crypt->generator, "P-256") == 1 &&
        EVP_PKEY_generate(crypt->generator, &crypt->parameters) == 1) {
        *out = crypt;
        return 0;
    }
    ERR_clear_error();
    nb_webpush_crypt_free(&crypt);
    return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "libcrypto has no P-256, HKDF or AES-128-GCM");
}

void nb_webpush_crypt_free(struct nb_webpush_crypt **out)
{
    struct nb_webpush_crypt *crypt = *out;

    if (!crypt)
        return;
    EVP_KDF_CTX_free(crypt->hkdf);
    EVP_CIPHER_free(crypt->cipher);
    EVP_CIPHER_CTX_free(crypt->cipher_context);
    EVP_PKEY_CTX_free(crypt->generator);
    EVP_PKEY_free(crypt->parameters);
    nb_free(out);
}

static bool hkdf(struct nb_webpush_crypt *crypt, unsigned char *out, size_t size, const unsigned char *salt,
                 size_t salt_size, const unsigned char *secret, const void *info, size_t info_size)
{
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, SECRET_SIZE),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_size),
        OSSL_PARAM_END,
    };

    EVP_KDF_CTX_reset(crypt->hkdf);
    return EVP_KDF_derive(crypt->hkdf, out, size, parameters) == 1;
}

/* ---- encrypting ---- */

/* The secret that the key shares with the subscription's. False where that is no point of the curve. */
static bool agree(unsigned char secret[SECRET_SIZE], struct nb_webpush_crypt *crypt, EVP_PKEY *key,
                  const struct nb_subscription *subscription)
{
    EVP_PKEY *peer = EVP_PKEY_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    size_t size = SECRET_SIZE;
    bool agreed = peer && context && EVP_PKEY_copy_parameters(peer, crypt->parameters) == 1 &&
                  EVP_PKEY_set1_encoded_public_key(peer, subscription->key, NB_WEBPUSH_POINT) == 1 &&
                  EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1 &&
                  EVP_PKEY_derive(context, secret, &size) == 1 && size == SECRET_SIZE;

    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(peer);
    return agreed;
}

/* RFC 8291, 3.4, then RFC 8188, 2.2 and 2.3. */
static bool derive_keys(unsigned char key[KEY_SIZE], unsigned char nonce[NONCE_SIZE], struct nb_webpush_crypt *crypt,
                        const struct nb_subscription *subscription, const unsigned char shared[SECRET_SIZE],
                        const unsigned char sender[NB_WEBPUSH_POINT], const unsigned char salt[NB_WEBPUSH_SALT])
{
    static const char label[] = "WebPush: info", key_label[] = "Content-Encoding: aes128gcm",
                      nonce_label[] = "Content-Encoding: nonce"; /* each with its NUL */
    unsigned char info[sizeof(label) + 2 * NB_WEBPUSH_POINT], secret[SECRET_SIZE];
    bool derived;

    memcpy(info, label, sizeof(label));
    memcpy(info + sizeof(label), subscription->key, NB_WEBPUSH_POINT);
    memcpy(info + sizeof(label) + NB_WEBPUSH_POINT, sender, NB_WEBPUSH_POINT);
    derived = hkdf(crypt, secret, SECRET_SIZE, subscription->auth, NB_WEBPUSH_AUTH, shared, info, sizeof(info)) &&
              hkdf(crypt, key, KEY_SIZE, salt, NB_WEBPUSH_SALT, secret, key_label, sizeof(key_label)) &&
              hkdf(crypt, nonce, NONCE_SIZE, salt, NB_WEBPUSH_SALT, secret, nonce_label, sizeof(nonce_label));
    explicit_bzero(secret, sizeof(secret));
    return derived;
}

/* One record, the last one: the text, the byte 2, no padding. */
static bool encrypt_record(unsigned char *out, struct nb_webpush_crypt *crypt, const char *text, size_t length,
                           const unsigned char key[KEY_SIZE], const unsigned char nonce[NONCE_SIZE])
{
    static const unsigned char last = 2;
    EVP_CIPHER_CTX *context = crypt->cipher_context;
    int written = 0, end = 0, rest = 0;

    return EVP_EncryptInit_ex2(context, crypt->cipher, key, nonce, NULL) == 1 &&
           EVP_EncryptUpdate(context, out, &written, (const unsigned char *)text, (int)length) == 1 &&
           EVP_EncryptUpdate(context, out + written, &end, &last, 1) == 1 &&
           EVP_EncryptFinal_ex(context, out + written + end, &rest) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, out + written + end + rest) == 1;
}

static int encrypt(unsigned char *body, struct nb_webpush_crypt *crypt, const struct nb_subscription *subscription,
                   const char *text, size_t length, EVP_PKEY *pair, struct nb_error *err)
{
    unsigned char shared[SECRET_SIZE], key[KEY_SIZE], nonce[NONCE_SIZE];
    unsigned char *sender = body + NB_WEBPUSH_SALT + 5;
    size_t size = 0;
    bool done;

    if (!agree(shared, crypt, pair, subscription)) {
        ERR_clear_error();
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "the subscription's keys.p256dh is no point of P-256");
    }
    done = EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, sender, NB_WEBPUSH_POINT, &size) &&
           size == NB_WEBPUSH_POINT && derive_keys(key, nonce, crypt, subscription, shared, sender, body) &&
           encrypt_record(body + HEADER_SIZE, crypt, text, length, key, nonce);
    explicit_bzero(shared, sizeof(shared));
    explicit_bzero(key, sizeof(key));
    if (done)
        return 0;
    ERR_clear_error();
    return nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "libcrypto could not encrypt");
}

int nb_webpush_encrypt_with(struct nb_strbuf *out, struct nb_webpush_crypt *crypt,
                            const struct nb_subscription *subscription, const char *text, size_t length, EVP_PKEY *key,
                            const unsigned char salt[NB_WEBPUSH_SALT], struct nb_error *err)
{
    static const unsigned char sizes[] = {0, 0, NB_WEBPUSH_BODY_MAX >> 8, NB_WEBPUSH_BODY_MAX & 255, NB_WEBPUSH_POINT};
    unsigned char body[NB_WEBPUSH_BODY_MAX];
    int rc;

    if (length > NB_WEBPUSH_TEXT_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_INPUT, "a push message has %d bytes at most",
                            NB_WEBPUSH_TEXT_MAX);
    memcpy(body, salt, NB_WEBPUSH_SALT);
    memcpy(body + NB_WEBPUSH_SALT, sizes, sizeof(sizes));
    if ((rc = encrypt(body, crypt, subscription, text, length, key, err)) == 0)
        nb_strbuf_append_n(out, (const char *)body, HEADER_SIZE + length + 1 + TAG_SIZE);
    return rc;
}

int nb_webpush_encrypt(struct nb_strbuf *out, struct nb_webpush_crypt *crypt,
                       const struct nb_subscription *subscription, const char *text, size_t length,
                       struct nb_error *err)
{
    unsigned char salt[NB_WEBPUSH_SALT];
    EVP_PKEY *key = NULL;
    int rc;

    if (RAND_bytes(salt, sizeof(salt)) == 1 && EVP_PKEY_generate(crypt->generator, &key) == 1)
        rc = nb_webpush_encrypt_with(out, crypt, subscription, text, length, key, salt, err);
    else
        rc = nb_error_set(err, NB_EFAILED, NB_DOMAIN_SYSTEM, "libcrypto could not make a key");
    EVP_PKEY_free(key);
    return rc;
}
