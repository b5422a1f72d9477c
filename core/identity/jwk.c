/*
 * jwk.c - reads a JSON Web Key (RFC 7517, 7518): its use, its algorithm, its numbers.
 */
#include "identity/verification_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"

#define NUMBER_MAX 1024 /* bytes of a key's largest number */

static int broken(struct nb_error *err, const char *what)
{
    return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the key's %s is missing or malformed", what);
}

static const char *text_member(const json_t *jwk, const char *name)
{
    return json_string_value(json_object_get(jwk, name));
}

/* The bytes of a member in base64url; NULL where it is missing, malformed or too large. */
static unsigned char *bytes_member(const json_t *jwk, const char *name, size_t *size)
{
    const json_t *member = json_object_get(jwk, name);
    unsigned char *bytes = NULL;

    *size = 0;
    if (json_is_string(member))
        bytes = nb_base64url_decode(json_string_value(member), json_string_length(member), size);
    if (bytes && (*size == 0 || *size > NUMBER_MAX))
        nb_free(&bytes);
    return bytes;
}

/* ---- what it is for ---- */

static bool lists_verify(const json_t *operations)
{
    size_t index;
    json_t *operation;

    json_array_foreach(operations, index, operation)
    {
        const char *name = json_string_value(operation);

        if (name && strcmp(name, "verify") == 0)
            return true;
    }
    return false;
}

static int check_use(const json_t *jwk, struct nb_error *err)
{
    const json_t *use = json_object_get(jwk, "use"), *operations = json_object_get(jwk, "key_ops");

    if (use && (!json_is_string(use) || strcmp(json_string_value(use), "sig") != 0))
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "the key is not for signatures (use)");
    if (operations && !lists_verify(operations))
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "the key is not for verifying (key_ops)");
    return 0;
}

/* The key's own algorithm, or the caller's where the key names none. */
static int choose_algorithm(const char **out, const json_t *jwk, const char *named, struct nb_error *err)
{
    const json_t *member = json_object_get(jwk, "alg");

    *out = named;
    if (!member)
        return 0;
    *out = json_string_value(member);
    if (!nb_algorithm_find(*out))
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY,
                            "the key is for an algorithm that is not used here (alg)");
    if (named && strcmp(named, *out) != 0)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "the key is for %s, not for %s", *out, named);
    return 0;
}

/* ---- its numbers ---- */

static EVP_PKEY *make_key(const char *kind, OSSL_PARAM_BLD *build)
{
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    EVP_PKEY *key = NULL;

    if (!params || !context || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    ERR_clear_error();
    return key;
}

static int rsa_key(EVP_PKEY **out, const json_t *jwk, struct nb_error *err)
{
    size_t n_size, e_size;
    unsigned char *n_bytes = bytes_member(jwk, "n", &n_size), *e_bytes = bytes_member(jwk, "e", &e_size);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = NULL, *e = NULL;
    int rc = 0;

    if (!n_bytes || !e_bytes) {
        rc = broken(err, "n or e");
    } else {
        n = BN_bin2bn(n_bytes, (int)n_size, NULL);
        e = BN_bin2bn(e_bytes, (int)e_size, NULL);
        if (build && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e))
            *out = make_key("RSA", build);
        if (!*out)
            rc = broken(err, "n or e");
    }
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    free(n_bytes);
    free(e_bytes);
    return rc;
}

/* OpenSSL refuses a point that is not on the curve; a signature by such a key would prove nothing. */
static int ec_key(EVP_PKEY **out, const json_t *jwk, struct nb_error *err)
{
    const struct nb_algorithm *algorithm = nb_algorithm_of_curve(text_member(jwk, "crv"));
    unsigned char *x = NULL, *y = NULL, point[1 + 2 * 66];
    OSSL_PARAM_BLD *build = NULL;
    size_t x_size, y_size, half;

    if (!algorithm)
        return nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "the key is on a curve that is not used here (crv)");
    half = algorithm->coordinate_size;
    x = bytes_member(jwk, "x", &x_size);
    y = bytes_member(jwk, "y", &y_size);
    if (x && y && x_size == half && y_size == half && (build = OSSL_PARAM_BLD_new())) {
        point[0] = 4; /* uncompressed */
        memcpy(point + 1, x, half);
        memcpy(point + 1 + half, y, half);
        if (OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, algorithm->group, 0) &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * half))
            *out = make_key("EC", build);
    }
    OSSL_PARAM_BLD_free(build);
    free(x);
    free(y);
    return *out ? 0 : broken(err, "x or y");
}

int nb_verification_key_from_jwk(struct nb_verification_key *out, bool *secret, const json_t *jwk,
                                 const char *algorithm, struct nb_error *err)
{
    const char *kind = text_member(jwk, "kty"), *named = NULL;
    const json_t *kid = json_object_get(jwk, "kid");
    int rc;

    memset(out, 0, sizeof(*out));
    if (json_object_get(jwk, "k") || json_object_get(jwk, "d"))
        *secret = true;
    if (!kind)
        return broken(err, "kind (kty)");
    if (kid && !json_is_string(kid))
        return broken(err, "id (kid)");
    if ((rc = check_use(jwk, err)) < 0 || (rc = choose_algorithm(&named, jwk, algorithm, err)) < 0)
        return rc;
    if (strcmp(kind, "RSA") == 0) {
        rc = rsa_key(&out->public_key, jwk, err);
    } else if (strcmp(kind, "EC") == 0) {
        rc = ec_key(&out->public_key, jwk, err);
    } else if (strcmp(kind, "oct") == 0) {
        out->secret = bytes_member(jwk, "k", &out->secret_size);
        rc = out->secret ? 0 : broken(err, "secret (k)");
    } else {
        rc = nb_error_set(err, NB_ENOTFOUND, NB_DOMAIN_IDENTITY, "the key is of a kind that is not used here (kty)");
    }
    if (rc == 0)
        rc = nb_verification_key_settle(out, named, err);
    if (rc == 0)
        out->kid = nb_strdup(json_string_value(kid));
    else
        nb_verification_key_clear(out);
    return rc;
}
