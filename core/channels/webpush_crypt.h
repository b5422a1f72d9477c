/*
 * webpush_crypt.h - Web Push messages that only the browser can read (RFC 8291, in the coding aes128gcm of RFC 8188).
 */
#ifndef NB_CHANNELS_WEBPUSH_CRYPT_H
#define NB_CHANNELS_WEBPUSH_CRYPT_H

#include <openssl/evp.h>

#include "base/strbuf.h"

#define NB_WEBPUSH_BODY_MAX 4096 /* what push services take at least, and most take at most */
#define NB_WEBPUSH_TEXT_MAX 3993 /* of which the text may be this long */
#define NB_WEBPUSH_POINT    65
#define NB_WEBPUSH_AUTH     16
#define NB_WEBPUSH_SALT     16

/* What PushSubscription.toJSON() gives: {"endpoint": "https://…", "keys": {"p256dh": "…", "auth": "…"}}. */
struct nb_subscription {
    char *endpoint;
    unsigned char key[NB_WEBPUSH_POINT];
    unsigned char auth[NB_WEBPUSH_AUTH];
};

/* NB_EINVALID says what was expected. The endpoint is a URL. Clear out in any case. */
NB_MUSTCHECK int nb_subscription_parse(struct nb_subscription *out, const char *json, struct nb_error *err);
void nb_subscription_clear(struct nb_subscription *subscription);

/* The algorithms, looked up once. */
struct nb_webpush_crypt;
NB_MUSTCHECK int nb_webpush_crypt_new(struct nb_webpush_crypt **out, struct nb_error *err);
void nb_webpush_crypt_free(struct nb_webpush_crypt **crypt);

/* Appends the encrypted body, with a key and a salt of its own. NB_EINVALID: text is too long, or the subscription's key is no point of
 * the curve. */
NB_MUSTCHECK int nb_webpush_encrypt(struct nb_strbuf *out, struct nb_webpush_crypt *crypt,
                                    const struct nb_subscription *subscription, const char *text, size_t length,
                                    struct nb_error *err);
/* The same with a given key of P-256 and salt, which must never be used twice. */
NB_MUSTCHECK int nb_webpush_encrypt_with(struct nb_strbuf *out, struct nb_webpush_crypt *crypt,
                                         const struct nb_subscription *subscription, const char *text, size_t length,
                                         EVP_PKEY *key, const unsigned char salt[NB_WEBPUSH_SALT],
                                         struct nb_error *err);

#endif
