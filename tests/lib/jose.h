/*
 * jose.h - signs tokens for tests with keys of the test's own: what an identity provider does, and
 * what an attacker would.
 */
#ifndef TESTS_LIB_JOSE_H
#define TESTS_LIB_JOSE_H

#include <openssl/evp.h>
#include <stddef.h>

/* All texts that are returned are the caller's to free. Any failure ends the test program. */
char *jose_encode(const void *bytes, size_t size); /* base64url */

EVP_PKEY *jose_rsa_key(unsigned bits);
EVP_PKEY *jose_ec_key(const char *curve); /* "P-256" … */
char *jose_public_pem(EVP_PKEY *key);     /* SubjectPublicKeyInfo */
char *jose_private_pem(EVP_PKEY *key);    /* PKCS #8 */
/* The public half as a JWK; more: further members, ",\"kid\":\"a\"". */
char *jose_jwk(EVP_PKEY *key, const char *more);

/* header and claims are taken as they are; what is done is said by `algorithm` (HS256 … PS512)
 * alone, whatever the header says. */
char *jose_sign(const char *algorithm, EVP_PKEY *key, const char *header, const char *claims);
/* The same with a salt of another length than the digest's (PS). */
char *jose_sign_salted(const char *algorithm, EVP_PKEY *key, int salt_length, const char *header, const char *claims);
char *jose_sign_secret(const char *algorithm, const void *secret, size_t size, const char *header, const char *claims);

#endif
