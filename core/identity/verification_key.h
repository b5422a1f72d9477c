/*
 * verification_key.h - one key and its one algorithm; how a signature is checked with it.
 */
#ifndef NB_IDENTITY_VERIFICATION_KEY_H
#define NB_IDENTITY_VERIFICATION_KEY_H

#include <openssl/evp.h>

#include "base/json.h"

enum nb_family { NB_FAMILY_HS, NB_FAMILY_RS, NB_FAMILY_PS, NB_FAMILY_ES };

struct nb_algorithm {
    const char *name;
    enum nb_family family;
    const char *digest;
    size_t digest_size;
    const char *curve; /* ES: as JWK and as OpenSSL call it */
    const char *group;
    size_t coordinate_size;
};

struct nb_verification_key {
    char *kid; /* NULL: it has none */
    const struct nb_algorithm *algorithm;
    EVP_PKEY *public_key;  /* NULL: a secret */
    unsigned char *secret; /* NULL: a public key */
    size_t secret_size;
};

const struct nb_algorithm *nb_algorithm_find(const char *name);
/* NB_EUSAGE for a name that no algorithm has. */
NB_MUSTCHECK int nb_algorithm_check(const char *name, struct nb_error *err);
/* The curve of a JWK's crv; NULL for one that no algorithm here uses. */
const struct nb_algorithm *nb_algorithm_of_curve(const char *curve);

void nb_verification_key_clear(struct nb_verification_key *key);
/* Settles the key's algorithm: the named one where it fits the key, its kind's default where named
 * is NULL. Refuses keys that are too weak or too large to be handled. */
NB_MUSTCHECK int nb_verification_key_settle(struct nb_verification_key *key, const char *named, struct nb_error *err);
/* Whether the signature of data is this key's, by its algorithm. */
bool nb_verification_key_verifies(const struct nb_verification_key *key, const void *data, size_t length,
                                  const unsigned char *signature, size_t signature_length);

/* A key of a JWKS (jwk.c). NB_ENOTFOUND for one that is not meant for us (encryption, another kind
 * or curve), NB_EINVALID for one that is broken; err says why. *secret: it holds secret members. */
NB_MUSTCHECK int nb_verification_key_from_jwk(struct nb_verification_key *out, bool *secret, const json_t *jwk,
                                              const char *algorithm, struct nb_error *err);

#endif
