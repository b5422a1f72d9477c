/*
 * signing.h - signatures of Standard Webhooks (standardwebhooks.com). No secret of an endpoint is stored anywhere: each follows
 * from the installation's key, the endpoint's id and a version, which rotation counts up.
 */
#ifndef NB_CHANNELS_SIGNING_H
#define NB_CHANNELS_SIGNING_H

#include "base/strbuf.h"
#include "base/uuid.h"

#define NB_SIGNING_KEY_MIN 32 /* bytes of the installation's key */

struct nb_signing;

/* key: the installation's, at least NB_SIGNING_KEY_MIN bytes; it is copied. */
NB_MUSTCHECK int nb_signing_new(struct nb_signing **out, const char *key, size_t length, struct nb_error *err);
void nb_signing_free(struct nb_signing **signing);

/* "whsec_…": what the receiver verifies with. Overwrite it when it was used. */
void nb_signing_secret(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_uuid *endpoint,
                       int version);
/* "whpk_…": what every receiver can verify the v1a signatures of this installation with. */
void nb_signing_public_key(struct nb_strbuf *out, const struct nb_signing *signing);

struct nb_signed {
    const char *id;    /* of the message */
    int64_t timestamp; /* seconds since 1970 */
    const char *body;
    size_t body_length;
};
/* Appends " v1,BASE64", without the blank at the beginning. */
void nb_signing_sign(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_uuid *endpoint,
                     int version, const struct nb_signed *what);
/* Likewise " v1a,BASE64" (ed25519). */
void nb_signing_sign_public(struct nb_strbuf *out, const struct nb_signing *signing, const struct nb_signed *what);

#endif
