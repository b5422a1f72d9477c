/*
 * verification_key.h - a key with its one algorithm, and checking signatures with it.
 */
#ifndef NB_IDENTITY_VERIFICATION_KEY_H
#define NB_IDENTITY_VERIFICATION_KEY_H

#include <openssl/evp.h>

#include "base/json.h"
#include "identity/algorithm.h"

struct nb_verification_key {
    char *kid; /* NULL: none */
    const struct nb_algorithm *algorithm;
    EVP_PKEY *public_key;  /* NULL: the key is a secret */
    unsigned char *secret; /* NULL: the key is public */
    size_t secret_size;
};

void nb_verification_key_clear(struct nb_verification_key *key);
/* Sets the key's algorithm: `named` where it fits the key; where it is NULL, the default for the key's kind. Refuses
 * keys that are too weak, or too large to handle. */
NB_MUSTCHECK int nb_verification_key_settle(struct nb_verification_key *key, const char *named, struct nb_error *err);
/* Whether the key, with its algorithm, made this signature of data. */
bool nb_verification_key_verifies(const struct nb_verification_key *key, const void *data, size_t length,
                                  const unsigned char *signature, size_t signature_length);

/* Reads a key of a JWKS (jwk.c). NB_ENOTFOUND for a key that is not for us (encryption, another kind or curve),
 * NB_EINVALID for a broken one; err says why. *secret: it contains secret members. */
NB_MUSTCHECK int nb_verification_key_from_jwk(struct nb_verification_key *out, bool *secret, const json_t *jwk,
                                              const char *algorithm, struct nb_error *err);

#endif
