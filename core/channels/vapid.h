/*
 * vapid.h - the key by which push services know who sends (RFC 8292), and the tokens signed with it.
 */
#ifndef NB_CHANNELS_VAPID_H
#define NB_CHANNELS_VAPID_H

#include "base/strbuf.h"

struct nb_vapid;

/* A new private key as PEM. */
void nb_vapid_generate(struct nb_strbuf *pem);

/* pem: a private key of P-256; subject: whom a push service may write to, mailto:… or https://… */
NB_MUSTCHECK int nb_vapid_new(struct nb_vapid **out, const char *pem, const char *subject, struct nb_error *err);
void nb_vapid_free(struct nb_vapid **vapid);
/* In base64url, as a browser's applicationServerKey. */
const char *nb_vapid_public_key(const struct nb_vapid *vapid);
/* The value of the header Authorization for a push service. Tokens are kept for their time, so this signs once an origin
 * in hours. now: as nb_now(). Valid until the next call. */
NB_MUSTCHECK int nb_vapid_authorization(const char **out, struct nb_vapid *vapid, const char *origin, int64_t now,
                                        struct nb_error *err);

#endif
