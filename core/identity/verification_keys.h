/*
 * verification_keys.h - keys that signatures are verified with: a JWKS, a PEM file, or a secret.
 *
 * A key knows its one algorithm (from its own text, its kind, or the person who named the file);
 * what a token's header says may only agree. A text that is a public key is never taken for a
 * secret.
 */
#ifndef NB_IDENTITY_VERIFICATION_KEYS_H
#define NB_IDENTITY_VERIFICATION_KEYS_H

#include "base/error.h"

struct nb_verification_key;
struct nb_verification_keys;

/* algorithm: HS256 … PS512 as a person gave it; only keys that are for it, or that do not say, are
 * taken. NULL: RS256 for RSA, by its curve for EC, HS256 for a secret. Files with secrets must be
 * the owner's alone, others must not be changeable by others. */
NB_MUSTCHECK int nb_verification_keys_read_jwks(struct nb_verification_keys **out, const char *path,
                                                const char *algorithm, struct nb_error *err);
NB_MUSTCHECK int nb_verification_keys_read_key(struct nb_verification_keys **out, const char *path,
                                               const char *algorithm, struct nb_error *err);

/* The same of text. *secret: it holds something that must stay secret. */
NB_MUSTCHECK int nb_verification_keys_parse_jwks(struct nb_verification_keys **out, bool *secret, const char *text,
                                                 size_t length, const char *algorithm, struct nb_error *err);
NB_MUSTCHECK int nb_verification_keys_parse_key(struct nb_verification_keys **out, bool *secret, const char *text,
                                                size_t length, const char *algorithm, struct nb_error *err);
/* One secret under a key id (NULL: none). */
NB_MUSTCHECK int nb_verification_keys_from_secret(struct nb_verification_keys **out, const char *kid,
                                                  const unsigned char *secret, size_t size, const char *algorithm,
                                                  struct nb_error *err);
void nb_verification_keys_free(struct nb_verification_keys **set);

/* The next key behind `after` (NULL: the first) that can have signed a token whose header says kid
 * (NULL: nothing) and algorithm; NULL: none. Borrowed. */
const struct nb_verification_key *nb_verification_keys_next(const struct nb_verification_keys *set,
                                                            const struct nb_verification_key *after, const char *kid,
                                                            const char *algorithm);

/* What a secret may not be: too short for its algorithm, or a public key in any of its spellings. */
NB_MUSTCHECK int nb_secret_check(const unsigned char *secret, size_t size, const char *algorithm, struct nb_error *err);
/* How much of a file is the secret: text may end in a newline that is not meant. */
size_t nb_secret_length(const char *text, size_t length);

#endif
