/*
 * vapid.c - the key by OpenSSL, the tokens (ES256) by libjwt.
 */
#include "channels/vapid.h"

#include <errno.h>
#include <jwt.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/vec.h"

#define POINT_SIZE  65          /* of P-256, uncompressed */
#define LIFETIME_S  (12 * 3600) /* RFC 8292 allows 24 hours */
#define RENEWED_S   3600        /* before it ends */
#define ORIGINS_MAX 64          /* users name them; there are a handful of real ones */

struct token {
    char *origin, *authorization;
    int64_t expires_s;
};

struct nb_vapid {
    char *pem, *subject;
    struct nb_strbuf public_key;
    NB_VEC(struct token) tokens;
};

/* ---- the key ---- */

void nb_vapid_generate(struct nb_strbuf *pem)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    char *text;
    long length;

    if (!key || !bio || PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
        nb_fatal("libcrypto: no key of P-256");
    length = BIO_get_mem_data(bio, &text);
    nb_strbuf_append_n(pem, text, (size_t)length);
    OPENSSL_cleanse(text, (size_t)length);
    BIO_free(bio);
    EVP_PKEY_free(key);
}

static bool is_p256(EVP_PKEY *key)
{
    char group[32];

    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static int read_key(struct nb_strbuf *public_key, const char *pem, struct nb_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, (void *)"") : NULL;
    unsigned char point[POINT_SIZE];
    size_t size = 0;
    int rc = 0;

    if (key && is_p256(key)) {
        EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, point, sizeof(point), &size);
    }
    if (size == POINT_SIZE) {
        nb_base64url_append(public_key, point, size);
    } else {
        rc = nb_error_set(err, NB_EINVALID, NB_DOMAIN_CONFIG, "expected a private key of P-256 as PEM");
        nb_error_hint(err, "nightbell channels vapid-key makes one");
    }
    ERR_clear_error();
    EVP_PKEY_free(key);
    BIO_free(bio);
    return rc;
}

int nb_vapid_new(struct nb_vapid **out, const char *pem, const char *subject, struct nb_error *err)
{
    struct nb_vapid *vapid = nb_calloc(1, sizeof(*vapid));
    int rc;

    *out = NULL;
    nb_strbuf_init(&vapid->public_key, 128);
    if ((rc = read_key(&vapid->public_key, pem, err)) < 0) {
        nb_vapid_free(&vapid);
        return rc;
    }
    vapid->pem = nb_strdup(pem);
    vapid->subject = nb_strdup(subject);
    *out = vapid;
    return 0;
}

static void clear_token(struct token *token)
{
    free(token->origin);
    free(token->authorization);
}

void nb_vapid_free(struct nb_vapid **out)
{
    struct nb_vapid *vapid = *out;

    if (!vapid)
        return;
    for (size_t i = 0; i < vapid->tokens.count; i++)
        clear_token(&vapid->tokens.data[i]);
    nb_vec_clear(&vapid->tokens);
    if (vapid->pem)
        explicit_bzero(vapid->pem, strlen(vapid->pem));
    free(vapid->pem);
    free(vapid->subject);
    nb_strbuf_clear(&vapid->public_key);
    nb_free(out);
}

const char *nb_vapid_public_key(const struct nb_vapid *vapid)
{
    return vapid->public_key.data;
}

/* ---- tokens ---- */

static int sign(char **out, const struct nb_vapid *vapid, const char *origin, int64_t expires_s, struct nb_error *err)
{
    char *encoded = NULL;
    jwt_t *jwt = NULL;
    int rc;

    if ((rc = jwt_new(&jwt)) == 0 && (rc = jwt_add_grant(jwt, "aud", origin)) == 0 &&
        (rc = jwt_add_grant_int(jwt, "exp", (long)expires_s)) == 0 &&
        (rc = jwt_add_grant(jwt, "sub", vapid->subject)) == 0 &&
        (rc = jwt_set_alg(jwt, JWT_ALG_ES256, (const unsigned char *)vapid->pem, (int)strlen(vapid->pem))) == 0) {
        encoded = jwt_encode_str(jwt);
        rc = encoded ? 0 : errno;
    }
    jwt_free(jwt);
    if (rc != 0)
        return nb_error_errno(err, rc, "sign a VAPID token");
    *out = nb_asprintf("vapid t=%s, k=%s", encoded, vapid->public_key.data);
    free(encoded);
    return 0;
}

static struct token *find_token(struct nb_vapid *vapid, const char *origin)
{
    for (size_t i = 0; i < vapid->tokens.count; i++)
        if (strcmp(vapid->tokens.data[i].origin, origin) == 0)
            return &vapid->tokens.data[i];
    return NULL;
}

int nb_vapid_authorization(const char **out, struct nb_vapid *vapid, const char *origin, int64_t now,
                           struct nb_error *err)
{
    int64_t now_s = now / 1000000;
    struct token *found = find_token(vapid, origin), token;
    int rc;

    if (!found || found->expires_s - RENEWED_S <= now_s || found->expires_s - LIFETIME_S > now_s) {
        token = (struct token){.expires_s = now_s + LIFETIME_S};
        if ((rc = sign(&token.authorization, vapid, origin, token.expires_s, err)) < 0)
            return rc;
        token.origin = nb_strdup(origin);
        if (!found && vapid->tokens.count == ORIGINS_MAX)
            found = &vapid->tokens.data[0];
        if (found) {
            clear_token(found);
            nb_vec_remove(&vapid->tokens, (size_t)(found - vapid->tokens.data));
        }
        nb_vec_push(&vapid->tokens, token); /* the oldest is the first */
        found = nb_vec_last(&vapid->tokens);
    }
    *out = found->authorization;
    return 0;
}
