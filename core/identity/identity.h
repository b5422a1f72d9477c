/*
 * identity.h - who the session is (as the database sees it), and tokens.
 */
#ifndef NB_IDENTITY_IDENTITY_H
#define NB_IDENTITY_IDENTITY_H

#include "db/connection.h"

#define NB_ROLE_USER     (1u << 0)
#define NB_ROLE_OPERATOR (1u << 1)
#define NB_ROLE_PRODUCER (1u << 2)
#define NB_ROLE_ADMIN    (1u << 3)

struct nb_identity {
    bool known; /* false: no token, or one that the database does not accept; reason says why */
    struct nb_uuid user_id;
    struct nb_uuid tenant_id; /* nil for a global operator */
    bool is_global;
    unsigned roles;
    int64_t expires_at; /* NB_TIME_NONE: by PostgreSQL role, no end */
    char user_name[128];
    char tenant_name[128]; /* "*" for a global operator */
    char reason[256];
};

typedef void nb_identity_done(void *arg, const struct nb_identity *identity,
                              const struct nb_error *err);
struct nb_request *nb_identity_fetch(struct nb_connection *connection, nb_identity_done *done,
                                     void *arg);
NB_MUSTCHECK int nb_identity_wait(struct nb_identity *out, struct nb_connection *connection,
                                  struct nb_error *err);

/* Reads a token from a file (at most 16 KiB, surrounding blanks dropped). A file that others can
 * read is refused. */
NB_MUSTCHECK int nb_token_read_file(char **out, const char *path, struct nb_error *err);

struct nb_token_claims {
    struct nb_uuid subject;
    struct nb_uuid tenant; /* nil: "*", a global operator */
    unsigned roles;
    int64_t expires_at; /* required */
};
/* Mints an HS256 token with the database's newest active signing key; the connection must be an
 * administrator's. */
NB_MUSTCHECK int nb_token_mint(char **out, struct nb_connection *admin,
                               const struct nb_token_claims *claims, struct nb_error *err);

#endif
