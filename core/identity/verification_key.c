/*
 * verification_key.c - keys and signatures, with OpenSSL.
 *
 * libjwt signs our own tokens (mint.c) but does not verify: it has no PS algorithms, takes the algorithm from the
 * token's header and reads base64 leniently. One code path here covers all four families: the key decides the
 * algorithm, and the signature is checked over the bytes as received.
 */
#include "identity/verification_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#include "identity/secret.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192 /* verifying with a longer key takes too long */

void nb_verification_key_clear(struct nb_verification_key *key)
{
    nb_free(&key->kid);
    EVP_PKEY_free(key->public_key);
    key->public_key = NULL;
    if (key->secret)
        explicit_bzero(key->secret, key->secret_size);
    nb_free(&key->secret);
}

/* ---- choosing an algorithm that fits the key ---- */

/* The algorithm of an EC key by its curve; none for a curve without a name (explicit parameters). */
static const struct nb_algorithm *algorithm_of_ec(const EVP_PKEY *key)
{
    char group[64];
    size_t length = 0;

    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof(group), &length) != 1)
        return NULL;
    return nb_algorithm_of_group(group);
}

static const struct nb_algorithm *default_algorithm(const struct nb_verification_key *key)
{
    if (key->secret)
        return nb_algorithm_find("HS256");
    if (EVP_PKEY_is_a(key->public_key, "RSA"))
        return nb_algorithm_find("RS256");
    if (EVP_PKEY_is_a(key->public_key, "RSA-PSS"))
        return nb_algorithm_find("PS256");
    return EVP_PKEY_is_a(key->public_key, "EC") ? algorithm_of_ec(key->public_key) : NULL;
}

static bool fits(const struct nb_verification_key *key, const struct nb_algorithm *algorithm)
{
    if (key->secret || algorithm->family == NB_FAMILY_HS)
        return key->secret && algorithm->family == NB_FAMILY_HS;
    if (algorithm->family == NB_FAMILY_ES)
        return EVP_PKEY_is_a(key->public_key, "EC") && algorithm_of_ec(key->public_key) == algorithm;
    return EVP_PKEY_is_a(key->public_key, "RSA") ||
           (algorithm->family == NB_FAMILY_PS && EVP_PKEY_is_a(key->public_key, "RSA-PSS"));
}

/* Real RSA keys have a small odd exponent. */
static bool exponent_is_sane(const EVP_PKEY *key)
{
    BIGNUM *e = NULL;
    bool sane = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(e) && !BN_is_one(e) &&
                BN_num_bits(e) <= 64;

    BN_free(e);
    return sane;
}

static int check_public_key(const struct nb_verification_key *key, struct nb_error *err)
{
    int bits = EVP_PKEY_get_bits(key->public_key);

    if (key->algorithm->family == NB_FAMILY_ES)
        return 0; /* the curve sets its strength */
    if (bits < RSA_BITS_MIN || bits > RSA_BITS_MAX)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the RSA key has %d bits, expected %d to %d", bits,
                            RSA_BITS_MIN, RSA_BITS_MAX);
    if (!exponent_is_sane(key->public_key))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the RSA key has an exponent that no such key has");
    return 0;
}

int nb_verification_key_settle(struct nb_verification_key *key, const char *named, struct nb_error *err)
{
    int rc = named ? nb_algorithm_check(named, err) : 0;

    if (rc < 0)
        return rc;
    key->algorithm = named ? nb_algorithm_find(named) : default_algorithm(key);
    if (!key->algorithm)
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY,
                            "the key is of a kind that is not used for tokens here: expected RSA, "
                            "or EC on P-256, P-384 or P-521");
    if (!fits(key, key->algorithm))
        return nb_error_set(err, NB_EINVALID, NB_DOMAIN_IDENTITY, "the key is not one for %s", key->algorithm->name);
    return key->secret ? nb_secret_check(key->secret, key->secret_size, key->algorithm->name, err)
                       : check_public_key(key, err);
}

/* ---- signatures ---- */

static bool hmac_is_right(const struct nb_verification_key *key, const void *data, size_t length,
                          const unsigned char *signature, size_t signature_length)
{
    unsigned char right[EVP_MAX_MD_SIZE];
    size_t size = 0;

    if (!EVP_Q_mac(NULL, "HMAC", NULL, key->algorithm->digest, NULL, key->secret, key->secret_size, data, length, right,
                   sizeof(right), &size))
        return false;
    return size == signature_length && CRYPTO_memcmp(right, signature, size) == 0;
}

/* JOSE stores the two numbers of an ECDSA signature side by side; OpenSSL expects DER. */
static unsigned char *der_of_ecdsa(const struct nb_algorithm *algorithm, const unsigned char *signature, size_t length,
                                   size_t *der_length)
{
    size_t half = algorithm->coordinate_size;
    unsigned char *der = NULL;
    ECDSA_SIG *numbers;
    BIGNUM *r, *s;
    int size;

    if (length != 2 * half)
        return NULL;
    numbers = ECDSA_SIG_new();
    r = BN_bin2bn(signature, (int)half, NULL);
    s = BN_bin2bn(signature + half, (int)half, NULL);
    if (!numbers || !r || !s)
        nb_fatal("out of memory");
    ECDSA_SIG_set0(numbers, r, s);
    size = i2d_ECDSA_SIG(numbers, &der);
    ECDSA_SIG_free(numbers);
    *der_length = size > 0 ? (size_t)size : 0;
    return der;
}

static bool set_padding(EVP_PKEY_CTX *context, const struct nb_algorithm *algorithm)
{
    if (algorithm->family == NB_FAMILY_RS)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0;
    if (algorithm->family == NB_FAMILY_PS)
        return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) > 0 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0;
    return true;
}

static bool public_key_verifies(const struct nb_verification_key *key, const void *data, size_t length,
                                const unsigned char *signature, size_t signature_length)
{
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX *context = NULL; /* belongs to the digest context */
    bool good =
        digest &&
        EVP_DigestVerifyInit_ex(digest, &context, key->algorithm->digest, NULL, NULL, key->public_key, NULL) == 1 &&
        set_padding(context, key->algorithm) &&
        EVP_DigestVerify(digest, signature, signature_length, data, length) == 1;

    EVP_MD_CTX_free(digest);
    ERR_clear_error();
    return good;
}

bool nb_verification_key_verifies(const struct nb_verification_key *key, const void *data, size_t length,
                                  const unsigned char *signature, size_t signature_length)
{
    unsigned char *der;
    size_t der_length = 0;
    bool good;

    if (key->algorithm->family == NB_FAMILY_HS)
        return key->secret && hmac_is_right(key, data, length, signature, signature_length);
    if (!key->public_key)
        return false;
    if (key->algorithm->family != NB_FAMILY_ES)
        return public_key_verifies(key, data, length, signature, signature_length);
    der = der_of_ecdsa(key->algorithm, signature, signature_length, &der_length);
    good = der && public_key_verifies(key, data, length, der, der_length);
    OPENSSL_free(der);
    return good;
}
