/*
 * token.h - JSON Web Tokens: read, looked into, verified, minted, exchanged, revoked.
 *
 * What a session may do is decided by the database, which verifies its token on every statement.
 * What is verified here are the tokens of an identity provider (exchange), and tokens that somebody
 * wants to check without a database.
 */
#ifndef NB_IDENTITY_TOKEN_H
#define NB_IDENTITY_TOKEN_H

#include "base/json.h"
#include "db/connection.h"
#include "identity/verification_keys.h"

#define NB_ROLE_USER     (1u << 0)
#define NB_ROLE_OPERATOR (1u << 1)
#define NB_ROLE_PRODUCER (1u << 2)
#define NB_ROLE_ADMIN    (1u << 3)

/* The bit of a role's name; 0 for none. */
unsigned nb_role_from_name(const char *name, size_t length);
/* The bits of names with commas or blanks between them; NULL: none. */
unsigned nb_roles_from_names(const char *names);
/* "user,operator" in the order of the bits; the caller frees it. */
char *nb_role_names(unsigned roles);

/* ---- its text (token_file.c) ---- */

#define NB_TOKEN_MAX (16 * 1024) /* bytes; the database takes half of it */

/* Reads a token from a file (surrounding blanks dropped). A file that others can read is refused. */
NB_MUSTCHECK int nb_token_read_file(char **out, const char *path, struct nb_error *err);
/* The same of text that came from elsewhere; what: "standard input", for messages. */
NB_MUSTCHECK int nb_token_from_text(char **out, const char *text, size_t length, const char *what,
                                    struct nb_error *err);

/* ---- its parts (decode.c) ---- */

struct nb_token {
    json_t *header; /* objects, without duplicate members */
    json_t *claims;
    unsigned char *signature;
    size_t signature_length;
    size_t signed_length;  /* how much of the text is signed */
    const char *algorithm; /* what its signature was verified with, borrowed; NULL: it was not */
};

/* Takes a token apart and verifies nothing. NB_EDENIED for what is not a signed JWT. */
NB_MUSTCHECK int nb_token_decode(struct nb_token **out, const char *text, struct nb_error *err);
void nb_token_free(struct nb_token **token);
/* A string among the claims, borrowed; NULL where there is none. */
const char *nb_token_text(const struct nb_token *token, const char *claim);
/* A time among the claims (exp, nbf, iat); NB_TIME_NONE where it is absent. NB_EDENIED when it is
 * not a number of seconds that a calendar has. */
NB_MUSTCHECK int nb_token_time(int64_t *out, const struct nb_token *token, const char *claim, struct nb_error *err);

/* ---- whether it is good (verify.c) ---- */

#define NB_TOKEN_LEEWAY (30 * INT64_C(1000000)) /* that the clocks of signer and reader may differ */

struct nb_token_expectations {
    const char *issuer;   /* NULL: any */
    const char *audience; /* NULL: any */
    int64_t now;          /* 0: the clock */
};

/* Signature, times, issuer and audience. NB_EDENIED with the reason. *out is a decoded token. */
NB_MUSTCHECK int nb_token_verify(struct nb_token **out, const char *text, const struct nb_verification_keys *keys,
                                 const struct nb_token_expectations *expectations, struct nb_error *err);

/* Only whether text, of which token was decoded, is signed with one of the keys: expired or not. */
NB_MUSTCHECK int nb_token_check_signature(struct nb_token *token, const char *text,
                                          const struct nb_verification_keys *keys, struct nb_error *err);

/* ---- for whom (token_user.c) ---- */

#define NB_NAME_SIZE (100 * 4 + 1) /* of a user or tenant: the database takes 100 characters */

struct nb_token_user {
    struct nb_uuid id;
    struct nb_uuid tenant_id;
    char name[NB_NAME_SIZE];
    char tenant_name[NB_NAME_SIZE];
};

/* What a text may be. */
enum nb_token_user_by {
    NB_USER_BY_FORM,      /* a UUID, an address (it has an @) or a name: what an administrator types */
    NB_USER_BY_ADDRESS,   /* an e-mail address and nothing else */
    NB_USER_BY_ID_OR_NAME /* a UUID or a whole name, with an @ too */
};

/* The one user that is meant. Letters of ASCII count as the same, small or large, and no others. tenant is a name or UUID, NULL:
 * any. NB_ENOTFOUND, NB_EUSAGE where it may mean several. For administrators. */
NB_MUSTCHECK int nb_token_user_find(struct nb_token_user *out, struct nb_connection *admin, enum nb_token_user_by by,
                                    const char *user, const char *tenant, struct nb_error *err);

/* ---- a new one (mint.c) ---- */

#define NB_TOKEN_LIFETIME_MAX (366 * INT64_C(86400000000))

struct nb_token_claims {
    struct nb_uuid subject;
    struct nb_uuid tenant; /* nil: "*", a global operator */
    struct nb_uuid id;     /* what it is revoked by; nil: a new one */
    unsigned roles;        /* 0: those that the database has for the user */
    int64_t expires_at;    /* required */
};

/* Mints a token with the database's newest signing key, or the first one where there is none; the
 * connection must be an administrator's. */
NB_MUSTCHECK int nb_token_mint(char **out, struct nb_connection *admin, const struct nb_token_claims *claims,
                               struct nb_error *err);

/* ---- one for another (exchange.c) ---- */

struct nb_token_exchange {
    const struct nb_verification_keys *keys; /* the identity provider's */
    const char *issuer;                      /* both required */
    const char *audience;
    const char *user_claim; /* NULL: sub. "email" is an e-mail address, any other one a user's UUID or name */
    const char *tenant;     /* name or UUID; NULL: any */
    int64_t lifetime;       /* at most; never longer than what it is exchanged for */
};

struct nb_token_exchanged {
    char *text; /* the caller frees it */
    struct nb_uuid id;
    int64_t expires_at;
    struct nb_token_user user;
};

/* A verified token of an identity provider becomes a short one of ours, with the roles that the
 * database has for the user. NB_EDENIED with the reason. */
NB_MUSTCHECK int nb_token_exchange(struct nb_token_exchanged *out, struct nb_connection *admin, const char *source,
                                   const struct nb_token_exchange *exchange, struct nb_error *err);

/* ---- none any more (revoke.c) ---- */

/* By its id, which is remembered until the token has expired. *anew: it was not revoked before. */
NB_MUSTCHECK int nb_token_revoke(bool *anew, struct nb_connection *admin, const char *id, int64_t expires_at,
                                 struct nb_error *err);
/* The same of a whole token, which must be signed with a key of the database, in use or retired:
 * else its expiry could not be trusted. id is borrowed from *out. */
NB_MUSTCHECK int nb_token_revoke_text(struct nb_token **out, bool *anew, struct nb_connection *admin, const char *text,
                                      struct nb_error *err);

#endif
