/*
 * signing.c - HMAC-SHA-256 and ed25519 by OpenSSL.
 */
#include "channels/signing.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define DIGEST_SIZE    32
#define SIGNATURE_SIZE 64

struct nb_signing {
    unsigned char *key;
    size_t key_length;
    EVP_MAC_CTX *mac;      /* looked up once: that costs more than a signature */
    EVP_PKEY *private_key; /* ed25519, of v1a */
};

static EVP_MAC_CTX *open_mac(void)
{
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
                               OSSL_PARAM_END};
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = hmac ? EVP_MAC_CTX_new(hmac) : NULL;

    EVP_MAC_free(hmac);
    if (!mac || EVP_MAC_CTX_set_params(mac, parameters) != 1)
        nb_fatal("libcrypto: no HMAC");
    return mac;
}

static void authenticate(unsigned char out[DIGEST_SIZE], EVP_MAC_CTX *mac, const void *key, size_t key_length,
                         const void *data, size_t length)
{
    size_t size;

    if (EVP_MAC_init(mac, key, key_length, NULL) != 1 || EVP_MAC_update(mac, data, length) != 1 ||
        EVP_MAC_final(mac, out, &size, DIGEST_SIZE) != 1 || size != DIGEST_SIZE)
        nb_fatal("libcrypto: no HMAC");
}

int nb_signing_new(struct nb_signing **out, const char *key, size_t length, struct nb_error *err)
{
    static const char label[] = "nightbell webhook ed25519";
    struct nb_signing *signing;
    unsigned char seed[DIGEST_SIZE];

    *out = NULL;
    if (length < NB_SIGNING_KEY_MIN) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "the key has %zu bytes, at least %d are needed", length,
                     NB_SIGNING_KEY_MIN);
        nb_error_hint(err, "openssl rand -base64 48 makes one");
        return NB_EINVALID;
    }
    signing = nb_calloc(1, sizeof(*signing));
    signing->key = nb_malloc(length);
    memcpy(signing->key, key, length);
    signing->key_length = length;
    signing->mac = open_mac();
    authenticate(seed, signing->mac, key, length, label, strlen(label));
    signing->private_key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof(seed));
    explicit_bzero(seed, sizeof(seed));
    if (!signing->private_key)
        nb_fatal("libcrypto: no ed25519");
    *out = signing;
    return 0;
}

void nb_signing_free(struct nb_signing **out)
{
    struct nb_signing *signing = *out;

    if (!signing)
        return;
    EVP_PKEY_free(signing->private_key);
    EVP_MAC_CTX_free(signing->mac);
    explicit_bzero(signing->key, signing->key_length);
    free(signing->key);
    nb_free(out);
}

static void derive(unsigned char secret[DIGEST_SIZE], const struct nb_signing *signing, const struct nb_uuid *endpoint,
                   int version)
{
    char id[NB_UUID_TEXT_SIZE], label[100];
    int length =
        snprintf(label, sizeof(label), "nightbell webhook secret %s %d", nb_uuid_format(endpoint, id), version);

    authenticate(secret, signing->mac, signing->key, signing->key_length, label, (size_t)length);
}

void nb_signing_secret(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_uuid *endpoint,
                       int version)
{
    unsigned char secret[DIGEST_SIZE];

    derive(secret, signing, endpoint, version);
    nb_strbuf_append(out, "whsec_");
    nb_base64_append(out, secret, sizeof(secret));
    explicit_bzero(secret, sizeof(secret));
}

void nb_signing_public_key(struct nb_strbuf *out, const struct nb_signing *signing)
{
    unsigned char bytes[DIGEST_SIZE];
    size_t size = sizeof(bytes);

    if (EVP_PKEY_get_raw_public_key(signing->private_key, bytes, &size) != 1)
        nb_fatal("libcrypto: no public key");
    nb_strbuf_append(out, "whpk_");
    nb_base64_append(out, bytes, size);
}

/* ID.TIMESTAMP.BODY */
static void signed_text(struct nb_strbuf *out, const struct nb_signed *what)
{
    nb_strbuf_init(out, strlen(what->id) + what->body_length + 32);
    nb_strbuf_appendf(out, "%s.%" PRId64 ".", what->id, what->timestamp);
    nb_strbuf_append_n(out, what->body, what->body_length);
}

static void append_signature(struct nb_strbuf *out, const char *scheme, const unsigned char *signature, size_t size)
{
    nb_strbuf_appendf(out, "%s%s,", out->length > 0 ? " " : "", scheme);
    nb_base64_append(out, signature, size);
}

void nb_signing_sign(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_uuid *endpoint,
                     int version, const struct nb_signed *what)
{
    unsigned char secret[DIGEST_SIZE], signature[DIGEST_SIZE];
    struct nb_strbuf text;

    derive(secret, signing, endpoint, version);
    signed_text(&text, what);
    authenticate(signature, signing->mac, secret, sizeof(secret), text.data, text.length);
    explicit_bzero(secret, sizeof(secret));
    append_signature(out, "v1", signature, sizeof(signature));
    nb_strbuf_clear(&text);
}

void nb_signing_sign_public(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_signed *what)
{
    unsigned char signature[SIGNATURE_SIZE];
    size_t size = sizeof(signature);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    struct nb_strbuf text;

    signed_text(&text, what);
    if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, signing->private_key) != 1 ||
        EVP_DigestSign(context, signature, &size, (const unsigned char *)text.data, text.length) != 1)
        nb_fatal("libcrypto: no signature");
    append_signature(out, "v1a", signature, size);
    EVP_MD_CTX_free(context);
    nb_strbuf_clear(&text);
}
