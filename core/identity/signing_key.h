/*
 * signing_key.h - the keys that the database verifies tokens with and that we sign with. Every function needs an
 * administrator's connection.
 *
 * Rotation: add a new key (tokens are minted with the newest from then on), then retire the old one when the
 * longest-lived token that it signed has expired.
 */
#ifndef NB_IDENTITY_SIGNING_KEY_H
#define NB_IDENTITY_SIGNING_KEY_H

#include "db/connection.h"
#include "identity/token.h"

struct nb_signing_key {
    char *kid;
    char *algorithm; /* HS256, HS384 or HS512 */
    unsigned char *secret;
    size_t secret_size;
    char *issuer; /* NULL: for tokens of any issuer or none */
    char *audience;
};

void nb_signing_key_clear(struct nb_signing_key *key);

/* The newest key that is not retired, nor going to be; makes one where there is none. */
NB_MUSTCHECK int nb_signing_key_newest(struct nb_signing_key *out, struct nb_connection *admin, struct nb_error *err);
/* Finds a key by its id, retired or not. */
NB_MUSTCHECK int nb_signing_key_find(struct nb_signing_key *out, struct nb_connection *admin, const char *kid,
                                     struct nb_error *err);

/* Adds a key. NULL members get defaults, which are filled in: a random secret, a new kid, HS256, audience "nightbell".
 * Free them with nb_signing_key_clear(). */
NB_MUSTCHECK int nb_signing_key_add(struct nb_signing_key *key, struct nb_connection *admin, struct nb_error *err);

/* A key without its secret. Its text is borrowed for the duration of the call. */
struct nb_signing_key_info {
    const char *kid;
    const char *algorithm;
    const char *issuer; /* NULL: none */
    const char *audience;
    int64_t created_at;
    int64_t retired_at; /* NB_TIME_NONE: in use; in the future: accepted until then */
};
typedef void nb_signing_key_seen(void *arg, const struct nb_signing_key_info *key);
NB_MUSTCHECK int nb_signing_keys_list(struct nb_connection *admin, nb_signing_key_seen *seen, void *arg,
                                      struct nb_error *err);

/* Makes the database refuse the key's tokens `after` microseconds from now, or earlier where that was set before.
 * *left: how many keys remain to sign with. NB_ENOTFOUND for an unknown id. */
NB_MUSTCHECK int nb_signing_key_retire(int64_t *retired_at, int *left, struct nb_connection *admin, const char *kid,
                                       int64_t after, struct nb_error *err);

#endif
