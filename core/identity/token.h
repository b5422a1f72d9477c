/*
 * token.h - JSON Web Tokens: read, decode, verify, mint, exchange, revoke.
 *
 * The database decides what a session may do: it verifies the session's token on every statement. The functions here
 * verify tokens of an identity provider (exchange), and tokens that somebody checks without a database.
 */
#ifndef NB_IDENTITY_TOKEN_H
#define NB_IDENTITY_TOKEN_H

#include "base/json.h"
#include "base/limits.h"
#include "db/connection.h"
#include "identity/verification_keys.h"

#define NB_ROLE_USER     (1u << 0)
#define NB_ROLE_OPERATOR (1u << 1)
#define NB_ROLE_PRODUCER (1u << 2)
#define NB_ROLE_ADMIN    (1u << 3)

/* The bit of a role's name; 0 for none. */
unsigned nb_role_from_name(const char *name, size_t length);
/* The bits of names separated by commas or blanks; NULL: none. */
unsigned nb_roles_from_names(const char *names);
/* "user,operator" in the order of the bits; the caller frees it. */
char *nb_role_names(unsigned roles);

/* ---- reading its text (token_file.c) ---- */

#define NB_TOKEN_MAX (16 * 1024) /* bytes; the database accepts half of it */

/* Reads a token from a file, without surrounding blanks. Refuses a file that others can read. */
NB_MUSTCHECK int nb_token_read_file(char **out, const char *path, struct nb_error *err);
/* The same for text from elsewhere; what names its origin in messages: "standard input". */
NB_MUSTCHECK int nb_token_from_text(char **out, const char *text, size_t length, const char *what,
                                    struct nb_error *err);

/* ---- its parts (decode.c) ---- */

struct nb_token {
    json_t *header; /* objects, without duplicate members */
    json_t *claims;
    unsigned char *signature;
    size_t signature_length;
    size_t signed_length;  /* bytes of the text that the signature covers */
    const char *algorithm; /* that its signature was verified with, borrowed; NULL: not verified */
};

/* Splits a token into its parts without verifying it. NB_EDENIED for anything but a signed JWT. */
NB_MUSTCHECK int nb_token_decode(struct nb_token **out, const char *text, struct nb_error *err);
void nb_token_free(struct nb_token **token);
/* A claim that is a string, borrowed; NULL where it is missing or no string. */
const char *nb_token_text(const struct nb_token *token, const char *claim);
/* A claim that is a time (exp, nbf, iat); NB_TIME_NONE where it is missing. NB_EDENIED unless it is a number of seconds
 * before the year 10000. */
NB_MUSTCHECK int nb_token_time(int64_t *out, const struct nb_token *token, const char *claim, struct nb_error *err);

/* ---- verifying (verify.c) ---- */

#define NB_TOKEN_LEEWAY (30 * INT64_C(1000000)) /* allowed difference between the clocks of signer and reader */

struct nb_token_expectations {
    const char *issuer;   /* NULL: any */
    const char *audience; /* NULL: any */
    int64_t now;          /* 0: the current time */
};

/* Verifies signature, times, issuer and audience. NB_EDENIED with the reason. *out is the decoded token. */
NB_MUSTCHECK int nb_token_verify(struct nb_token **out, const char *text, const struct nb_verification_keys *keys,
                                 const struct nb_token_expectations *expectations, struct nb_error *err);

/* Checks only that one of the keys signed the text that `token` was decoded from; it may have expired. */
NB_MUSTCHECK int nb_token_check_signature(struct nb_token *token, const char *text,
                                          const struct nb_verification_keys *keys, struct nb_error *err);

/* ---- the user (token_user.c) ---- */

#define NB_NAME_SIZE (NB_NAME_MAX * 4 + 1) /* of a user or tenant, in bytes */

struct nb_token_user {
    struct nb_uuid id;
    struct nb_uuid tenant_id;
    char name[NB_NAME_SIZE];
    char tenant_name[NB_NAME_SIZE];
};

/* How to read the text that names a user. */
enum nb_token_user_by {
    NB_USER_BY_FORM,      /* a UUID, an address (has an @) or a name: for what an administrator types */
    NB_USER_BY_ADDRESS,   /* an e-mail address only */
    NB_USER_BY_ID_OR_NAME /* a UUID or a whole name, which may contain an @ */
};

/* Finds the one user that text names. Case is ignored for ASCII letters only. tenant: a name or UUID; NULL: any.
 * NB_ENOTFOUND; NB_EUSAGE where several users match. Needs an administrator's connection. */
NB_MUSTCHECK int nb_token_user_find(struct nb_token_user *out, struct nb_connection *admin, enum nb_token_user_by by,
                                    const char *user, const char *tenant, struct nb_error *err);

/* ---- minting (mint.c) ---- */

#define NB_TOKEN_LIFETIME_MAX (366 * INT64_C(86400000000))

struct nb_token_claims {
    struct nb_uuid subject;
    struct nb_uuid tenant; /* nil: "*", for a global operator */
    struct nb_uuid id;     /* the token's id, for revoking it; nil: a new one */
    unsigned roles;        /* 0: the roles that the database has for the user */
    int64_t expires_at;    /* required */
};

/* Mints a token with the database's newest signing key; makes the first key where there is none. Needs an
 * administrator's connection. */
NB_MUSTCHECK int nb_token_mint(char **out, struct nb_connection *admin, const struct nb_token_claims *claims,
                               struct nb_error *err);

/* ---- exchanging (exchange.c) ---- */

struct nb_token_exchange {
    const struct nb_verification_keys *keys; /* of the identity provider */
    const char *issuer;                      /* issuer and audience are required */
    const char *audience;
    const char *user_claim; /* NULL: sub. "email" holds an e-mail address, any other claim a user's UUID or name */
    const char *tenant;     /* name or UUID; NULL: any */
    int64_t lifetime;       /* at most; the new token never outlives the one it is exchanged for */
};

struct nb_token_exchanged {
    char *text; /* the caller frees it */
    struct nb_uuid id;
    int64_t expires_at;
    struct nb_token_user user;
};

/* Verifies an identity provider's token and mints a short-lived one of ours with the roles that the database has for
 * the user. NB_EDENIED with the reason. */
NB_MUSTCHECK int nb_token_exchange(struct nb_token_exchanged *out, struct nb_connection *admin, const char *source,
                                   const struct nb_token_exchange *exchange, struct nb_error *err);

/* ---- revoking (revoke.c) ---- */

/* Revokes a token by its id, which is kept until the token has expired. *anew: it was not revoked before. */
NB_MUSTCHECK int nb_token_revoke(bool *anew, struct nb_connection *admin, const char *id, int64_t expires_at,
                                 struct nb_error *err);
/* The same for a whole token. A key of the database, in use or retired, must have signed it: otherwise its expiry
 * cannot be trusted. id is borrowed from *out. */
NB_MUSTCHECK int nb_token_revoke_text(struct nb_token **out, bool *anew, struct nb_connection *admin, const char *text,
                                      struct nb_error *err);

#endif
