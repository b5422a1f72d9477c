/*
 * verification_keys.c - reads keys from files: a JWKS, one PEM public key, one secret.
 */
#include "config.h"

#include "identity/verification_keys.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/private_file.h"
#include "base/vec.h"
#include "identity/secret.h"
#include "identity/verification_key.h"

#define KEY_FILE_MAX  (64 * 1024)
#define JWKS_FILE_MAX (256 * 1024)
#define KEYS_MAX      100 /* of a JWKS: a token without a key id may be checked against every one of them */

struct nb_verification_keys {
    NB_VEC(struct nb_verification_key) keys;
};

void nb_verification_keys_free(struct nb_verification_keys **set)
{
    if (!*set)
        return;
    for (size_t i = 0; i < (*set)->keys.count; i++)
        nb_verification_key_clear(&(*set)->keys.data[i]);
    nb_free(&(*set)->keys.data);
    nb_free(set);
}

/* A key with an id matches tokens with that id and tokens without one. Ids are only compared, never used to look
 * something up. */
const struct nb_verification_key *nb_verification_keys_next(const struct nb_verification_keys *set,
                                                            const struct nb_verification_key *after, const char *kid,
                                                            const char *algorithm)
{
    for (size_t i = after ? (size_t)(after - set->keys.data) + 1 : 0; i < set->keys.count; i++) {
        const struct nb_verification_key *key = &set->keys.data[i];

        if (strcmp(key->algorithm->name, algorithm) == 0 && (!kid || !key->kid || strcmp(key->kid, kid) == 0))
            return key;
    }
    return NULL;
}

static void set_of_one(struct nb_verification_keys **out, struct nb_verification_key *key)
{
    *out = nb_calloc(1, sizeof(**out));
    nb_vec_push(&(*out)->keys, *key);
}

/* ---- secrets ---- */

int nb_verification_keys_from_secret(struct nb_verification_keys **out, const char *kid, const unsigned char *secret,
                                     size_t size, const char *algorithm, struct nb_error *err)
{
    struct nb_verification_key key = {.secret = nb_malloc(size + 1), .secret_size = size};
    int rc;

    *out = NULL;
    memcpy(key.secret, secret, size);
    if ((rc = nb_verification_key_settle(&key, algorithm, err)) < 0) {
        nb_verification_key_clear(&key);
        return rc;
    }
    key.kid = nb_strdup(kid);
    set_of_one(out, &key);
    return 0;
}

/* ---- one key ---- */

/* Reads "-----BEGIN PUBLIC KEY-----" and PKCS #1's "RSA PUBLIC KEY". */
static int pem_key(struct nb_verification_keys **out, const char *text, size_t length, const char *algorithm,
                   struct nb_error *err)
{
    struct nb_verification_key key = {0};
    const unsigned char *at = (const unsigned char *)text;
    OSSL_DECODER_CTX *context;
    int rc;

    if (memmem(text, length, "PRIVATE KEY-----", strlen("PRIVATE KEY-----"))) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "it is a private key, which only the signer should have");
        return nb_error_hint(err, "openssl pkey -in FILE -pubout writes the public one");
    }
    if (memmem(text, length, "CERTIFICATE-----", strlen("CERTIFICATE-----"))) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY,
                     "it is a certificate, whose validity nobody would check here");
        return nb_error_hint(err, "openssl x509 -in FILE -pubkey -noout writes its key");
    }
    context = OSSL_DECODER_CTX_new_for_pkey(&key.public_key, "PEM", NULL, NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);
    if (!context || !OSSL_DECODER_from_data(context, &at, &length) || !key.public_key) {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "it is not a PEM public key");
    } else {
        rc = nb_verification_key_settle(&key, algorithm, err);
    }
    OSSL_DECODER_CTX_free(context);
    ERR_clear_error();
    if (rc < 0) {
        nb_verification_key_clear(&key);
        return rc;
    }
    set_of_one(out, &key);
    return 0;
}

int nb_verification_keys_parse_key(struct nb_verification_keys **out, bool *secret, const char *text, size_t length,
                                   const char *algorithm, struct nb_error *err)
{
    *out = NULL;
    *secret = true; /* a private key given by mistake is secret too */
    if (memmem(text, length, "-----BEGIN", strlen("-----BEGIN"))) {
        *secret = memmem(text, length, "PRIVATE KEY-----", strlen("PRIVATE KEY-----")) != NULL;
        return pem_key(out, text, length, algorithm, err);
    }
    if (nb_is_jwk(text, length)) {
        nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "it is a JSON Web Key");
        return nb_error_hint(err, "name it with --jwks");
    }
    return nb_verification_keys_from_secret(out, NULL, (const unsigned char *)text, nb_secret_length(text, length),
                                            algorithm, err);
}

/* ---- a JWKS ---- */

/* Skips keys that are not for us, as RFC 7517 says; where none is left, returns the first reason. */
static int take_keys(struct nb_verification_keys *set, bool *secret, const json_t *list, const char *algorithm,
                     struct nb_error *err)
{
    struct nb_error first = {0};
    size_t index;
    json_t *jwk;

    if (json_array_size(list) > KEYS_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "there are more than %d keys", KEYS_MAX);
    json_array_foreach(list, index, jwk)
    {
        struct nb_error why = {0};
        struct nb_verification_key key;

        if (nb_verification_key_from_jwk(&key, secret, jwk, algorithm, &why) == 0)
            nb_vec_push(&set->keys, key);
        else if (!first.code)
            first = why;
    }
    if (set->keys.count > 0)
        return 0;
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "there is no key that can be used: %s",
                        first.code ? first.message : "the list is empty");
}

int nb_verification_keys_parse_jwks(struct nb_verification_keys **out, bool *secret, const char *text, size_t length,
                                    const char *algorithm, struct nb_error *err)
{
    json_auto_t *object = NULL, *list = NULL;
    int rc;

    *out = NULL;
    *secret = false;
    if (algorithm && (rc = nb_algorithm_check(algorithm, err)) < 0)
        return rc;
    if ((rc = nb_json_parse(&object, text, length, err)) < 0)
        return rc;
    if (json_object_get(object, "kty")) { /* a single key */
        list = json_pack("[O]", object);
    } else {
        list = json_incref(json_object_get(object, "keys"));
        if (!json_is_array(list))
            return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "it is not a JSON Web Key Set: no list \"keys\"");
    }
    *out = nb_calloc(1, sizeof(**out));
    if ((rc = take_keys(*out, secret, list, algorithm, err)) < 0)
        nb_verification_keys_free(out);
    return rc;
}

/* ---- files ---- */

typedef int parser(struct nb_verification_keys **out, bool *secret, const char *text, size_t length,
                   const char *algorithm, struct nb_error *err);

static int read_file(struct nb_verification_keys **out, const char *path, const char *algorithm, parser *parse,
                     size_t limit, struct nb_error *err)
{
    struct nb_private_file file;
    struct nb_error why = {0};
    bool secret = false;
    int rc = nb_private_file_read(&file, path, "key file", limit, err);

    *out = NULL;
    if (rc < 0)
        return rc;
    rc = parse(out, &secret, file.data, file.length, algorithm, &why);
    if (rc == NB_OK || secret) { /* a secret that others can read is reported before one that is too short */
        int access = nb_private_file_check(&file, path, "key file", secret, err);

        if (access < 0) {
            nb_verification_keys_free(out);
            nb_private_file_clear(&file);
            return access;
        }
    }
    if (rc == NB_EUSAGE) { /* the option is wrong, not the file */
        *err = why;
    } else if (rc < 0) {
        nb_error_set(err, why.code, why.domain, "key file %s: %s", path, why.message);
        if (why.hint[0])
            nb_error_hint(err, "%s", why.hint);
    }
    nb_private_file_clear(&file);
    return rc;
}

int nb_verification_keys_read_jwks(struct nb_verification_keys **out, const char *path, const char *algorithm,
                                   struct nb_error *err)
{
    return read_file(out, path, algorithm, nb_verification_keys_parse_jwks, JWKS_FILE_MAX, err);
}

int nb_verification_keys_read_key(struct nb_verification_keys **out, const char *path, const char *algorithm,
                                  struct nb_error *err)
{
    return read_file(out, path, algorithm, nb_verification_keys_parse_key, KEY_FILE_MAX, err);
}
