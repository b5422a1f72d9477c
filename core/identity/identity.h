/*
 * identity.h - who the session is, as the database sees it.
 */
#ifndef NB_IDENTITY_IDENTITY_H
#define NB_IDENTITY_IDENTITY_H

#include "identity/token.h"
#include "model/subject.h"

struct nb_identity {
    bool known; /* false: no token, or one that the database refuses; reason says why */
    struct nb_uuid user_id;
    struct nb_uuid tenant_id; /* nil for a global operator */
    bool is_global;
    unsigned roles;
    int64_t expires_at; /* NB_TIME_NONE: known by its PostgreSQL role, never expires */
    char user_name[NB_NAME_SIZE];
    char tenant_name[NB_NAME_SIZE]; /* "*" for a global operator */
    char reason[256];
};

static inline bool nb_identity_is_operator(const struct nb_identity *identity)
{
    return identity->known && (identity->is_global || identity->roles & NB_ROLE_OPERATOR);
}

/* Whether this identity can see any rows of the subject at all. */
static inline bool nb_identity_sees(const struct nb_identity *identity, enum nb_subject subject)
{
    return !nb_subject_info(subject)->operators_only || nb_identity_is_operator(identity);
}

typedef void nb_identity_done(void *arg, const struct nb_identity *identity, const struct nb_error *err);
struct nb_request *nb_identity_fetch(struct nb_connection *connection, nb_identity_done *done, void *arg);
NB_MUSTCHECK int nb_identity_wait(struct nb_identity *out, struct nb_connection *connection, struct nb_error *err);

#endif
