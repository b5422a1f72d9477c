/*
 * secret.h - secrets of HS256, HS384 and HS512.
 */
#ifndef NB_IDENTITY_SECRET_H
#define NB_IDENTITY_SECRET_H

#include "base/error.h"

/* Refuses a secret that is too short for its algorithm, and one that is a public key in any encoding. */
NB_MUSTCHECK int nb_secret_check(const unsigned char *secret, size_t size, const char *algorithm, struct nb_error *err);
/* Whether the text is a JSON Web Key, or a set of them. */
bool nb_is_jwk(const char *text, size_t length);
/* The length without a last newline that does not belong to the secret. */
size_t nb_secret_length(const char *text, size_t length);

#endif
