/*
 * jose.h - signs tokens for tests with keys of the test's own, as an identity provider or an attacker would.
 */
#ifndef TESTS_LIB_JOSE_H
#define TESTS_LIB_JOSE_H

#include <openssl/evp.h>
#include <stddef.h>

/* The caller frees all returned texts. Any failure ends the test program. */
char *jose_encode(const void *bytes, size_t size); /* base64url */

EVP_PKEY *jose_rsa_key(unsigned bits);
EVP_PKEY *jose_ec_key(const char *curve); /* "P-256" … */
char *jose_public_pem(EVP_PKEY *key);     /* SubjectPublicKeyInfo */
char *jose_private_pem(EVP_PKEY *key);    /* PKCS #8 */
/* The public half as a JWK; more: additional members, ",\"kid\":\"a\"". */
char *jose_jwk(EVP_PKEY *key, const char *more);

/* Signs header and claims as they are. Only `algorithm` (HS256 … PS512) decides how, whatever the header says. */
char *jose_sign(const char *algorithm, EVP_PKEY *key, const char *header, const char *claims);
/* The same for PS, with a salt whose length differs from the digest's. */
char *jose_sign_salted(const char *algorithm, EVP_PKEY *key, int salt_length, const char *header, const char *claims);
char *jose_sign_secret(const char *algorithm, const void *secret, size_t size, const char *header, const char *claims);

#endif
