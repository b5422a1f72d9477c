/*
 * verification_keys.h - keys to verify signatures with: a JWKS, a PEM file, or a secret.
 *
 * A key has exactly one algorithm: from its own text, from its kind, or from the person who named the file. The token's
 * header must name the same one. A public key is never used as a secret.
 */
#ifndef NB_IDENTITY_VERIFICATION_KEYS_H
#define NB_IDENTITY_VERIFICATION_KEYS_H

#include "base/error.h"

struct nb_verification_key;
struct nb_verification_keys;

/* algorithm: HS256 … PS512 as given by a person; keys for another algorithm are skipped. NULL: RS256 for RSA, by its
 * curve for EC, HS256 for a secret. A file with secrets must be readable by its owner only; other files must not be
 * writable by others. */
NB_MUSTCHECK int nb_verification_keys_read_jwks(struct nb_verification_keys **out, const char *path,
                                                const char *algorithm, struct nb_error *err);
NB_MUSTCHECK int nb_verification_keys_read_key(struct nb_verification_keys **out, const char *path,
                                               const char *algorithm, struct nb_error *err);

/* The same for text. *secret: it contains something that must stay secret. */
NB_MUSTCHECK int nb_verification_keys_parse_jwks(struct nb_verification_keys **out, bool *secret, const char *text,
                                                 size_t length, const char *algorithm, struct nb_error *err);
NB_MUSTCHECK int nb_verification_keys_parse_key(struct nb_verification_keys **out, bool *secret, const char *text,
                                                size_t length, const char *algorithm, struct nb_error *err);
/* Makes a set of one secret with a key id (NULL: none). */
NB_MUSTCHECK int nb_verification_keys_from_secret(struct nb_verification_keys **out, const char *kid,
                                                  const unsigned char *secret, size_t size, const char *algorithm,
                                                  struct nb_error *err);
void nb_verification_keys_free(struct nb_verification_keys **set);

/* The next key after `after` (NULL: the first) that may have signed a token with this kid (NULL: none) and algorithm in
 * its header; NULL: no more. Borrowed. */
const struct nb_verification_key *nb_verification_keys_next(const struct nb_verification_keys *set,
                                                            const struct nb_verification_key *after, const char *kid,
                                                            const char *algorithm);

#endif
